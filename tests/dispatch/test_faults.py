"""What may go wrong between a queue and a telephone: each ends typed, soon, and with the caller kept."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest
import redis
from stage import RULES, Stage

from ivr.dialogue.state import from_json, to_json
from ivr.exchange.settings import Faults
from ivr.handover import Done, Refused

QUICK = replace(RULES, ring_ms=1000)


def broken(stage: Stage, **faults: Any) -> None:
    stage.exchange.faults = stage.exchange.faults.changed(faults)


@pytest.mark.parametrize(
    ("manner", "reason"),
    [("busy", "busy"), ("declines", "busy"), ("failed", "failed")],
)
async def test_a_telephone_that_takes_no_call(client: redis.Redis, manner: str, reason: str) -> None:
    async with Stage(client, faults=Faults(phones={"client:ann": manner})) as stage:
        await stage.agent("ann")
        caller = await stage.caller()
        await stage.until(stage.refusals)
        assert stage.refusals() == [reason]
        assert stage.desk("ann").state == "rona"
        bob = await stage.agent("bob")
        await asyncio.wait_for(bob.incoming.get(), 5)
        assert not caller.reason, "the caller has kept the place"


async def test_nobody_answers(client: redis.Redis) -> None:
    async with Stage(client, QUICK) as stage:
        agent = await stage.agent("ann")
        caller = await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        assert await agent.ended(5) in ("canceled", "no-answer")
        await stage.until(stage.refusals)
        assert stage.refusals() == ["no_answer"]
        assert stage.desk("ann").state == "rona"
        assert not caller.reason


async def test_a_mailbox_presses_no_key(client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.telephony.twiml.KEY_S", 1)
    async with Stage(client, faults=Faults(phones={"+15550142": "voicemail"})) as stage:
        stage.queue.sign_in(stage.person("bob", "+15550142"), "")
        stage.queue.choose("bob", "ready")
        caller = await stage.caller()
        await stage.until(stage.refusals, 8)
        assert stage.refusals() == ["voicemail"]
        assert not caller.reason


@pytest.mark.parametrize("fault", ["429", "500"])
async def test_a_carrier_that_refuses_once_in_a_while(client: redis.Redis, fault: str) -> None:
    async with Stage(client) as stage:
        agent = await stage.agent("ann")
        broken(stage, rest=fault, rest_times=1, rest_on="calls.create")
        caller = await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        assert stage.refusals() == ([] if fault == "429" else ["carrier"])
        assert not caller.reason


async def test_a_leg_whose_answer_was_lost_is_not_rung_twice(client: redis.Redis, monkeypatch) -> None:
    monkeypatch.setattr("ivr.telephony.rest.TIMEOUT_S", 0.3)
    async with Stage(client) as stage:
        agent = await stage.agent("ann")
        broken(stage, rest="lost", rest_times=1, rest_on="calls.create")
        await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        await stage.until(stage.refusals)
        assert stage.refusals() == ["carrier"]
        await stage.until(lambda: len(stage.legs_to("client:ann")) == 2)
        await stage.until(lambda: len([leg for leg in stage.legs_to("client:ann") if leg.is_live]) <= 1)


@pytest.mark.parametrize(("fault", "times"), [("429", 4), ("500", 4)])
async def test_a_caller_is_fetched_although_the_carrier_refuses(
    client: redis.Redis, fault: str, times: int
) -> None:
    async with Stage(client) as stage:
        agent, caller, _ = await stage.talking()
        broken(stage, rest=fault, rest_times=times, rest_on="calls.update")
        await agent.hang_up()
        hung_up = time.monotonic()
        await stage.until(lambda: stage.departures)
        assert time.monotonic() - hung_up < 3, "never silence for longer"
        assert not caller.reason


@pytest.mark.parametrize(
    "faults",
    [
        {"callbacks_duplicated": 1.0},
        {"callbacks_late_ms": 400},
        {"callbacks_reordered": 0.5},
    ],
)
async def test_callbacks_late_twice_and_out_of_order(client: redis.Redis, faults: dict[str, Any]) -> None:
    async with Stage(client, faults=Faults(**faults)) as stage:
        agent, caller, held = await stage.talking()
        await asyncio.sleep(0.6)
        assert stage.state_of("ann") == "bridged"
        await agent.hang_up()
        await stage.until(lambda: stage.departures)
        await asyncio.sleep(0.6)
        assert [departure.reason for _, departure in stage.departures] == ["hung_up"]
        assert stage.desk("ann").state == "wrapup"
        assert stage.kinds(held.ticket.call_id).count("departed") == 1
        assert not caller.reason


async def test_callbacks_that_never_come(client: redis.Redis) -> None:
    async with Stage(client, faults=Faults(callbacks_lost=1.0)) as stage:
        agent, caller, _ = await stage.talking()
        assert stage.conferences() == [["agent", "caller"]]
        await caller.hang_up()
        await agent.ended(5)
        await stage.until(lambda: stage.desk("ann").state == "wrapup")


async def test_an_accepted_person_who_never_comes(client: redis.Redis) -> None:
    """Their line broke between the acceptance and the room."""
    async with Stage(client) as stage:
        agent = await stage.agent("ann")
        caller = await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        await stage.until(lambda: stage.desk("ann").offers)
        offer_id = stage.desk("ann").offers[0].offer_id
        assert await stage.do(stage.hands.accept, offer_id, "ann") == Done()
        await agent.decline()
        await stage.until(lambda: "departed" in stage.kinds())
        await stage.until(lambda: stage.queue.waiting())
        assert [payload["reason"] for _, kind, payload in stage.notes if kind == "queue.departed"] == [
            "never_came"
        ]
        assert not caller.reason


async def test_a_person_who_waits_for_a_caller_in_vain_is_let_go(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        stage.is_bridging = False
        agent = await stage.agent("ann")
        await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        await agent.answer()
        await stage.until(lambda: stage.desk("ann").offers)
        await stage.do(stage.hands.accept, stage.desk("ann").offers[0].offer_id, "ann")
        await stage.until(lambda: stage.conferences() == [["agent"]])
        ticket_id = stage.desk("ann").ticket_id
        assert await stage.do(stage.hands.hang_up, ticket_id, "ann") == Done()
        assert await agent.ended(5) == "completed"


async def test_another_dispatcher_goes_on_within_two_seconds(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        second = stage.new_dispatcher("second")
        assert not await stage.do(second.turn), "one acts at a time"
        await stage.halt()
        agent = await stage.agent("ann")
        caller = await stage.caller()
        halted = time.monotonic()
        stage.dispatcher = second
        stage.start()
        await asyncio.wait_for(agent.incoming.get(), 5)
        assert time.monotonic() - halted < 3
        await asyncio.sleep(0.3)
        assert len(stage.legs_to("client:ann")) == 1
        assert not caller.reason


async def test_news_dealt_with_by_two_ring_nobody_twice(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent = await stage.agent("ann")
        await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        await stage.halt()
        stage.legs.keep_place("0")
        before = len(stage.notes)
        stage.dispatcher = stage.new_dispatcher("second")
        stage.start()
        await stage.until(lambda: len(stage.notes) >= 2 * before)
        await asyncio.sleep(0.3)
        assert len(stage.legs_to("client:ann")) == 1


async def test_one_event_that_fails_stops_no_other(
    client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    async with Stage(client) as stage:
        stage.queue.sign_in(stage.person("eve", "nowhere\x00"), "")
        stage.queue.choose("eve", "ready")
        stage.carrier.place = failing(stage.carrier.place)
        await stage.caller()
        await stage.until(lambda: "failed in a way nobody foresaw" in caplog.text)
        agent = await stage.agent("ann")
        await stage.caller("+15550198")
        await asyncio.wait_for(agent.incoming.get(), 5)


def failing(place: Any) -> Any:
    """The first one fails as nobody foresaw."""
    errors = [ZeroDivisionError("of the test")]

    def wrapped(*arguments: Any, **more: Any) -> Any:
        if errors:
            raise errors.pop()
        return place(*arguments, **more)

    return wrapped


async def test_a_hold_that_the_carrier_refuses_is_told(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        _, _, held = await stage.talking()
        broken(stage, rest="500", rest_on="participants.update")
        assert await stage.do(stage.hands.hold, held.ticket.ticket_id, "ann") == Refused("carrier")
        assert stage.desk("ann").state == "talking"


async def test_a_caller_whose_person_left_while_no_dispatcher_acted_is_fetched(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent, caller, _ = await stage.talking()
        await stage.halt()
        await agent.hang_up()
        await stage.until(lambda: stage.desk("ann").state == "wrapup")
        assert stage.departures == []
        stage.dispatcher = stage.new_dispatcher("second")
        stage.start()
        await stage.until(lambda: stage.departures)
        assert not caller.reason


async def test_a_queue_that_redis_lost_is_built_again_from_live_calls(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        callers = [await stage.caller(f"+1555017{number}") for number in range(2)]
        await stage.until(lambda: len(stage.queue.waiting()) == 2)
        younger, older = [waiting.ticket for waiting in stage.queue.waiting()]
        saved = stage.store.load(older.call_id)
        assert saved is not None
        state = replace(from_json(saved.state_json), started_at="2026-01-01T00:00:00+00:00")
        stage.store.save(older.call_id, to_json(state), saved.revision)
        client.delete(*client.scan_iter("ivr:{q}:*"))
        await stage.until(lambda: len(stage.queue.waiting()) == 2)
        found = [waiting.ticket.ticket_id for waiting in stage.queue.waiting()]
        assert found == [older.ticket_id, younger.ticket_id]
        agent = await stage.agent("ann")
        await asyncio.wait_for(agent.incoming.get(), 5)
        assert not any(caller.reason for caller in callers)


@pytest.mark.slow
async def test_a_browser_that_breaks_gives_its_caller_back_to_the_line(client: redis.Redis) -> None:
    """The page beats no more: after 10 s its caller is first in line again, and hears us."""
    async with Stage(client) as stage:
        agent = await stage.phone("client:ann")
        stage.queue.sign_in(stage.person("ann"), "page")
        stage.queue.choose("ann", "ready")
        caller = await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        await agent.answer()
        await stage.until(lambda: stage.desk("ann").offers)
        await stage.do(stage.hands.accept, stage.desk("ann").offers[0].offer_id, "ann")
        await stage.bridged("ann")
        await agent.vanish()
        await stage.until(lambda: stage.departures, 14)
        assert [departure.reason for _, departure in stage.departures] == ["lost"]
        assert stage.desk("ann").state == "lost"
        await stage.until(lambda: stage.queue.waiting())
        assert not caller.reason
