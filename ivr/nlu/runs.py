"""Strings of digits said one by one or in groups, and telephone numbers among them.

English, with "double", "triple", "oh", "hundred". Whole numbers ("a hundred and five") are ``amounts``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import phonenumbers

from ivr.actions import Slot
from ivr.nlu.amounts import cardinal
from ivr.nlu.normalise import DIGITS, HOMOPHONES, JOINTS, is_number, readings
from ivr.nlu.spans import Found, Line, Readings, word_at

LATER = 0.9
"""Each further reading of the same words counts so much less."""
PART = 0.6
"""Trust in the beginning or the end of a longer run."""
GAP = 0.7
"""Trust in a number with other words within."""
UNUSUAL = 0.75
"""Trust in a telephone number of a length that exists but in no known range."""
GAP_WORDS = 3
"""Most words between two pieces of one number ("four four seven, let me see, one two")."""
MOST_DIGITS = 40


def find_digits(line: Line, slot: Slot) -> list[Found]:
    """Every run of digits, whole; too long a one also by its beginning and its end, and short ones together."""
    line = Line(_counted(line.words), line.raw)
    runs = list(_runs(line.words))
    found = [
        Found(start, end, _read(line.words[start:end]), _may_grow(slot, line, start, end))
        for start, end in runs
    ]
    found += _thousands(line.words)
    for start, end in runs:
        if _shortest(line.words[start:end]) > slot.max_length:
            found += _parts(line.words, start, end, slot)
    if joined := _joined(line.words, runs):
        start, end, words = joined
        whole = tuple((digits, trust * GAP) for digits, trust in _read(words) if _fits(slot, str(digits)))
        if whole and not any(_fits(slot, str(digits)) for one in found for digits, _ in one.readings):
            found.append(Found(start, end, whole))
    return [one for one in found if one.readings]


def find_phones(line: Line, slot: Slot) -> list[Found]:
    """Every telephone number, as E.164; numbers without a country's code are the slot's country's."""
    found = []
    regions = phonenumbers.region_codes_for_country_code(int(slot.country.lstrip("+") or 0))
    region = regions[0] if regions else "ZZ"
    runs = list(_runs(line.words))
    whole = [(start, end, line.words[start:end]) for start, end in runs]
    if joined := _joined(line.words, runs):
        whole.append(joined)
    for start, end, words in whole:
        has_plus = start > 0 and line.words[start - 1] == "plus"
        known = _numbers(words, region, has_plus=has_plus)
        if not known:
            known = tuple((digits, 0.0) for digits, _ in _read(words)[:1])
        found.append(Found(start - has_plus, end, known, may_go_on=not known or known[0][1] <= UNUSUAL))
    return found


def _counted(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words with "a hundred" as "one hundred"."""
    return tuple(
        "one" if word == "a" and word_at(words, at + 1) in ("hundred", "thousand") else word
        for at, word in enumerate(words)
    )


def _thousands(words: tuple[str, ...]) -> Iterator[Found]:
    """Strings said as one whole number: "five thousand and twelve"."""
    at = 0
    while at < len(words):
        part = cardinal(words, at)
        if (
            part is not None
            and "thousand" in words[at : part.end]
            and not is_number(word_at(words, part.end))
        ):
            yield Found(at, part.end, ((str(part.value), LATER),))
        at = part.end if part is not None else at + 1


def _runs(words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where digits follow one another; words that only sound like digits count between digits alone."""
    at = 0
    while at < len(words):
        if not is_number(words[at]):
            at += 1
            continue
        last = at
        for here in range(at + 1, len(words)):
            if is_number(words[here]):
                last = here
            elif words[here] not in JOINTS and words[here] not in HOMOPHONES:
                break
        yield at, last + 1
        at = last + 1


def _joined(words: tuple[str, ...], runs: list[tuple[int, int]]) -> tuple[int, int, tuple[str, ...]] | None:
    """All runs as one, where they are pieces of one number with few words between them."""
    if len(runs) < 2 or any(after[0] - before[1] > GAP_WORDS for before, after in pairwise(runs)):
        return None
    return runs[0][0], runs[-1][1], tuple(word for start, end in runs for word in words[start:end])


@lru_cache(maxsize=1024)
def _read(words: tuple[str, ...]) -> Readings:
    """The strings that words may stand for; "nine hundred one two three" as 900 123, and as 90123, but "six hundred
    and sixty six" as 666 only."""
    found = list(readings(words[:MOST_DIGITS]))
    if ("hundred", "and") in pairwise(words):
        found = [digits for digits in found if len(digits) <= len(found[0])]
    elif "hundred" in words:
        plain = [zero for word in words for zero in (("zero", "zero") if word == "hundred" else (word,))]
        is_prefix = any(
            word == "hundred"
            and len(words) > at + 2
            and all(after in DIGITS for after in words[at + 1 : at + 3])
            for at, word in enumerate(words)
        )
        found = [*readings(plain), *found] if is_prefix else [*found, *readings(plain)]
    known = dict.fromkeys(digits for digits in found if len(digits) <= MOST_DIGITS)
    return tuple((digits, LATER**rank) for rank, digits in enumerate(known))


def _shortest(words: tuple[str, ...]) -> int:
    return min((len(str(digits)) for digits, _ in _read(words)), default=0)


def _parts(words: tuple[str, ...], start: int, end: int, slot: Slot) -> list[Found]:
    """The longest beginning and the longest end of a run that have the wanted length."""
    found = []
    for cuts in (
        ((start, cut) for cut in range(end - 1, start, -1)),
        ((cut, end) for cut in range(start + 1, end)),
    ):
        for first, last in cuts:
            known = tuple((d, t * PART) for d, t in _read(words[first:last]) if _fits(slot, str(d)))
            if known:
                found.append(Found(first, last, known))
                break
    return found


def _fits(slot: Slot, digits: str) -> bool:
    return slot.min_length <= len(digits) <= slot.max_length


def _may_grow(slot: Slot, line: Line, start: int, end: int) -> bool:
    known = _read(line.words[start:end])
    return end == len(line.words) and bool(known) and len(str(known[0][0])) < slot.max_length


def _numbers(words: tuple[str, ...], region: str, *, has_plus: bool) -> Readings:
    """The telephone numbers that a run of words may be, likeliest first."""
    known: dict[str, float] = {}
    for digits, trust in _read(words):
        written = (
            f"+{digits}"
            if has_plus
            else f"+{str(digits)[2:]}"
            if str(digits).startswith("00")
            else str(digits)
        )
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if not phonenumbers.is_possible_number(number):
            continue
        usual = phonenumbers.is_valid_number(number)
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        known.setdefault(e164, float(trust) if usual else float(trust) * UNUSUAL)
    return tuple(sorted(known.items(), key=lambda pair: -pair[1]))
