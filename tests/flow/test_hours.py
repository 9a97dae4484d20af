"""When something is open: spans of a day, holidays, single days, the next opening, summer time, and texts that are
no hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.flow.hours import Timetable, is_open, look, of_queue, spans
from ivr.flow.load import parse
from ivr.flow.site import Hours, Queue, Site

LONDON = ZoneInfo("Europe/London")
HOURS = Hours(mon="08:00-12:00, 13:00-17:30", sat="9:00-24:00")


@pytest.fixture(scope="module")
def site() -> Site:
    return parse(
        {
            "site.yaml": """
company: Little & Co
entry: main
time_zone: Europe/London
agent_queue: desk
queues: { desk: { name: the desk } }
holidays: { "2026-12-25": Christmas Day, "2026-12-28": Boxing Day }
commands: { help: help, repeat: repeat, back: go back, restart: start over, agent: agent }
prompts:
  no_input: Hello?
  no_match: Sorry?
  help: Just talk.
  filler: One moment.
  lookup_failed: I can't.
  transfer: To {{ queue }}.
  place: You wait.
  wait: Wait.
  too_many_misses: A person, then.
  too_long: That was long.
  resumed: I'm back.
  cannot_help: Sorry.
  nothing_before: Nothing.
  goodbye: Goodbye.
""",
            "main.yaml": "flow: main\nstart: bye\nsteps:\n  bye:\n    hang_up: ''\n",
        }
    ).site


def at(text: str, zone: ZoneInfo = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("when", "open_then"),
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
def test_open_at_a_time_of_the_week(site: Site, when: str, open_then: bool) -> None:
    assert is_open(HOURS, site, at(when)) is open_then
    assert look(HOURS, site, at(when)).is_open is open_then


def test_no_hours_are_always_and_no_days_never(site: Site) -> None:
    assert is_open(None, site, at("2026-11-22T03:00"))
    moment = look(Hours(), site, at("2026-11-22T03:00"))
    assert (moment.is_open, moment.opens, moment.closes) == (False, "", "")


def test_while_open_when_it_opened_and_closes(site: Site) -> None:
    moment = look(HOURS, site, at("2026-11-23T09:00"))
    assert (moment.opens, moment.closes) == ("2026-11-23T08:00+00:00", "2026-11-23T12:00+00:00")


def test_while_closed_the_next_opening(site: Site) -> None:
    moment = look(HOURS, site, at("2026-11-24T09:00"))
    assert (moment.opens, moment.closes) == ("2026-11-28T09:00+00:00", "2026-11-29T00:00+00:00")


def test_a_holiday_is_closed_and_named(site: Site) -> None:
    hours = Hours(mon="09:00-17:00", fri="09:00-17:00")
    moment = look(hours, site, at("2026-12-25T10:00"))
    assert (moment.is_open, moment.is_holiday, moment.holiday) == (False, True, "Christmas Day")
    assert moment.opens == "2027-01-01T09:00+00:00", "the Monday after it is a holiday too"


def test_some_keep_no_holidays(site: Site) -> None:
    moment = look(Hours(fri="09:00-17:00", on_holidays=True), site, at("2026-12-25T10:00"))
    assert (moment.is_open, moment.is_holiday, moment.holiday) == (True, False, "Christmas Day")


def test_a_single_day_wins_over_the_week_and_over_a_holiday(site: Site) -> None:
    hours = Hours(fri="09:00-17:00", days={"2026-12-25": "10:00-11:00", "2026-12-18": ""})
    assert is_open(hours, site, at("2026-12-25T10:30")) and not is_open(hours, site, at("2026-12-25T11:00"))
    assert not look(hours, site, at("2026-12-25T10:30")).is_holiday
    assert not is_open(hours, site, at("2026-12-18T10:00"))


def test_hours_over_midnight_are_one_opening(site: Site) -> None:
    moment = look(Hours(mon="22:00-24:00", tue="00:00-06:00"), site, at("2026-11-24T01:00"))
    assert (moment.opens, moment.closes) == ("2026-11-23T22:00+00:00", "2026-11-24T06:00+00:00")


def test_what_never_closes_has_no_end_within_two_weeks(site: Site) -> None:
    day = "00:00-24:00"
    hours = Hours(mon=day, tue=day, wed=day, thu=day, fri=day, sat=day, sun=day)
    moment = look(hours, site, at("2026-11-24T01:00"))
    assert moment.is_open and moment.closes == ""


def test_an_opening_more_than_two_weeks_ahead_is_not_told(site: Site) -> None:
    hours = Hours(days={"2026-12-08": "01:00-02:00"})
    assert look(hours, site, at("2026-11-24T01:00")).opens == "2026-12-08T01:00+00:00"
    assert look(hours, site, at("2026-11-24T00:59")).opens == ""


def test_times_are_those_of_the_hours_zone_at_that_date(site: Site) -> None:
    hours = Hours(sun="09:00-10:00", zone="America/New_York")
    moment = look(hours, site, at("2026-03-07T12:00"))
    assert moment.opens == "2026-03-08T09:00-04:00", "their summer time begins that night"
    assert is_open(hours, site, at("2026-03-08T13:30")) and not is_open(hours, site, at("2026-03-08T14:00"))


def test_an_hour_that_the_clocks_leave_out_is_later(site: Site) -> None:
    hours = Hours(sun="01:30-04:00")
    moment = look(hours, site, at("2026-03-28T12:00"))
    assert (moment.opens, moment.closes) == ("2026-03-29T02:30+01:00", "2026-03-29T04:00+01:00")


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-06-01"])
def test_what_is_open_by_the_hours_is_open_by_the_opening(site: Site, day: str) -> None:
    hours = Hours(mon="00:30-02:15, 23:00-24:00", sun="00:30-01:15, 01:45-03:00", sat="20:00-24:00")
    first = at(day)
    for minutes in range(0, 24 * 60, 5):
        moment = first + timedelta(minutes=minutes)
        assert look(hours, site, moment).is_open is is_open(hours, site, moment), moment


def test_a_queue_is_open_by_its_own_hours_or_by_named_ones(site: Site) -> None:
    named = site.model_copy(update={"hours": {"shop": HOURS}})
    assert of_queue(Queue(name="a"), named) is None
    assert of_queue(Queue(name="a", hours="shop"), named) == HOURS
    assert of_queue(Queue(name="a", hours={"mon": "08:00-12:00"}), named) == Hours(mon="08:00-12:00")


def test_templates_read_hours_by_name(site: Site) -> None:
    table = Timetable(site.model_copy(update={"hours": {"shop": HOURS}}), at("2026-11-23T09:00"))
    assert table["shop"]["is_open"] is True and list(table) == ["shop"]
    with pytest.raises(KeyError):
        table["bank"]


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
