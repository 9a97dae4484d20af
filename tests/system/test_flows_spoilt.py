"""Flow files that are spoilt while a node runs: it goes on with those it began with, also in a new process."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from systemkit import ROOT, calling, running, until


@pytest.mark.slow
async def test_a_gateway_that_dies_comes_back_with_the_flows_its_node_began_with(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    shutil.copytree(ROOT / "call_flows", flows)
    with running(tmp_path, IVR_FLOWS__FOLDER=str(flows), IVR_SERVER__GATEWAYS="1") as node:
        (flows / "main.yaml").write_text("flow: main\nsteps: { oops: }\n", encoding="utf-8")
        (killed,) = node.pids(" gateway ")
        os.kill(killed, signal.SIGKILL)
        await until(lambda: node.pids(" gateway ") not in ([], [killed]))
        async with calling(node) as caller:
            await caller.said("How can I help")
    assert node.tool("lint", str(flows)).returncode == 1
