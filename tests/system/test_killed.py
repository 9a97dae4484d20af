"""A gateway that is killed costs its callers a second, not the call."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest
from systemkit import BALANCE, DEMO, Node, calling, until

RECOVERED_S = 3.0
"""What a caller may wait; the machine of a test may be busy."""
BUSY = 2.0


async def test_the_caller_hears_the_same_question_again_and_every_answer_is_kept(
    node: Node, record_testsuite_property
) -> None:
    async with calling(node) as caller:
        await caller.to_pin()
        await asyncio.sleep(0.5)  # the question is being heard
        killed_s = time.monotonic()
        os.kill(node.carrier_of(caller.sid), signal.SIGKILL)
        await caller.did("call_resumed")
        await caller.said("PIN")
        await caller.did("prompt_ended")
        recovered_s = caller.sound_again(killed_s) - killed_s
        record_testsuite_property("recovered_ms", round(recovered_s * 1000))
        assert recovered_s < RECOVERED_S * BUSY
        await caller.press(DEMO.pin)
        await caller.said(BALANCE)


@pytest.mark.slow
async def test_a_waiting_caller_keeps_ticket_and_place(node: Node) -> None:
    async with calling(node, "+447700900778") as other, calling(node) as caller:
        await other.to_queue()
        ticket = await caller.to_queue()
        placed = await caller.did("queue_placed")
        await caller.did("play")
        os.kill(node.carrier_of(caller.sid), signal.SIGKILL)
        killed_s = time.monotonic()
        await caller.did("call_resumed")
        again = await caller.did("queue_placed")
        assert (again["ticket_id"], again["position"]) == (ticket, placed["position"])
        assert await caller.hears(killed_s + RECOVERED_S * BUSY / 2) - killed_s < RECOVERED_S * BUSY
        assert ticket in node.tickets()


async def test_a_gateway_told_to_leave_lets_its_call_end_and_takes_no_other(node: Node) -> None:
    async with calling(node) as caller:
        await caller.to_pin()
        leaving = node.carrier_of(caller.sid)
        os.kill(leaving, signal.SIGTERM)
        async with calling(node, "+447700900778") as other:
            await other.said("How can I help")
            assert node.carrier_of(other.sid) != leaving
        await caller.press(DEMO.pin)
        await caller.said(BALANCE)
        assert node.carrier_of(caller.sid) == leaving
    await until(lambda: leaving not in node.pids("gateway") and node.is_whole())
