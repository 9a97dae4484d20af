"""A node that is told to end: no new call, and the last one to its last word."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from systemkit import BALANCE, DEMO, FALLBACK, Phone, calling, running, until

from ivr.config import DEMO_NUMBER

GOODBYE_S = 30.0


@pytest.mark.slow
async def test_a_node_refuses_new_calls_and_ends_when_its_call_has_ended_well(tmp_path: Path) -> None:
    with running(tmp_path) as node:
        begun = node.log.stat().st_size
        async with await Phone.connect(node.exchange_url) as desk, calling(node) as caller:
            await desk.register(FALLBACK)
            await caller.to_pin()
            node.process.send_signal(signal.SIGTERM)
            await until(lambda: "no new calls" in node.log.read_text(encoding="utf-8"))
            async with await Phone.connect(node.exchange_url) as late:
                await late.call(DEMO_NUMBER, "+447700900778")
                rings = await desk.incoming.get()
                assert rings.to == FALLBACK
                await desk.decline()
                await late.ended()
            await caller.press(DEMO.pin)
            await caller.said(BALANCE)
            await caller.said("anything else")
            await caller.press("7")
            await caller.is_over()
            assert await caller.phone.ended() == "completed"
            assert node.state(caller.sid).outcome == "completed"
        assert node.process.wait(GOODBYE_S) == 0
        asked = [line for line in node.errors(begun) if "fallback asked" in line]
        assert len(asked) == 1 and "/voice/incoming" in asked[0]
