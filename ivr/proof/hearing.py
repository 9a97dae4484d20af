"""What our own recogniser makes of a phrase, spoken by a synthetic caller over a telephone line, at one question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ivr.actions import Expectation
from ivr.audio import mulaw
from ivr.audio.noise import add_noise
from ivr.events import Hypothesis
from ivr.nlu.match import Meaning, understand
from ivr.speech.stt import FEED_BYTES, Recogniser

Speak = Callable[[str], Awaitable[bytes]]
"""A phrase as mu-law 8 kHz. Raises SpeechError."""

LINES_DB: tuple[float | None, ...] = (None, 20.0)
"""The lines that every phrase is tried on, as signal-to-noise ratio; None: a clean one."""
_PAUSE = bytes(8000 * 2 * 300 // 1000)
"""Silence before and after, as the end of a turn leaves it."""


async def heard(
    recogniser: Recogniser, expect: Expectation, speak: Speak, phrase: str
) -> tuple[Meaning, ...]:
    """What was understood on each of the lines. Raises SpeechError where an engine is out of order."""
    pcm = mulaw.decode(await speak(phrase))
    return tuple([await on_line(recogniser, expect, pcm, snr_db) for snr_db in LINES_DB])


async def on_line(recogniser: Recogniser, expect: Expectation, pcm: bytes, snr_db: float | None) -> Meaning:
    """What was understood of PCM16 8 kHz on one line."""
    line = _PAUSE + (pcm if snr_db is None else add_noise(pcm, snr_db)) + _PAUSE
    return understand(expect, await recognised(recogniser, expect, line))


async def recognised(recogniser: Recogniser, expect: Expectation, pcm: bytes) -> tuple[Hypothesis, ...]:
    """What was heard in a whole piece of PCM16 8 kHz, given to the recogniser as a call gives it."""
    utterance = await recogniser.open(expect)
    for at in range(0, len(pcm), FEED_BYTES):
        await utterance.feed(pcm[at : at + FEED_BYTES])
    return await utterance.finish()
