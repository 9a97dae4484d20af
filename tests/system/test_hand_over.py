"""Bot, queue, briefing, person, survey: the whole hand-over on a whole node, and every way it can end.

People have plain telephones here; the console is under test in the browser.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from deskkit import Person, hear_each_other, sitting, until
from systemkit import Caller, Node, calling

SILENCE_S = 3.0
WORDS_S = 2.0
"""After a failure the caller hears of it, or of us, within this."""
MARGIN_S = 0.5
"""Added to every bound: the machine of a test is busy."""


def slow(value: str) -> object:
    """A case that takes long."""
    return pytest.param(value, marks=pytest.mark.slow)


async def join(caller: Caller) -> str:
    """Into the queue; the ticket's id."""
    await caller.said("How can I help")
    await caller.press("0")
    return (await caller.did("enqueue"))["ticket_id"]


async def is_bridged(node: Node, ticket_id: str) -> None:
    try:
        await until(lambda: (held := node.queue.held(ticket_id)) is not None and held.state == "bridged")
    except TimeoutError:
        raise AssertionError(f"not bridged: {node.queue.held(ticket_id)}") from None


@asynccontextmanager
async def talking(node: Node) -> AsyncIterator[tuple[Caller, Person, str]]:
    """A caller and a person who hear each other, and their ticket's id."""
    async with sitting(node) as grace, calling(node) as caller:
        ticket_id = await join(caller)
        await grace.accepts()
        await is_bridged(node, ticket_id)
        await hear_each_other(caller, grace)
        yield caller, grace, ticket_id


async def test_a_caller_reaches_a_person_and_is_asked_how_it_was(node: Node) -> None:
    async with sitting(node) as grace, calling(node) as caller:
        ticket_id = await join(caller)
        begun_s = time.monotonic()
        await grace.rings()
        assert time.monotonic() - begun_s < 1.0 + MARGIN_S
        await grace.picks_up()
        accepted_s = time.monotonic()
        await grace.phone.press("1")
        await is_bridged(node, ticket_id)
        assert time.monotonic() - accepted_s < 1.0 + MARGIN_S
        await hear_each_other(caller, grace)
        assert caller.silences(begun_s, accepted_s) < SILENCE_S
        hung_up_s = time.monotonic()
        await grace.phone.hang_up()
        await caller.did("agent_left")
        await caller.said("One question before you go")
        assert await caller.hears(hung_up_s) - hung_up_s < WORDS_S + MARGIN_S
        await grace.is_now("wrapup")
        assert node.queue.held(ticket_id) is None


@pytest.mark.parametrize("point", ["waiting", "ringing", "briefing"])
async def test_a_caller_who_leaves_on_the_way_leaves_nothing_behind(node: Node, point: str) -> None:
    async with sitting(node, is_ready=point != "waiting") as grace, calling(node) as caller:
        ticket_id = await join(caller)
        if point != "waiting":
            await grace.rings()
        if point == "briefing":
            await grace.picks_up()
        await caller.phone.hang_up()
        await caller.is_over()
        await until(lambda: node.queue.held(ticket_id) is None)
        if point != "waiting":
            await asyncio.wait_for(grace.phone.ended(), 5)
            await grace.is_now("ready")
        assert node.state(caller.sid).outcome == "caller_hung_up"


async def test_a_caller_who_leaves_the_person_ends_the_call_for_both(node: Node) -> None:
    async with talking(node) as (caller, grace, ticket_id):
        await caller.phone.hang_up()
        assert await grace.phone.ended(5) == "completed"
        await caller.is_over()
        await grace.is_now("wrapup")
        assert node.queue.held(ticket_id) is None
        assert node.queue.of_call(caller.sid) is None


async def test_both_hang_up_at_once(node: Node) -> None:
    async with talking(node) as (caller, grace, ticket_id):
        await asyncio.gather(caller.phone.hang_up(), grace.phone.hang_up())
        await caller.is_over()
        await grace.is_now("wrapup")
        assert node.queue.held(ticket_id) is None


async def test_who_declines_is_not_rung_again_and_the_next_one_takes_the_call(node: Node) -> None:
    async with (
        sitting(node, "grace") as grace,
        sitting(node, "heidi") as heidi,
        calling(node) as caller,
    ):
        ticket_id = await join(caller)
        begun_s = time.monotonic()
        await grace.rings()
        await grace.phone.decline()
        await heidi.accepts()
        await is_bridged(node, ticket_id)
        await hear_each_other(caller, heidi)
        assert caller.silences(begun_s, time.monotonic() - 2) < SILENCE_S
        assert grace.phone.incoming.empty()
        assert grace.desk.state in ("ready", "rona")


@pytest.mark.parametrize("manner", ["busy", slow("no-answer"), slow("voicemail"), "failed"])
async def test_a_telephone_that_cannot_be_reached_gives_the_call_to_the_next(node: Node, manner: str) -> None:
    async with (
        sitting(node, "grace") as grace,
        sitting(node, "heidi") as heidi,
        calling(node) as caller,
    ):
        await node.faults(phones={"client:grace": manner})
        try:
            ticket_id = await join(caller)
            begun_s = time.monotonic()
            await heidi.rings(within_s=30)
            await heidi.picks_up()
            await heidi.phone.press("1")
            await is_bridged(node, ticket_id)
            await hear_each_other(caller, heidi)
            assert caller.silences(begun_s, time.monotonic() - 2) < SILENCE_S
            await grace.is_now("rona")
        finally:
            await node.faults(phones={})


@pytest.mark.parametrize("part", ["dispatch", slow("gateway"), slow("web")])
async def test_a_process_killed_while_the_person_is_briefed_costs_nobody_the_call(
    node: Node, part: str
) -> None:
    await until(node.is_whole)
    async with sitting(node) as grace, calling(node) as caller:
        ticket_id = await join(caller)
        begun_s = time.monotonic()
        await grace.rings()
        await grace.picks_up()
        victim = node.carrier_of(caller.sid) if part == "gateway" else node.pids(f" {part}")[0]
        os.kill(victim, signal.SIGKILL)
        pressing = asyncio.create_task(grace.presses_again())
        await is_bridged(node, ticket_id)
        pressing.cancel()
        bridged_s = time.monotonic()
        await hear_each_other(caller, grace)
        assert caller.silences(begun_s, bridged_s) < SILENCE_S + MARGIN_S
        await grace.phone.hang_up()
        await caller.did("agent_left")


@pytest.mark.parametrize("part", ["dispatch", "gateway"])
async def test_a_process_killed_while_they_talk_is_not_noticed(node: Node, part: str) -> None:
    async with talking(node) as (caller, grace, _):
        for pid in node.pids(f" {part}"):
            os.kill(pid, signal.SIGKILL)
        await hear_each_other(caller, grace)
        await grace.phone.hang_up()
        await caller.did("agent_left")
        await caller.said("One question before you go")


async def test_a_dispatcher_killed_before_anybody_is_ready_rings_them_all_the_same(node: Node) -> None:
    async with sitting(node, is_ready=False) as grace, calling(node) as caller:
        ticket_id = await join(caller)
        (victim,) = node.pids(" dispatch")
        os.kill(victim, signal.SIGKILL)
        await asyncio.to_thread(node.queue.choose, "grace", "ready")
        await grace.accepts()
        await is_bridged(node, ticket_id)
        await hear_each_other(caller, grace)


async def test_redis_restarted_while_a_caller_waits_loses_nobody(node: Node) -> None:
    async with sitting(node, is_ready=False) as grace, calling(node) as caller:
        ticket_id = await join(caller)
        begun_s = time.monotonic()
        await asyncio.sleep(1.2)  # what Redis may forget when it is killed: a second
        (redis,) = node.pids("redis-server")
        os.kill(redis, signal.SIGKILL)
        await until(lambda: bool(set(node.pids("redis-server")) - {redis}))
        await until(lambda: _is_waiting(node, ticket_id))
        await asyncio.to_thread(node.queue.choose, "grace", "ready")
        await grace.accepts()
        await is_bridged(node, ticket_id)
        bridged_s = time.monotonic()
        await hear_each_other(caller, grace)
        assert caller.silences(begun_s, bridged_s) < SILENCE_S


@pytest.mark.parametrize("fault", ["429", "500", slow("timeout"), "lost"])
@pytest.mark.parametrize("request_", ["calls.create", "calls.update"])
async def test_a_carrier_that_fails_once_costs_time_and_not_the_call(
    node: Node, fault: str, request_: str
) -> None:
    async with sitting(node) as grace, calling(node) as caller:
        await caller.said("How can I help")
        await node.faults(rest=fault, rest_on=request_, rest_times=1)
        try:
            await caller.press("0")
            ticket_id = (await caller.did("enqueue"))["ticket_id"]
            begun_s = time.monotonic()
            await grace.rings(within_s=30)
            await grace.picks_up()
            await grace.phone.press("1")
            await is_bridged(node, ticket_id)
            bridged_s = time.monotonic()
            await hear_each_other(caller, grace)
            assert caller.silences(begun_s, bridged_s) < SILENCE_S + MARGIN_S
        finally:
            await node.faults(rest="", rest_on="", rest_times=-1)


async def test_two_callers_reach_two_people_and_never_one_person_both(node: Node) -> None:
    async with (
        sitting(node, "grace") as grace,
        sitting(node, "heidi") as heidi,
        calling(node, "+447700900701") as first,
        calling(node, "+447700900702") as second,
    ):
        tickets = await asyncio.gather(join(first), join(second))
        await asyncio.gather(grace.accepts(), heidi.accepts())
        for ticket_id in tickets:
            await is_bridged(node, ticket_id)
        held = {node.queue.held(ticket_id).agent_id for ticket_id in tickets}
        assert held == {"grace", "heidi"}


def _is_waiting(node: Node, ticket_id: str) -> bool:
    try:
        held = node.queue.held(ticket_id)
    except Exception:
        return False
    return held is not None and held.state == "waiting"


@pytest.mark.slow
async def test_redis_loses_everything_and_the_caller_still_reaches_a_person(node: Node) -> None:
    async with calling(node) as caller:
        ticket_id = await join(caller)
        begun_s = time.monotonic()
        await asyncio.to_thread(node.queue._redis.flushall)
        async with sitting(node) as grace:
            await grace.rings(within_s=20)
            await grace.picks_up()
            await grace.phone.press("1")
            await is_bridged(node, ticket_id)
            bridged_s = time.monotonic()
            await hear_each_other(caller, grace)
            assert caller.silences(begun_s, bridged_s) < SILENCE_S
            held = node.queue.held(ticket_id)
            assert held is not None and held.ticket.joined_ms <= (time.time() - 0.5) * 1000
