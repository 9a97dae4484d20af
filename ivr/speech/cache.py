"""Rendered speech kept: in memory by size, on disk for the next start. The same text is never rendered twice
at once.

Wraps any synthesiser and is one itself. Secret texts stay in memory only.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tempfile
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from ivr.speech.tts import Synthesiser, Voice

VERSION = 4
"""Raise it when rendering changes in a way that makes older files wrong."""
MEMORY_BYTES = 64_000_000
"""Over two hours of speech."""
_MAGIC = b"ULAW"
_DIGEST_BYTES = 16


class Cache:
    """A synthesiser that remembers. ``identity`` names what else changes the sound: engine, voice, rate."""

    def __init__(
        self, synthesiser: Synthesiser, folder: Path, identity: str, memory_bytes: int = MEMORY_BYTES
    ) -> None:
        self.engine = synthesiser.engine
        self._synthesiser = synthesiser
        self._folder = folder
        self._identity = identity
        self._limit_bytes = memory_bytes
        self._used_bytes = 0
        self._sounds: OrderedDict[str, bytes] = OrderedDict()
        self._flights: dict[str, asyncio.Task[bytes]] = {}

    def describe(self) -> str:
        return f"{self._synthesiser.describe()}; kept in {self._folder}"

    async def render(
        self, text: str, voice: str = "", pace: float = 1.0, *, is_secret: bool = False
    ) -> bytes:
        """Mu-law 8 kHz. ``is_secret``: never written to disk. Raises SpeechError; a failure is not
        remembered."""
        key = self._key(text, voice, pace)
        if key in self._sounds:
            self._sounds.move_to_end(key)
            return self._sounds[key]
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._fetch(key, text, voice, pace, is_secret=is_secret))
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return await asyncio.shield(flight)

    async def warm(self, texts: Iterable[str], voice: str = "") -> None:
        """Render ahead what is going to be said, and have the engine running for what cannot be known.

        Raises SpeechError at the first text that cannot be rendered.
        """
        for text in texts:
            await self.render(text, voice)
        await self._synthesiser.voices()

    async def voices(self) -> tuple[Voice, ...]:
        return await self._synthesiser.voices()

    async def close(self) -> None:
        await self._synthesiser.close()

    def _key(self, text: str, voice: str, pace: float) -> str:
        parts = (str(VERSION), self._identity, voice, f"{pace:g}", text)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:40]

    async def _fetch(self, key: str, text: str, voice: str, pace: float, *, is_secret: bool) -> bytes:
        path = self._folder / key[:2] / f"{key}.ulaw"
        sound = None if is_secret else await asyncio.to_thread(_load, path)
        if sound is None:
            sound = await self._synthesiser.render(text, voice, pace)
            if not is_secret:
                await asyncio.to_thread(_save, path, sound)
        self._remember(key, sound)
        return sound

    def _remember(self, key: str, sound: bytes) -> None:
        self._sounds[key] = sound
        self._used_bytes += len(sound)
        while self._used_bytes > self._limit_bytes and len(self._sounds) > 1:
            self._used_bytes -= len(self._sounds.popitem(last=False)[1])


def _load(path: Path) -> bytes | None:
    """A stored sound; None when there is none or the file is not what was written."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    start = len(_MAGIC) + _DIGEST_BYTES
    digest, sound = data[len(_MAGIC) : start], data[start:]
    return sound if data.startswith(_MAGIC) and digest == _digest(sound) else None


def _save(path: Path, sound: bytes) -> None:
    """Write whole or not at all; a disk that takes nothing only costs the next start its cache."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + _digest(sound) + sound)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _digest(sound: bytes) -> bytes:
    return hashlib.sha256(sound).digest()[:_DIGEST_BYTES]
