"""Bot, complaint, queue, whisper, person, survey: the whole hand-over on a whole node, and every way it can end."""

from __future__ import annotations

import asyncio
import time

import pytest
from deskkit import Person, hear_each_other, leave, sitting, until
from systemkit import Caller, Node, calling

SILENCE_S = 3.0
MARGIN_S = 0.3
"""Added to every bound: the machine of a test may be busy."""


async def complain(caller: Caller) -> str:
    """By speech or key, into the queue of those who deal with it; the ticket's id."""
    await caller.said("How can I help")
    await caller.press("0")
    return (await caller.did("enqueue"))["ticket_id"]


async def talking(caller: Caller, person: Person) -> str:
    """To the conversation of caller and person; the ticket's id."""
    ticket_id = await complain(caller)
    await person.accepts()
    await until(lambda: (held := person.node.queue.held(ticket_id)) is not None and held.state == "bridged")
    await hear_each_other(caller, person)
    return ticket_id


async def test_a_caller_reaches_a_person_and_is_asked_how_it_was(node: Node) -> None:
    async with sitting(node) as grace, calling(node) as caller:
        ticket_id = await complain(caller)
        begun_s = time.monotonic()
        await grace.rings()
        assert time.monotonic() - begun_s < 1.0 + MARGIN_S
        await grace.picks_up()
        accepted_s = time.monotonic()
        await grace.phone.press("1")
        await caller.did("bridge")
        await until(lambda: (held := node.queue.held(ticket_id)) is not None and held.state == "bridged")
        assert time.monotonic() - accepted_s < 1.0 + MARGIN_S
        await hear_each_other(caller, grace)
        assert caller.silences(begun_s, accepted_s) < SILENCE_S
        hung_up_s = time.monotonic()
        await grace.phone.hang_up()
        await caller.did("agent_left")
        await caller.did("say")
        assert await caller.hears(hung_up_s) - hung_up_s < 2.0 + MARGIN_S
        await grace.is_now("wrapup")
        assert node.queue.held(ticket_id) is None
