"""A customer who booked it is called back: by the real dispatcher, on telephones of a real exchange."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import redis
from stage import CALLER, Stage

_SHIFT_MS = int((datetime(2026, 6, 2, 12, tzinfo=UTC).timestamp() - time.time()) * 1000)


def noon() -> int:
    """A clock that runs, and began when people may be called."""
    return int(time.time() * 1000) + _SHIFT_MS


async def booked(stage: Stage) -> str:
    """The ticket of a caller who has hung up and is to be called back."""
    caller = await stage.caller()
    await stage.until(stage.queue.waiting)
    ticket_id = stage.queue.waiting()[0].ticket.ticket_id
    assert await stage.do(stage.queue.book_callback, ticket_id, CALLER) == ""
    await caller.hang_up()
    await caller.ended(5)
    return ticket_id


async def test_a_customer_is_called_back(client: redis.Redis) -> None:
    async with Stage(client, now_ms=noon) as stage:
        customer = await stage.phone(CALLER)
        ticket_id = await booked(stage)
        agent = await stage.agent("ann")
        assert (await asyncio.wait_for(customer.incoming.get(), 5)).to == CALLER
        await customer.answer()
        await stage.until(lambda: len(stage.streams) == 2)
        parameters = stage.streams[1]
        assert (parameters["caller"], parameters["callback"]) == (CALLER, ticket_id)
        assert len(stage.legs_to(CALLER)) == 1
        await asyncio.wait_for(agent.incoming.get(), 5)
        await agent.answer()
        await stage.until(lambda: stage.desk("ann").offers)
        await stage.do(stage.hands.accept, stage.desk("ann").offers[0].offer_id, "ann")
        held = await stage.bridged("ann")
        assert (held.ticket.ticket_id, held.ticket.call_id) == (ticket_id, customer.call_sid)
        await customer.hang_up()
        await agent.ended(5)
        await stage.until(lambda: stage.desk("ann").state == "wrapup")
        assert stage.queue.funnel().bridged == 1


async def test_a_customer_whose_line_is_busy_is_called_again_later(client: redis.Redis) -> None:
    async with Stage(client, now_ms=noon) as stage:
        stage.exchange.faults = stage.exchange.faults.changed({"phones": {CALLER: "busy"}})
        ticket_id = await booked(stage)
        await stage.agent("ann")
        await stage.until(lambda: (held := stage.queue.held(ticket_id)) and held.dials == 1)
        await stage.until(lambda: stage.desk("ann").state == "ready")
        held = stage.queue.held(ticket_id)
        assert held is not None and held.state == "callback_pending"
        assert len(stage.legs_to(CALLER)) == 1


async def test_a_customer_who_hangs_up_at_once_is_called_again_later(client: redis.Redis) -> None:
    async with Stage(client, now_ms=noon) as stage:
        customer = await stage.phone(CALLER)
        ticket_id = await booked(stage)
        await stage.agent("ann")
        await asyncio.wait_for(customer.incoming.get(), 5)
        await customer.decline()
        await stage.until(lambda: stage.desk("ann").state == "ready")
        held = stage.queue.held(ticket_id)
        assert held is not None and held.state == "callback_pending"


async def test_a_carrier_that_refuses_the_call_costs_a_try_only(client: redis.Redis) -> None:
    async with Stage(client, now_ms=noon) as stage:
        stage.exchange.faults = stage.exchange.faults.changed({"rest": "500", "rest_on": "calls.create"})
        ticket_id = await booked(stage)
        await stage.agent("ann")
        await stage.until(lambda: (held := stage.queue.held(ticket_id)) and held.dials == 1)
        await stage.until(lambda: stage.desk("ann").state == "ready")
        assert stage.legs_to(CALLER) == []


async def test_who_drains_calls_nobody_back_and_leaves_it_for_later(client: redis.Redis) -> None:
    async with Stage(client, now_ms=noon) as stage:
        stage.dispatcher.drain()
        ticket_id = await booked(stage)
        await stage.agent("ann")
        await stage.until(lambda: (held := stage.queue.held(ticket_id)) and held.dials == 1)
        await stage.until(lambda: stage.desk("ann").state == "ready")
        held = stage.queue.held(ticket_id)
        assert held is not None and held.state == "callback_pending"
        assert stage.legs_to(CALLER) == []
