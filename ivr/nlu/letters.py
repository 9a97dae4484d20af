"""Letters as they are spelled: "A B one two", "B as in Bravo", "bravo charlie", "bee see", "double A".

English, with the NATO alphabet and the names of letters as recognisers write them.
"""

from __future__ import annotations

import re

from ivr.actions import Slot
from ivr.nlu.normalise import DIGITS, HOMOPHONES, JOINTS, TEENS, TENS, TIMES, is_number, readings
from ivr.nlu.spans import Found, Line, word_at

NATO = {
    "alpha": "A", "alfa": "A", "bravo": "B", "charlie": "C", "delta": "D", "echo": "E", "foxtrot": "F",
    "golf": "G", "hotel": "H", "india": "I", "juliet": "J", "juliett": "J", "kilo": "K", "lima": "L",
    "mike": "M", "november": "N", "oscar": "O", "papa": "P", "quebec": "Q", "romeo": "R", "sierra": "S",
    "tango": "T", "uniform": "U", "victor": "V", "whiskey": "W", "whisky": "W", "xray": "X", "yankee": "Y",
    "zulu": "Z",
}  # fmt: skip
NAMES = {
    "bee": "B", "cee": "C", "dee": "D", "ee": "E", "eff": "F", "gee": "G", "aitch": "H", "haitch": "H",
    "jay": "J", "kay": "K", "el": "L", "ell": "L", "em": "M", "en": "N", "pee": "P", "queue": "Q", "cue": "Q",
    "ar": "R", "ess": "S", "tee": "T", "vee": "V", "ex": "X", "zed": "Z", "zee": "Z", "ay": "A",
}  # fmt: skip
SOUND_LIKE = {
    "be": "B", "see": "C", "sea": "C", "eye": "I", "pea": "P", "are": "R", "tea": "T", "you": "U", "why": "Y",
    "oh": "O", "owe": "O", "hey": "A", "oak": "O",
}  # fmt: skip
"""Words that are letters only among letters."""
EXAMPLES = (("as", "in"), ("for",), ("like",), ("as",), ("is", "for"))
"""What stands between a letter and its example."""
SIZES = frozenset(("capital", "big", "small", "little"))
"""What callers say before a letter, and codes do not tell apart."""
LATER = 0.9
O_OR_ZERO = 0.75
"""Trust in an "oh" between a letter and a digit."""
BY_EXAMPLE = 0.9
"""Trust in a letter that its example contradicts: the example is heard better."""
ALIKE_ONLY = 0.5
"""Trust where every word could as well be an ordinary one ("I see")."""
_MIXED = re.compile(r"(?=.*\d)[a-z0-9]+")


class _Run:
    """Letters found one after the other, with what a doubtful sign may be besides."""

    def __init__(self) -> None:
        self.signs: list[tuple[str, ...]] = []
        self.is_sure = False
        self.trust = 1.0
        self.end = 0

    def add(self, signs: tuple[str, ...], times: int, end: int, *, is_sure: bool) -> None:
        self.signs += [signs] * times
        self.is_sure |= is_sure
        self.end = end

    def readings(self) -> tuple[str, ...]:
        """The likeliest string, and with the other meanings of its doubtful signs (letter O or zero)."""
        first = "".join(self._likely(at) for at in range(len(self.signs)))
        letters = "".join(signs[0] for signs in self.signs)
        digits = "".join(signs[-1] for signs in self.signs)
        return tuple(dict.fromkeys((first, letters, digits)))

    def _likely(self, at: int) -> str:
        """A doubtful sign is of the kind of its neighbours."""
        signs = self.signs[at]
        if len(signs) == 1:
            return signs[0]
        return signs[-1] if any(sign.isdigit() for sign in self._near(at)) else signs[0]

    def is_mixed(self) -> bool:
        """True where a doubtful sign stands between a letter and a digit."""
        return any(
            len(signs) > 1 and len({sign.isdigit() for sign in self._near(at) if sign != "O"}) > 1
            for at, signs in enumerate(self.signs)
        )

    def _near(self, at: int) -> list[str]:
        """The signs on both sides, each as a letter where that is doubtful."""
        return [self.signs[place][0] for place in (at - 1, at + 1) if 0 <= place < len(self.signs)]


def find(line: Line, slot: Slot) -> list[Found]:
    """Every run of letters and digits that is spelled, in capitals."""
    found, at = [], 0
    while at < len(line.words):
        run = _run(line, at)
        if not run.signs:
            at += 1
            continue
        trust = run.trust * (O_OR_ZERO if run.is_mixed() else 1.0) if run.is_sure else ALIKE_ONLY
        known = tuple((text, trust * LATER**rank) for rank, text in enumerate(run.readings()))
        grows = run.end == len(line.words) and len(run.signs) < slot.max_length
        found.append(Found(at, run.end, known, may_go_on=grows))
        at = run.end
    return found


def _run(line: Line, at: int) -> _Run:
    """The letters that begin at ``at``, up to the first word that is none."""
    run, times, words = _Run(), 1, line.words
    here = at
    while here < len(words):
        word = words[here]
        if word == "double" and word_at(words, here + 1) in ("u", "you"):
            here, times = _add(run, words, here + 2, "W", times), 1
        elif word == "x" and word_at(words, here + 1) == "ray":
            here, times = _add(run, words, here + 2, "X", times), 1
        elif word in TIMES:
            times, here = TIMES[word], here + 1
        elif word in JOINTS or word in SIZES:
            is_led = word in SIZES and (_is_sign(word_at(words, here + 1)))
            if not (run.signs or is_led) or not _is_sign(word_at(words, here + 1)):
                break
            here += 1
        elif (end := _digits(words, here)) > here and word not in ("oh", "o"):
            for digit in next(iter(readings(words[here:end])), ""):
                run.add((digit,), times, end, is_sure=True)
                times = 1
            here = end
        elif (signs := _signs(line, here, run)) is not None:
            is_sure = (
                word in NATO
                or word in NAMES
                or (len(word) == 1 and word not in "aio")
                or (len(word) > 1 and len(signs) > 1)
            )
            here, times = _add(run, words, here + 1, signs, times, is_sure=is_sure), 1
        else:
            break
    return run


def _add(run: _Run, words: tuple[str, ...], end: int, signs: str, times: int, *, is_sure: bool = True) -> int:
    """Take the sign that ends at ``end``, with the example after it; where that ends."""
    for link in EXAMPLES:
        example = word_at(words, end + len(link))
        if tuple(words[end : end + len(link)]) == link and example.isalpha() and len(example) > 2:
            told = NATO.get(example, example[0].upper())
            is_same = told in signs
            if link in (("for",), ("as",), ("like",)) and not is_same and example not in NATO:
                break
            run.trust *= 1.0 if is_same else BY_EXAMPLE
            end += len(link) + 1
            run.add((told,), times, end, is_sure=True)
            return end
    if signs != "O0" and len(signs) > 1:
        for sign in signs:
            run.add((sign,), 1, end, is_sure=True)
    else:
        run.add(tuple(signs), times, end, is_sure=is_sure)
    return end


def _signs(line: Line, at: int, run: _Run) -> str | None:
    """What a word spells: one sign, two where it is doubtful ("oh"), or several written together (AB12)."""
    words, word = line.words, line.words[at]
    if word in ("oh", "o"):
        return "O0"
    if len(word) == 1 and word.isalpha() and word.isascii():
        return word.upper()
    if word in NATO:
        return NATO[word]
    if word in NAMES:
        return NAMES[word]
    if word in SOUND_LIKE:
        return SOUND_LIKE[word]
    if word in HOMOPHONES and run.signs and _is_sign(word_at(words, at + 1)):
        return HOMOPHONES[word]
    if line.raw[at].isupper() and word.isascii() and word.isalpha():
        return word.upper()
    return word.upper() if len(word) > 1 and _MIXED.fullmatch(word) else None


def _is_sign(word: str) -> bool:
    return len(word) == 1 or word in NATO or word in NAMES or is_number(word)


def _digits(words: tuple[str, ...], at: int) -> int:
    """Where the number words that begin at ``at`` end."""
    end = at
    while end < len(words) and is_number(words[end]) and words[end] not in TIMES:
        if words[end] in ("oh", "o") and not (end > at and words[end - 1] in DIGITS):
            break
        end += 1
    if end > at and words[at] not in DIGITS and words[at] not in TEENS and words[at] not in TENS:
        return end if words[at].isdigit() else at
    return end
