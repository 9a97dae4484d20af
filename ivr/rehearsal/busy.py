"""Engines whose work is counted, so that a line without a time of its own can wait until nothing is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

from ivr.actions import Expectation
from ivr.events import Hypothesis
from ivr.line.audio import Sound
from ivr.line.ear import Recogniser, Utterance
from ivr.line.mouth import Renderer

T = TypeVar("T")


class Busy:
    """What the engines have under way for one call."""

    def __init__(self) -> None:
        self.count = 0
        self._idle = asyncio.Event()

    async def doing(self, work: Awaitable[T]) -> T:
        self.count += 1
        self._idle.clear()
        try:
            return await work
        finally:
            self.count -= 1
            if not self.count:
                self._idle.set()

    async def idle(self) -> None:
        await self._idle.wait()


def counted(sound: Sound, busy: Busy) -> Sound:
    """The same engines, their work counted."""
    ears, voice = _Ears(sound.recogniser, busy), _Voice(sound.renderer, busy)
    return replace(sound, recogniser=ears, renderer=voice)


class _Ears:
    """A recogniser whose work is counted."""

    def __init__(self, recogniser: Recogniser, busy: Busy) -> None:
        self._recogniser = recogniser
        self._busy = busy
        self.engine = recogniser.engine

    async def open(self, expect: Expectation) -> Utterance:
        return _Decoding(await self._busy.doing(self._recogniser.open(expect)), self._busy)


class _Decoding:
    """An utterance whose decoding is counted."""

    def __init__(self, utterance: Utterance, busy: Busy) -> None:
        self._utterance = utterance
        self._busy = busy

    async def feed(self, pcm: bytes) -> None:
        await self._busy.doing(self._utterance.feed(pcm))

    async def partial(self) -> str:
        return await self._busy.doing(self._utterance.partial())

    async def finish(self) -> tuple[Hypothesis, ...]:
        return await self._busy.doing(self._utterance.finish())

    async def cancel(self) -> None:
        await self._utterance.cancel()


class _Voice:
    """A voice whose rendering is counted."""

    def __init__(self, renderer: Renderer, busy: Busy) -> None:
        self._renderer = renderer
        self._busy = busy

    async def render(self, text: str, voice: str = "", *more: float) -> bytes:
        return await self._busy.doing(self._renderer.render(text, voice, *more))
