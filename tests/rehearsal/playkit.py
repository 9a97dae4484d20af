"""A small site of its own, and talks of it from a text."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from ivr.flow.load import parse
from ivr.rehearsal import read, text
from ivr.rehearsal.judge import judge

GOOD = Path(__file__).parents[1] / "flows" / "good" / "site.yaml"
SITE = re.sub(
    r"^(numbers:|queues:|agent_queue:).*\n(  desk:.*\n)?", "", GOOD.read_text(encoding="utf-8"), flags=re.M
)
SITE += """
agent_queue: desk
queues:
  desk: { name: the desk, overflow: { when_nobody: callback, when_full: message, after: 60s }, then: survey }
  night: { name: the night desk, overflow: { when_closed: desk } }
hand_back: { again: main, survey: survey }
hours: { shop: { mon: "08:00-12:00" } }
languages: { zh: {} }
"""
MAIN = """
flow: main
start: hello
steps:
  hello:
    say: Welcome to the shop.
    next: menu
  menu:
    ask: Parcel or opening hours?
    if_silent: bye
    choices:
      parcel: { phrases: [parcel, my parcel], key: 1, next: number }
      hours: { phrases: [hours, opening hours], key: 2, next: is_open }
      night: { phrases: [the night desk], key: 3, next: night }
  number:
    collect: number
    ask: Which number?
    digits: 4
    next: find
  find:
    look_up: parcel
    with: { number: "{{ number }}" }
    filler: One moment please.
    found: tell
    not_found: no_such
    failed: sorry
  tell:
    say: Your parcel is {{ parcel.status }}.
    next: done
  no_such:
    confirm: There is no {{ number | digits }}. Is that the number?
    of: number
    yes: sorry
    no: number
  sorry:
    transfer: desk
    say: Let me get someone.
    reason: Looks for {{ number }}.
    priority: 5
  is_open:
    if: hours.shop.is_open
    then: open
    else: shut
  open: { say: We are open., next: menu }
  shut: { say: We are closed., next: menu }
  night:
    transfer: night
    reason: Late.
  bye:
    hang_up: Bye then.
    outcome: gave_up
"""
SURVEY = """
flow: survey
start: rating
steps:
  rating:
    ask: How was it?
    choices:
      good: { phrases: [good], key: 1, next: thanks }
      bad: { phrases: [bad], key: 2, next: thanks }
  thanks: { hang_up: Thank you., outcome: rated }
"""
BOOK = parse({"site.yaml": SITE, "main.yaml": MAIN, "survey.yaml": SURVEY})
GIVEN = "given: { look_ups: { parcel: { status: here } } }\n"
LOOK_UPS = ("parcel",)


def scripts(body, file="main.talks.yaml"):
    return read.parse(textwrap.dedent(body), file, BOOK, LOOK_UPS)


def script(body):
    (found,) = scripts(body)
    return found


def turns(body, given=GIVEN):
    """A script of one talk whose turns are ``body``."""
    return script(given + "talks:\n  one:\n" + textwrap.indent(textwrap.dedent(body), "    "))


def acted(body, given=GIVEN):
    """One talk as text, and what went wrong."""
    stage = text.perform(turns(body, given), BOOK)
    return stage, judge(stage)


def passes(body, given=GIVEN):
    stage, failures = acted(body, given)
    assert not failures, failures
    return stage


def wrong(body, given=GIVEN):
    """The keys of the expectations that failed."""
    return [failure.key for failure in acted(body, given)[1]]
