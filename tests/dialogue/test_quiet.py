"""A look-up that nobody asked for: no word about it, and no long wait for it."""

from __future__ import annotations

from sitekit import book
from talkkit import Talk

from ivr.actions import SetTimer
from ivr.dialogue.engine import where
from ivr.dialogue.lookup import QUIET_LIMIT_MS
from ivr.events import Silent

MAIN = """
flow: main
start: arriving
steps:
  arriving:
    look_up: arriving
    with: {{ phone: "{{{{ caller }}}}" }}
    quiet: {quiet}
    found: menu
    failed: menu
  menu:
    ask: What would you like?
    choices:
      hours: {{ key: 1, phrases: [hours], next: done }}
"""


def test_it_is_given_up_soon_and_without_a_word() -> None:
    talk = Talk(book(MAIN.format(quiet="true")))
    limits = {action.timer: action.after_ms for action in talk.last if isinstance(action, SetTimer)}
    assert limits["lookup"] == QUIET_LIMIT_MS
    talk.emit(Silent(at_ms=QUIET_LIMIT_MS, timer="filler"))
    talk.emit(Silent(at_ms=QUIET_LIMIT_MS, timer="lookup"))
    assert where(talk.state) == "main.menu"
    assert talk.state.said == ("What would you like?",)


def test_one_that_was_asked_for_is_waited_for_and_its_failure_told() -> None:
    talk = Talk(book(MAIN.format(quiet="false")))
    limits = {action.timer: action.after_ms for action in talk.last if isinstance(action, SetTimer)}
    assert limits["lookup"] > 2 * QUIET_LIMIT_MS
    talk.emit(Silent(at_ms=limits["lookup"], timer="lookup"))
    assert where(talk.state) == "main.menu"
    assert len(talk.state.said) == 2
