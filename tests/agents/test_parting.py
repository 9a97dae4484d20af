"""How a person and a caller part: hung up, handed back, lost, never came; and what follows."""

from __future__ import annotations

import pytest
from hall import Hall, MakeHall

from ivr.agents.rules import Rules


def talking(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    hall.accept("ann")


def test_a_caller_handed_back_may_ask_for_a_person_again_with_their_age(hall: Hall) -> None:
    talking(hall)
    joined_ms = hall.ticket("a").ticket.joined_ms
    hall.later(2000, "ann")
    assert hall.queues.depart("a", "handed_back", "survey", {"order": "4471"})
    departure = hall.queues.departure("CA-a")
    assert departure is not None
    assert (departure.reason, departure.target, departure.fields) == (
        "handed_back",
        "survey",
        {"order": "4471"},
    )
    assert (departure.ticket_id, departure.agent_name) == ("a", "Ann")
    assert (hall.state("ann"), hall.ticket("a").state) == ("wrapup", "handback")
    hall.join("a")
    assert hall.ticket("a").state == "waiting"
    assert hall.ticket("a").ticket.joined_ms == joined_ms


def test_a_call_that_ends_after_the_hand_back_has_one_end(hall: Hall) -> None:
    talking(hall)
    hall.queues.depart("a", "handed_back", "survey")
    assert hall.queues.leave_call("CA-a", "caller_hung_up")
    assert not hall.queues.leave_call("CA-a", "caller_hung_up")
    assert hall.news("ended") == [("ended", "a", "", "handed_back")]


def test_who_lost_their_person_is_before_all_others(hall: Hall) -> None:
    hall.join("z", priority=50)
    talking(hall)
    hall.sign_in("bob", ready=False)
    hall.join("y", priority=100)
    assert hall.queues.depart("z" if hall.queues.held("z") and hall.ticket("z").agent_id else "a", "lost")
    first = hall.line()[0]
    assert hall.ticket(first).state == "waiting"
    assert hall.queues.departure(f"CA-{first}").reason == "lost"  # type: ignore[union-attr]
    hall.queues.choose("bob", "ready")
    assert hall.offered("bob") == first


def test_a_lost_heartbeat_gives_the_caller_back_within_ten_seconds(hall: Hall) -> None:
    talking(hall)
    hall.sign_in("bob", ready=False)
    hall.join("b")
    hall.later(9000, "bob")
    assert hall.state("ann") == "talking"
    hall.later(1000, "bob")
    assert hall.state("ann") == "lost"
    assert hall.line() == ["a", "b"]
    assert not hall.queues.beat("ann", "page")
    assert hall.queues.departure("CA-a").reason == "lost"  # type: ignore[union-attr]
    assert hall.sign_in("ann", ready=False).state == "break"


def test_a_telephone_talks_on_without_its_page(hall: Hall) -> None:
    hall.sign_in("ann", endpoint="+442079460001")
    hall.join("a")
    hall.accept("ann")
    hall.later(60_000)
    assert hall.state("ann") == "talking"


@pytest.mark.parametrize("rung", [False, True])
def test_a_heartbeat_lost_while_the_phone_rings_gives_the_offer_back(hall: Hall, rung: bool) -> None:
    hall.sign_in("ann")
    hall.join("b")
    hall.now_ms += 9000
    hall.join("a", priority=100)
    if rung:
        hall.queues.rang(hall.offer("ann").offer_id, "CA-leg")
    hall.later(1000)
    assert hall.state("ann") == "lost"
    assert hall.line()[0] == "b"
    assert ("refused", "b", "ann", "agent_lost") in hall.news("refused")


def test_an_acceptance_without_a_bridge_is_taken_back_after_twenty_seconds(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    hall.accept("ann", is_bridged=False)
    hall.later(19_000, "ann")
    assert hall.ticket("a").state == "briefing"
    hall.later(1000, "ann")
    assert (hall.ticket("a").state, hall.desk("ann").state, hall.desk("ann").reason) == (
        "waiting",
        "rona",
        "never_came",
    )
    assert hall.queues.departure("CA-a").reason == "never_came"  # type: ignore[union-attr]


def test_a_person_who_hangs_up_before_the_caller_came_has_not_served_them(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    hall.accept("ann", is_bridged=False)
    hall.queues.bridged("a", "agent")
    hall.queues.depart("a", "hung_up")
    assert (hall.ticket("a").state, hall.state("ann")) == ("waiting", "wrapup")
    assert hall.queues.departure("CA-a").reason == "never_came"  # type: ignore[union-attr]


def test_a_new_acceptance_forgets_the_last_departure(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(wrap_up_ms=0))
    talking(hall)
    hall.queues.depart("a", "lost")
    assert hall.offered("ann") == "a"
    hall.accept("ann")
    assert hall.queues.departure("CA-a") is None


def test_a_caller_who_hangs_up_on_a_person_leaves_them_in_wrap_up(hall: Hall) -> None:
    talking(hall)
    hall.queues.leave_call("CA-a", "caller_hung_up")
    assert hall.state("ann") == "wrapup"
    assert not hall.queues.depart("a", "hung_up")
    assert hall.news("ended") == [("ended", "a", "ann", "caller_hung_up")]


def test_a_caller_who_hangs_up_while_the_person_is_briefed_costs_no_wrap_up(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    hall.accept("ann", is_bridged=False)
    hall.queues.leave_call("CA-a", "caller_hung_up")
    assert hall.state("ann") == "ready"


def test_hold_and_back(hall: Hall) -> None:
    talking(hall)
    assert hall.queues.hold("a") and hall.queues.hold("a")
    hall.later(4000, "ann")
    desk = hall.desk("ann")
    assert (desk.state, hall.now_ms - desk.since_ms) == ("holding", 4000)
    assert hall.queues.unhold("a") and hall.queues.unhold("a")
    assert (hall.state("ann"), hall.ticket("a").state) == ("talking", "bridged")
    assert [one[0] for one in hall.news("held", "unheld")] == ["held", "unheld"]
    hall.queues.hold("a")
    hall.queues.depart("a", "hung_up")
    assert not hall.queues.hold("a")


def test_a_colleague_is_asked_and_takes_the_caller(hall: Hall) -> None:
    talking(hall)
    hall.sign_in("bob")
    hall.queues.hold("a")
    assert hall.queues.consult("a", "bob") and hall.queues.consult("a", "bob")
    assert (hall.state("bob"), hall.desk("bob").is_consulted, hall.ticket("a").consulted_id) == (
        "talking",
        True,
        "bob",
    )
    hall.join("b")
    assert hall.offered("bob") == ""
    assert hall.queues.transfer("a", "bob", "CA-bob") and hall.queues.transfer("a", "bob", "CA-bob")
    held = hall.ticket("a")
    assert (held.state, held.agent_id, held.agent_leg, held.consulted_id) == ("bridged", "bob", "CA-bob", "")
    assert (hall.state("ann"), hall.state("bob"), hall.desk("bob").is_consulted) == (
        "wrapup",
        "talking",
        False,
    )
    hall.queues.depart("a", "hung_up")
    assert hall.state("bob") == "wrapup"


@pytest.mark.parametrize("before", ["ready", "break"])
def test_a_colleague_who_was_only_asked_is_what_they_were(hall: Hall, before: str) -> None:
    talking(hall)
    hall.sign_in("bob", ready=before == "ready")
    assert hall.queues.consult("a", "bob")
    assert hall.queues.end_consult("a") and not hall.queues.end_consult("a")
    assert hall.state("bob") == before


def test_the_caller_who_leaves_during_a_consultation_frees_both(hall: Hall) -> None:
    talking(hall)
    hall.sign_in("bob")
    hall.queues.consult("a", "bob")
    hall.queues.leave_call("CA-a", "caller_hung_up")
    assert (hall.state("ann"), hall.state("bob")) == ("wrapup", "ready")


def test_a_colleague_who_is_busy_cannot_be_asked(hall: Hall) -> None:
    talking(hall)
    hall.sign_in("bob")
    hall.join("b")
    assert not hall.queues.consult("a", "bob")
    assert not hall.queues.transfer("a", "bob")
    assert not hall.queues.transfer("a", "nobody")


def test_a_colleague_lost_while_being_asked_leaves_the_caller_where_they_are(hall: Hall) -> None:
    talking(hall)
    hall.sign_in("bob")
    hall.queues.consult("a", "bob")
    hall.later(10_000, "ann")
    assert (hall.state("bob"), hall.ticket("a").consulted_id, hall.ticket("a").agent_id) == (
        "lost",
        "",
        "ann",
    )
    assert hall.ticket("a").state == "bridged"


def test_a_person_lost_while_a_colleague_is_asked_gives_the_caller_back(hall: Hall) -> None:
    talking(hall)
    hall.sign_in("bob")
    hall.queues.consult("a", "bob")
    hall.later(10_000, "bob")
    assert (hall.state("ann"), hall.ticket("a").agent_id) == ("lost", "")
    assert hall.offered("bob") == "a"


def test_a_caller_handed_over_while_on_hold_is_held_no_longer(hall: Hall) -> None:
    talking(hall)
    hall.sign_in("bob")
    hall.queues.hold("a")
    assert hall.queues.transfer("a", "bob")
    assert (hall.ticket("a").state, hall.state("ann"), hall.state("bob")) == ("bridged", "wrapup", "talking")
    hall.queues.depart("a", "lost")
    assert (hall.state("bob"), hall.ticket("a").state) == ("wrapup", "waiting")


def test_a_caller_may_be_handed_to_another_than_the_one_who_was_asked(hall: Hall) -> None:
    talking(hall)
    hall.sign_in("bob")
    hall.sign_in("cid")
    hall.queues.consult("a", "bob")
    assert hall.queues.transfer("a", "cid")
    assert (hall.state("bob"), hall.ticket("a").agent_id) == ("ready", "cid")
