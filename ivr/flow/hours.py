"""When something is open: the hours a designer writes for each day of the week, holidays, and single days.

Days and times are those of the hours' own time zone; a span ends on the day it begins (``24:00`` is its end).
Whether it is summer time decides how long a day's hours last, never what a clock on the wall says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from ivr.flow.site import Hours, Queue, Site

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Names of the days in ``hours``, in the order of ``datetime.weekday``."""
AHEAD = 14
"""Days within which the next opening is looked for."""
_SPAN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*")
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Moment:
    """What prompts may say of hours at one time. Times are ISO 8601 in their own zone."""

    is_open: bool
    opens: str
    """When it opened; where it is closed, when it opens next; empty for not within AHEAD days."""
    closes: str
    """When that opening ends; empty for not within AHEAD days."""
    is_holiday: bool
    """Whether today is a holiday that these hours keep."""
    holiday: str
    """What today's holiday is called, kept or not; empty for none."""


class Timetable(Mapping[str, Mapping[str, Any]]):
    """All hours of a site at one time, by name; worked out when they are read."""

    def __init__(self, site: Site, at: datetime) -> None:
        """``at``: an aware time."""
        self._site = site
        self._at = at
        self._looked: dict[str, Mapping[str, Any]] = {}

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        if name not in self._looked:
            moment = look(self._site.hours[name], self._site, self._at)
            self._looked[name] = {field.name: getattr(moment, field.name) for field in fields(moment)}
        return self._looked[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._site.hours)

    def __len__(self) -> int:
        return len(self._site.hours)


def of_queue(queue: Queue, site: Site) -> Hours | None:
    """The hours of a queue, written in it or named; None: always open."""
    if isinstance(queue.hours, str):
        return site.hours[queue.hours]
    return None if queue.hours is None else Hours.model_validate(queue.hours)


def is_open(hours: Hours | None, site: Site, at: datetime) -> bool:
    """Whether it is open at ``at``, an aware time; None: always. Raises ValueError for hours lint would refuse."""
    if hours is None:
        return True
    day = at.astimezone(_zone(hours, site)).date()
    return any(begin <= at < end for begin, end in _on(hours, site, day))


def look(hours: Hours, site: Site, at: datetime) -> Moment:
    """What may be said of hours at ``at``, an aware time. Raises ValueError for hours lint would refuse."""
    today = at.astimezone(_zone(hours, site)).date()
    begin, end = _opening(hours, site, at) or (None, None)
    holiday = site.holidays.get(today.isoformat(), "")
    return Moment(
        is_open=begin is not None and begin <= at,
        opens=begin.isoformat(timespec="minutes") if begin else "",
        closes=end.isoformat(timespec="minutes") if end else "",
        is_holiday=bool(holiday) and not hours.on_holidays and today.isoformat() not in hours.days,
        holiday=holiday,
    )


@lru_cache(maxsize=1024)
def spans(text: str) -> tuple[tuple[int, int], ...]:
    """One day's hours, such as ``08:00-12:00, 13:00-17:30``, as minutes from midnight; empty text: closed.

    Raises ValueError saying what is wrong with the text.
    """
    found: list[tuple[int, int]] = []
    for part in text.split(",") if text.strip() else ():
        match = _SPAN.fullmatch(part)
        if match is None:
            raise ValueError(f"{part.strip()!r}, which is no span of time")
        begin, end = (_minute(match[index], match[index + 1]) for index in (1, 3))
        if begin >= end:
            raise ValueError(f"{part.strip()!r}, which ends before it begins")
        if found and begin < found[-1][1]:
            raise ValueError(f"{part.strip()!r}, which begins before the span ahead of it ends")
        found.append((begin, end))
    return tuple(found)


def _opening(hours: Hours, site: Site, at: datetime) -> tuple[datetime, datetime | None] | None:
    """The opening that lasts at ``at``, else the next; its end is None where it is not within AHEAD days."""
    found = next((span for span in _whole(hours, site, at) if span[1] > at), None)
    limit = at + timedelta(days=AHEAD)
    if found is None or found[0] > limit:
        return None
    return found[0], found[1] if found[1] <= limit else None


def _whole(hours: Hours, site: Site, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The openings around ``at`` and ahead; spans that touch, as over midnight, are one."""
    begin: datetime | None = None
    end: datetime | None = None
    for day in _dates(at.astimezone(_zone(hours, site)).date()):
        for start, stop in _on(hours, site, day):
            if begin is not None and end is not None and start != end:
                yield begin, end
            begin, end = start if start != end or begin is None else begin, stop
    if begin is not None and end is not None:
        yield begin, end


def _dates(today: date) -> Iterator[date]:
    """Yesterday, whose hours may run on past midnight, today, and the days ahead."""
    return (today + timedelta(days=number) for number in range(-1, AHEAD + 2))


def _on(hours: Hours, site: Site, day: date) -> Iterator[tuple[datetime, datetime]]:
    """The spans of one day as aware times."""
    zone, iso = _zone(hours, site), day.isoformat()
    is_closed = iso in site.holidays and not hours.on_holidays
    text = hours.days.get(iso, "" if is_closed else getattr(hours, DAYS[day.weekday()]))
    for begin, end in spans(text):
        yield _at(day, begin, zone), _at(day, end, zone)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """A time of day; one that the clocks leave out is that much later (PEP 495)."""
    days, rest = divmod(minute, _DAY)
    local = datetime(day.year, day.month, day.day, rest // 60, rest % 60, tzinfo=zone) + timedelta(days=days)
    return local.astimezone(UTC).astimezone(zone)


def _zone(hours: Hours, site: Site) -> ZoneInfo:
    return ZoneInfo(hours.zone or site.time_zone)


def _minute(hour: str, minute: str) -> int:
    value = int(hour) * 60 + int(minute)
    if int(minute) > 59 or value > _DAY:
        raise ValueError(f"{hour}:{minute}, which is no time of the day")
    return value
