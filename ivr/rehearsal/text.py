"""A talk acted as text: a caller of words and keys on a clock of its own, in milliseconds of real time.

Prompts take as long as their words, the end of a turn as long as the real ear waits, look-ups as long as the talk
says. What sound does to words is ``sound``'s business.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from typing import assert_never

from ivr.actions import (
    Action,
    CancelTimer,
    Divert,
    Expectation,
    Hangup,
    Hush,
    Listen,
    Play,
    Record,
    Say,
    SetTimer,
    StopListening,
)
from ivr.audio.endpoint import Completeness
from ivr.events import (
    CallEnded,
    Event,
    Heard,
    Hypothesis,
    Pressed,
    PromptEnded,
    Recorded,
    Silent,
    SpeechStarted,
)
from ivr.flow.site import Book
from ivr.line.text import CLIP_MS, KEY_MS, MS_PER_CHAR
from ivr.nlu.match import completeness
from ivr.rehearsal.actor import Begin, HangUp, Order, Overhear, Press, Settle, Speak, Wait, orders
from ivr.rehearsal.read import Script
from ivr.rehearsal.stage import Stage
from ivr.rehearsal.world import started

MUMBLE_MS = 800
"""A sound without words."""
PATIENCE_MS = 180_000
"""How long the caller waits for the machine to come to a question."""


def perform(script: Script, book: Book) -> Stage:
    """Act a talk to its end."""
    stage = Stage.of(script, book)
    line = _Text(stage)
    for order in orders(stage):
        line.obey(order)
    return stage


class _Text:
    """The line of a talk as text, with its clock."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.now_ms = 0
        self._events: deque[Event] = deque()
        self._due: list[tuple[int, int, Event]] = []
        self._count = 0
        self._prompts: deque[Say | Play] = deque()
        self._began_ms = 0
        """When the first of the prompts began to sound."""
        self._timers: dict[str, int] = {}
        self._expect: Expectation | None = None
        self._recording: Record | None = None
        self._is_leaving = False

    def obey(self, order: Order) -> None:
        match order:
            case Begin():
                self._emit(started(self._stage.script, self._stage.book))
            case Settle():
                self._run(lambda: self._stage.is_quiet, self.now_ms + PATIENCE_MS)
            case Overhear(ms):
                self._overhear(ms)
            case Wait(ms):
                self._wait(ms)
                self._stage.beats[-1].ended_ms = self.now_ms
            case Speak(text, sure):
                self._say(text, sure)
            case Press(keys):
                self._press(keys)
            case HangUp():
                self._emit(CallEnded(at_ms=self.now_ms, reason="caller_hung_up"))
            case _:
                assert_never(order)

    def _wait(self, ms: int) -> None:
        until_ms = self.now_ms + ms
        self._run(lambda: False, until_ms)
        if not self._stage.is_over:
            self.now_ms = max(self.now_ms, until_ms)

    def _overhear(self, ms: int) -> None:
        until_ms = self.now_ms + ms
        self._run(lambda: self._is_speaking, until_ms)
        if self._is_speaking:
            self._wait(max(0, self._began_ms + ms - self.now_ms))
        else:
            self.now_ms = max(self.now_ms, until_ms)

    def _say(self, text: str, sure: float) -> None:
        beat = self._stage.beats[-1]
        duration_ms = MS_PER_CHAR * len(text) or MUMBLE_MS
        if self._recording is not None:
            self._keep(self._recording, text, min(duration_ms, self._recording.max_ms))
            return
        expect, began_ms = self._expect, self.now_ms
        if expect is not None:
            self._emit(SpeechStarted(at_ms=began_ms))
        self._wait(duration_ms)
        beat.ended_ms = ended_ms = self.now_ms
        if expect is None or self._stage.is_over:
            return
        self._wait(_pause_ms(expect, text))
        hypotheses = (Hypothesis(text=text, confidence=sure),) if text else ()
        self._emit(
            Heard(
                at_ms=self.now_ms, began_ms=began_ms, ended_ms=ended_ms, hypotheses=hypotheses, engine="text"
            )
        )

    def _press(self, keys: str) -> None:
        beat = self._stage.beats[-1]
        for key in keys:
            if self._stage.is_over:
                return
            self._wait(KEY_MS)
            beat.ended_ms = self.now_ms
            if self._recording is not None:
                self._keep(self._recording, "", 0)
            else:
                self._emit(Pressed(at_ms=self.now_ms, key=key))

    def _keep(self, record: Record, text: str, duration_ms: int) -> None:
        """The caller's message, from its first word to the pause that ends it."""
        self._recording = None
        self._wait(duration_ms)
        self._stage.beats[-1].ended_ms = self.now_ms
        self._wait(record.pause_ms)
        self._emit(
            Recorded(at_ms=self.now_ms, recording_id=record.recording_id, duration_ms=duration_ms, text=text)
        )

    @property
    def _is_speaking(self) -> bool:
        return bool(self._prompts) and isinstance(self._prompts[0], Say)

    def _run(self, is_enough: Callable[[], bool], until_ms: int) -> None:
        """Let time pass until it is enough, nothing is left to come, or ``until_ms``."""
        while not is_enough() and not self._stage.is_over and (found := self._next()) is not None:
            at_ms, take = found
            if at_ms > until_ms:
                return
            self.now_ms = max(self.now_ms, at_ms)
            self._emit(take())

    def _next(self) -> tuple[int, Callable[[], Event]] | None:
        """What comes next and when: the end of a prompt, news of the world, or a timer."""
        found: list[tuple[int, int, Callable[[], Event]]] = []
        if self._prompts:
            found.append((self._began_ms + _length_ms(self._prompts[0]), 0, self._prompt_over))
        if self._due:
            found.append((self._due[0][0], 1, lambda: heapq.heappop(self._due)[2]))
        if self._timers:
            name = min(self._timers, key=lambda timer: self._timers[timer])
            found.append((self._timers[name], 2, lambda: self._timer_over(name)))
        if not found:
            return None
        at_ms, _, take = min(found, key=lambda each: each[:2])
        return at_ms, take

    def _prompt_over(self) -> Event:
        prompt = self._prompts.popleft()
        self._began_ms = self.now_ms
        if self._prompts:
            self._note_answer()
        return _ended(prompt, self.now_ms, _phrases(prompt), is_finished=True)

    def _timer_over(self, name: str) -> Event:
        del self._timers[name]
        return Silent(at_ms=self.now_ms, timer=name)

    def _emit(self, event: Event) -> None:
        """Deal with an event and with all that follows from it at once."""
        self._events.append(event)
        while self._events:
            for action in self._stage.tell(self._events.popleft()):
                self._perform(action)
        if self._is_leaving and not self._prompts and not self._stage.is_over:
            self._emit(CallEnded(at_ms=self.now_ms, reason="we_hung_up"))

    def _perform(self, action: Action) -> None:
        match action:
            case Say() | Play():
                if not self._prompts:
                    self._began_ms = self.now_ms
                self._prompts.append(action)
                if len(self._prompts) == 1:
                    self._note_answer()
            case Hush():
                self._hush()
            case Listen():
                self._expect = action.expect
            case StopListening():
                self._expect = None
            case Record():
                self._recording = action
            case SetTimer():
                self._timers[action.timer] = self.now_ms + action.after_ms
            case CancelTimer():
                self._timers.pop(action.timer, None)
            case Hangup() | Divert():
                self._is_leaving = True
            case _:
                for event in self._stage.world.perform(action, self.now_ms):
                    self._count += 1
                    heapq.heappush(self._due, (event.at_ms, self._count, event))

    def _note_answer(self) -> None:
        beats = self._stage.beats
        if (
            beats
            and beats[-1].answered_ms is None
            and self._is_speaking
            and self.now_ms >= beats[-1].ended_ms
        ):
            beats[-1].answered_ms = self.now_ms

    def _hush(self) -> None:
        since_ms = self.now_ms - self._began_ms
        cut, self._prompts = self._prompts, deque()
        for index, prompt in enumerate(cut):
            played = _played(prompt, since_ms) if index == 0 else 0
            self._events.append(_ended(prompt, self.now_ms, played, is_finished=False))


def _pause_ms(expect: Expectation, text: str) -> int:
    """The silence after which the ear takes these words for a whole turn."""
    match completeness(expect, text):
        case Completeness.COMPLETE:
            return expect.complete_ms
        case Completeness.CONFIDENT:
            return expect.confident_ms
        case _:
            return expect.incomplete_ms


def _phrases(prompt: Say | Play) -> int:
    return len(prompt.phrases) if isinstance(prompt, Say) else 1


def _length_ms(prompt: Say | Play) -> int:
    if isinstance(prompt, Play):
        return CLIP_MS
    return round(MS_PER_CHAR * sum(map(len, prompt.phrases)) / prompt.pace)


def _played(prompt: Say | Play, since_ms: int) -> int:
    """How many of its phrases were heard whole."""
    if isinstance(prompt, Play):
        return 0
    played, over_ms = 0, 0.0
    for phrase in prompt.phrases:
        over_ms += MS_PER_CHAR * len(phrase) / prompt.pace
        played += over_ms <= since_ms
    return played


def _ended(prompt: Say | Play, at_ms: int, played: int, *, is_finished: bool) -> PromptEnded:
    return PromptEnded(at_ms=at_ms, prompt_id=prompt.prompt_id, played=played, is_finished=is_finished)
