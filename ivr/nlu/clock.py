"""Times of day in words: "half past three", "quarter to nine", "three p m", "nine in the morning".

English. An hour of the twelve without morning or afternoon is read both ways, office hours first; bounds or the
caller decide.
"""

from __future__ import annotations

from ivr.nlu.amounts import below_hundred, cardinal
from ivr.nlu.normalise import DIGITS, is_number
from ivr.nlu.spans import Found, Line, Readings, starts, word_at

NAMED = {
    ("twelve", "noon"): "12:00", ("noon",): "12:00", ("midday",): "12:00",
    ("twelve", "midnight"): "00:00", ("midnight",): "00:00",
}  # fmt: skip
QUARTERS = {"half": 30, "quarter": 15}
PAST, TO = frozenset(("past", "after")), frozenset(("to", "before", "till", "of"))
UNFINISHED = frozenset(("past", "to", "till"))
"""After them the hour is still to come: a number before is its minutes, "ten past"."""
LEADS = frozenset(("at", "around", "about", "by", "from", "until", "till", "before", "after"))
PARTS = {
    "morning": "am", "afternoon": "pm", "evening": "pm", "tonight": "pm", "night": "pm", "lunchtime": "pm",
}  # fmt: skip
REACH = 4
"""A part of the day counts for a time so many words away: "tomorrow morning at nine"."""
OFFICE = range(7, 13)
"""Hours that are before noon, or noon, when nothing else is said; the others are after it."""

SURE, NOON, EITHER, OTHER = 1.0, 0.85, 0.78, 0.6
"""One meaning only; twelve and a half, hardly at night; the likelier half of the day; the other one."""
BARE = 0.9
"""A number with nothing that says it is a time counts so much less."""


def find(line: Line) -> list[Found]:
    """Every time a sentence names, as ``HH:MM``."""
    found, at, words = [], 0, line.words
    while at < len(words):
        one = _named(words, at) or _relative(words, at) or _clock(words, at)
        if one is None:
            at += 1
            continue
        found.append(one)
        at = one.end
    return found


def _named(words: tuple[str, ...], at: int) -> Found | None:
    for phrase, value in NAMED.items():
        if starts(words, at, phrase):
            return Found(at, at + len(phrase), ((value, SURE),))
    return None


def _relative(words: tuple[str, ...], at: int) -> Found | None:
    """ "half past three", "a quarter to nine", "twenty five past six", "ten minutes to five", "half three"."""
    here = at + (word_at(words, at) == "a" and word_at(words, at + 1) in QUARTERS)
    word = word_at(words, here)
    minutes, end = QUARTERS.get(word, 0), here + 1
    if not minutes:
        part = cardinal(words, here)
        if part is None or not 1 <= part.value <= 30 or is_number(word_at(words, here - 1)):
            return None
        minutes, end = int(part.value), part.end
        is_named = word_at(words, end) in ("minute", "minutes")
        if minutes % 5 and not is_named:
            return None
        end += is_named
    way = word_at(words, end)
    if way in PAST or way in TO:
        hour = _hour(words, end + 1)
        shift = minutes if way in PAST else -minutes
    elif word == "half":
        hour, shift = _hour(words, end), minutes
    else:
        return None
    if hour is None:
        return None
    return _read(words, at, hour[1], hour[0] * 60 + shift, is_of_24=hour[0] > 12)


def _clock(words: tuple[str, ...], at: int) -> Found | None:
    """ "three thirty", "three oh five", "17 30", "1730", "oh nine hundred", "three oclock", "three p m", "three"."""
    word = word_at(words, at)
    if len(word) == 4 and word.isascii() and word.isdigit():
        return _of_day(words, at, at + 1, int(word[:2]), int(word[2:]), is_of_24=True)
    is_led = word in ("oh", "o", "zero", "nought") and word_at(words, at + 1) in DIGITS
    whole = _hour(words, at + is_led)
    if whole is None:
        return None
    hour, end = whole
    is_of_24 = is_led or hour > 12 or hour == 0 or (len(word) == 2 and word.startswith("0"))
    if word_at(words, end) == "hundred":
        end += 1 + (word_at(words, end + 1) == "hours")
        return _of_day(words, at, end, hour, 0, is_of_24=True)
    minute = _minute(words, end)
    if minute is not None:
        return _of_day(words, at, minute[1], hour, minute[0], is_of_24=is_of_24)
    for phrase in (("oclock",), ("o", "clock")):
        if starts(words, end, phrase):
            return _of_day(words, at, end + len(phrase), hour, 0, is_of_24=is_of_24)
    if word_at(words, end) in UNFINISHED and end + 1 == len(words):
        return None
    is_marked = word_at(words, at - 1) in LEADS or bool(_half(words, end) or _part(words, at, end))
    one = _of_day(words, at, end, hour, 0, is_of_24=is_of_24)
    before = word_at(words, at - 1)
    if one is None or is_marked:
        return one
    if before == "past" or is_number(before):
        return None
    return Found(
        one.start, one.end, tuple((value, trust * BARE) for value, trust in one.readings), one.may_go_on
    )


def _of_day(
    words: tuple[str, ...], at: int, end: int, hour: int, minute: int, *, is_of_24: bool
) -> Found | None:
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    return _read(words, at, end, hour * 60 + minute, is_of_24=is_of_24)


def _read(words: tuple[str, ...], at: int, end: int, minutes: int, *, is_of_24: bool) -> Found:
    """The time with what was said of the half of the day, near it or right after it."""
    half = _half(words, end)
    if half is not None:
        end = half[1]
    part = half[0] if half else _part(words, at, end)
    return Found(
        at, end, _readings(minutes, part, is_of_24=is_of_24), may_go_on=half is None and end == len(words)
    )


def _readings(minutes: int, part: str, *, is_of_24: bool) -> Readings:
    """``minutes`` since midnight of the hour as said; of the twelve hours unless ``is_of_24``."""
    if is_of_24:
        return ((_text(minutes), SURE),)
    morning, evening = _text(minutes % 720), _text(minutes % 720 + 720)
    if part:
        return ((morning if part == "am" else evening, SURE),)
    is_morning = minutes % 720 // 60 in OFFICE
    first, second = (morning, evening) if is_morning else (evening, morning)
    return ((first, NOON if minutes % 720 < 60 else EITHER), (second, OTHER))


def _hour(words: tuple[str, ...], at: int) -> tuple[int, int] | None:
    part = below_hundred(words, at)
    if part is None or part.value > 24:
        return (20, at + 1) if word_at(words, at) == "twenty" else None
    return int(part.value), part.end


def _minute(words: tuple[str, ...], at: int) -> tuple[int, int] | None:
    """Minutes straight after the hour: "thirty", "oh five", "05"."""
    at += word_at(words, at) == "point" and len(word_at(words, at + 1)) == 2
    word, after = word_at(words, at), word_at(words, at + 1)
    if word in ("oh", "o", "zero") and DIGITS.get(after, "0") != "0":
        return int(DIGITS[after]), at + 2
    if word.isascii() and word.isdigit():
        return (int(word), at + 1) if len(word) == 2 and int(word) < 60 else None
    part = below_hundred(words, at)
    return (int(part.value), part.end) if part is not None and 10 <= part.value < 60 else None


def _half(words: tuple[str, ...], at: int) -> tuple[str, int] | None:
    """The half of the day said right after the hour, and where that ends: "p m", "in the morning", "at night"."""
    word, after = word_at(words, at), word_at(words, at + 1)
    if word in ("am", "pm"):
        return word, at + 1
    if word in ("a", "p") and after == "m":
        return f"{word}m", at + 2
    for phrase in (("in", "the"), ("at",), ("this",), ()):
        part = PARTS.get(word_at(words, at + len(phrase)), "")
        if part and starts(words, at, phrase):
            return part, at + len(phrase) + 1
    return None


def _part(words: tuple[str, ...], at: int, end: int) -> str:
    """The part of the day said near: "tomorrow morning at nine"."""
    near = (*words[max(0, at - REACH) : at], *words[end : end + REACH])
    return next((PARTS[word] for word in near if word in PARTS), "")


def _text(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"
