"""How a node is found, what it keeps for its life, and in which order its processes start."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ivr import config, supervisor
from ivr.supervisor import NODE_FILE, Child, Node, node
from ivr.supervisor.notice import announced


def settings(folder: Path, **more: object) -> config.Config:
    return config.load(folder, data={"folder": folder / "data"}, **more)


def announce(folder: Path, pid: int) -> None:
    told = {"pid": pid, "url": "", "redis_url": "redis://here", "exchange_url": "http://exchange"}
    (folder / "data").mkdir()
    (folder / "data" / NODE_FILE).write_text(json.dumps(told), encoding="utf-8")


def test_no_node_runs_where_none_has_told_so(tmp_path: Path) -> None:
    assert supervisor.attach(settings(tmp_path)) is None


@pytest.mark.parametrize("told", ["", "[", '{"url": ""}'], ids=["empty", "broken", "no pid"])
def test_a_file_that_says_nothing_is_no_node(tmp_path: Path, told: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / NODE_FILE).write_text(told, encoding="utf-8")
    assert supervisor.attach(settings(tmp_path)) is None


def test_a_node_that_was_killed_is_no_node(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    announce(tmp_path, gone.pid)
    assert supervisor.attach(settings(tmp_path)) is None


def test_a_running_node_is_found_with_its_redis_and_its_exchange(tmp_path: Path) -> None:
    announce(tmp_path, os.getpid())
    found = supervisor.attach(settings(tmp_path))
    assert found is not None
    assert (found.redis.url, found.twilio.api_url) == ("redis://here", "http://exchange")


def test_only_its_owner_may_read_where_a_node_is_and_only_while_it_runs(tmp_path: Path) -> None:
    environment = {"IVR_REDIS__URL": "redis://:password@here"}
    path = tmp_path / "data" / NODE_FILE
    path.parent.mkdir()
    path.touch(mode=0o644)
    with announced(settings(tmp_path), "http://node", environment):
        assert path.stat().st_mode & 0o777 == 0o600
        found = supervisor.attach(settings(tmp_path))
        assert found is not None and found.redis.url == "redis://:password@here"
    assert not path.exists()


def test_children_have_the_settings_of_their_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = settings(
        tmp_path,
        server={"port": 0, "public_url": "https://ivr.example.com", "gateways": 3},
        twilio={"auth_token": "secret", "auth_token_file": tmp_path / "token"},
        voice={"rate_wpm": 200, "render_timeout_s": 2.5},
        log={"level": "error"},
        lookups={
            "hosts": ("api.example.com", "db.example.com:8443"),
            "databases": {"stock": "sqlite:///stock"},
        },
    )
    for name, value in supervisor.as_environment(wanted).items():
        monkeypatch.setenv(name, value)
    assert config.load(tmp_path) == wanted


def test_spare_gateways_start_once_the_first_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    async def keep(child: Child, environment: Mapping[str, str], is_open: asyncio.Event) -> None:
        begun.append(child.name)
        await asyncio.Event().wait()

    async def ready(_: Node, watchers: list[asyncio.Task[None]]) -> None:
        await asyncio.sleep(0)
        begun.append("ready")

    monkeypatch.setattr(node, "keep", keep)
    monkeypatch.setattr(node, "_ready", ready)

    async def scene() -> None:
        wanted = settings(tmp_path, redis={"url": "redis://here"}, server={"port": 0, "gateways": 3})
        async with supervisor.running(wanted, with_exchange=True):
            await asyncio.sleep(0)

    asyncio.run(scene())
    assert begun == ["web", "gateway 1", "dispatch", "exchange", "ready", "gateway 2", "gateway 3"]
