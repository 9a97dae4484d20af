"""One talk on a telephone line: the caller's orders carried out frame by frame, the machine's part by its own parts.

``Call`` is what a session is to a live call, but for what a talk gives: look-ups, queues and people. Where the
line has no time of its own, it lets the next frame go only when nothing is under way, so the same talk gives the
same call on a fast machine and a slow one.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import assert_never

import numpy as np

from ivr.actions import (
    Action,
    CancelTimer,
    Divert,
    Hangup,
    Hush,
    Listen,
    Play,
    Record,
    Say,
    SetTimer,
    StopListening,
)
from ivr.audio.frame import RATE_HZ
from ivr.events import AgentLeft, Event, Heard, Pressed, Recorded, Silent
from ivr.line.audio import AudioLine, Sound
from ivr.rehearsal.actor import Begin, HangUp, Order, Overhear, Press, Settle, Speak, Wait, orders
from ivr.rehearsal.busy import Busy, counted
from ivr.rehearsal.handset import Condition, Dial
from ivr.rehearsal.stage import Stage
from ivr.rehearsal.telephone import Telephone
from ivr.rehearsal.world import started

CALM_PASSES = 6
"""Turns of the event loop with nothing under way before the next frame: as many as a word needs from the
recogniser to the dialogue."""
BREATH_MS = 250
"""Between the end of a question and the answer to it."""
KEY_GAP_MS = 120
PATIENCE_MS = 180_000
"""How long the caller waits for the machine to come to a question."""
UNHEARD_MS = 12_000
"""How long the caller waits for a reaction to words that nobody heard."""
MUMBLE_MS = 800


class Call:
    """A talk as a call with sound."""

    def __init__(
        self,
        stage: Stage,
        condition: Condition,
        sound: Sound,
        voices: dict[str, bytes],
        power: float,
        dial: Dial = Telephone,
        acts: Callable[[Stage], Iterator[Order]] = orders,
    ) -> None:
        """``voices``: the caller's sentences as PCM16 8 kHz; ``power``: their mean square.

        ``acts``: what the caller does.
        """
        self._stage = stage
        self._busy = Busy()
        self._voices = voices
        self._phone = dial(condition, power, self._tick)
        self._caller = self._phone.handset
        self._sound = sound if self._phone.is_real_time else counted(sound, self._busy)
        self._line: AudioLine | None = None
        self._events: deque[Event] = deque()
        self._due: list[tuple[int, int, Event]] = []
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._orders = acts(stage)
        self._order: Order | None = None
        self._since_ms = 0
        """When the order under way began."""
        self._quiet_ms = 0
        """Since when it is the caller's turn."""
        self._keys: deque[str] = deque()
        self._key_due_ms = 0
        self._act = 0
        """The call's moments before the caller's last act."""
        self._is_parted = False

    async def run(self) -> None:
        """Act the talk to its end. Raises CarrierError where the line cannot be had."""
        first: Event | None = started(self._stage.script, self._stage.book)
        self._order = next(self._orders, None)
        try:
            while first is not None:
                self._is_parted = False
                stream_sid = await self._phone.open(first.at_ms)
                self._line = AudioLine(self._phone, stream_sid, self._sound, self._emit, first.at_ms)
                self._emit(first)
                await self._line.run()
                await self._calm()
                parting = self._departure()
                first = parting if self._is_parted and not self._stage.is_over else None
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._phone.leave()

    async def _tick(self) -> bool:
        """Before each frame: let everything settle, then see what the caller does. False: they hang up."""
        await self._calm()
        while self._due and self._due[0][0] <= self._phone.now_ms:
            self._events.append(heapq.heappop(self._due)[2])
            await self._calm()
        while self._order is not None and self._is_done(self._order):
            self._order = next(self._orders, None)
            self._since_ms = self._quiet_ms = self._phone.now_ms
            if self._order is not None:
                self._begin(self._order)
        return not isinstance(self._order, HangUp) and (self._order is not None or not self._stage.is_over)

    def _begin(self, order: Order) -> None:
        beat, now_ms = self._stage.beats[-1], self._phone.now_ms
        match order:
            case Speak(text):
                self._act = len(self._stage.moments)
                self._caller.speak(self._voices[text] if text else mumble())
            case Press(keys):
                self._act = len(self._stage.moments)
                self._keys.extend(keys)
            case Wait():
                self._act = len(self._stage.moments)
                beat.ended_ms = now_ms
            case Begin() | Settle() | Overhear() | HangUp():
                pass
            case _:
                assert_never(order)

    def _is_done(self, order: Order) -> bool:
        """Whether an order has been carried out, a frame at a time."""
        now_ms, beat = self._phone.now_ms, self._stage.beats[-1]
        passed_ms = now_ms - self._since_ms
        match order:
            case Begin():
                self._caller.heard_ms = None
                return bool(self._stage.moments)
            case Settle():
                self._note_answer()
                return passed_ms >= PATIENCE_MS or self._stage.is_over or self._is_turn(passed_ms)
            case Overhear(ms):
                self._note_answer()
                since_ms = beat.answered_ms if beat.answered_ms is not None else self._since_ms
                return now_ms - since_ms >= ms
            case Wait(ms):
                beat.ended_ms = now_ms
                self._caller.heard_ms = None
                return passed_ms >= ms or self._stage.is_over
            case Speak():
                beat.ended_ms = self._caller.said_ms
                self._caller.heard_ms = None
                return not self._caller.is_speaking or self._stage.is_over
            case Press():
                return self._is_pressed(now_ms)
            case HangUp():
                return False
            case _:
                assert_never(order)

    def _is_pressed(self, now_ms: int) -> bool:
        if self._keys and now_ms >= self._key_due_ms:
            self._phone.press(self._keys.popleft())
            self._key_due_ms = now_ms + KEY_GAP_MS
            self._stage.beats[-1].ended_ms = now_ms
            self._caller.heard_ms = None
            return False
        return not self._keys or self._stage.is_over

    def _is_turn(self, passed_ms: int) -> bool:
        """Whether the caller has heard all there was and drawn breath."""
        is_answered = (
            self._act == 0
            or passed_ms >= UNHEARD_MS
            or any(
                isinstance(moment.event, Heard | Pressed | Recorded | Silent)
                for moment in self._stage.moments[self._act :]
            )
        )
        if not is_answered or not self._stage.is_quiet or self._is_speaking:
            self._quiet_ms = self._phone.now_ms
        return self._phone.now_ms - self._quiet_ms >= BREATH_MS

    @property
    def _is_speaking(self) -> bool:
        """Whether words, not music, are on their way to the caller's ear."""
        return self._phone.is_sounding and self._stage.state.phase != "waiting"

    def _note_answer(self) -> None:
        beat = self._stage.beats[-1]
        if beat.answered_ms is None and self._caller.heard_ms is not None:
            beat.answered_ms = self._caller.heard_ms

    async def _calm(self) -> None:
        """Deal with what happened, and return when nothing is under way any more, if time can wait for that."""
        if self._phone.is_real_time:
            self._deal()
            return
        passes = 0
        while passes < CALM_PASSES:
            passes = 0 if self._events or self._busy.count else passes + 1
            self._deal()
            if self._busy.count:
                await self._busy.idle()
            await asyncio.sleep(0)

    def _emit(self, event: Event) -> None:
        self._events.append(event)
        self._phone.wake()

    def _deal(self) -> None:
        while self._events:
            for action in self._stage.tell(self._events.popleft()):
                self._perform(action)

    def _perform(self, action: Action) -> None:
        assert self._line is not None
        match action:
            case Say() | Play() | Hush() | Listen() | StopListening() | Record() | SetTimer() | CancelTimer():
                self._line.perform(action)
            case Hangup() | Divert():
                self._begin_task(self._line.finish(_nothing))
            case _:
                for event in self._stage.world.perform(action, self._phone.now_ms):
                    self._count += 1
                    heapq.heappush(self._due, (event.at_ms, self._count, event))
                    if isinstance(event, AgentLeft):
                        self._is_parted = True
                        self._begin_task(self._line.part(_away))

    def _begin_task(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)

    def _departure(self) -> Event | None:
        """How the person leaves, once the caller is with them."""
        found = next((entry for entry in self._due if isinstance(entry[2], AgentLeft)), None)
        if found is not None:
            self._due.remove(found)
            heapq.heapify(self._due)
        return found[2] if found else None


async def _nothing() -> None:
    """Nobody is to be told that the call is over."""


async def _away() -> bool:
    """The caller is taken to the person at once."""
    return True


def mumble() -> bytes:
    """A voice without words: a hum of a low pitch, as PCM16 8 kHz."""
    at_s = np.arange(RATE_HZ * MUMBLE_MS // 1000) / RATE_HZ
    tones = sum(np.sin(2 * np.pi * 130 * number * at_s) / number for number in range(1, 12))
    shape = np.minimum(1, np.minimum(at_s, at_s[::-1]) / 0.05)
    return (4000 * shape * tones).astype("<i2").tobytes()
