"""Days in words: "tomorrow", "next Friday", "the third of March", "in two weeks", "a week on Monday".

English, by the day of the call, which is given. Where words may mean two days ("next Friday") both are answered,
the likelier first; so is the year before for a day without a year, and bounds choose.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date

from ivr.nlu.almanac import LONG_UNITS, UNITS, day_of, months_on, near, only, shifted, years
from ivr.nlu.amounts import cardinal
from ivr.nlu.normalise import TENS, is_number, readings
from ivr.nlu.spans import Found, Line, Readings, starts, word_at

WEEKDAYS = {
    "monday": 0, "tuesday": 1, "tues": 1, "wednesday": 2, "weds": 2, "thursday": 3, "thurs": 3, "friday": 4,
    "saturday": 5, "sunday": 6,
}  # fmt: skip
MONTHS = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
    "september": 9, "october": 10, "november": 11, "december": 12, "jan": 1, "feb": 2, "mar": 3, "apr": 4,
    "jun": 6, "jul": 7, "aug": 8, "sept": 9, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
ORDINALS = {
    word: number
    for number, word in enumerate(
        (
            "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
            "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
            "eighteenth", "nineteenth", "twentieth",
        ),
        start=1,
    )
} | {"thirtieth": 30}  # fmt: skip
FEASTS = {
    ("christmas", "day"): (12, 25), ("christmas", "eve"): (12, 24), ("boxing", "day"): (12, 26),
    ("new", "year", "day"): (1, 1), ("new", "year", "eve"): (12, 31), ("christmas",): (12, 25),
}  # fmt: skip
NEAR = {
    ("the", "day", "after", "tomorrow"): 2, ("day", "after", "tomorrow"): 2,
    ("the", "day", "before", "yesterday"): -2, ("day", "before", "yesterday"): -2,
    ("today",): 0, ("tonight",): 0, ("tomorrow",): 1, ("yesterday",): -1,
}  # fmt: skip

SURE, LIKELY, EITHER, OTHER = 1.0, 0.9, 0.75, 0.6
"""One meaning only; nearly so; the likelier of two; the other one."""
FAR_YEARS = 8
"""Where to look for the next 29th of February."""
_NUMERAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")

Pattern = Callable[[tuple[str, ...], int, date], tuple[int, Readings] | None]
"""The days that words from a place on mean, and where these words end."""


def find(line: Line, today: date) -> list[Found]:
    """Every day a sentence names, as ISO dates; of several ways to read the same place the longest."""
    found, at, words = [], 0, line.words
    while at < len(words):
        ways = [way for pattern in _PATTERNS if (way := pattern(words, at, today)) is not None]
        if not ways:
            at += 1
            continue
        end, known = max(ways, key=lambda way: way[0])
        if known:
            bare = end == len(words) and words[end - 1] in _MAY_GO_ON
            found.append(Found(at, end, known, may_go_on=bare))
        at = end
    return found


def _near(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    for phrase, days in NEAR.items():
        if starts(words, at, phrase):
            end = at + len(phrase)
            if word_at(words, end) == "week":
                return end + 1, near(today, days + 7)
            return end, near(today, days)
    return None


def _counted(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    """ "in two weeks", "two weeks from Friday", "a week on Monday", "three days ago"."""
    is_in = word_at(words, at) == "in"
    amount = _amount(words, at + is_in)
    if amount is None:
        return None
    count, unit, end = amount
    after = word_at(words, end)
    if after == "ago":
        return end + 1, shifted(today, -count, unit, SURE)
    if after in ("from", "on", "after") or after in WEEKDAYS or after in ("today", "tomorrow"):
        here = end + (after in ("from", "on", "after"))
        if word_at(words, here) == "now":
            return here + 1, shifted(today, count, unit, SURE)
        start = _near(words, here, today) or _weekday(words, here, today)
        if start is not None and start[1]:
            first = date.fromisoformat(str(start[1][0][0]))
            return start[0], shifted(first, count, unit, LIKELY)
    if is_in:
        end += starts(words, end, ("time",))
        return end, shifted(today, count, unit, SURE)
    return None


def _weekday(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    """ "Friday", "next Friday", "Friday week", "next week Friday", "Friday the third"."""
    here, lead = at, ""
    is_next_week = starts(words, here, ("next", "week"))
    if is_next_week:
        here += 2 + (word_at(words, here + 2) == "on")
    elif word_at(words, here) in ("this", "next", "last", "coming"):
        lead = words[here]
        here += 1 + (word_at(words, here + 1) == "coming")
    wanted = WEEKDAYS.get(word_at(words, here))
    if wanted is None:
        return None
    end = here + 1
    ahead = (wanted - today.weekday()) % 7
    in_next_week = 7 - today.weekday() + wanted
    dated = _dated(words, end, today, wanted) if not lead and not is_next_week else None
    if dated is not None:
        return dated
    if is_next_week or starts(words, end, ("next", "week")):
        return end + (0 if is_next_week else 2), near(today, in_next_week)
    if starts(words, end, ("this", "week")):
        return end + 2, near(today, wanted - today.weekday())
    if word_at(words, end) == "week":
        return end + 1, near(today, (ahead or 7) + 7)
    if lead == "last":
        return end, near(today, ahead - 7)
    if lead == "next":
        if in_next_week == (ahead or 7):
            return end, near(today, in_next_week)
        return end, (*near(today, in_next_week, EITHER), *near(today, ahead, OTHER))
    first = ahead or (0 if lead == "this" else 7)
    trust = SURE if ahead else EITHER
    others = (*near(today, first + 7, OTHER), *near(today, ahead - 7, OTHER))
    return end, (*near(today, first, trust), *(others if ahead else (*near(today, 0, OTHER), *others)))


def _dated(words: tuple[str, ...], at: int, today: date, weekday: int) -> tuple[int, Readings] | None:
    """The date after a weekday ("Friday the third"): of its readings those that are such a weekday first."""
    here = at + (word_at(words, at) == "the")
    way = _month_day(words, here, today) or _of_month(words, at, today)
    if way is None:
        return None
    right = tuple(pair for pair in way[1] if date.fromisoformat(str(pair[0])).weekday() == weekday)
    return way[0], (right or tuple((value, OTHER) for value, _ in way[1]))


def _month_day(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    """ "the third of March", "March the third", "3 March 2027", "the third of the third"."""
    here = at + (word_at(words, at) == "the")
    day = _ordinal(words, here) or _cardinal_day(words, here)
    if day is not None:
        end = day[1] + (word_at(words, day[1]) == "of")
        month = MONTHS.get(word_at(words, end))
        if month is not None:
            return _with_year(words, end + 1, today, month, day[0])
        numbered = _ordinal(words, end + 1) if starts(words, day[1], ("of", "the")) else None
        if numbered is not None and numbered[0] <= 12:
            return _with_year(words, numbered[1], today, numbered[0], day[0])
        return None
    month = MONTHS.get(word_at(words, at))
    if month is None:
        return None
    day = _ordinal(words, at + 1 + (word_at(words, at + 1) == "the")) or _cardinal_day(words, at + 1)
    return _with_year(words, day[1], today, month, day[0]) if day is not None else None


def _of_month(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    """ "the third", of this month or the next one."""
    has_the = word_at(words, at) == "the"
    day = _ordinal(words, at + has_the)
    if day is None or (not has_the and day[0] in (1, 2) and len(words) > 1):
        return None
    end = day[1]
    first = today.replace(day=1)
    for phrase, away in (
        (("of", "this", "month"), 0),
        (("of", "next", "month"), 1),
        (("of", "last", "month"), -1),
    ):
        if starts(words, end, phrase):
            then = months_on(first, away)
            return end + 3, only(((then.year, then.month, day[0]),), (SURE,))
    months = [months_on(first, ahead) for ahead in range(0, 4)]
    days = [made for then in months if (made := day_of(then.year, then.month, day[0])) and made >= today]
    past = [months_on(first, -back) for back in range(0, 4)]
    before = [made for then in past if (made := day_of(then.year, then.month, day[0])) and made < today]
    known = tuple((made.isoformat(), trust) for made, trust in zip(days[:2], (LIKELY, OTHER), strict=False))
    return end, (*known, *((made.isoformat(), OTHER) for made in before[:1]))


def _numeric(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    """ "2026 12 03" as written in ISO, "3 12 2026" as in Britain; only figures."""
    parts = words[at : at + 3]
    if len(parts) < 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    match tuple(map(len, parts)):
        case (4, 1 | 2, 1 | 2):
            return at + 3, only(((int(parts[0]), int(parts[1]), int(parts[2])),), (SURE,))
        case (1 | 2, 1 | 2, 4):
            return at + 3, only(((int(parts[2]), int(parts[1]), int(parts[0])),), (LIKELY,))
    return None


def _in_numbers(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    """ "twelve twelve twenty six": the day, the month and the year as numbers in words."""
    day = _cardinal_day(words, at)
    month = _cardinal_day(words, day[1]) if day is not None else None
    if day is None or month is None or month[0] > 12 or word_at(words, at).isdigit():
        return None
    found = _year(words, month[1], today)
    part = cardinal(words, month[1]) if found is None else None
    if part is not None and 10 <= part.value <= (today.year + FAR_YEARS) % 100:
        found = 2000 + int(part.value), part.end
    if found is None or is_number(word_at(words, found[1])):
        return None
    return found[1], only(((found[0], month[0], day[0]),), (LIKELY,))


def _feast(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    for phrase, (month, day) in FEASTS.items():
        if starts(words, at, phrase):
            return _with_year(words, at + len(phrase), today, month, day)
    return None


def _end_of_month(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    for phrase in (("the", "end", "of", "the", "month"), ("the", "last", "day", "of", "the", "month")):
        if starts(words, at, phrase):
            last = calendar.monthrange(today.year, today.month)[1]
            return at + len(phrase), ((today.replace(day=last).isoformat(), LIKELY),)
    for lead in (("the", "end", "of"), ("the", "last", "day", "of"), ("the", "last", "of")):
        month = MONTHS.get(word_at(words, at + len(lead)))
        if month is not None and starts(words, at, lead):
            year = today.year + (month < today.month)
            last = calendar.monthrange(year, month)[1]
            return at + len(lead) + 1, ((date(year, month, last).isoformat(), LIKELY),)
    return None


_PATTERNS: tuple[Pattern, ...] = (
    _near, _counted, _weekday, _month_day, _of_month, _numeric, _in_numbers, _feast, _end_of_month,
)  # fmt: skip
_MAY_GO_ON = frozenset((*ORDINALS, *WEEKDAYS, *TENS, "twenty", "thirty"))
"""Words at the end of a day that more of it may follow: "the third (of March)", "Friday (week)"."""


def _with_year(
    words: tuple[str, ...], at: int, today: date, month: int, day: int
) -> tuple[int, Readings] | None:
    """The day of a month with its year where one is said; else the next such day, then the last one."""
    year = _year(words, at, today)
    if year is not None:
        return year[1], only(((year[0], month, day),), (SURE,))
    ahead = years(today, month, day, range(0, FAR_YEARS + 1))
    back = years(today, month, day, range(0, -FAR_YEARS - 1, -1))
    coming = next((made for made in ahead if made >= today), None)
    gone = next((made for made in back if made < today), None)
    known = [(coming, SURE), (gone, OTHER)]
    return at, tuple((made.isoformat(), trust) for made, trust in known if made is not None)


def _year(words: tuple[str, ...], at: int, today: date) -> tuple[int, int] | None:
    """A year and where its words end: "2027", "twenty twenty seven", "two thousand and six", "eighty four"."""
    here = at + (word_at(words, at) in ("in", "of"))
    word = word_at(words, here)
    if len(word) == 4 and word.isascii() and word.isdigit():
        return int(word), here + 1
    whole = cardinal(words, here)
    if whole is not None and 1900 <= whole.value <= 2100:
        return int(whole.value), whole.end
    for size in (4, 3, 2):
        said = words[here : here + size]
        for digits in readings(said) if len(said) == size else ():
            if len(digits) == 4 and digits[:2] in ("19", "20"):
                return int(digits), here + size
    if whole is not None and 30 <= whole.value <= 99 and word in TENS:
        return 1900 + int(whole.value), whole.end
    return None


def _ordinal(words: tuple[str, ...], at: int) -> tuple[int, int] | None:
    """A day of the month as an ordinal, and where it ends; not the "second" of "thirty second"."""
    word = word_at(words, at)
    if word in ("twenty", "thirty") and ORDINALS.get(word_at(words, at + 1), 99) < 10:
        number = int(TENS[word]) * 10 + ORDINALS[words[at + 1]]
        return (number, at + 2) if number <= 31 else None
    if word in ORDINALS:
        is_end = (
            ORDINALS[word] < 10 and word_at(words, at - 1) in TENS and not is_number(word_at(words, at - 2))
        )
        return None if is_end else (ORDINALS[word], at + 1)
    written = _NUMERAL.fullmatch(word)
    return (int(written[1]), at + 1) if written and 1 <= int(written[1]) <= 31 else None


def _cardinal_day(words: tuple[str, ...], at: int) -> tuple[int, int] | None:
    part = cardinal(words, at)
    return (int(part.value), part.end) if part is not None and 1 <= part.value <= 31 else None


def _amount(words: tuple[str, ...], at: int) -> tuple[int, str, int] | None:
    """ "two weeks", "a fortnight", "a couple of days": how many, of what, and where it ends."""
    word = word_at(words, at)
    if word in ("a", "an", "one"):
        count, end = 1, at + 1
        if word_at(words, end) == "couple":
            count, end = 2, end + 1 + (word_at(words, end + 1) == "of")
    else:
        part = cardinal(words, at)
        if part is None or part.value > 5000:
            return None
        count, end = int(part.value), part.end
    unit = word_at(words, end)
    return (count, unit, end + 1) if unit in UNITS or unit in LONG_UNITS else None
