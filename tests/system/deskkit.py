"""People at their desks: a plain telephone on the exchange, signed in to the queue of a whole node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
from systemkit import PATIENCE_S, Caller, Node

from ivr.agents.shapes import Agent, Desk
from ivr.audio import mulaw
from ivr.exchange import sound
from ivr.exchange.client import Phone
from ivr.exchange.track import Track
from ivr.telephony.token import phone_token

QUEUES = ("customer_service", "complaints", "specialists")
CALLER_HZ, PERSON_HZ = 600.0, 900.0
"""By what each side is known at the other's ear."""
HEARD = 800.0
"""Amplitude from which a tone counts as heard; it is sent with 3277."""
TONE_S = 0.6


class Person:
    """An agent with a plain telephone: no page, and so no heartbeat."""

    def __init__(self, node: Node, agent_id: str, phone: Phone) -> None:
        self.node = node
        self.agent_id = agent_id
        self.phone = phone

    @property
    def desk(self) -> Desk:
        desk = self.node.queue.desk(self.agent_id)
        assert desk is not None
        return desk

    async def is_now(self, *states: str, within_s: float = PATIENCE_S) -> None:
        """Wait for the queue to say so."""
        try:
            async with asyncio.timeout(within_s):
                while (await asyncio.to_thread(lambda: self.desk)).state not in states:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{self.agent_id} is {self.desk}; wanted {states}") from None

    async def rings(self, within_s: float = PATIENCE_S) -> None:
        """Their telephone rings."""
        await asyncio.wait_for(self.phone.incoming.get(), within_s)

    async def accepts(self) -> None:
        """Picks up, hears who it is, and presses 1."""
        await self.rings()
        await self.picks_up()
        await self.phone.press("1")

    async def presses_again(self) -> None:
        """Presses 1 until cancelled, as people do when nothing happens."""
        while True:
            await self.phone.press("1")
            await asyncio.sleep(2)

    async def picks_up(self) -> None:
        """Picks up and hears the first words of the briefing."""
        begun = len(self.phone.heard.at_s)
        await self.phone.answer()
        async with asyncio.timeout(PATIENCE_S):
            while not self.phone.heard.voiced(begun).any():
                await asyncio.sleep(0.02)


@asynccontextmanager
async def sitting(
    node: Node, agent_id: str = "grace", *, is_ready: bool = True, queues: tuple[str, ...] = QUEUES
) -> AsyncIterator[Person]:
    """Somebody signed in, who leaves at the end."""
    token = phone_token(node.account_sid, node.api_key_sid, node.api_key_secret, agent_id)
    async with await Phone.connect(node.exchange_url, token=token) as phone:
        await phone.register(f"client:{agent_id}")
        agent = Agent(agent_id, f"{agent_id.title()} Park", queues)
        await asyncio.to_thread(node.queue.sign_in, agent, "")
        try:
            if is_ready:
                await asyncio.to_thread(node.queue.choose, agent_id, "ready")
            yield Person(node, agent_id, phone)
        finally:
            await phone.hang_up()
            await leave(node, agent_id)


async def leave(node: Node, agent_id: str) -> None:
    """Signed out, however things stand; the next test must not meet them."""
    await asyncio.to_thread(node.queue.choose, agent_id, "offline")
    async with asyncio.timeout(PATIENCE_S):
        while await asyncio.to_thread(lambda: _is_here(node, agent_id)):
            await asyncio.sleep(0.05)


def _is_here(node: Node, agent_id: str) -> bool:
    desk = node.queue.desk(agent_id)
    if desk is not None and desk.state == "wrapup":
        node.queue.wrap_up(agent_id, "", "")
    return desk is not None and desk.state != "offline"


async def hear_each_other(caller: Caller, person: Person, within_s: float = PATIENCE_S) -> None:
    """Both speak, again and again, until each has heard the other."""
    try:
        async with asyncio.timeout(within_s):
            while not await _have_heard(caller.phone, person.phone):
                pass
    except TimeoutError:
        raise AssertionError(f"they do not hear each other; the call so far:\n{caller.told()}") from None


async def _have_heard(caller: Phone, person: Phone) -> bool:
    begun = len(caller.heard.at_s), len(person.heard.at_s)
    await asyncio.gather(
        caller.play(sound.tone(TONE_S, CALLER_HZ)), person.play(sound.tone(TONE_S, PERSON_HZ))
    )
    await asyncio.sleep(0.2)
    return hears(caller.heard, PERSON_HZ, begun[0]) and hears(person.heard, CALLER_HZ, begun[1])


def hears(track: Track, pitch_hz: float, first: int = 0) -> bool:
    """Whether a tone reached an ear, from a frame on, for a fifth of a second or more."""
    samples = np.frombuffer(mulaw.decode(bytes(track.sound[first * 160 :])), "<i2").astype(float)
    at_s = np.arange(1600) / 8000
    wave = np.exp(-2j * np.pi * pitch_hz * at_s)
    pieces = samples[: len(samples) // 1600 * 1600].reshape(-1, 1600)
    return bool((2 * np.abs((pieces * wave).mean(axis=1)) > HEARD).any())


async def until(is_so: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    """Wait for something that the queue knows, off the loop."""
    async with asyncio.timeout(within_s):
        while not await asyncio.to_thread(is_so):
            await asyncio.sleep(0.03)
