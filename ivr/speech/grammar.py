"""What PocketSphinx listens for, made from an expectation: a dictionary with a digit grammar or a trigram
model.

Texts only; files and decoders are made by ``sphinx`` and its workers.
"""

from __future__ import annotations

import hashlib
import logging
import random
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import Literal

from ivr.actions import Expectation, Option, Slot
from ivr.nlu.temper import CURSES, SAYINGS
from ivr.speech import ngram
from ivr.speech.carriers import answers, around
from ivr.speech.common import COMMON, frequent
from ivr.speech.lexicon import Lexicon
from ivr.speech.nets import Alt, Arcs, Net, alt, ends, words_in
from ivr.speech.sayings import sentence
from ivr.speech.stt import DIGITS, phrases_of, words_of

_LOG = logging.getLogger(__name__)

_OPTION_WEIGHT, _COMMAND_WEIGHT = 3.0, 1.0
"""An option of the step counts as often as this many universal commands."""
_CLOSED_WEIGHT = 10.0
"""The same where nothing but the step's phrases is expected."""
_FORMS = 20.0
"""The many forms of a yes or a no count as so many of its phrases."""
_SHORT_STRING = 0.1
"""Chance that a digit string stops before its least length: callers pause between groups. With 1.0 (no
bounds) 40 % of recorded digits are wrong, with 0.1 22 %, with strict length 22.5 % (40 strings of 6, four
speakers)."""
_COMMAND_SHARE = 0.05
"""Chance of a command where digits are asked for."""
_OTHER_BESIDE_VALUES = 0.001
"""Chance of other words in place of values: with 0.01 one of 49 sentences more is lost to them."""
_OTHER_TRUST, _OTHER_TRUST_BESIDE_VALUES = 0.75, 0.5
"""Whatever other words are like is asked back; a name, which any words could be, is not made of them."""
_VALUES_SHARE, _VALUES_BESIDE = 0.94, 0.6
"""Chance of values where they are asked for, and where options such as yes and no may be the answer as well."""
_DIGIT_STRINGS = 60
_OTHER_SHARE, _OTHER_GOES_ON = 0.001, 0.6
"""Chance of other words in place of a phrase, and of one more of them."""
_OTHER_FEW = (1e-4, 1e-2)
"""Chance that no more than one or two other words are said where the step has options: one of them is nearer
to every short answer than chance would have it ("us" to "yes")."""
_OTHER_WORDS = 0.5
"""Where the step is open, all common words together count as this share of its phrases; each as a phrase alone."""
_OWN_WEIGHT = 2.0
"""The same of a word of the company's own."""
_UPSET_WEIGHT, _CURSE_WEIGHT = 1.0, 0.15
"""What upset callers say counts as often as a command where the step is open; short curses less, or they are heard in
plain words."""
_LONGEST_STRING = 20
_CONTRACTIONS = (
    ("that is", "that's"), ("it is", "it's"), ("i am", "i'm"),
    ("is not", "isn't"), ("do not", "don't"), ("did not", "didn't"), ("i have", "i've"), ("can not", "can't"),
)  # fmt: skip
"""Said either way, whichever a phrase is written in."""

Words = tuple[str, ...]
_UPSET: tuple[Words, ...] = tuple(map(words_of, SAYINGS))
_CURSES: tuple[Words, ...] = tuple(map(words_of, CURSES))
_ANGER = frozenset(chain(*_UPSET, *_CURSES))
Kind = Literal["open", "closed", "digits", "values", "general"]


@dataclass(frozen=True, slots=True)
class Grammar:
    """Everything a decoder needs besides the acoustic model."""

    kind: Kind
    """``open`` is an ARPA language model, ``general`` the engine's own, the others are finite-state grammars."""
    text: str
    dictionary: str
    """PocketSphinx's own format: a word and its sounds a line, variants as ``word(2)``."""
    key: str
    """Hash of the above: equal expectations share decoders."""
    said: Net = ""
    """Of a closed grammar what the step expects; anything else that is heard is other words."""
    words: frozenset[str] = frozenset()
    """Of a grammar of values the same, word by word."""

    def most_trust(self, text: str) -> float:
        """How far the words may be trusted at most: other words were only there for what is not meant."""
        heard = text.split()
        if self.said and len(heard) not in ends(self.said, heard):
            return _OTHER_TRUST
        if self.words and not self.words.issuperset(heard):
            return _OTHER_TRUST_BESIDE_VALUES
        return 1.0


def grammar(expect: Expectation, lexicon: Lexicon) -> Grammar | None:
    """The grammar of an expectation; None where it has no phrase that could be heard. Reads the
    dictionary."""
    lexicon = lexicon.taught(expect.words)
    lexicon.learn(word for word, _ in expect.words)
    own = tuple(word for word, _ in expect.words if lexicon.sounds(word))
    slots = _sayable_slots(expect.slots, lexicon)
    values = sentence(slots, own) if slots else ""
    if expect.is_open and not values:
        return _sentences(expect, own, lexicon)
    return _answers(expect, values, lexicon)


def _sentences(expect: Expectation, own: tuple[str, ...], lexicon: Lexicon) -> Grammar | None:
    """A trigram model of an open question: its phrases, common words, ``own`` words, and what upset callers say."""
    options, commands = phrases_of(expect.options), phrases_of(expect.commands)
    if expect.slots:
        options, commands = _either_way(options), _either_way(commands)
    strings = _strings(expect) if expect.kind == "digits" else []
    lexicon.learn({*chain(*options, *commands, *strings), *frequent(), *_ANGER})
    weighted = [(phrase, _OPTION_WEIGHT) for phrase in (*_sayable(options, lexicon), *strings)]
    weighted += [(phrase, _COMMAND_WEIGHT) for phrase in _sayable(commands, lexicon)]
    if not weighted:
        return None
    each = _OTHER_WORDS * sum(weight for _, weight in weighted) / len(frequent())
    weighted += [((word,), each) for word in frequent()]
    weighted += [(words, _UPSET_WEIGHT) for words in _sayable(_UPSET, lexicon)]
    weighted += [(words, _CURSE_WEIGHT) for words in _sayable(_CURSES, lexicon)]
    weighted += [((word,), _OWN_WEIGHT) for word in own]
    return _grammar("open", ngram.arpa(weighted), {word for words, _ in weighted for word in words}, lexicon)


def _answers(expect: Expectation, values: Net, lexicon: Lexicon) -> Grammar | None:
    """A finite-state grammar of a question that wants digits, ``values``, or one of its phrases."""
    kind: Kind = "digits" if expect.kind == "digits" else "values" if values else "closed"
    options, commands = _either_way(phrases_of(expect.options)), _either_way(phrases_of(expect.commands))
    digits = DIGITS if kind == "digits" else ()
    forms = [net for option in expect.options if (net := answers(option.name))] if kind == "closed" else []
    lexicon.learn(
        {*chain(*options, *commands), *words_in(values), *COMMON, *digits, *words_in(around(alt(*forms)))}
    )
    options, commands = _sayable(options, lexicon), _sayable(commands, lexicon)
    phrases = _phrases(options, commands, forms)
    wanted = {*words_in(phrases), *words_in(values), *digits}
    if not wanted:
        return None
    phrases = around(phrases) if kind == "closed" else phrases
    text = _finite(expect, phrases, values, has_options=bool(options))
    said = wanted if kind == "digits" else wanted.union(COMMON, words_in(phrases))
    made = _grammar(kind, text, said, lexicon)
    match kind:
        case "closed":
            return replace(made, said=phrases)
        case "values":
            return replace(made, words=frozenset(wanted))
    return made


def _grammar(kind: Kind, text: str, words: set[str], lexicon: Lexicon) -> Grammar:
    lines = [
        f"{word}({number}) {sounds}" if number > 1 else f"{word} {sounds}"
        for word in sorted(words)
        for number, sounds in enumerate(lexicon.sounds(word), start=1)
    ]
    dictionary = "\n".join([*lines, ""])
    key = hashlib.sha256(f"{kind}\0{text}\0{dictionary}".encode()).hexdigest()[:24]
    return Grammar(kind, text, dictionary, key)


def _either_way(phrases: tuple[Words, ...]) -> tuple[Words, ...]:
    """The phrases, and each that is contracted in full, each in full contracted."""
    found = dict.fromkeys(phrases)
    for pair in (*_CONTRACTIONS, *(pair[::-1] for pair in _CONTRACTIONS)):
        for words in tuple(found):
            said = f" {' '.join(words)} ".replace(f" {pair[0]} ", f" {pair[1]} ")
            found[tuple(said.split())] = None
    return tuple(found)


def _sayable(phrases: tuple[Words, ...], lexicon: Lexicon) -> tuple[Words, ...]:
    dropped = [" ".join(words) for words in phrases if not all(lexicon.sounds(word) for word in words)]
    if dropped:
        _LOG.warning("the English engine cannot hear these phrases, left out: %s", "; ".join(dropped))
    return tuple(words for words in phrases if all(lexicon.sounds(word) for word in words))


def _sayable_slots(slots: tuple[Slot, ...], lexicon: Lexicon) -> tuple[Slot, ...]:
    """The slots, choices without phrases that cannot be said in English; a choice without any is no slot."""
    kept = []
    for slot in slots:
        if slot.type == "choice":
            lexicon.learn(word for phrase in phrases_of(slot.options) for word in phrase)
            phrases = tuple(" ".join(words) for words in _sayable(phrases_of(slot.options), lexicon))
            slot = replace(slot, options=(Option(name="any", phrases=phrases),))
            if not phrases:
                continue
        kept.append(slot)
    return tuple(kept)


def _phrases(options: tuple[Words, ...], commands: tuple[Words, ...], more: list[Net]) -> Net:
    """What may be said besides values: phrases by their weights, and in ``more`` the many forms of a yes or a no."""
    shares: dict[Net, float] = {" ".join(words): _COMMAND_WEIGHT for words in commands}
    shares |= {" ".join(words): _CLOSED_WEIGHT for words in options}
    return Alt((*shares.items(), *((net, _FORMS * _CLOSED_WEIGHT) for net in more)))


def _finite(expect: Expectation, phrases: Net, values: Net, *, has_options: bool) -> str:
    """The arcs, as PocketSphinx writes them: state 0 begins, 1 ends."""
    share = _COMMAND_SHARE
    if expect.kind == "digits":
        arcs, states = _digit_chain(expect, 2)
    else:
        other = _OTHER_BESIDE_VALUES if values else _OTHER_SHARE
        share = 1 - other
        arcs, states = _other(2, other, _OTHER_FEW if has_options or values else (1.0, 1.0))
    net = Arcs(states)
    if values:
        beside = _VALUES_BESIDE if has_options else _VALUES_SHARE
        net.add(values, 0, 1, beside)
        share *= 1 - beside
    net.add(phrases, 0, 1, share)
    head = ["FSG_BEGIN step", f"NUM_STATES {net.states}", "START_STATE 0", "FINAL_STATE 1"]
    return "\n".join([*head, *arcs, *net.lines, "FSG_END", ""])


def _other(state: int, share: float, few: tuple[float, ...]) -> tuple[list[str], int]:
    """Arcs of any common words in any order, from ``state`` on; the next unused state. ``few``: by how much
    less likely than more words so few of them are."""
    path = [0, *range(state, state + len(few) + 1)]
    steps = [*pairwise(path), (path[-1], path[-1])]
    arcs = []
    for start, end in steps:
        chance = (_OTHER_GOES_ON if start else share) / len(COMMON)
        arcs += [f"TRANSITION {start} {end} {chance:.6g} {word}" for word in COMMON]
    arcs += [
        f"TRANSITION {end} 1 {(1 - _OTHER_GOES_ON) * chance:.6g}"
        for end, chance in zip(path[1:], (*few, 1.0), strict=True)
    ]
    return arcs, path[-1] + 1


def _digit_chain(expect: Expectation, states: int) -> tuple[list[str], int]:
    """Arcs of one to ``max_digits`` digits, strings shorter than ``min_digits`` unlikely; the next unused
    state."""
    longest = expect.max_digits or _LONGEST_STRING
    path = [0, *range(states, states + longest)]
    chance = 1 / len(DIGITS)
    steps = pairwise(path)
    arcs = [f"TRANSITION {start} {end} {chance:.6g} {word}" for start, end in steps for word in DIGITS]
    for length, state in enumerate(path[1:], start=1):
        arcs.append(f"TRANSITION {state} 1 {1.0 if length >= expect.min_digits else _SHORT_STRING}")
    return arcs, states + longest


def _strings(expect: Expectation) -> list[Words]:
    """Random digit strings of the allowed lengths, always the same ones for the same expectation."""
    chance = random.Random(0)
    longest = expect.max_digits or _LONGEST_STRING
    shortest = max(1, min(expect.min_digits, longest))
    return [
        tuple(chance.choice(DIGITS) for _ in range(chance.randint(shortest, longest)))
        for _ in range(_DIGIT_STRINGS)
    ]
