"""The whole hand-over by SIP and RTP: the caller and the person have real SIP telephones, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from deskkit import CALLER_HZ, HEARD, PERSON_HZ, QUEUES, leave, until
from switchboard import level_at
from systemkit import PATIENCE_S, Caller, Node, followed
from telephones import Telephone

from ivr.agents.shapes import Agent
from ivr.config import DEMO_NUMBER

pytest.importorskip("baresip", reason="no wheel of baresip-python for this system", exc_type=ImportError)

CALLER = "+447700900888"
RATE_HZ = 8000
WORDS = 300
"""Mean magnitude of the samples from which somebody speaks."""


@dataclass
class SipPhone:
    """A SIP telephone as ``Caller`` uses a phone; its call is known by its CallSid."""

    telephone: Telephone
    call_sid: str
    reason: str = ""
    errors: tuple[str, ...] = ()

    async def press(self, keys: str, gap_s: float) -> None:
        self.telephone.do("keys", digits=keys)


@asynccontextmanager
async def phoning(node: Node) -> AsyncIterator[Caller]:
    """A caller whose call by SIP is answered."""
    async with Telephone(CALLER) as telephone:
        telephone.do("dial", uri=f"sip:{DEMO_NUMBER}@{node.exchange_url.removeprefix('http://')}")
        await telephone.until("established")
        async with followed(Caller(node, SipPhone(telephone, await _sid_of(node, CALLER)))) as caller:
            yield caller


async def _sid_of(node: Node, number: str) -> str:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            for sid in await asyncio.to_thread(lambda: list(node.store.live())):
                saved = node.store.load(sid)
                if saved is not None and node.state(sid).caller == number:
                    return sid
            await asyncio.sleep(0.05)


@asynccontextmanager
async def at_desk(node: Node, agent_id: str) -> AsyncIterator[Telephone]:
    """Somebody signed in and ready, who is reached at a SIP address."""
    async with Telephone(agent_id) as telephone:
        agent = Agent(agent_id, f"{agent_id.title()} Park", QUEUES, (), telephone.address)
        await asyncio.to_thread(node.queue.sign_in, agent, "")
        await asyncio.to_thread(node.queue.choose, agent_id, "ready")
        try:
            yield telephone
        finally:
            await leave(node, agent_id)


async def test_a_caller_and_a_person_on_sip_phones_complain_press_and_talk(
    node: Node, tmp_path: Path
) -> None:
    begun = node.log.stat().st_size
    async with at_desk(node, "sid") as person, phoning(node) as caller:
        await caller.said("How can I help")
        await caller.press("5")
        await caller.said("Is it about your account")
        await caller.press("2")
        ticket_id = (await caller.did("enqueue"))["ticket_id"]
        await person.until("incoming")
        person.do("answer")
        await person.until("established")
        await hears_words(person, tmp_path)
        person.do("keys", digits="1")
        await caller.did("bridge")
        await until(lambda: (held := node.queue.held(ticket_id)) is not None and held.state == "bridged")
        await caller.phone.telephone.heard(tmp_path)
        await asyncio.gather(
            caller.phone.telephone.play(int(CALLER_HZ), 1.5), person.play(int(PERSON_HZ), 1.5)
        )
        await asyncio.sleep(0.3)
        at_caller, at_person = await caller.phone.telephone.heard(tmp_path), await person.heard(tmp_path)
        person.do("hangup")
        await caller.said("How well did we help you")
        await caller.press("5")
        await caller.said("Thank you")
        await caller.phone.telephone.until("closed")
        assert node.queue.held(ticket_id) is None
    half = RATE_HZ
    assert (
        level_at(at_caller[-2 * half :], PERSON_HZ)
        > HEARD
        > 200
        > level_at(at_caller[-2 * half :], CALLER_HZ)
    )
    assert (
        level_at(at_person[-2 * half :], CALLER_HZ)
        > HEARD
        > 200
        > level_at(at_person[-2 * half :], PERSON_HZ)
    )
    assert node.errors(begun) == []


async def hears_words(telephone: Telephone, folder: Path) -> None:
    """Wait until the call is announced."""
    async with asyncio.timeout(PATIENCE_S):
        while loudness(await telephone.heard(folder)) < WORDS:
            await asyncio.sleep(0.2)


async def test_a_sip_phone_that_declines_gives_the_call_to_the_next(node: Node, tmp_path: Path) -> None:
    async with at_desk(node, "sid") as first, at_desk(node, "sue") as second, phoning(node) as caller:
        await caller.said("How can I help")
        await caller.press("0")
        ticket_id = (await caller.did("enqueue"))["ticket_id"]
        await first.until("incoming")
        first.do("decline")
        await second.until("incoming")
        second.do("answer")
        await hears_words(second, tmp_path)
        second.do("keys", digits="1")
        await until(lambda: (held := node.queue.held(ticket_id)) is not None and held.state == "bridged")
        assert node.queue.held(ticket_id).agent_id == "sue"


@pytest.mark.slow
async def test_a_sip_phone_without_power_gives_its_caller_back(node: Node, tmp_path: Path) -> None:
    async with at_desk(node, "sid") as person, phoning(node) as caller:
        await caller.said("How can I help")
        await caller.press("0")
        ticket_id = (await caller.did("enqueue"))["ticket_id"]
        await person.until("incoming")
        person.do("answer")
        await hears_words(person, tmp_path)
        person.do("keys", digits="1")
        await until(lambda: (held := node.queue.held(ticket_id)) is not None and held.state == "bridged")
        person.kill()
        await caller.did("agent_left", within_s=40)
        await caller.did("say")


def loudness(pcm: bytes) -> float:
    """Mean magnitude of the samples."""
    samples = memoryview(pcm[: len(pcm) // 2 * 2]).cast("h")
    return sum(abs(sample) for sample in samples) / max(len(samples), 1)
