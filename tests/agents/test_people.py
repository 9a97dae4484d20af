"""People at their desks: states, what they choose and when it comes true, notes after a call, heartbeats."""

from __future__ import annotations

import pytest
from hall import Hall, MakeHall

from ivr.agents.machine import AGENT
from ivr.agents.rules import Rules
from ivr.agents.shapes import Agent, Choice
from ivr.errors import QueueError


def test_who_signs_in_is_on_a_break_until_they_choose(hall: Hall) -> None:
    desk = hall.sign_in("ann", "help", "sales", ready=False, skills=("legal",), position=3)
    assert desk.agent == Agent("ann", "Ann", ("help", "sales"), ("legal",), "client:ann", 3)
    assert (desk.state, desk.reason, desk.calls) == ("break", "signed_in", 0)
    hall.join("a")
    assert hall.queues.choose("ann", "ready").offers[0].ticket_id == "a"


def test_those_never_signed_in_have_no_desk(hall: Hall) -> None:
    assert hall.queues.desk("ann") is None
    assert not hall.queues.beat("ann", "page")
    with pytest.raises(QueueError, match="'ann'"):
        hall.queues.choose("ann", "ready")
    with pytest.raises(QueueError, match="'ann'"):
        hall.queues.wrap_up("ann", "", "")


def test_a_second_tab_changes_nothing(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    hall.accept("ann")
    assert hall.sign_in("ann", ready=False, session="other").state == "talking"
    assert hall.ticket("a").agent_id == "ann"
    hall.later(30_000, "ann")
    assert hall.state("ann") == "talking"


def test_signing_in_with_other_queues_counts_at_once(hall: Hall) -> None:
    hall.sign_in("ann", "sales")
    hall.join("a")
    assert hall.offered("ann") == ""
    hall.sign_in("ann", "help", ready=False)
    assert hall.offered("ann") == "a"
    hall.join("b", "sales")
    assert not hall.queues.check("b").has_agents  # type: ignore[union-attr]


@pytest.mark.parametrize("choice", ["break", "offline"])
def test_what_is_chosen_during_a_call_comes_true_after_the_notes(hall: Hall, choice: Choice) -> None:
    hall.sign_in("ann")
    hall.join("a")
    hall.accept("ann")
    desk = hall.queues.choose("ann", choice, "lunch")
    assert (desk.state, desk.pending) == ("talking", choice)
    hall.queues.depart("a", "hung_up")
    hall.join("b")
    assert (hall.state("ann"), hall.desk("ann").pending) == ("wrapup", choice)
    desk = hall.queues.wrap_up("ann", "solved", "all well")
    assert (desk.state, desk.pending) == (choice, "")
    assert desk.reason == ("lunch" if choice == "break" else "")
    assert hall.line() == ["b"]


def test_choosing_ready_takes_the_pending_choice_back(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    hall.accept("ann")
    hall.queues.choose("ann", "break")
    assert hall.queues.choose("ann", "ready").pending == ""
    hall.queues.depart("a", "hung_up")
    assert hall.queues.wrap_up("ann", "", "").state == "ready"


def test_a_break_chosen_while_the_phone_rings_comes_true_when_the_offer_ends(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    assert hall.queues.choose("ann", "break", "tea").state == "reserved"
    hall.refuse("ann", "no_answer")
    assert (hall.state("ann"), hall.desk("ann").reason) == ("break", "tea")


def test_who_goes_while_the_phone_rings_has_declined(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    assert hall.queues.sign_out("ann").state == "offline"
    assert hall.ticket("a").state == "waiting"
    assert hall.queues.desks() == []
    assert ("refused", "a", "ann", "declined") in hall.news("refused")


def test_wrap_up_is_visible_timed_and_can_be_longer(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    hall.accept("ann")
    hall.queues.depart("a", "hung_up")
    began_ms = hall.now_ms
    assert hall.desk("ann").until_ms == began_ms + 30_000
    assert hall.queues.extend_wrap_up("ann", 60_000).until_ms == began_ms + 90_000
    hall.later(89_000, "ann")
    assert hall.state("ann") == "wrapup"
    hall.later(1000, "ann")
    assert hall.state("ann") == "ready"
    assert hall.queues.extend_wrap_up("ann", 60_000).state == "ready"


def test_a_note_that_comes_too_late_is_kept(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    hall.accept("ann")
    hall.queues.depart("a", "hung_up")
    hall.later(30_000, "ann")
    hall.queues.wrap_up("ann", "solved", "wants an invoice")
    [wrapped] = [one for one in hall.queues.news("0") if one.kind == "wrapped"]
    assert (wrapped.ticket_id, wrapped.call_id, wrapped.queue) == ("a", "CA-a", "help")
    assert (wrapped.reason, wrapped.fields["note"]) == ("solved", "wants an invoice")


def test_without_wrap_up_the_next_caller_rings_at_once(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(wrap_up_ms=0))
    hall.sign_in("ann")
    hall.join("a")
    hall.join("b")
    hall.accept("ann")
    hall.queues.depart("a", "hung_up")
    assert hall.offered("ann") == "b"


@pytest.mark.parametrize("state", ["ready", "break", "rona", "wrapup"])
def test_a_lost_heartbeat_is_seen_in_every_state(hall: Hall, state: str) -> None:
    hall.sign_in("ann", ready=state != "break")
    if state in ("rona", "wrapup"):
        hall.join("a")
        if state == "rona":
            hall.refuse("ann", "no_answer")
        else:
            hall.accept("ann")
            hall.queues.depart("a", "hung_up")
    assert hall.state("ann") == state
    hall.later(9999)
    assert hall.state("ann") == state
    hall.later(1)
    assert hall.state("ann") == "lost"
    hall.join("b")
    assert not hall.queues.check("b").has_agents  # type: ignore[union-attr]
    hall.queues.choose("ann", "ready")
    assert hall.offered("ann") in ("a", "b")
    hall.later(10_000)
    assert hall.state("ann") == "lost"


def test_a_page_that_beats_is_never_lost(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.later(60_000, "ann")
    assert hall.state("ann") == "ready"


def test_calls_and_talk_are_counted_since_signing_in(hall: Hall) -> None:
    hall.sign_in("ann")
    for name in "ab":
        hall.join(name)
        hall.accept("ann")
        hall.later(7000, "ann")
        hall.queues.depart(name, "hung_up")
        hall.queues.wrap_up("ann", "", "")
    assert (hall.desk("ann").calls, hall.desk("ann").talk_ms) == (2, 14_000)
    hall.queues.sign_out("ann")
    assert hall.sign_in("ann").calls == 0


def test_every_state_that_can_be_seen_is_in_the_table(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    hall.accept("ann")
    hall.queues.depart("a", "hung_up")
    hall.later(60_000)
    told = [one for one in hall.queues.news("0") if one.kind == "agent_state"]
    steps = {(one.fields["was"], one.fields["state"]) for one in told}
    assert steps <= {(state, after) for (state, _), after in AGENT.items()}


def test_versions_count_every_change(hall: Hall) -> None:
    hall.sign_in("ann", ready=False)
    before = hall.desk("ann").version
    hall.queues.choose("ann", "ready")
    assert hall.desk("ann").version > before
    before = hall.desk("ann").version
    hall.join("a")
    ticket = hall.ticket("a").version
    assert hall.desk("ann").version > before
    hall.refuse("ann")
    assert hall.ticket("a").version > ticket
