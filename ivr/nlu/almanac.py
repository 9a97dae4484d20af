"""Days reckoned from other days, as readings: so many on, in so many months, in one year or another.

By the calendar alone; what words mean is ``days``.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, MINYEAR, date, timedelta

from ivr.nlu.spans import Readings

UNITS = {"day": 1, "days": 1, "week": 7, "weeks": 7, "fortnight": 14, "fortnights": 14}
LONG_UNITS = {"month": 1, "months": 1, "year": 12, "years": 12}


def years(today: date, month: int, day: int, offsets: Iterable[int]) -> Iterator[date]:
    """That day of a month in the years so far from this one, where there is one."""
    for offset in offsets:
        made = day_of(today.year + offset, month, day)
        if made is not None:
            yield made


def shifted(start: date, count: int, unit: str, trust: float) -> Readings:
    """The day so many units on; none beyond the years that dates have."""
    if unit in UNITS:
        return near(start, count * UNITS[unit], trust)
    months = count * LONG_UNITS[unit]
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return ()
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return ((date(year, month + 1, day).isoformat(), trust),)


def near(start: date, days: int, trust: float = 1.0) -> Readings:
    """The day so many days on."""
    try:
        return (((start + timedelta(days=days)).isoformat(), trust),)
    except OverflowError:
        return ()


def months_on(first: date, months: int) -> date:
    """The first of a month so many months on."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(max(MINYEAR, min(MAXYEAR, year)), month + 1, 1)


def day_of(year: int, month: int, day: int) -> date | None:
    """The day, where the calendar has it."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def only(days: Iterable[tuple[int, int, int]], trusts: Iterable[float]) -> Readings:
    """Those of the days that the calendar has, with their trust."""
    made = ((day_of(*day), trust) for day, trust in zip(days, trusts, strict=True))
    return tuple((day.isoformat(), trust) for day, trust in made if day is not None)
