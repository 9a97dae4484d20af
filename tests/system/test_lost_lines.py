"""Lines that break after caller and person are together, and callbacks that come late, twice or never."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from deskkit import QUEUES, Person, hear_each_other, sitting, until
from systemkit import PATIENCE_S, Node, calling
from test_hand_over import is_bridged, join

from ivr.agents.shapes import Agent

BEAT_S = 2.0
LONGEST_S = 25.0
"""From a line that breaks to its caller hearing us again: the network's ping (8 s), then its grace (10 s)."""


@asynccontextmanager
async def page_of(node: Node, person: Person) -> AsyncIterator[asyncio.Task[None]]:
    """The person's browser page, which beats until it is cancelled."""
    agent = Agent(person.agent_id, person.agent_id.title(), QUEUES)
    await asyncio.to_thread(node.queue.sign_in, agent, "page")

    async def beat() -> None:
        while await asyncio.to_thread(node.queue.beat, person.agent_id, "page"):
            await asyncio.sleep(BEAT_S)

    beating = asyncio.create_task(beat())
    try:
        yield beating
    finally:
        beating.cancel()


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["browser closed", "network lost"])
async def test_the_line_of_a_person_breaks_and_their_caller_is_first_in_line_again(
    node: Node, loss: str
) -> None:
    async with sitting(node, "grace") as grace, page_of(node, grace) as page, calling(node) as caller:
        ticket_id = await join(caller)
        await grace.accepts()
        await is_bridged(node, ticket_id)
        await hear_each_other(caller, grace)
        page.cancel()
        if loss == "browser closed":
            await grace.phone.vanish()
        else:
            grace.phone.lose_network()
        left = await caller.did("agent_left", LONGEST_S)
        assert left["reason"] == "lost"
        await until(lambda: [one.ticket.call_id for one in node.queue.waiting()] == [caller.sid])
        async with sitting(node, "heidi") as heidi:
            await heidi.accepts()
            await hear_each_other(caller, heidi)
        assert not caller.phone.reason


@pytest.mark.slow
async def test_a_plain_telephone_that_loses_its_network_leaves_its_caller_with_the_machine(
    node: Node,
) -> None:
    async with sitting(node) as grace, calling(node) as caller:
        ticket_id = await join(caller)
        await grace.accepts()
        await is_bridged(node, ticket_id)
        grace.phone.lose_network()
        await caller.did("agent_left", LONGEST_S)
        await caller.did("say")
        assert node.queue.held(ticket_id) is None or node.queue.held(ticket_id).state == "waiting"


@pytest.mark.slow
async def test_a_caller_who_loses_the_network_frees_the_person(node: Node) -> None:
    async with sitting(node) as grace, calling(node) as caller:
        ticket_id = await join(caller)
        await grace.accepts()
        await is_bridged(node, ticket_id)
        caller.phone.lose_network()
        await grace.is_now("wrapup", within_s=LONGEST_S)
        await grace.phone.ended(PATIENCE_S)
        assert node.queue.held(ticket_id) is None


@pytest.mark.parametrize(
    "faults",
    [
        {"callbacks_lost": 1.0},
        {"callbacks_duplicated": 1.0, "callbacks_late_ms": 1500, "callbacks_reordered": 0.5},
    ],
    ids=["lost", "late, twice and out of order"],
)
async def test_callbacks_that_fail_keep_nobody_apart(node: Node, faults: dict[str, Any]) -> None:
    begun = node.log.stat().st_size
    await node.faults(**faults)
    try:
        async with sitting(node) as grace, calling(node) as caller:
            ticket_id = await join(caller)
            await grace.accepts()
            await is_bridged(node, ticket_id)
            await hear_each_other(caller, grace)
            await grace.phone.hang_up()
            left = await caller.did("agent_left", LONGEST_S)
            assert left["reason"] == "hung_up"
            await caller.said("How well did we help you")
            assert node.queue.held(ticket_id) is None
            await grace.is_now("wrapup")
    finally:
        await node.faults(**{name: 0 if name.endswith("_ms") else 0.0 for name in faults})
    assert node.errors(begun) == []
