"""Voices of synthetic callers, for calls placed at a desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ivr.audio import mulaw
from ivr.config import Config
from ivr.errors import SpeechError
from ivr.speech import engines


@asynccontextmanager
async def caller_voice(
    config: Config, engine: str, is_needed: bool
) -> AsyncIterator[Callable[[str], Awaitable[bytes]]]:
    """A synthetic caller: sentence to PCM16 8 kHz. Raises SpeechError where its voice is not here."""
    chosen = config.voice.model_copy(
        update={"engine": "piper" if engine == "piper" else "pyttsx3", "name": "", "workers": 1}
    )
    if not is_needed:
        yield _speechless
        return
    voice = engines.voice(config.model_copy(update={"voice": chosen}))

    async def speak(text: str) -> bytes:
        return mulaw.decode(await voice.render(text))

    try:
        yield speak
    finally:
        await voice.close()


async def _speechless(text: str) -> bytes:
    raise SpeechError("this caller was made without a voice")
