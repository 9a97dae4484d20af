"""``ivr hours``: what is open at a time, and what a caller would hear then."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.cli import main
from ivr.cli.hours import when

LONDON = ZoneInfo("Europe/London")
SITE = """
company: Little & Co
entry: main
time_zone: Europe/London
agent_queue: desk
hours: { shop: { mon: "09:00-17:00", fri: "09:00-17:00" }, never: {} }
holidays: { "2026-12-25": Christmas Day }
queues:
  desk: { name: the desk }
  office: { name: the office, hours: shop }
  evening: { name: the evening desk, hours: { mon: "17:00-20:00" }, overflow: { when_closed: desk } }
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
"""
MAIN = """
flow: main
start: known
steps:
  known:
    look_up: customer
    with: { phone: "{{ caller }}" }
    found: hello
    failed: hello
  hello:
    say: Hello.
    barge_in: "off"
    next: menu
  menu:
    ask: How can I help?
    choices:
      hours: { key: 1, phrases: [hours], next: hours }
  hours:
    run: opening
    next: done
"""
OPENING = """
flow: opening
start: which
steps:
  which:
    ask: Which one?
    choices:
      shop: { label: the shop, key: 1, phrases: [shop], next: shop }
      office: { phrases: [office], next: desk }
  shop:
    if: hours.shop.is_open
    then: is_open
    else: is_closed
  is_open:
    say: We are open.
    next: done
  is_closed:
    say: We open {{ hours.shop.opens | on_date }}.
    next: done
  desk:
    transfer: office
    reason: Wants the office.
"""


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    for name, text in (("site", SITE), ("main", MAIN), ("opening", OPENING)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def said(flows: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["hours", "--folder", str(flows), *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_everything_at_a_holiday(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(flows, capsys, "--at", "2026-12-25 10:00") == [
        "Friday 25 December 2026, 10:00 in Europe/London (Christmas Day)",
        "  shop: closed for Christmas Day, opens Mon 28 Dec 09:00",
        "  never: closed for Christmas Day, and stays so for two weeks",
        "  queue desk: always open",
        "  queue office: closed for Christmas Day, opens Mon 28 Dec 09:00",
        "    I'm sorry, the office is closed just now. Shall we call you back instead? Say yes or press one. If not, "
        "you keep your place.",
        "  queue evening: closed for Christmas Day, opens Mon 28 Dec 17:00",
        "    I've moved you to the desk. The time you have waited counts there too.",
        "  flow main: [looks up customer] Hello. How can I help?",
        "  flow opening: Which one?",
        "    the shop: We open on Monday the twenty-eighth of December. Goodbye.",
        "    office: To the office. [in line for office]",
    ]


def test_one_name_while_open(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(flows, capsys, "shop", "--at", "2026-11-23 10:00")[1:] == [
        "  shop: open, closes Mon 23 Nov 17:00"
    ]
    assert said(flows, capsys, "office", "--at", "2026-11-23 10:00")[1:] == [
        "  queue office: open, closes Mon 23 Nov 17:00"
    ]
    assert "    the shop: We are open. Goodbye." in said(flows, capsys, "opening", "--at", "2026-11-23 10:00")


def test_an_unknown_name_and_a_time_that_is_none(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hours", "--folder", str(flows), "shp"]) == 2
    assert "Did you mean 'shop'?" in capsys.readouterr().err
    assert main(["hours", "--folder", str(flows), "--at", "Christmas"]) == 2
    assert "write it as '2026-12-25 10:00'" in capsys.readouterr().err


def test_a_time_is_the_site_s_unless_it_says_whose() -> None:
    assert when("2026-07-01 10:00", LONDON) == datetime(2026, 7, 1, 10, tzinfo=LONDON)
    assert when("2026-07-01T10:00+00:00", LONDON) == datetime(2026, 7, 1, 11, tzinfo=LONDON)
    assert when(None, LONDON).tzinfo is LONDON
