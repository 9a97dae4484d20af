"""Drives real SIP telephones, each in a process of its own (``baresip_phone``)."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("baresip_phone.py")
PATIENCE_S = 8


class Telephone:
    """``async with Telephone("+15550199") as phone``: dial, answer, press and listen."""

    def __init__(self, user: str, registrar: str = "") -> None:
        self.user = user
        self.address = ""
        """Where it can be called, ``sip:user@127.0.0.1:port``."""
        self.keys = ""
        """What the other side pressed."""
        self._is_dead = False
        self._domain = registrar or "127.0.0.1"
        self._news: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def __aenter__(self) -> Telephone:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(SCRIPT), self.user, self._domain),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read())
        self.address = f"sip:{self.user}@127.0.0.1:{(await self.until('ready'))['port']}"
        return self

    async def __aexit__(self, *error: object) -> None:
        if not self._is_dead:
            self.do("quit")
        await self._process.wait()
        self._reading.cancel()

    def kill(self) -> None:
        """It is gone without a word, as when its power fails."""
        self._process.kill()
        self._is_dead = True

    def do(self, order: str, **more: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": order, **more}).encode() + b"\n")

    async def until(self, on: str) -> dict[str, Any]:
        """Wait for a kind of news; what comes before it is passed over, and told if it never comes."""
        passed: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    news = await self._news.get()
                    assert news["on"] != "error", news
                    if news["on"] == on:
                        return news
                    passed.append(news)
        except TimeoutError:
            raise AssertionError(f"{self.user}: no {on!r} in {PATIENCE_S} s, only {passed}") from None

    async def play(self, pitch_hz: int, seconds: float) -> None:
        self.do("play", pitch_hz=pitch_hz, seconds=seconds)
        await asyncio.sleep(seconds)

    async def heard(self, folder: Path) -> bytes:
        """What came to its ear since the last time, PCM16 8 kHz."""
        path = folder / "heard.pcm"
        self.do("heard", path=str(path))
        await self.until("saved")
        return path.read_bytes()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            news = json.loads(line)
            if news["on"] == "key":
                self.keys += news["key"]
            self._news.put_nowait(news)
