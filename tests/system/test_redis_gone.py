"""Without Redis a caller hears an apology and is put through to the fallback number; with it back, all is kept."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from systemkit import FALLBACK, Node, Phone, calling, running, until

from ivr.redisserver import RedisServer


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[tuple[Node, RedisServer]]:
    """A node whose Redis is somebody else's, who does not start it again."""
    with RedisServer(tmp_path / "theirs") as server, running(tmp_path, IVR_REDIS__URL=server.url) as node:
        yield node, server


@pytest.mark.slow
async def test_the_caller_hears_an_apology_and_the_fallback_number_rings(
    stranger: tuple[Node, RedisServer],
) -> None:
    node, server = stranger
    async with await Phone.connect(node.exchange_url) as desk:
        await desk.register(FALLBACK)
        async with calling(node) as caller:
            await caller.to_account()
            await asyncio.sleep(1.0)
            os.kill(server.pid, signal.SIGKILL)
            gone_s = asyncio.get_running_loop().time()
            await caller.press("4")
            rings = await asyncio.wait_for(desk.incoming.get(), 20)
            assert rings.to == FALLBACK
            apology_s = caller.phone.heard.first_voiced_s(gone_s + 1.0)
            assert apology_s is not None, "the caller heard nothing before the number rang"
            await desk.answer()
            await caller.phone.hang_up()
            await desk.ended()
        async with await Phone.connect(node.exchange_url) as late:
            await late.call("+15550100", "+447700900778")
            assert (await asyncio.wait_for(desk.incoming.get(), 20)).to == FALLBACK
            assert late.heard.voiced().any(), "the caller heard no apology"
            await desk.decline()


@pytest.mark.slow
async def test_redis_is_started_again_and_a_waiting_caller_keeps_the_ticket(node: Node) -> None:
    async with calling(node) as caller:
        ticket = await caller.to_queue()
        await caller.did("play")
        await asyncio.sleep(1.2)  # what Redis may forget when it is killed: a second
        (redis,) = node.pids("redis-server")
        os.kill(redis, signal.SIGKILL)
        await until(lambda: bool(set(node.pids("redis-server")) - {redis}))
        await until(lambda: is_there(node, ticket))
        await until(lambda: "it was started again" in node.log.read_text(encoding="utf-8"))


def is_there(node: Node, ticket: str) -> bool:
    try:
        return ticket in node.tickets()
    except Exception:
        return False
