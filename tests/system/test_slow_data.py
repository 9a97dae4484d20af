"""Company data that hangs: the caller hears words in time, a way out in time, and never silence."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from systemkit import DEMO, calling, running

FILLER_S = 2.0
WAY_OUT_S = 8.0
SILENCE_S = 3.0
BUSY_S = 1.0
"""What the machine of a test may be late."""


@pytest.mark.slow
async def test_a_look_up_that_hangs_costs_no_caller_more_than_a_way_out(tmp_path: Path) -> None:
    company = tmp_path / "data" / "company.sqlite"
    with running(tmp_path) as node:
        async with calling(node) as caller:
            await caller.to_pin()
            await caller.did("prompt_ended")
            lock = sqlite3.connect(company, isolation_level=None)
            lock.execute("BEGIN IMMEDIATE")
            try:
                await caller.press(DEMO.pin)
                asked_s = time.monotonic()
                await caller.did("lookup")
                filler_s = await caller.hears(asked_s)
                assert filler_s - asked_s < FILLER_S + BUSY_S
                await caller.did("hand_failed")
                await caller.did("say")
                out_s = time.monotonic()
                assert out_s - asked_s < WAY_OUT_S + BUSY_S
                await caller.did("enqueue")
                await caller.did("play")
            finally:
                lock.close()
            assert caller.silences(asked_s, time.monotonic()) < SILENCE_S + BUSY_S
