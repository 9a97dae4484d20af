"""A caller who waits: never left in silence, and everything an agent needs is in the list."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from deskkit import sitting
from systemkit import DEMO, Node, calling

WAIT_S = 20.0
SILENCE_S = 3.0


@pytest.mark.slow
async def test_a_waiting_caller_hears_place_and_music_and_the_list_tells_all(node: Node) -> None:
    async with sitting(node, is_ready=False), calling(node) as caller:
        await caller.to_account()
        await caller.press(DEMO.account)
        await caller.said("PIN")
        await caller.press("0")
        ticket = await caller.did("enqueue")
        begun_s = time.monotonic()
        await caller.said("next in line")
        music = asyncio.create_task(caller.did("play"))
        await asyncio.sleep(WAIT_S)
        assert (await music)["clip"] == "hold"
        assert caller.silences(begun_s, begun_s + WAIT_S) < SILENCE_S
        listed = await asyncio.to_thread(node.tool, "queue", "--json")
        told = await asyncio.to_thread(node.tool, "queue")
        (row,) = [json.loads(line) for line in listed.stdout.splitlines() if caller.sid in line]
        assert row["position"] == 1 and row["waited_ms"] > WAIT_S * 900
        assert row["ticket"]["ticket_id"] == ticket["ticket_id"]
        assert row["ticket"]["reason"] == "The caller asked for a person."
        assert row["ticket"]["intent"] == "balance"
        assert "account" in row["ticket"]["fields"]
        assert any("PIN" in turn["text"] for turn in row["ticket"]["turns"])
        assert "why: The caller asked for a person." in told.stdout
