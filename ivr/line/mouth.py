"""The mouth of a line: phrases and clips become paced sound, and marks tell what of it was heard.

Sound is sent a bounded lead ahead of the ear, in stream time, so that a late network or a busy machine is not
heard and a barge-in has little to throw away. Rendering is the synthesiser's, deciding what to say the
dialogue's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ivr.errors import SpeechError
from ivr.events import HandFailed, PromptEnded
from ivr.line import Emit

log = logging.getLogger(__name__)

LEAD_MS = 1000
"""How far sound is sent ahead of the ear."""
CHUNK_BYTES = 800
"""100 ms: one message; far fewer than 20 ms frames, still small beside the lead."""
BYTES_PER_MS = 8
GAP = b"\xff" * 120 * BYTES_PER_MS
"""Silence after a phrase, as a speaker breathes."""
MARK_GRACE_MS = 1500
"""A mark not back so long after its sound must have been played is taken as played: some bridges that speak
this protocol never echo marks."""


class Renderer(Protocol):
    """The synthesiser, as the mouth needs it: text to mu-law 8 kHz. Raises SpeechError."""

    async def render(self, text: str, voice: str = "", pace: float = 1.0) -> bytes: ...


class Wire(Protocol):
    """Where sound goes."""

    def media(self, payload: bytes) -> None: ...
    def mark(self, name: str) -> None: ...
    def clear(self) -> None: ...


@dataclass(slots=True, eq=False)
class _Prompt:
    """A prompt from its first byte to its last mark."""

    prompt_id: str
    total: int
    heard: int = 0


@dataclass(slots=True)
class _Piece:
    """Rendered sound waiting to be sent; ``mark`` follows its last byte."""

    sound: memoryview
    mark: str


@dataclass(slots=True)
class _Mark:
    prompt_id: str
    due_ms: int


class Mouth:
    """Speaks on one line. Not for more than one task at a time."""

    def __init__(self, renderer: Renderer, wire: Wire, emit: Emit, clock: Callable[[], int]) -> None:
        self._renderer = renderer
        self._wire = wire
        self._emit = emit
        self._clock = clock
        self._prompts: deque[_Prompt] = deque()
        self._pieces: deque[_Piece] = deque()
        self._marks: dict[str, _Mark] = {}
        self._ends_ms = 0
        """When the last byte sent so far will have been played."""
        self._wanted: asyncio.Queue[tuple[_Prompt, tuple[str | bytes, ...], str, float]] = asyncio.Queue()
        self._silent = asyncio.Event()
        self._silent.set()

    @property
    def is_playing(self) -> bool:
        """Whether the caller is hearing us now."""
        return self._clock() < self._ends_ms

    def say(self, prompt_id: str, phrases: tuple[str, ...], voice: str, pace: float = 1.0) -> None:
        """Speak after whatever is being said. ``pace``: of the voice's usual rate."""
        self._want(prompt_id, phrases, voice, pace)

    def play(self, prompt_id: str, clip: bytes) -> None:
        """Play mu-law sound after whatever is being said."""
        self._want(prompt_id, (clip,), "", 1.0)

    def hush(self) -> None:
        """Stop at once; every prompt not heard to its end is reported as cut."""
        while not self._wanted.empty():
            self._wanted.get_nowait()
        cut, self._prompts = self._prompts, deque()
        self._pieces.clear()
        self._marks.clear()
        if self._ends_ms > self._clock():
            self._wire.clear()
        self._ends_ms = self._clock()
        for prompt in cut:
            self._report(prompt, is_finished=False)
        self._silent.set()

    def marked(self, name: str) -> None:
        """The mark came back: everything before it was heard. Marks of cleared sound are unknown by then."""
        mark = self._marks.pop(name, None)
        if mark is None:
            return
        for prompt in self._prompts:
            if prompt.prompt_id == mark.prompt_id:
                prompt.heard += 1
                if prompt.heard >= prompt.total:
                    self._done(prompt)
                return

    def tick(self) -> None:
        """Once a frame: send what the lead allows, and give up on marks that never come back."""
        self._pump()
        now_ms = self._clock()
        for name, mark in list(self._marks.items()):
            if mark.due_ms + MARK_GRACE_MS > now_ms:
                break
            self.marked(name)

    async def run(self) -> None:
        """Render what is wanted, one phrase after the other, for as long as the line lasts."""
        while True:
            prompt, parts, voice, pace = await self._wanted.get()
            try:
                for number, part in enumerate(parts):
                    if isinstance(part, bytes):
                        sound = part
                    else:
                        sound = await self._renderer.render(part, voice, pace)
                    if prompt not in self._prompts:
                        break
                    pause = GAP if number + 1 < len(parts) else b""
                    self._pieces.append(_Piece(memoryview(sound + pause), f"{prompt.prompt_id}:{number}"))
                    self._pump()
            except SpeechError as error:
                self._failed(prompt, str(error))
            except Exception as error:
                log.exception("the voice failed in a way nobody foresaw")
                self._failed(prompt, type(error).__name__)

    async def silent(self) -> None:
        """Returns when everything wanted so far has been heard or cut."""
        await self._silent.wait()

    def _want(self, prompt_id: str, parts: tuple[str | bytes, ...], voice: str, pace: float) -> None:
        prompt = _Prompt(prompt_id, len(parts))
        self._prompts.append(prompt)
        self._silent.clear()
        if parts:
            self._wanted.put_nowait((prompt, parts, voice, pace))
        else:
            self._done(prompt)

    def _pump(self) -> None:
        now_ms = self._clock()
        while self._pieces and self._ends_ms - now_ms < LEAD_MS:
            piece = self._pieces[0]
            chunk, piece.sound = piece.sound[:CHUNK_BYTES], piece.sound[CHUNK_BYTES:]
            if chunk:
                self._wire.media(bytes(chunk))
                self._ends_ms = max(self._ends_ms, now_ms) + len(chunk) // BYTES_PER_MS
            if not piece.sound:
                self._pieces.popleft()
                self._marks[piece.mark] = _Mark(piece.mark.rpartition(":")[0], self._ends_ms)
                self._wire.mark(piece.mark)

    def _failed(self, prompt: _Prompt, reason: str) -> None:
        if prompt not in self._prompts:
            return
        self._prompts.remove(prompt)
        failed = HandFailed(at_ms=self._clock(), action="say", ref=prompt.prompt_id, reason=reason)
        self._emit(failed)
        if not self._prompts:
            self._silent.set()

    def _done(self, prompt: _Prompt) -> None:
        self._prompts.remove(prompt)
        self._report(prompt, is_finished=True)
        if not self._prompts:
            self._silent.set()

    def _report(self, prompt: _Prompt, *, is_finished: bool) -> None:
        self._emit(
            PromptEnded(
                at_ms=self._clock(), prompt_id=prompt.prompt_id, played=prompt.heard, is_finished=is_finished
            )
        )
