"""Callers hang up wherever they like: nothing of them is left waiting, nothing counts as an error, all is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from systemkit import DEMO, Caller, Node, calling, until


async def greeting(caller: Caller) -> None:
    await caller.did("say")


async def question(caller: Caller) -> None:
    await caller.to_account()
    await caller.press("40")


async def looking_up(caller: Caller) -> None:
    await caller.to_pin()
    await caller.press(DEMO.pin)


async def queue(caller: Caller) -> None:
    await caller.to_queue()
    await caller.did("queue_placed")


async def joining(caller: Caller) -> None:
    await caller.said("How can I help")
    await caller.press("0")


@pytest.mark.parametrize(
    "to_there", [greeting, question, looking_up, joining, queue], ids=lambda there: there.__name__
)
async def test_a_caller_who_hangs_up_leaves_nothing_behind(
    node: Node, to_there: Callable[[Caller], Awaitable[None]]
) -> None:
    begun = node.log.stat().st_size
    async with calling(node) as caller:
        await to_there(caller)
        await caller.phone.hang_up()
        await caller.phone.ended()
        await until(lambda: node.store.owner(caller.sid) is None)
        assert node.state(caller.sid).phase == "over"
        await until(lambda: caller.sid not in [one.ticket.call_id for one in node.queue.waiting()])
    await asyncio.sleep(0)
    assert node.errors(begun) == []


async def test_a_call_that_was_hung_up_is_told_as_a_conversation(node: Node) -> None:
    async with calling(node) as caller:
        await queue(caller)
    await until(lambda: "caller_hung_up" in node.tool("calls", "show", caller.sid).stdout)
    told = node.tool("calls", "show", caller.sid).stdout
    assert "How can I help you today?" in told
    assert "to customer_service: The caller asked for a person." in told
