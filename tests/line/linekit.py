"""A carrier's end of a media socket, and a recogniser that knows what will be said."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ivr.actions import Expectation
from ivr.audio.frame import FRAME_SAMPLES, RATE_HZ
from ivr.audio.vad import HarmonicDetector
from ivr.errors import SpeechError
from ivr.events import Event, Hypothesis, Word
from ivr.line.audio import AudioLine, Sound
from ivr.telephony.media import TwilioSide

MS = 8
"""Bytes of mu-law a millisecond."""
BASE_MS = 5_000
QUIET = b"\x00" * 2 * FRAME_SAMPLES


def voiced(ms: int) -> bytes:
    """PCM16 of a voice-like hum: the first harmonics of 120 Hz."""
    at = np.arange(ms * RATE_HZ // 1000) / RATE_HZ
    sound = sum(np.sin(2 * np.pi * 120 * number * at) / number for number in range(1, 12))
    return (sound * 4000).astype("<i2").tobytes()


@dataclass
class ScriptedUtterance:
    """Hears ``text``; ``fails_at`` (open, feed, finish) raises the fault there, or hangs without one."""

    text: str
    fails_at: str = ""
    fault: Exception | None = None
    pcm: bytearray = field(default_factory=bytearray)
    is_cancelled: bool = False

    async def feed(self, pcm: bytes) -> None:
        await self._at("feed")
        self.pcm += pcm

    async def partial(self) -> str:
        return self.text

    async def finish(self) -> tuple[Hypothesis, ...]:
        await self._at("finish")
        word = Word(text=self.text, confidence=0.9, start_ms=300, end_ms=600)
        return (Hypothesis(text=self.text, confidence=0.9, words=(word,)),)

    async def cancel(self) -> None:
        self.is_cancelled = True

    async def _at(self, place: str) -> None:
        if self.fails_at != place:
            return
        if self.fault is None:
            await asyncio.Event().wait()
        else:
            raise self.fault


@dataclass
class ScriptedRecogniser:
    """Gives its utterances in turn."""

    utterances: list[ScriptedUtterance] = field(default_factory=list)
    engine: str = "scripted"
    opened: list[ScriptedUtterance] = field(default_factory=list)

    async def open(self, expect: Expectation) -> ScriptedUtterance:
        if not self.utterances:
            raise SpeechError("nobody was to speak")
        utterance = self.utterances.pop(0)
        await utterance._at("open")
        self.opened.append(utterance)
        return utterance


class ScriptedSocket:
    """What the carrier sends is put in; what the line sends is kept."""

    def __init__(self) -> None:
        self.side = TwilioSide("MZ1", "CA1", "AC1")
        self.sent: list[dict] = []
        self.is_closed = False
        self._in: asyncio.Queue[str | None] = asyncio.Queue()
        self._at_ms = 120

    async def receive(self) -> str | None:
        return None if self.is_closed else await self._in.get()

    async def send(self, text: str) -> None:
        self.sent.append(json.loads(text))

    async def close(self) -> None:
        self.is_closed = True
        self._in.put_nowait(None)

    def put(self, text: str) -> None:
        self._in.put_nowait(text)

    def hang_up(self) -> None:
        """The socket closes without a word."""
        self._in.put_nowait(None)

    async def hear(self, ms: int, sound: bytes = b"") -> None:
        """So much of the caller's sound comes in: mu-law, silence where none is given."""
        for start in range(0, ms * 8, FRAME_SAMPLES):
            frame = sound[start : start + FRAME_SAMPLES].ljust(FRAME_SAMPLES, b"\xff")
            self.put(self.side.media(self._at_ms, frame))
            self._at_ms += 20
        await self.read()

    def lose(self, ms: int) -> None:
        """So much of it is lost on the way."""
        self.side.skip(ms // 20)
        self._at_ms += ms

    async def read(self) -> None:
        """Let the line read all of it."""
        for _ in range(4):
            while not self._in.empty():
                await asyncio.sleep(0)
            await asyncio.sleep(0)

    @property
    def marks(self) -> list[str]:
        return [one["mark"]["name"] for one in self.sent if one["event"] == "mark"]

    @property
    def sound(self) -> bytes:
        return b"".join(b64decode(one["media"]["payload"]) for one in self.sent if one["event"] == "media")


class ScriptedRenderer:
    """Every text takes 500 ms to say at its usual pace; ``broken`` cannot be said."""

    async def render(self, text: str, voice: str = "", pace: float = 1.0) -> bytes:
        if text == "broken":
            raise SpeechError("no voice")
        return text[:1].encode() * round(500 * MS / pace)


@dataclass
class ScriptedWire:
    """What was sent, in order: bytes of sound, names of marks, ``clear``."""

    sent: list[bytes | str] = field(default_factory=list)

    def media(self, payload: bytes) -> None:
        self.sent.append(payload)

    def mark(self, name: str) -> None:
        self.sent.append(name)

    def clear(self) -> None:
        self.sent.append("clear")

    @property
    def sound(self) -> bytes:
        return b"".join(part for part in self.sent if isinstance(part, bytes))

    @property
    def words(self) -> list[str]:
        """Marks and clears."""
        return [part for part in self.sent if isinstance(part, str)]


class Stream:
    """A line that runs, its socket and what it has told."""

    def __init__(self, messages: Path = Path("nowhere")) -> None:
        self.socket = ScriptedSocket()
        self.events: list[Event] = []
        recogniser = ScriptedRecogniser([ScriptedUtterance("yes"), ScriptedUtterance("and no")])
        sound = Sound(
            recogniser,
            ScriptedRenderer(),
            HarmonicDetector,
            {"hold": b"h" * 700 * MS},
            messages,
            Expectation(kind="choice", is_open=True),
        )
        self.line = AudioLine(self.socket, "MZ1", sound, self.events.append, BASE_MS)
        self.running = asyncio.create_task(self.line.run())

    def told(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def is_over(self) -> None:
        await asyncio.wait_for(self.running, 5)


async def nothing() -> None:
    pass


def play(scene: Callable[[Stream], Awaitable[None]], messages: Path = Path("nowhere")) -> None:
    async def run() -> None:
        stream = Stream(messages)
        try:
            await scene(stream)
        finally:
            stream.running.cancel()
            await asyncio.gather(stream.running, return_exceptions=True)

    asyncio.run(run())
