"""Messages as tasks, Redis that has lost its data, duties, and expected waits."""

from __future__ import annotations

import pytest
import redis
from hall import Hall, MakeHall

from ivr.actions import Ticket
from ivr.agents.rules import Rules

HOUR = 3_600_000


def test_a_message_is_a_task_after_all_who_wait_on_the_line(hall: Hall) -> None:
    hall.join("a")
    assert hall.queues.leave_message("a", "REC1", "please ring my son", 4200)
    assert hall.queues.leave_message("a", "REC1", "please ring my son", 4200)
    hall.now_ms += HOUR
    hall.join("b")
    assert hall.line() == ["b"]
    hall.sign_in("ann")
    assert hall.offered("ann") == "b"
    hall.accept("ann")
    hall.queues.depart("b", "hung_up")
    hall.queues.wrap_up("ann", "", "")
    offer = hall.offer("ann")
    assert (offer.ticket_id, offer.kind) == ("a", "message")
    hall.accept("ann", is_bridged=False)
    assert not hall.queues.bridged("a", "agent")
    hall.later(60_000, "ann")
    held = hall.ticket("a")
    assert (held.state, held.recording_id, held.text, held.duration_ms) == (
        "briefing",
        "REC1",
        "please ring my son",
        4200,
    )
    assert hall.queues.done("a", "done")
    assert (hall.state("ann"), hall.queues.tasks()) == ("wrapup", [])
    assert ("ended", "a", "ann", "done") in hall.news("ended")


def test_a_message_old_enough_is_before_callers_who_have_just_come(hall: Hall) -> None:
    hall.join("a")
    hall.queues.leave_message("a", "REC1", "", 1000)
    hall.now_ms += 4 * HOUR + 1
    hall.join("b")
    hall.sign_in("ann")
    assert hall.offered("ann") == "a"


def test_a_message_needs_a_page_to_be_read_on(hall: Hall) -> None:
    hall.join("a", skills=("legal",))
    hall.queues.leave_message("a", "REC1", "", 1000)
    hall.sign_in("ann", session="", skills=("legal",))
    assert hall.offered("ann") == ""
    for _ in range(3):
        hall.now_ms += HOUR
        hall.queues.tick()
    assert hall.offered("ann") == ""
    hall.sign_in("bob")
    assert hall.offered("bob") == "a"


def test_the_end_of_the_call_leaves_the_message(hall: Hall) -> None:
    hall.join("a")
    hall.queues.leave_message("a", "REC1", "", 1000)
    assert hall.queues.of_call("CA-a") is None
    assert not hall.queues.leave_call("CA-a", "caller_hung_up")
    assert not hall.queues.leave("a", "caller_hung_up")
    assert hall.ticket("a").state == "message"
    assert not hall.queues.leave_message("gone", "REC1", "", 1000)


@pytest.mark.parametrize("how", ["declined", "lost", "lost_while_offered", "handed_back"])
def test_a_message_not_dealt_with_waits_on(hall: Hall, how: str) -> None:
    hall.join("a")
    hall.queues.leave_message("a", "REC1", "", 1000)
    hall.sign_in("ann")
    if how == "declined":
        hall.refuse("ann")
    elif how != "lost_while_offered":
        hall.accept("ann", is_bridged=False)
    if how.startswith("lost"):
        hall.later(10_000)
    if how == "handed_back":
        assert hall.queues.depart("a", "handed_back")
        assert hall.queues.held("a") is None
        return
    assert (hall.ticket("a").state, hall.line()) == ("message", [])
    hall.sign_in("bob")
    assert hall.offered("bob") == "a"


def test_those_on_the_line_are_put_back_when_redis_has_lost_its_data(hall: Hall, client: redis.Redis) -> None:
    assert hall.queues.has_lost()
    assert hall.queues.rebuild([]) == 0
    assert not hall.queues.has_lost()
    hall.join("a")
    hall.later(5000)
    hall.join("b", priority=1)
    tickets = [one.ticket for one in hall.queues.waiting()]
    client.flushall()
    assert hall.queues.has_lost()
    hall.join("c")
    assert hall.queues.rebuild([*tickets, *tickets]) == 2
    assert hall.queues.rebuild(tickets) == 0
    assert hall.line() == ["b", "a", "c"]
    assert hall.news("rebuilt") == [("rebuilt", "", "", "")]


def test_a_full_or_closed_queue_takes_back_who_was_in_it(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(max_size=1, is_open=lambda at: False))
    tickets = [Ticket(ticket_id=name, call_id=name, queue="help", reason="", joined_ms=5) for name in "ab"]
    assert hall.queues.rebuild(tickets) == 2
    assert hall.line() == ["a", "b"]


def test_a_duty_is_one_processes_until_it_gives_no_sign(hall: Hall) -> None:
    assert hall.queues.lease("tick", "one", 60_000)
    assert not hall.queues.lease("tick", "two", 60_000)
    assert hall.queues.lease("other", "two", 60_000)
    assert hall.queues.lease("tick", "one", 1)
    while not hall.queues.lease("tick", "two", 60_000):
        pass


def test_the_expected_wait_comes_from_calls_handled(hall: Hall) -> None:
    for name, seconds in (("ann", 60), ("bob", 80)):
        hall.sign_in(name)
        hall.queues.choose("ann", "ready" if name == "ann" else "break")
        hall.join(name)
        hall.accept(name)
        hall.later(seconds * 1000, "ann", "bob")
        hall.queues.depart(name, "hung_up")
        hall.queues.wrap_up(name, "", "")
    hall.queues.choose("ann", "ready")
    for name in "ab":
        hall.join(name)
        hall.accept("ann" if hall.offered("ann") else "bob")
    place = hall.join("c")
    assert 0 < place.wait_low_ms < place.wait_high_ms < 400_000
    hall.join("d")
    assert hall.queues.check("d").wait_high_ms > place.wait_high_ms  # type: ignore[union-attr]


def test_a_caller_who_waits_for_nobody_is_told_no_time(hall: Hall) -> None:
    place = hall.join("a")
    assert (place.wait_low_ms, place.wait_high_ms, place.has_agents) == (0, 0, False)
