"""Calls carried on scripted sockets, with a real Redis and real records."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ivr.carry import Carrying
from ivr.errors import SpeechError
from ivr.records.store import Records
from ivr.store import CallStore
from ivr.telephony.media import TwilioSide

FLOWS = Path(__file__).parents[1] / "dialogue" / "flows"
HELD_S = 10.0
CALL = "CA" + "0" * 31 + "1"


class Deaf:
    engine = "deaf"

    async def open(self, expect: object) -> object:
        raise SpeechError("nobody speaks here")


class Beep:
    """Every text takes 200 ms to say."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def render(self, text: str, voice: str = "", pace: float = 1.0) -> bytes:
        self.said.append(text)
        return b"b" * 1600

    def has_said(self, words: str) -> bool:
        """True for no words at all."""
        return not words or any(words in text for text in self.said)


@dataclass
class Socket:
    """A carrier that has said these things; then it hangs up, or waits for ever, or while ``is_held``."""

    said: list[str]
    is_waiting: bool = False
    is_held: Callable[[], bool] = lambda: False
    sent: list[dict] = field(default_factory=list)
    is_closed: bool = False

    async def receive(self) -> str | None:
        if self.said:
            return self.said.pop(0)
        if self.is_waiting:
            await asyncio.Event().wait()
        async with asyncio.timeout(HELD_S):
            while self.is_held():
                await asyncio.sleep(0.01)
        return None

    async def send(self, text: str) -> None:
        self.sent.append(json.loads(text))

    async def close(self) -> None:
        self.is_closed = True


@dataclass
class Desk:
    parts: Carrying
    store: CallStore
    records: Records
    voice: Beep

    def begin(self, token: str, call_id: str = CALL, **parameters: str) -> tuple[TwilioSide, list[str]]:
        """A stream's first words."""
        side = TwilioSide("MZ1", call_id, "AC1")
        return side, [side.connected(), side.start({"token": token, **parameters})]
