"""Flow files that change while a node runs: sound ones are live for new calls, broken ones change nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest
from systemkit import ROOT, calling, running, until

WELCOME = "How can I help"
CHANGED = "What may we do for you"
LIVE_S = 1.0
"""A saved change is live in this time."""


def flows_in(folder: Path) -> Path:
    shutil.copytree(ROOT / "call_flows", folder / "flows")
    return folder / "flows"


def change(flows: Path, old: str, new: str) -> None:
    text = (flows / "main.yaml").read_text(encoding="utf-8")
    assert old in text
    (flows / "main.yaml").write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.slow
async def test_a_gateway_that_dies_comes_back_with_the_flows_its_node_began_with(tmp_path: Path) -> None:
    flows = flows_in(tmp_path)
    with running(tmp_path, IVR_FLOWS__FOLDER=str(flows), IVR_SERVER__GATEWAYS="1") as node:
        (flows / "main.yaml").write_text("flow: main\nsteps: { oops: }\n", encoding="utf-8")
        (killed,) = node.pids(" gateway ")
        os.kill(killed, signal.SIGKILL)
        await until(lambda: node.pids(" gateway ") not in ([], [killed]))
        async with calling(node) as caller:
            await caller.said(WELCOME)
    assert node.tool("lint", str(flows)).returncode == 1


@pytest.mark.slow
async def test_a_saved_change_is_heard_by_the_next_caller_and_not_by_the_one_on_the_line(
    tmp_path: Path,
) -> None:
    flows = flows_in(tmp_path)
    with running(tmp_path, IVR_FLOWS__FOLDER=str(flows), IVR_SERVER__GATEWAYS="1") as node:
        async with calling(node) as first:
            await first.said(WELCOME)
            change(flows, WELCOME, CHANGED)
            await asyncio.sleep(LIVE_S)
            async with calling(node) as second:
                await second.said(CHANGED)
                (killed,) = node.pids(" gateway ")
                os.kill(killed, signal.SIGKILL)
                await first.said(WELCOME)
                await second.said(CHANGED)
