"""Callers in line, against a real Redis."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from ivr.actions import Ticket, TurnNote
from ivr.agents.distributor import Distributor
from ivr.errors import QueueError
from ivr.redisserver import RedisServer
from ivr.store import connect


def ticket(name: str, queue: str = "help", priority: int = 0, call: str = "") -> Ticket:
    return Ticket(
        ticket_id=name,
        call_id=call or f"CA-{name}",
        queue=queue,
        reason=f"reason of {name}",
        priority=priority,
    )


@pytest.fixture
def line(client: redis.Redis) -> Distributor:
    return Distributor(client, {})


def order(line: Distributor, queue: str | None = None) -> list[str]:
    return [waiting.ticket.ticket_id for waiting in line.waiting(queue)]


def test_places_are_told_in_order_of_arrival(line: Distributor) -> None:
    places = [line.join(ticket(name)) for name in "abc"]
    assert [(place.ticket_id, place.position, place.size) for place in places] == [
        ("a", 1, 1),
        ("b", 2, 2),
        ("c", 3, 3),
    ]
    assert all(0 <= place.waited_ms < 1000 for place in places)
    assert order(line) == ["a", "b", "c"]


def test_arrivals_are_told_apart_by_the_millisecond(line: Distributor) -> None:
    for name in "abc":
        line.join(ticket(name))
    assert any(one.ticket.joined_ms % 1000 for one in line.waiting())


def test_joining_again_keeps_the_place(line: Distributor) -> None:
    for name in "abc":
        line.join(ticket(name))
    again = line.join(ticket("a"))
    assert (again.position, again.size) == (1, 3)
    assert order(line) == ["a", "b", "c"]
    assert len(line.news("0")) == 3


def test_a_higher_priority_goes_first_and_equals_are_never_overtaken(line: Distributor) -> None:
    for name, priority in (("a", 0), ("b", 0), ("c", 5), ("d", 5), ("e", -1), ("f", 0)):
        line.join(ticket(name, priority=priority))
    assert order(line) == ["c", "d", "a", "b", "f", "e"]
    place = line.check("a")
    assert place is not None and (place.position, place.size) == (3, 6)


def test_the_lowest_and_highest_priorities_keep_the_order_of_arrival(line: Distributor) -> None:
    for name, priority in (("b", 1000), ("a", 1000), ("d", -1000), ("c", -1000)):
        line.join(ticket(name, priority=priority))
    assert order(line) == ["b", "a", "d", "c"]
    with pytest.raises(QueueError, match="1001"):
        line.join(ticket("e", priority=1001))


def test_queues_are_apart(line: Distributor) -> None:
    line.join(ticket("a", "help"))
    line.join(ticket("b", "complaints"))
    place = line.join(ticket("c", "help"))
    assert (place.position, place.size) == (2, 2)
    assert order(line, "help") == ["a", "c"]
    assert order(line, "complaints") == ["b"]
    assert order(line, "nobody") == []
    assert order(line) == ["a", "b", "c"]


def test_leaving_moves_the_others_up_once(line: Distributor) -> None:
    for name in "abc":
        line.join(ticket(name))
    assert line.leave("a", "answered")
    assert not line.leave("a", "answered")
    assert line.check("a") is None
    place = line.check("c")
    assert place is not None and (place.position, place.size) == (2, 2)


def test_a_call_has_one_ticket(line: Distributor) -> None:
    line.join(ticket("a", call="CA1"))
    line.join(ticket("b", "complaints", call="CA1"))
    assert order(line) == ["b"]
    assert line.leave_call("CA1", "caller hung up")
    assert not line.leave_call("CA1", "caller hung up")
    assert order(line) == []


def test_a_ticket_comes_back_whole(line: Distributor) -> None:
    sent = Ticket(
        ticket_id="t",
        call_id="CA1",
        queue="help",
        reason="Wants to complain, “loudly”",
        intent="complaint",
        fields={"parcel": "7304518262", "items": ["a", "b"], "count": 2, "is_known": True},
        turns=(TurnNote(who="caller", text="it is broken", at_ms=1200), TurnNote(who="bot", text="I see")),
        skills=("legal",),
        identity="pin",
    )
    line.join(sent)
    [waiting] = line.waiting()
    assert waiting.ticket.joined_ms > 0
    assert replace(waiting.ticket, joined_ms=0) == sent
    assert waiting.position == 1


def test_the_log_keeps_every_change(line: Distributor) -> None:
    line.join(ticket("a", call="CA1"))
    line.join(ticket("b", call="CA1"))
    line.leave("b", "answered")
    told = line.news("0")
    assert [(one.kind, one.ticket_id, one.reason) for one in told] == [
        ("joined", "a", "reason of a"),
        ("left", "a", "replaced"),
        ("ended", "a", "replaced"),
        ("joined", "b", "reason of b"),
        ("left", "b", "answered"),
        ("ended", "b", "answered"),
    ]
    assert [one.ticket_id for one in line.news(told[3].news_id)] == ["b", "b"]
    assert line.last_news() == told[-1].news_id


def test_many_joining_at_once_each_get_one_place(line: Distributor) -> None:
    names = [f"t{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(lambda name: line.join(ticket(name)), names * 2))
    assert sorted({place.position for place in places}) == list(range(1, 41))
    assert sorted(order(line)) == sorted(names)


def test_nothing_stays_behind_when_all_have_left(line: Distributor, client: redis.Redis) -> None:
    for name in "abc":
        line.join(ticket(name))
    for name in "abc":
        line.leave(name, "answered")
    assert sorted(client.keys("*")) == ["ivr:{q}:arrivals", "ivr:{q}:news", "ivr:{q}:queues"]


def test_those_who_wait_keep_their_places_when_redis_is_killed(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    try:
        client = connect(server.url)
        line = Distributor(client, {})
        for name in "abc":
            line.join(ticket(name, priority=1 if name == "c" else 0))
        os.kill(server.pid, signal.SIGKILL)
        server.stop()
        with pytest.raises(QueueError):
            line.check("a")
        server.start()
        assert order(line) == ["c", "a", "b"]
        assert line.join(ticket("d")).position == 4
    finally:
        server.stop()


def test_redis_gone_is_a_queue_error() -> None:
    line = Distributor(connect("unix:///nowhere/redis.sock"), {})
    for ask in (
        lambda: line.join(ticket("a")),
        lambda: line.check("a"),
        line.waiting,
        line.desks,
        line.last_news,
    ):
        with pytest.raises(QueueError):
            ask()
