"""Scripted parts of a line: a renderer that knows how long its texts are, a wire that remembers, a list of events."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ivr.errors import SpeechError
from ivr.events import Event

MS = 8
"""Bytes of mu-law a millisecond."""


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


@pytest.fixture
def renderer() -> ScriptedRenderer:
    return ScriptedRenderer()


@pytest.fixture
def wire() -> ScriptedWire:
    return ScriptedWire()


@pytest.fixture
def events() -> list[Event]:
    return []
