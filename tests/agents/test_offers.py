"""Offers: who is rung, who gets the caller, and what becomes of an offer that fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from hall import Hall, MakeHall

from ivr.actions import Ticket
from ivr.agents.distributor import Distributor
from ivr.agents.rules import Rules
from ivr.agents.shapes import Agent


def test_a_caller_who_joins_is_offered_to_whoever_is_ready(hall: Hall) -> None:
    hall.sign_in("ann")
    place = hall.join("a")
    assert (place.position, place.size, place.has_agents) == (1, 1, True)
    offer = hall.offer("ann")
    assert (offer.ticket_id, offer.kind) == ("a", "call")
    assert hall.desk("ann").until_ms == hall.now_ms + 15_000
    assert hall.state("ann") == "reserved"
    assert hall.ticket("a").state == "offered"
    assert [one[0] for one in hall.news()] == ["agent_state"] * 2 + ["joined", "agent_state", "offered"]


def test_whoever_becomes_ready_gets_the_one_who_has_waited_longest(hall: Hall) -> None:
    hall.join("a")
    hall.join("b")
    hall.sign_in("ann")
    assert hall.offered("ann") == "a"


def test_from_offer_to_bridge_and_wrap_up(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    offer = hall.offer("ann")
    assert hall.queues.rang(offer.offer_id, "CA-leg")
    assert hall.state("ann") == "ringing"
    accepted = hall.queues.accept(offer.offer_id, "ann")
    assert accepted is not None
    assert (accepted.ticket.ticket_id, accepted.leg) == ("a", "CA-leg")
    held = hall.ticket("a")
    assert (held.state, held.agent_id, held.agent_leg) == ("briefing", "ann", "CA-leg")
    assert held.room == hall.desk("ann").room != ""
    assert hall.queues.check("a") is None
    assert hall.line() == []
    assert hall.queues.bridged("a", "agent")
    assert hall.ticket("a").state == "briefing"
    assert hall.queues.bridged("a", "caller")
    assert hall.ticket("a").state == "bridged"
    hall.later(5000, "ann")
    assert hall.queues.depart("a", "hung_up")
    assert hall.queues.held("a") is None
    desk = hall.desk("ann")
    assert (desk.state, desk.calls, desk.talk_ms, desk.until_ms) == ("wrapup", 1, 5000, hall.now_ms + 30_000)
    hall.later(30_000, "ann")
    assert hall.state("ann") == "ready"
    kinds = [kind for kind, *_ in hall.news() if kind != "agent_state"]
    assert kinds == ["joined", "offered", "ringing", "accepted", "briefed", "bridged", "departed", "ended"]


def test_accepting_twice_gives_the_same_and_nobody_else_can(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    offer = hall.offer("ann")
    assert hall.queues.accept(offer.offer_id, "bob") is None
    first = hall.queues.accept(offer.offer_id, "ann")
    assert first is not None and hall.queues.accept(offer.offer_id, "ann") == first
    assert not hall.queues.refuse(offer.offer_id, "declined")
    hall.queues.depart("a", "hung_up")
    assert hall.queues.accept(offer.offer_id, "ann") is None


def test_who_declined_a_call_is_not_offered_it_again(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    assert hall.refuse("ann")
    assert (hall.state("ann"), hall.offered("ann")) == ("ready", "")
    assert hall.ticket("a").declined == ("ann",)
    hall.queues.choose("ann", "break")
    hall.queues.choose("ann", "ready")
    assert hall.offered("ann") == ""
    hall.join("b")
    assert hall.offered("ann") == "b"
    hall.sign_in("bob")
    assert hall.offered("bob") == "a"


@pytest.mark.parametrize("reason", ["no_answer", "busy", "voicemail", "failed"])
def test_a_missed_call_means_rona_until_one_click(hall: Hall, reason: str) -> None:
    hall.sign_in("ann")
    hall.join("a")
    hall.join("b")
    assert hall.refuse("ann", reason)
    desk = hall.desk("ann")
    assert (desk.state, desk.reason, desk.offers) == ("rona", reason, ())
    assert hall.line() == ["a", "b"]
    hall.queues.choose("ann", "ready")
    assert hall.offered("ann") == "a"


def test_an_offer_nobody_answers_runs_out_and_the_next_is_rung(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.later(1000, "ann")
    hall.sign_in("bob")
    hall.join("a")
    assert hall.offered("ann") == "a"
    hall.later(14_000, "ann", "bob")
    assert hall.offered("bob") == ""
    hall.later(1000, "ann", "bob")
    assert (hall.state("ann"), hall.offered("bob")) == ("rona", "a")
    assert ("refused", "a", "ann", "no_answer") in hall.news("refused")
    assert hall.ticket("a").tries == 1


def test_a_carrier_in_trouble_is_asked_again_after_a_moment(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    hall.refuse("ann", "carrier")
    assert (hall.state("ann"), hall.offered("ann"), hall.ticket("a").state) == ("ready", "", "waiting")
    hall.later(1000, "ann")
    assert hall.offered("ann") == "a"


def test_all_phones_ring_at_once_and_one_gets_the_caller(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(strategy="ring_all", at_once=20))
    for name in ("ann", "bob", "cid"):
        hall.sign_in(name)
    hall.join("a")
    assert [hall.offered(name) for name in ("ann", "bob", "cid")] == ["a"] * 3
    hall.join("b")
    offers = {name: hall.offer(name) for name in ("ann", "bob", "cid")}
    assert hall.queues.accept(offers["bob"].offer_id, "bob") is not None
    assert hall.queues.accept(offers["ann"].offer_id, "ann") is None
    assert [hall.offered(name) for name in ("ann", "bob", "cid")] == ["b", "", "b"]
    assert {one[2] for one in hall.news("rescinded")} == {"ann", "cid"}


def test_a_ticket_waits_again_only_when_all_its_offers_have_failed(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(at_once=2))
    for name in ("ann", "bob"):
        hall.sign_in(name)
    hall.join("a")
    hall.refuse("ann")
    assert hall.ticket("a").state == "offered"
    hall.refuse("bob")
    assert (hall.ticket("a").state, hall.ticket("a").tries) == ("waiting", 2)


def test_the_caller_who_leaves_frees_whoever_was_rung(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    offer = hall.offer("ann")
    hall.queues.rang(offer.offer_id, "CA-leg")
    assert hall.queues.leave_call("CA-a", "caller_hung_up")
    assert hall.state("ann") == "ready"
    assert hall.queues.accept(offer.offer_id, "ann") is None
    told = hall.queues.news("0")
    [rescinded] = [one for one in told if one.kind == "rescinded"]
    assert (rescinded.reason, rescinded.fields["leg"]) == ("caller_left", "CA-leg")


def test_two_people_never_get_one_caller(client: redis.Redis) -> None:
    queues = Distributor(client, {"help": Rules(strategy="ring_all", at_once=20)})
    for number in range(8):
        queues.sign_in(Agent(f"p{number}", "", ("help",)), "page")
        queues.choose(f"p{number}", "ready")
    for round_ in range(20):
        queues.join(Ticket(ticket_id=f"t{round_}", call_id=f"CA{round_}", queue="help", reason=""))
        offers = [offer for desk in queues.desks() for offer in desk.offers]
        with ThreadPoolExecutor(8) as pool:
            taken = list(pool.map(lambda offer: queues.accept(offer.offer_id, offer.agent_id), offers))
        assert sum(one is not None for one in taken) == 1
        queues.bridged(f"t{round_}", "agent")
        queues.bridged(f"t{round_}", "caller")
        queues.depart(f"t{round_}", "hung_up")
        for number in range(8):
            queues.wrap_up(f"p{number}", "solved", "")


def test_who_is_being_told_who_calls_has_time_to_hear_it(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    offer = hall.offer("ann")
    hall.later(14_000, "ann")
    assert hall.queues.announce(offer.offer_id, 10_000)
    assert hall.desk("ann").until_ms == hall.now_ms + 10_000
    hall.later(9000, "ann")
    assert hall.accept("ann") == "a"
    assert not hall.queues.announce(offer.offer_id, 10_000)
    assert not hall.queues.announce("gone", 10_000)


def test_a_leg_placed_after_the_click_is_the_tickets(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.join("a")
    offer = hall.offer("ann")
    hall.accept("ann", is_bridged=False)
    assert hall.queues.rang(offer.offer_id, "CA-leg")
    assert (hall.ticket("a").agent_leg, hall.state("ann")) == ("CA-leg", "talking")
    hall.queues.leave_call("CA-a", "caller_hung_up")
    assert not hall.queues.rang(offer.offer_id, "CA-leg")
