"""A caller who follows a script: says, keys, plays and waits in turn, as a polite person would.

It dials on a local exchange, follows the call's journal to know when it is its turn, and keeps what a summary
needs. For ``ivr call``, the demo, benchmarks and tests. What the script says is theirs.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from ivr.audio.noise import add_noise
from ivr.errors import StoreError
from ivr.exchange.client import Phone
from ivr.line.text import Keyed, Said, Waited
from ivr.store import CallStore

BREATH_S = 0.25
"""Between the end of a question and the answer to it."""
PATIENCE_S = 60.0
"""How long the caller waits for the machine before giving up."""
HOLD_S = 3.0
"""How long the caller listens to the music when there is nothing left to say."""
KEY_GAP_S = 0.12
AGAIN = 2
"""How often a patient caller gives the same answer again where the same question comes again."""


@dataclass(frozen=True, slots=True)
class Played:
    """The caller speaks with this sound (PCM16 8 kHz mono), called ``name`` in the summary."""

    pcm: bytes
    name: str


Turn = Said | Keyed | Waited | Played
YES = Keyed("1")


@dataclass(slots=True)
class Trace:
    """What the journal told of one call so far."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    questions: int = 0
    """How often it became the caller's turn."""
    is_yes_or_no: bool = False
    """Whether it is a yes or a no that the machine listens for, with key 1 for yes."""
    step: str = ""
    """Where the machine listens."""
    is_over: bool = False
    is_holding: bool = False
    outcome: str = ""

    def add(self, entry: dict[str, Any]) -> None:
        self.entries.append(entry)
        match entry:
            case {"kind": "action", "type": "set_timer", "timer": "no_input"}:
                self.questions += 1
            case {"kind": "action", "type": "listen", "options": options, "step": step}:
                self.is_yes_or_no = options[:2] == ["yes", "no"]
                self.step = step
            case {"kind": "action", "type": "play"}:
                self.questions += 1
                self.is_holding = True
            case {"kind": "over", "outcome": str(outcome)}:
                self.is_over = True
                self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Latency:
    """From the caller's last sound or key to the machine's first sound, at the caller's own ear."""

    turn: str
    ms: int | None
    """None where no answer was heard."""


@dataclass(slots=True)
class _Script:
    """What the caller does next."""

    left: deque[Turn]
    is_patient: bool
    last: Turn | None = None
    asked_by: str = ""
    """The step that the last turn answered."""
    times: int = 0

    @property
    def is_over(self) -> bool:
        return not self.left and not self.is_patient

    def turn(self, trace: Trace) -> Turn | None:
        """The answer to the question that is asked now; None where there is none left."""
        if self.is_patient and trace.is_yes_or_no:
            return YES
        if self.is_patient and self.last and trace.step == self.asked_by and self.times <= AGAIN:
            self.times += 1
            return self.last
        self.last = self.left.popleft() if self.left else None
        self.asked_by, self.times = trace.step, 1
        return self.last


class Caller:
    """One scripted call on one phone."""

    def __init__(
        self,
        phone: Phone,
        store: CallStore,
        speak: Callable[[str], Awaitable[bytes]],
        *,
        on_entry: Callable[[dict[str, Any]], None] = lambda entry: None,
        noise_db: float | None = None,
    ) -> None:
        """``speak`` turns a sentence into PCM16 8 kHz; ``noise_db`` is a signal-to-noise ratio."""
        self._phone = phone
        self._store = store
        self._speak = speak
        self._on_entry = on_entry
        self._noise_db = noise_db
        self._moved = asyncio.Condition()
        self._answered = 0
        """Questions answered so far."""
        self._lost: Exception | None = None
        """Why the journal is not read any more."""
        self.trace = Trace()
        self._turns: list[tuple[str, float]] = []
        """Each turn's name and when its last sound or key left the mouth or hand."""

    async def call(self, to: str, from_: str, turns: Sequence[Turn], *, is_patient: bool = False) -> Trace:
        """Dial, act the script, and stay until the call is over or there is nothing left but music.

        ``is_patient``: the script goes on only when the machine has. Before, the caller keys yes where a yes or no
        is asked for, such as by a machine that is not sure what it heard, and answers again where the same step
        asks again. Raises CarrierError where the call is not answered, TimeoutError where the machine does not come
        to a question in ``PATIENCE_S``.
        """
        sounds: dict[Turn, bytes] = {
            turn: await self._sound(turn) for turn in turns if isinstance(turn, Said | Played)
        }
        call_sid = await self._phone.call(to, from_)
        follower = asyncio.create_task(self._follow(call_sid))
        try:
            await self._phone.answered()
            script = _Script(deque(turns), is_patient=is_patient)
            while not script.is_over:
                await self._until(lambda: self.trace.questions > self._answered)
                turn = None if self.trace.is_over else script.turn(self.trace)
                if turn is None:
                    break
                self._answered = self.trace.questions
                await asyncio.sleep(BREATH_S)
                await self._act(turn, sounds)
            await self._until(lambda: self.trace.is_holding)
            if not self.trace.is_over:
                await asyncio.sleep(HOLD_S)
                await self._phone.hang_up()
                await self._until(lambda: False)
            return self.trace
        finally:
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)

    def latencies(self) -> list[Latency]:
        """One for each spoken or keyed turn so far."""
        ends = [at_s for _, at_s in self._turns[1:]] + [float("inf")]
        found = []
        for (name, at_s), end_s in zip(self._turns, ends, strict=True):
            answer_s = self._phone.heard.first_voiced_s(at_s)
            is_answer = answer_s is not None and answer_s < end_s
            found.append(Latency(name, round((answer_s - at_s) * 1000) if answer_s and is_answer else None))
        return found

    async def _act(self, turn: Turn, sounds: dict[Turn, bytes]) -> None:
        match turn:
            case Said() | Played():
                await self._phone.play_pcm(sounds[turn])
                name = turn.text if isinstance(turn, Said) else turn.name
                self._turns.append((name, self._phone.said.last_voiced_s() or time.monotonic()))
            case Keyed(keys):
                await self._phone.press(keys, KEY_GAP_S)
                self._turns.append((f"{len(keys)} keys", time.monotonic() - KEY_GAP_S))
            case Waited(ms):
                await asyncio.sleep(ms / 1000)
            case _:
                assert_never(turn)

    async def _sound(self, turn: Said | Played) -> bytes:
        pcm = await self._speak(turn.text) if isinstance(turn, Said) else turn.pcm
        return pcm if self._noise_db is None else add_noise(pcm, self._noise_db)

    async def _follow(self, call_sid: str) -> None:
        """Read the journal until the call is over, or whoever is told of it will hear no more."""
        try:
            await self._read(call_sid)
        except Exception as error:
            async with self._moved:
                self._lost = error
                self._moved.notify_all()

    async def _read(self, call_sid: str) -> None:
        after = "0"
        while not self.trace.is_over:
            try:
                entries = await asyncio.to_thread(self._store.entries, call_sid, after, 500)
            except StoreError:
                await asyncio.sleep(0.2)
                continue
            async with self._moved:
                for entry in entries:
                    after = entry.entry_id
                    self.trace.add(entry.fields)
                    self._on_entry(entry.fields)
                self._moved.notify_all()

    async def _until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._moved:
            await self._moved.wait_for(lambda: self.trace.is_over or self._lost is not None or is_so())
        if self._lost is not None:
            raise self._lost
