"""A caller who leaves a message: kept for its owner's eyes, understood offline, and a task for a person."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from deskkit import sitting, until
from systemkit import ROOT, Node, calling

from ivr.agents.shapes import Agent
from ivr.audio import wav

WORDS = ROOT / "ivr" / "cli" / "recordings" / "person.wav"


@pytest.mark.slow
async def test_a_message_is_kept_understood_and_offered_to_whoever_is_at_their_console(node: Node) -> None:
    words = wav.read(WORDS)
    async with sitting(node, is_ready=False), calling(node) as caller:
        ticket_id = await caller.to_queue()
        await caller.did("play")
        await caller.press("2")
        await caller.did("record")
        await caller.phone.play_pcm(words)
        recorded = await caller.did("recorded")
        assert abs(recorded["duration_ms"] - len(words) // 16) < 1_500
        await caller.did("leave_message")
        await until(lambda: bool(node.queue.tasks()))
        (task,) = node.queue.tasks()
        assert (task.ticket.ticket_id, task.state, task.ticket.kind) == (ticket_id, "message", "message")
        path: Path = node.data / "messages" / f"{task.recording_id}.wav"
        assert len(wav.read(path)) == recorded["duration_ms"] * 16
        assert path.stat().st_mode & 0o077 == 0 and path.parent.stat().st_mode & 0o077 == 0
        assert "complaint" in task.text
    agent = Agent("heidi", "Heidi", (task.ticket.queue,))
    await asyncio.to_thread(node.queue.sign_in, agent, "a page")
    await asyncio.to_thread(node.queue.choose, "heidi", "ready")
    await until(lambda: (desk := node.queue.desk("heidi")) is not None and bool(desk.offers))
    (offer,) = node.queue.desk("heidi").offers
    assert (offer.kind, offer.ticket_id) == ("message", ticket_id)
    await asyncio.to_thread(node.queue.choose, "heidi", "offline")
    assert await asyncio.to_thread(node.queue.done, ticket_id, "dealt_with")
