"""What a caller meant at one step: ``understand`` for whole utterances, ``completeness`` while they speak.

Knows only the step's Expectation and the words; what follows from a meaning, and whether it is asked back
first, is the dialogue's to decide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ivr.actions import Expectation, Slot
from ivr.audio.endpoint import Completeness
from ivr.checkdigit import is_valid
from ivr.events import Hypothesis
from ivr.nlu.matcher import A_PERSON, Matcher, matcher
from ivr.nlu.normalise import content, has_gap, readings, tokens
from ivr.nlu.ranking import LIKELY, Wanted, chosen, shares, sounds
from ivr.nlu.spans import MOST_CHARS
from ivr.nlu.values import Reading, Refused, Said, as_text, read
from ivr.nlu.votes import likeliest

REJECT = 0.40
"""Below: nothing was understood (field default, tuned by measured curves)."""
ACCEPT = 0.80
"""Above: taken without asking back; between the two, asked back."""

GAP = 0.7
"""Trust in digits with other words between them."""
LONGEST_STRING = 32
"""Of a string without a greatest length."""

Kind = Literal["option", "digits", "values", "command", "nothing"]
Sounds = tuple[tuple[str, float], ...]
"""Strings of digits as they sounded, each with how far it can be trusted."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an utterance meant: a name of the step's, a digit string, values, a universal command, or nothing."""

    kind: Kind
    value: str
    confidence: float
    """0..1: the recogniser's confidence times the understanding's, at an open question more where other readings mean
    the same and less where they do not; of a string of digits the chance that it is right, given its length, its
    check digit and all else it may have been."""
    evidence: str
    """Why, for designers: ``exact: ...``, ``contains: ...``, ``like: ...``, ``digits``, ``noise``,
    ``values: SLOT ...``, ``too_much: SLOT`` (why a value was refused). Never holds a value of a slot."""
    text: str
    """The reading of the utterance that was used."""
    values: tuple[Said, ...] = ()
    """Of kind ``values``, at least one, at most one a slot, in the order of the slots."""
    refused: tuple[Refused, ...] = ()
    """Slots for which something was heard that cannot be, and why; also beside values of other slots."""
    others: tuple[str, ...] = ()
    """Of a string of digits: what else it may have been, likeliest first; where it is too short, the strings it
    may be with what was not heard."""
    heard: Sounds = ()
    """Of a string of digits: how it sounded, each with the chance that it is right."""
    is_strange: bool = False
    """True where sentences of the caller's own are expected and one was surely heard that is none of the step's."""


def understand(expect: Expectation, hypotheses: tuple[Hypothesis, ...]) -> Meaning:
    """The likeliest meaning of an utterance at a step. Every reading counts by its confidence."""
    said = [(h, tokens(h.text[:MOST_CHARS])) for h in hypotheses]
    said = [(h, words) for h, words in said if words and h.confidence >= 0]
    if not said:
        return Meaning("nothing", "", 0.0, "noise", "")
    named = _named(expect, said)
    if expect.kind == "values":
        return _or_values(expect, said, named)
    if expect.kind != "digits":
        return named
    digits = _digits(expect, said)
    is_command = named.kind == "command" and (digits is None or len(digits.value) < expect.min_digits)
    if is_command or digits is None:
        return named if named.kind == "command" else _nothing(said)
    return digits


def learn(expect: Expectation) -> None:
    """Learn what callers may want at a step ahead of the first of them (some 50 ms for 250 examples, once)."""
    choices = (matcher(slot.options, ()) for slot in expect.slots if slot.options)
    for known in (matcher(expect.options, expect.commands, expect.is_open), *choices):
        _ = known.intents


def completeness(expect: Expectation, partial_text: str) -> Completeness:
    """How complete the words so far are at this step; deterministic, for the wait at the end of a turn."""
    words = tokens(partial_text[:MOST_CHARS])
    if not words:
        return Completeness.NOTHING
    known = matcher(expect.options, expect.commands, expect.is_open)
    exact = known.phrases.get(words) or known.phrases.get(content(words))
    if expect.kind == "digits":
        has_all = any(_is_whole(expect, digits) for digits in readings(words)[:1])
        is_command = exact is not None and exact[1] == "command" and not readings(words)
        return Completeness.COMPLETE if has_all or is_command else Completeness.INCOMPLETE
    if expect.kind == "values" and exact is None:
        return _values_complete(expect, partial_text)
    if exact is not None:
        return Completeness.CONFIDENT if _may_go_on(known, words, exact) else Completeness.COMPLETE
    meaning = understand(expect, (Hypothesis(text=partial_text, confidence=1.0),))
    return Completeness.CONFIDENT if meaning.confidence > ACCEPT else Completeness.INCOMPLETE


def _named(expect: Expectation, said: list[tuple[Hypothesis, tuple[str, ...]]]) -> Meaning:
    """The option or command that all readings together speak for."""
    vote = likeliest(expect, said)
    if vote is None:
        return replace(_nothing(said), is_strange=expect.is_open and said[0][0].confidence > ACCEPT)
    score, h = vote.score, vote.reading
    sure = vote.chance if expect.is_open else vote.product
    if sure < REJECT:
        is_strange = expect.is_open and h.confidence > ACCEPT
        evidence = f"too unsure: {score.evidence}"
        return Meaning("nothing", "", sure, evidence, h.text, is_strange=is_strange)
    return Meaning(score.kind, score.name, sure, score.evidence, h.text)


def _digits(expect: Expectation, said: list[tuple[Hypothesis, tuple[str, ...]]]) -> Meaning | None:
    """The likeliest string of digits over all readings, by length, check digit and sound."""
    wanted = Wanted(expect.min_digits, expect.max_digits or LONGEST_STRING, expect.check, expect.denied)
    spoken = [(h, strings) for h, words in said if (strings := _said_as_digits(h.text, words, wanted))]
    heard = _heard(spoken, wanted)
    if not heard:
        return None
    best, others = chosen(
        heard,
        wanted,
        expect.heard,
        is_in_data=expect.is_in_data,
        is_reranked=expect.is_reranked and not expect.is_secret,
    )
    text = spoken[0][0].text
    if best is None or (best.chance < LIKELY and not (expect.is_in_data and best.is_possible)):
        return Meaning("nothing", "", best.chance if best else 0.0, "too unsure: digits", text, heard=heard)
    evidence = "digits with a right check digit" if expect.check and best.is_possible else "digits"
    return Meaning("digits", best.digits, best.chance, evidence, text, others=others, heard=heard)


def _heard(spoken: list[tuple[Hypothesis, Sounds]], wanted: Wanted) -> Sounds:
    """All that was heard of a string, from what each hypothesis has for it."""
    weights = shares([h.confidence for h, _ in spoken])
    return tuple(
        sound
        for share, (_, strings) in zip(weights, spoken, strict=True)
        for sound in sounds([digits for digits, _ in strings], share * strings[0][1], wanted)
    )


def _said_as_digits(text: str, words: tuple[str, ...], wanted: Wanted) -> Sounds:
    """The strings a sentence holds, each with its trust: what was taken back in it does not count. Where none is long
    enough, all its digits: a part may be said first."""
    slot = Slot(name="", type="digits", min_length=wanted.shortest, max_length=wanted.longest)
    found = _strings(slot, read(Expectation(kind="values", slots=(slot,)), text))
    if any(wanted.is_long(digits) for digits, _ in found):
        return found
    trust = GAP if has_gap(words) else 1.0
    return tuple((digits, trust) for digits in readings(words))


def _or_values(
    expect: Expectation, said: list[tuple[Hypothesis, tuple[str, ...]]], named: Meaning
) -> Meaning:
    """The values that were said, or the option or command where that is what was meant."""
    meaning = _values(expect, said)
    if meaning is None:
        return named
    reading, values = meaning
    if reading.is_denial and any(option.name == "no" for option in expect.options):
        return Meaning("option", "no", values.confidence, "not what is known", values.text)
    known = {slot.name: slot.known for slot in expect.slots if slot.known}
    is_news = any(known.get(one.slot) != as_text(one.value) for one in values.values)
    is_exact = named.evidence.startswith("exact: ") or (named.evidence == A_PERSON and not reading.is_whole)
    match named.kind:
        case "option" if is_exact or not is_news:
            return named
        case "command" if is_exact or not values.values or named.confidence > values.confidence:
            return named
        case "option" if not values.values and not values.refused:
            return named
    return values


def _values(
    expect: Expectation, said: list[tuple[Hypothesis, tuple[str, ...]]]
) -> tuple[Reading, Meaning] | None:
    """The reading that says most of the slots, most surely; a value counts more where other readings have it."""
    read_all = [(h, read(expect, h.text)) for h, _ in said]
    total = max(1.0, sum(h.confidence for h, _ in said))
    h, best = max(read_all, key=lambda pair: pair[0].confidence * _worth(pair[1]))
    values = tuple(
        replace(one, confidence=_surely(one, h, read_all, total)) if not one.heard else one
        for one in best.said
    )
    values = _ranked(expect, values, read_all)
    sure = tuple(
        one
        for one in values
        if one.confidence >= (LIKELY if one.heard else REJECT) or _is_to_be_looked_for(expect, one)
    )
    taken = {one.slot for one in sure}
    refused = tuple(one for one in best.refused if one.slot not in taken)
    why = ", ".join(f"{one.why}: {one.slot}" for one in refused)
    if sure:
        named = "values: " + " ".join(one.slot for one in sure)
        evidence = f"{named}; {why}" if why else named
        confidence = min(one.confidence for one in sure)
        return best, Meaning("values", "", confidence, evidence, h.text, sure, refused)
    refused += tuple(Refused(one.slot, "unsure", one.heard) for one in values)
    if values:
        why = "too unsure: " + " ".join(one.slot for one in values)
    if not why and not best.is_denial:
        return None
    return best, Meaning("nothing", "", h.confidence if best.is_denial else 0.0, why, h.text, (), refused)


def _worth(reading: Reading) -> float:
    """How much a reading says; one that says nothing is still better than one that cannot be."""
    return sum(one.confidence for one in reading.said) + 0.1 * reading.is_denial - 0.01 * len(reading.refused)


def _surely(one: Said, h: Hypothesis, read_all: list[tuple[Hypothesis, Reading]], total: float) -> float:
    """The confidence in a value: what all readings that have it add up to."""
    agreed = sum(
        other.confidence
        for other, reading in read_all
        if any(twin.slot == one.slot and twin.value == one.value for twin in reading.said)
    )
    return max(h.confidence, agreed / total) * one.confidence


def _ranked(
    expect: Expectation, values: tuple[Said, ...], read_all: list[tuple[Hypothesis, Reading]]
) -> tuple[Said, ...]:
    """The values, strings of digits among them chosen over all readings, also where the likeliest one cannot be."""
    by_slot = {one.slot: one for one in values}
    for slot in expect.slots:
        one = by_slot.get(slot.name)
        if slot.type != "digits" or (one is not None and not one.heard) or _is_given_up(slot, read_all):
            continue
        wanted = Wanted(slot.min_length, slot.max_length, slot.check, slot.denied)
        having = [(h, strings) for h, reading in read_all if (strings := _strings(slot, reading))]
        heard = _heard(having, wanted)
        is_reranked = expect.is_reranked and not expect.is_secret
        best, others = chosen(heard, wanted, slot.heard, is_in_data=slot.is_in_data, is_reranked=is_reranked)
        if best is not None and best.is_possible:
            is_new = bool(slot.known) and best.digits != slot.known
            is_correction = is_new or (one is not None and one.is_correction)
            by_slot[slot.name] = Said(slot.name, best.digits, best.chance, is_correction, others, heard)
        else:
            by_slot.pop(slot.name, None)
    return tuple(by_slot[slot.name] for slot in expect.slots if slot.name in by_slot)


def _is_given_up(slot: Slot, read_all: list[tuple[Hypothesis, Reading]]) -> bool:
    """Whether the known string is called wrong, as it stands."""
    return any(
        one.slot == slot.name and one.why == "denied" and any(slot.known == digits for digits, _ in one.heard)
        for _, reading in read_all
        for one in reading.refused
    )


def _strings(slot: Slot, reading: Reading) -> Sounds:
    """What one reading has for a slot of digits, also where that cannot be."""
    found = [
        *(one.heard for one in reading.said if one.slot == slot.name),
        *(one.heard for one in reading.refused if one.slot == slot.name and one.why != "too_long"),
    ]
    return found[0] if found else ()


def _is_to_be_looked_for(expect: Expectation, one: Said) -> bool:
    """Whether the company's data can tell more about a value than its sound."""
    return any(slot.name == one.slot and slot.is_in_data for slot in expect.slots) and bool(one.heard)


def _values_complete(expect: Expectation, text: str) -> Completeness:
    reading = read(expect, text)
    if reading.may_go_on == "surely":
        return Completeness.INCOMPLETE
    has = {one.slot for one in reading.said}
    if not has:
        meaning = understand(expect, (Hypothesis(text=text, confidence=1.0),))
        return Completeness.CONFIDENT if meaning.confidence > ACCEPT else Completeness.INCOMPLETE
    has_all = all(slot.name in has or slot.known for slot in expect.slots)
    if reading.may_go_on == "perhaps" or not has_all or not reading.is_whole:
        return Completeness.CONFIDENT
    return Completeness.COMPLETE


def _is_whole(expect: Expectation, digits: str) -> bool:
    if expect.check:
        return expect.min_digits <= len(digits) <= expect.max_digits and is_valid(expect.check, digits)
    return len(digits) == expect.max_digits


def _may_go_on(known: Matcher, words: tuple[str, ...], exact: tuple[str, str]) -> bool:
    """True where the words also begin a longer phrase that means something else."""
    return any(
        len(phrase) > len(words) and phrase[: len(words)] == words and other != exact
        for phrase, other in known.phrases.items()
    )


def _nothing(said: list[tuple[Hypothesis, tuple[str, ...]]]) -> Meaning:
    return Meaning("nothing", "", 0.0, "fits nothing", said[0][0].text)
