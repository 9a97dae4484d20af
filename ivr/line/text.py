"""A caller without sound: typed words and keys as a ``Line``, on a clock of its own that never sleeps.

For ``ivr call --text`` and for conversations as tests. It speaks by handing every prompt to ``on_prompt`` and
lets time pass only when nobody has anything to do: then the next timer runs out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import assert_never

from ivr.actions import CancelTimer, Hush, Listen, Play, Record, Say, SetTimer, StopListening
from ivr.events import CallEnded, Heard, Hypothesis, Pressed, PromptEnded, Recorded, Silent, SpeechStarted
from ivr.line import Emit, LineAction

MS_PER_CHAR = 65
"""How long speech takes, about: 165 words a minute of 5.6 characters with their space."""
CLIP_MS = 24_000
KEY_MS = 250
SPEECH_MS = 1500
QUIET_TIMERS = 12
"""So many timers may run out with nothing said before the caller gives up and hangs up."""


@dataclass(frozen=True, slots=True)
class Said:
    """The caller says this."""

    text: str


@dataclass(frozen=True, slots=True)
class Keyed:
    """The caller presses these keys."""

    keys: str


@dataclass(frozen=True, slots=True)
class Waited:
    """The caller is silent for so long."""

    ms: int


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller hangs up."""


Turn = Said | Keyed | Waited | HungUp


class TextLine:
    """A call of typed turns. ``next_turn`` gives the caller's next turn, None when there is none left."""

    def __init__(
        self,
        next_turn: Callable[[], Awaitable[Turn | None]],
        settled: Callable[[], Awaitable[None]],
        emit: Emit,
        on_prompt: Callable[[int, str], None] = lambda at_ms, text: None,
    ) -> None:
        """``settled`` returns when all events reported so far, and what they led to, have been dealt with."""
        self._next_turn = next_turn
        self._settled = settled
        self._emit = emit
        self._on_prompt = on_prompt
        self._prompts: deque[Say | Play] = deque()
        self._timers: dict[str, int] = {}
        self._recording: Record | None = None
        self._is_gone = False
        self._now_ms = 0

    @property
    def now_ms(self) -> int:
        return self._now_ms

    def perform(self, action: LineAction) -> None:
        match action:
            case Say() | Play():
                self._prompts.append(action)
            case Hush():
                while self._prompts:
                    self._ended(self._prompts.popleft(), is_finished=False)
            case Record():
                self._recording = action
            case SetTimer():
                self._timers[action.timer] = self._now_ms + action.after_ms
            case CancelTimer():
                self._timers.pop(action.timer, None)
            case Listen() | StopListening():
                pass
            case _:
                assert_never(action)

    async def run(self) -> None:
        quiet = 0
        await self._settled()
        while not self._is_gone:
            if self._prompts and not isinstance(self._prompts[0], Play):
                self._speak(self._prompts.popleft())
            elif turn := await self._next_turn():
                quiet = 0
                await self._take(turn)
            elif self._recording is not None:
                self._record(self._recording, "")
            elif self._prompts or quiet >= QUIET_TIMERS or not self._timers:
                self._hang_up()
            else:
                quiet += 1
                self._elapse()
            await self._settled()

    async def finish(self, last: Callable[[], Awaitable[None]]) -> None:
        while self._prompts:
            self._speak(self._prompts.popleft())
        if not self._is_gone:
            self._is_gone = True
            self._emit(CallEnded(at_ms=self._now_ms, reason="we_hung_up"))
            await last()

    async def part(self, last: Callable[[], Awaitable[bool]]) -> None:
        if await last():
            self._is_gone = True

    def _hang_up(self) -> None:
        self._is_gone = True
        self._emit(CallEnded(at_ms=self._now_ms, reason="caller_hung_up"))

    def _speak(self, prompt: Say | Play) -> None:
        if isinstance(prompt, Play):
            self._now_ms += CLIP_MS
        else:
            text = " ".join(prompt.phrases)
            self._on_prompt(self._now_ms, text)
            self._now_ms += MS_PER_CHAR * len(text)
        self._ended(prompt, is_finished=True)

    def _ended(self, prompt: Say | Play, *, is_finished: bool) -> None:
        total = len(prompt.phrases) if isinstance(prompt, Say) else 1
        self._emit(
            PromptEnded(
                at_ms=self._now_ms,
                prompt_id=prompt.prompt_id,
                played=total if is_finished else 0,
                is_finished=is_finished,
            )
        )

    def _record(self, action: Record, text: str) -> None:
        """The caller's next words are their message; any other turn ends it."""
        self._recording = None
        duration_ms = min(MS_PER_CHAR * len(text), action.max_ms)
        self._now_ms += duration_ms + action.pause_ms
        recorded = Recorded(
            at_ms=self._now_ms, recording_id=action.recording_id, duration_ms=duration_ms, text=text
        )
        self._emit(recorded)

    async def _take(self, turn: Turn) -> None:
        match turn:
            case Said() if self._recording is not None:
                self._record(self._recording, turn.text)
            case Keyed() | Waited() if self._recording is not None:
                self._record(self._recording, "")
            case Said():
                began_ms = self._now_ms
                self._emit(SpeechStarted(at_ms=began_ms))
                await self._settled()
                self._now_ms += SPEECH_MS
                hypotheses = (Hypothesis(text=turn.text, confidence=1.0),)
                self._emit(
                    Heard(
                        at_ms=self._now_ms,
                        began_ms=began_ms,
                        ended_ms=self._now_ms,
                        hypotheses=hypotheses,
                        engine="text",
                    )
                )
            case Keyed():
                for key in turn.keys:
                    self._now_ms += KEY_MS
                    self._emit(Pressed(at_ms=self._now_ms, key=key))
                    await self._settled()
                if "keys" in self._timers:
                    await self._wait_until(self._timers["keys"])
            case Waited():
                await self._wait_until(self._now_ms + turn.ms)
            case HungUp():
                self._hang_up()
            case _:
                assert_never(turn)

    async def _wait_until(self, until_ms: int) -> None:
        while not self._is_gone and self._timers and min(self._timers.values()) <= until_ms:
            self._elapse()
            await self._settled()
            while self._prompts and not isinstance(self._prompts[0], Play):
                self._speak(self._prompts.popleft())
                await self._settled()
        self._now_ms = max(self._now_ms, until_ms)

    def _elapse(self) -> None:
        """Let time pass until the next timer runs out."""
        timer = min(self._timers, key=lambda name: self._timers[name])
        self._now_ms = max(self._now_ms, self._timers.pop(timer))
        self._emit(Silent(at_ms=self._now_ms, timer=timer))
