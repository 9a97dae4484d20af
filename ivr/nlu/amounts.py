"""Numbers and sums of money in words: "a hundred and five", "two and a half", "five pounds twenty", "twelve fifty".

English. Strings of digits read one by one are ``runs``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from ivr.actions import Slot
from ivr.nlu.normalise import DIGITS, TEENS, TENS, is_number, readings
from ivr.nlu.spans import Found, Line, Readings, starts, word_at

UNITS = {word: int(digit) for word, digit in DIGITS.items() if word not in ("oh", "o", "null")}
SCALES = (("million", 10**6), ("thousand", 1000))
FRACTIONS = {"half": Decimal("0.5"), "quarter": Decimal("0.25")}
WHOLE_WORDS = {"none": 0, "couple": 2, "pair": 2, "dozen": 12}
PEOPLE = {("both",): 2, ("only", "me"): 1, ("just", "me"): 1, ("me", "alone"): 1, ("myself",): 1}
"""How many people callers say they are."""
CURRENCIES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "GBP": (frozenset(("pound", "pounds", "quid", "gbp")), frozenset(("penny", "pence", "pennies", "p"))),
    "EUR": (frozenset(("euro", "euros", "eur")), frozenset(("cent", "cents"))),
    "USD": (frozenset(("dollar", "dollars", "buck", "bucks", "usd")), frozenset(("cent", "cents"))),
}
"""ISO 4217 code to the words of the unit and of its hundredth."""
NOTES = {"fiver": Decimal(5), "tenner": Decimal(10), "grand": Decimal(1000)}
NOTES |= {f"{name}s": worth for name, worth in NOTES.items()}
MOST_DIGITS = 12

ONE_BY_ONE = 0.7
"""Trust in "one two three" or "one twenty" as a number."""
TWO_PARTS = 0.85
"""Trust in "twelve fifty" as pounds and pence; 0.7 where it may be hundreds ("two fifty")."""
NO_UNIT = 0.9
"""Trust in a bare number as a sum of money."""


class Part(NamedTuple):
    """A number and where its words end."""

    value: Decimal
    end: int


def find_numbers(line: Line, slot: Slot) -> list[Found]:
    """Every number of a sentence, whole or with a fraction, also below zero."""
    found, at, words = [], 0, line.words
    while at < len(words):
        people = next((phrase for phrase in PEOPLE if starts(words, at, phrase)), ())
        if people:
            found.append(Found(at, at + len(people), ((PEOPLE[people], 1.0),)))
            at += len(people)
            continue
        part = number(words, at)
        if part is None:
            at += 1
            continue
        end = part.end
        while end < len(words) and is_number(words[end]):
            end += 1
        if end > part.end:
            joined = [(int(digits), ONE_BY_ONE) for digits in readings(words[at:end]) if _is_short(digits)]
            known: Readings = tuple(joined)
        else:
            known = ((_plain(part.value), 1.0),)
        if known:
            found.append(Found(at, end, known, may_go_on=_may_go_on(words, end)))
        at = end
    return found


def find_money(line: Line, slot: Slot) -> list[Found]:
    """Every sum of money of a sentence in the slot's currency, as decimal texts of two places; none of another's."""
    units, parts = CURRENCIES.get(slot.currency, (frozenset(), frozenset()))
    foreign = frozenset().union(*(word for known in CURRENCIES.values() for word in known)) - units - parts
    found, at, words = [], 0, line.words
    while at < len(words):
        sum_found = _sum(words, at, units, parts)
        if sum_found is None:
            at += 1
        elif word_at(words, sum_found.end) in foreign:
            at = _with_unit(words, at, Part(Decimal(0), sum_found.end), foreign, foreign).end
        else:
            found.append(sum_found)
            at = sum_found.end
    return found


def cardinal(words: tuple[str, ...], at: int) -> Part | None:
    """A whole number in words or figures that begins at ``at``; None where none does."""
    if not _may_begin(word_at(words, at)):
        return None
    total, here = Decimal(0), at
    has_any = False
    for scale, worth in SCALES:
        part = _below_thousand(words, here)
        if part is not None and word_at(words, part.end) == scale:
            total, here, has_any = total + part.value * worth, part.end + 1, True
    rest = here + (has_any and word_at(words, here) == "and")
    part = _below_thousand(words, rest)
    if part is not None and (not has_any or words[rest] not in ("a", "an")):
        return Part(total + part.value, part.end)
    return Part(total, here) if has_any else None


def number(words: tuple[str, ...], at: int) -> Part | None:
    """As ``cardinal``, with "minus", "point five", "and a half"."""
    if word_at(words, at) in ("minus", "negative"):
        part = number(words, at + 1)
        return Part(-part.value, part.end) if part is not None and part.value >= 0 else None
    if (whole := _share(words, at)) is not None:
        return whole
    part = _counted(words, at)
    here = part.end if part else at
    if word_at(words, here) == "point" and (figures := _figures(words, here + 1)):
        return Part(Decimal(f"{int(part.value) if part else 0}.{figures[0]}"), figures[1])
    if part is None:
        if (
            word_at(words, at) == "half"
            and word_at(words, at + 1) == "a"
            and word_at(words, at + 2) == "dozen"
        ):
            return Part(Decimal(6), at + 3)
        return None
    if word_at(words, here) == "and" and word_at(words, here + 1) == "a":
        share = FRACTIONS.get(word_at(words, here + 2))
        if share is not None:
            worth, end = _scale(words, here + 3)
            return Part((part.value + share) * worth, end)
    return part


def _share(words: tuple[str, ...], at: int) -> Part | None:
    """ "half a million", "three quarters", "half" alone; not "half past", nor "half a dozen"."""
    if word_at(words, at) == "half" and word_at(words, at + 1) == "a":
        worth, end = _scale(words, at + 2)
        return Part(worth / 2, end) if worth > 1 else None
    if word_at(words, at) == "three" and word_at(words, at + 1) == "quarters":
        return Part(Decimal("0.75"), at + 2)
    if word_at(words, at) == "half" and at + 1 == len(words) and at == 0:
        return Part(Decimal("0.5"), 1)
    return None


def _scale(words: tuple[str, ...], at: int) -> tuple[Decimal, int]:
    """What "thousand" or "million" is worth, and where it ends; 1 where none is said."""
    worth = dict(SCALES).get(word_at(words, at))
    return (Decimal(worth), at + 1) if worth else (Decimal(1), at)


def _counted(words: tuple[str, ...], at: int) -> Part | None:
    word = word_at(words, at)
    if word == "a" and word_at(words, at + 1) in ("couple", "pair", "dozen"):
        return _couple(words, at)
    if word in ("none", "dozen"):
        return Part(Decimal(WHOLE_WORDS[word]), at + 1)
    part = cardinal(words, at)
    if part is not None and word_at(words, part.end) == "dozen":
        return Part(part.value * 12, part.end + 1)
    return part


def _couple(words: tuple[str, ...], at: int) -> Part:
    """ "a couple", "a couple of hundred"."""
    value, end = Decimal(WHOLE_WORDS[words[at + 1]]), at + 2
    here = end + (word_at(words, end) == "of")
    for scale, worth in (*SCALES, ("hundred", 100)):
        if word_at(words, here) == scale:
            return Part(value * worth, here + 1)
    return Part(value, end)


def below_hundred(words: tuple[str, ...], at: int) -> Part | None:
    """A number of one or two words without "hundred", or one in figures, that begins at ``at``."""
    word = word_at(words, at)
    if again := _spelt_out(words, at):
        return again
    if word in TENS:
        unit = UNITS.get(word_at(words, at + 1), 0)
        return Part(Decimal(int(TENS[word]) * 10 + unit), at + (2 if unit else 1))
    if word in TEENS:
        return Part(Decimal(TEENS[word]), at + 1)
    if word in UNITS:
        return Part(Decimal(UNITS[word]), at + 1)
    if _is_short(word) and word.isascii():
        return Part(Decimal(word), at + 1)
    return None


def _spelt_out(words: tuple[str, ...], at: int) -> Part | None:
    """ "fifteen, one five", "fifty, five zero": said again digit by digit, as fifteen and fifty sound alike."""
    word, tens, units = (word_at(words, place) for place in (at, at + 1, at + 2))
    value = TEENS.get(word) or (f"{TENS[word]}0" if word in TENS else "")
    spelt = DIGITS.get(tens, " ") + DIGITS.get(units, " ")
    return Part(Decimal(value), at + 3) if value and value == spelt else None


def _below_thousand(words: tuple[str, ...], at: int) -> Part | None:
    """Hundreds too, "twelve hundred" and "a thousand"'s "a" among them."""
    word, after = word_at(words, at), word_at(words, at + 1)
    if word == "hundred":
        part: Part | None = Part(Decimal(1), at)
    elif word in ("a", "an") and after in ("hundred", "thousand", "million"):
        part = Part(Decimal(1), at + 1)
    else:
        part = below_hundred(words, at)
    if part is None or word_at(words, part.end) != "hundred" or part.value >= 100:
        return part
    here = part.end + 1
    rest = below_hundred(words, here + (word_at(words, here) == "and"))
    if rest is None or rest.value >= 100:
        return Part(part.value * 100, here)
    return Part(part.value * 100 + rest.value, rest.end)


def _figures(words: tuple[str, ...], at: int) -> tuple[str, int] | None:
    """The figures after "point", and where they end."""
    end = at
    while end < len(words) and is_number(words[end]) and words[end] != "hundred":
        end += 1
    figures = next(iter(readings(words[at:end])), "")
    return (figures, end) if figures and _is_short(figures) else None


def _sum(words: tuple[str, ...], at: int, units: frozenset[str], parts: frozenset[str]) -> Found | None:
    """A sum of money that begins at ``at``."""
    part, after = _start_of_sum(words, at, units)
    if part is None:
        return None
    if after in units:
        return _with_unit(words, at, part, units, parts)
    if after in parts:
        return Found(at, part.end + 1, _money(part.value / 100))
    pence = _pence(words, part.end)
    is_pair = pence is not None and (pence.value >= 10 or pence.end > part.end + 1)
    is_pair = is_pair and not is_number(word_at(words, at - 1)) and word_at(words, at - 1) != "not"
    if is_pair and pence is not None and part.value == part.value.to_integral_value() and part.value >= 0:
        hundreds = part.value * 100 + pence.value
        is_small = part.value < 10 and word_at(words, part.end) in TENS
        shared = 0.7 if is_small else TWO_PARTS
        if word_at(words, pence.end) in units:
            return Found(at, pence.end + 1, _money(hundreds))
        known = (*_money(part.value + pence.value / 100, shared), *_money(hundreds, shared - 0.1))
        return Found(at, pence.end, known)
    return Found(at, part.end, _money(part.value, NO_UNIT), may_go_on=True)


def _start_of_sum(words: tuple[str, ...], at: int, units: frozenset[str]) -> tuple[Part | None, str]:
    """The number a sum begins with, and the word after it."""
    word, after = word_at(words, at), word_at(words, at + 1)
    if word in ("a", "an") and after in units:
        return Part(Decimal(1), at + 1), after
    part = Part(Decimal(1), at + 1) if word in ("a", "an") and after in NOTES else number(words, at)
    if part is not None and word_at(words, part.end) in NOTES:
        return Part(part.value * NOTES[words[part.end]], part.end + 1), next(iter(units), "")
    return part, word_at(words, part.end) if part else ""


def _with_unit(
    words: tuple[str, ...], at: int, part: Part, units: frozenset[str], parts: frozenset[str]
) -> Found:
    here = part.end + (word_at(words, part.end - 1) not in NOTES)
    if word_at(words, here) == "and" and word_at(words, here + 1) == "a":
        share = FRACTIONS.get(word_at(words, here + 2))
        if share is not None:
            return Found(at, here + 3, _money(part.value + share))
    rest = (
        _pence(words, here) or _pence(words, here + 1)
        if word_at(words, here) == "and"
        else _pence(words, here)
    )
    if rest is None or (word_at(words, rest.end) in units and word_at(words, rest.end) not in parts):
        return Found(at, here, _money(part.value), may_go_on=True)
    is_named = word_at(words, rest.end) in parts
    value = part.value + rest.value / 100 if part.value >= 0 else part.value - rest.value / 100
    return Found(at, rest.end + is_named, _money(value))


def _pence(words: tuple[str, ...], at: int) -> Part | None:
    """Hundredths said after the unit or straight after the number: "twenty", "oh five"."""
    if word_at(words, at) in ("oh", "o", "zero") and word_at(words, at + 1) in UNITS:
        return Part(Decimal(UNITS[words[at + 1]]), at + 2)
    part = below_hundred(words, at)
    return part if part is not None and part.value < 100 else None


def _money(value: Decimal, trust: float = 1.0) -> Readings:
    return ((str(value.quantize(Decimal("0.01"))), trust),)


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _may_begin(word: str) -> bool:
    return word in UNITS or word in TEENS or word in TENS or word in ("a", "an", "hundred") or word.isdigit()


def _is_short(digits: str) -> bool:
    return digits.isdigit() and len(digits) <= MOST_DIGITS


def _may_go_on(words: tuple[str, ...], end: int) -> bool:
    return end == len(words)
