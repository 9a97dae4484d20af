"""When a queue is open: spans of a day, the day's two ends, days left out, and texts that are no hours."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.flow.hours import is_open, spans

HOURS = {"mon": "08:00-12:00, 13:00-17:30", "sat": "9:00-24:00"}


@pytest.mark.parametrize(
    ("at", "open_then"),
    [
        ("2026-11-23T07:59", False),
        ("2026-11-23T08:00", True),
        ("2026-11-23T11:59", True),
        ("2026-11-23T12:00", False),
        ("2026-11-23T13:00", True),
        ("2026-11-23T17:30", False),
        ("2026-11-24T10:00", False),
        ("2026-11-28T23:59", True),
        ("2026-11-29T00:00", False),
    ],
)
def test_open_at_a_time_of_the_week(at: str, open_then: bool) -> None:
    assert is_open(HOURS, datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Europe/London"))) is open_then


def test_no_hours_are_always_and_no_days_never() -> None:
    at = datetime(2026, 11, 22, 3, 0)
    assert is_open(None, at) and not is_open({}, at)


def test_a_closed_day_may_be_written_as_nothing() -> None:
    assert spans("") == () == spans("  ")


@pytest.mark.parametrize(
    "text",
    [
        "8-18", "18:00-08:00", "08:00-08:00", "08:00-25:00", "08:60-09:00", "24:01-24:02",
        "09:00-12:00, 11:00-13:00", "all day",
    ],
)  # fmt: skip
def test_what_is_no_hours_is_refused_with_the_part_that_is_wrong(text: str) -> None:
    with pytest.raises(ValueError, match="which"):
        spans(text)
