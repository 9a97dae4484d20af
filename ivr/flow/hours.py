"""When people serve a queue: the hours a designer writes for each day of the week, and whether it is open.

Days and times are those of the site's zone; a span ends on the day it begins (``24:00`` is its end).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Names of the days in a queue's ``hours``, in the order of ``datetime.weekday``."""
_SPAN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*")
_DAY = 24 * 60


def is_open(hours: Mapping[str, str] | None, at: datetime) -> bool:
    """Whether a queue with these ``hours`` is served at ``at``, a time in the site's zone.

    None: always. A day that is left out is closed. Raises ValueError for hours that lint would refuse.
    """
    if hours is None:
        return True
    minute = at.hour * 60 + at.minute
    return any(begin <= minute < end for begin, end in spans(hours.get(DAYS[at.weekday()], "")))


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


def _minute(hour: str, minute: str) -> int:
    value = int(hour) * 60 + int(minute)
    if int(minute) > 59 or value > _DAY:
        raise ValueError(f"{hour}:{minute}, which is no time of the day")
    return value
