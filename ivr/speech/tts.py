"""The voice's Protocol, and what every engine's sound goes through before it meets a telephone line.

Text in, mu-law 8 kHz out: silence around it trimmed, level made even. No engine here, but the loop that any
engine's worker process runs.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ivr.audio import mulaw, resample
from ivr.speech import pipe

LINE_HZ = 8000
_LOUD_DBFS, _PEAK_DBFS = -20.0, -3.0
"""Mean level of speech aimed at, and the level no sample may pass."""
_QUIET = 10 ** (-50 / 20)
"""Below this share of full scale, sound at either end is silence."""
_LEAD_MS, _TAIL_MS = 20, 60
"""Silence left before and after, so that no consonant is clipped."""


class Synthesiser(Protocol):
    """A voice. Safe to use from many calls of one event loop at once."""

    engine: str

    async def render(self, text: str, voice: str = "", pace: float = 1.0) -> bytes:
        """Mu-law 8 kHz of a text, by the site's voice or a named one. ``pace``: of its usual rate, 0.7 is slower.

        Raises SpeechError.
        """

    async def voices(self) -> tuple[Voice, ...]:
        """What may be named as a voice. Raises SpeechError."""

    async def close(self) -> None:
        """End the workers."""

    def describe(self) -> str:
        """One sentence for a person."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of an engine."""

    name: str
    """What ``render`` and the setting ``voice.name`` take."""
    title: str
    language: str
    """As the engine writes it, such as ``en-us``; may be empty."""


Render = Callable[[str, str, int], tuple[bytes, int]]
"""(text, voice, rate in words a minute) -> PCM16 and its sample rate; raises ValueError with a sentence."""


def telephone(pcm: bytes, rate_hz: int) -> bytes:
    """PCM16 of any rate as mu-law 8 kHz, trimmed, speech at about -20 dBFS; b'' for silence."""
    sound = np.frombuffer(resample.convert(pcm, rate_hz, LINE_HZ), "<i2").astype(np.float32) / 32768
    loud = np.flatnonzero(np.abs(sound) > _QUIET)
    if not len(loud):
        return b""
    speech = sound[loud[0] : loud[-1] + 1]
    gain = min(
        10 ** (_LOUD_DBFS / 20) / float(np.sqrt(np.mean(speech**2))),
        10 ** (_PEAK_DBFS / 20) / float(np.abs(speech).max()),
    )
    lead, tail = (np.zeros(LINE_HZ * ms // 1000, np.float32) for ms in (_LEAD_MS, _TAIL_MS))
    shaped = np.concatenate([lead, speech * gain, tail])
    return mulaw.encode((shaped * 32768).astype("<i2").tobytes())


def serve(render: Render, voices: Callable[[], list[Voice]], limit_s: int) -> None:
    """A voice worker's loop: answers ``ready``, ``voices`` and ``render`` until its pipe ends.

    An engine that hangs in its own library is ended by the system's alarm after ``limit_s`` even when the
    parent has died meanwhile (where the system has alarms).
    """
    messages, answers = pipe.channel()
    while (message := pipe.read(messages)) is not None:
        head, _ = message
        _alarm(limit_s)
        answer, body = _answer(head, render, voices)
        _alarm(0)
        try:
            pipe.send(answers, {"ask": head["ask"], **answer}, body)
        except BrokenPipeError:  # whoever asked has ended meanwhile
            break
    os._exit(0)  # engines' own clean-up may hang or crash


def refuse(reason: str) -> None:
    """What a worker does that can never work on this machine: it says why in place of ``ready``."""
    messages, answers = pipe.channel()
    if (message := pipe.read(messages)) is not None:
        pipe.send(answers, {"ask": message[0]["ask"], "error": reason}, b"")


def _answer(
    head: pipe.Head, render: Render, voices: Callable[[], list[Voice]]
) -> tuple[dict[str, Any], bytes]:
    match head["op"]:
        case "render":
            try:
                return {}, telephone(*render(head["text"], head["voice"], head["rate_wpm"]))
            except ValueError as error:
                return {"error": str(error)}, b""
        case "voices":
            return {"voices": [[voice.name, voice.title, voice.language] for voice in voices()]}, b""
        case _:
            return {}, b""


def _alarm(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)
