"""The embedded Redis: starts, keeps, ends with its parent, and shares its folder with nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import redis

from ivr import redisserver
from ivr.errors import StoreError
from ivr.redisserver import RedisServer
from ivr.store import connect

PARENT = """
import sys, time
from pathlib import Path
from ivr.redisserver import RedisServer
server = RedisServer(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_was_written_is_there_after_a_stop(tmp_path: Path) -> None:
    for expected in (None, "value"):
        with RedisServer(tmp_path) as server, connect(server.url) as client:
            assert client.get("key") == expected
            client.set("key", "value")


def test_it_starts_again_after_it_was_killed(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    try:
        os.kill(server.pid, signal.SIGKILL)
        server.stop()
        server.start()
        with connect(server.url) as client:
            assert client.ping()
    finally:
        server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_it_ends_with_its_parent_and_another_takes_its_folder(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    with RedisServer(tmp_path) as server:
        assert server.pid not in (0, pid)
        assert not is_alive(pid)


def test_a_folder_in_use_is_refused_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redisserver, "STOP_S", 0.05)
    with RedisServer(tmp_path), pytest.raises(StoreError, match=r"another Redis.*IVR_DATA__FOLDER"):
        RedisServer(tmp_path).start()


def test_a_folder_too_deep_for_a_socket_works(tmp_path: Path) -> None:
    with RedisServer(tmp_path / ("deep" * 40)) as server, connect(server.url) as client:
        assert len(server.url) < 100
        assert client.ping()
        folder = Path(server.url.removeprefix("unix://")).parent
    assert not folder.exists()


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    folder.mkdir()
    (folder / "appendonly.aof").write_text("no such thing")
    with pytest.raises(StoreError, match="Bad file format"):
        RedisServer(tmp_path).start()


def test_it_is_not_started_from_a_thread_that_may_end(tmp_path: Path) -> None:
    found: list[BaseException] = []

    def start() -> None:
        try:
            RedisServer(tmp_path).start()
        except StoreError as error:
            found.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(found[0])


def test_only_its_own_user_may_reach_it(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        socket = Path(server.url.removeprefix("unix://"))
        assert socket.stat().st_mode & 0o077 == 0
        assert socket.parent.stat().st_mode & 0o077 == 0, "states with secrets are written there"


def test_it_stops_when_it_is_told(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    url = server.start()
    pid = server.pid
    server.stop()
    assert not is_alive(pid)
    with connect(url) as client, pytest.raises(redis.ConnectionError):
        client.ping()
    server.stop()
