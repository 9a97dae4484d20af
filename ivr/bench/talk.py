"""Callers who speak, press keys and interrupt, and how long each waits for the machine's first sound.

A caller answers when the machine's prompt has ended, as the call's journal tells, so that what is heard next
is the answer and nothing else. Times are the phone's own: from the last voiced frame or key that left it to
the first voiced frame that reached it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ivr.bench.crowd import Chorus, Follower, Journals
from ivr.bench.figures import BARGE_IN, GREETING, KEY, LAST_DIGIT, MENU_WORD, SENTENCE, YES_NO, Figure
from ivr.errors import CarrierError
from ivr.exchange.client import Phone
from ivr.exchange.track import Track

BREATH_S = 0.25
"""Between the end of a question and the answer to it."""
INTERRUPTS_AFTER_S = 1.0
"""So much of a prompt is heard before it is interrupted."""
BARGE_S = 0.2
"""So much speech makes an interruption (``audio.endpoint.BARGE_MS``); counted from its first voiced frame."""
PATIENCE_S = 25.0
"""How long a caller waits to be asked before giving up; more than the longest prompt."""
ANSWER_S = 6.0
"""How long the first sound of an answer is waited for."""
POLL_S = 0.02
KEY_GAP_S = 0.1
FROM = "+447700900123"
ORDER = "482913"
"""An order of the sample company."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a caller does at one question: says ``words``, or presses ``keys``."""

    words: str = ""
    keys: str = ""
    is_interrupting: bool = False
    """It is said into the prompt, not after it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A question: where the flow stands and what may be answered."""

    step: str
    options: tuple[str, ...]

    @property
    def is_doubt(self) -> bool:
        """Whether the machine asks back if it understood."""
        return self.options[:2] == ("yes", "no") and self.step != "order.unknown"


Script = Mapping[str, Sequence[Line]]
"""What a caller does at each step, answer by answer; the last line stands for all that follow."""


def script(strings: Sequence[str]) -> Script:
    """What a caller does at each step of the sample's flows, answer by answer; ``strings`` are order numbers
    that do not exist, in words."""
    return {
        "main.menu": (Line("what time do you close"),),
        "hours.department": (Line("the shop"), Line("the bank")),
        "main.anything_else": (
            Line("I want to ask about an order", is_interrupting=True),
            Line(keys="4"),
            Line("I want to make a complaint"),
        ),
        "order.number": (*(Line(words) for words in strings), Line(keys=ORDER)),
        "order.unknown": (Line("no"),),
        "complaint.topic": (Line("an order", is_interrupting=True),),
    }


DOUBT = Line("yes")
KINDS: Mapping[str, str] = {
    "main.menu": SENTENCE,
    "main.anything_else": SENTENCE,
    "hours.department": MENU_WORD,
    "complaint.topic": MENU_WORD,
    "order.number": LAST_DIGIT,
    "order.unknown": YES_NO,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing a caller did and what came of it."""

    kind: str
    said: str
    answer_ms: float | None
    """From the caller's last voiced frame or key to the first voiced frame of the answer; None: no answer."""
    waited_ms: int | None
    """Silence that the end of turn waited for, as the journal tells; None for keys."""
    is_taken: bool
    """Whether the machine went on; else it had not understood and asked again."""


@dataclass(slots=True)
class Found:
    """What the callers of one run found."""

    turns: list[Turn] = field(default_factory=list)
    barge_in_ms: list[float] = field(default_factory=list)
    greeting_ms: list[float] = field(default_factory=list)
    call_s: float = 0.0
    """All calls together, from answer to end."""
    calls: int = 0
    failures: list[str] = field(default_factory=list)
    """Calls that went wrong, each in a sentence."""

    def answers_ms(self, *kinds: str, is_taken: bool = True) -> list[float]:
        """Of these kinds, where the machine went on; with ``is_taken`` false where it asked again."""
        return [
            turn.answer_ms
            for turn in self.turns
            if turn.answer_ms is not None and turn.kind in kinds and turn.is_taken == is_taken
        ]

    def figures(self) -> list[Figure]:
        kinds = (YES_NO, MENU_WORD, LAST_DIGIT, SENTENCE, KEY)
        again = self.answers_ms(*kinds, is_taken=False)
        return [
            *(Figure.of(kind, self.answers_ms(kind)) for kind in kinds),
            Figure.of("answer to what was not understood", again),
            Figure.of(GREETING, self.greeting_ms),
            Figure.of(BARGE_IN, self.barge_in_ms),
        ]


@dataclass(frozen=True, slots=True)
class Crowd:
    """What all callers of a run share."""

    exchange_url: str
    number: str
    journals: Journals
    chorus: Chorus
    sounds: Mapping[str, bytes]
    """mu-law of every line's words."""
    found: Found


async def talk(crowd: Crowd, scripts: Sequence[Script], seconds: float) -> None:
    """One caller for each script, calling again and again for so long; what they find is in ``crowd.found``."""
    until_s = time.monotonic() + seconds
    await asyncio.gather(*(_caller(crowd, lines, until_s) for lines in scripts))


async def _caller(crowd: Crowd, lines: Script, until_s: float) -> None:
    while (left_s := until_s - time.monotonic()) > 0:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                await _call(crowd, lines)


async def _call(crowd: Crowd, lines: Script) -> None:
    try:
        async with await Phone.connect(crowd.exchange_url) as phone:
            call_sid = await phone.call(crowd.number, FROM)
            follower = crowd.journals.follow(call_sid)
            try:
                await phone.answered()
                crowd.found.calls += 1
                await Conversation(crowd, lines, phone, follower).run()
            finally:
                crowd.journals.drop(call_sid)
                if phone.answered_s:
                    crowd.found.call_s += time.monotonic() - phone.answered_s
    except (CarrierError, Lost) as error:
        crowd.found.failures.append(str(error))


class Lost(Exception):
    """The machine did not come to a question in ``PATIENCE_S``, or was not heard."""


@dataclass(frozen=True, slots=True)
class _Act:
    """A turn of the caller whose answer has not been seen yet."""

    line: Line
    place: Place
    end_s: float
    lines: int
    """Lines of the journal before its answer."""


class Conversation:
    """One call, acted by a script."""

    def __init__(self, crowd: Crowd, lines: Script, phone: Phone, follower: Follower) -> None:
        self._crowd = crowd
        self._lines = lines
        self._phone = phone
        self._follower = follower
        self._answers: dict[str, int] = {}
        """Answers that were taken, by step."""
        self._place: Place | None = None
        self._read = 0
        """Lines of the journal that have been looked at."""
        self._is_asked_now = False
        """A new question has come up since the last turn; its prompt may still play."""
        self._is_ending = False
        self._act: _Act | None = None

    async def run(self) -> None:
        """Talk until the script, or the call, has come to its end. Raises Lost and CarrierError."""
        began_s = self._phone.answered_s
        self._crowd.found.greeting_ms.append(
            (await self._voiced(self._phone.heard, began_s) - began_s) * 1000
        )
        questions = 0
        while True:
            line = await self._turn_comes(questions)
            await self._see_answer()
            if line is None or self._place is None:
                return
            if line.is_interrupting:
                end_s = await self._interrupt(line)
            else:
                await asyncio.sleep(BREATH_S)
                await self._crowd.chorus.turn()
                end_s = await self._speak(line)
            questions = self._follower.trace.questions
            self._is_asked_now = False
            self._act = _Act(line, self._place, end_s, self._read)

    async def _turn_comes(self, questions: int) -> Line | None:
        """The caller's next line, once it is time for it; None when there is nothing more to do."""
        trace = self._follower.trace
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    self._follower.moved.clear()
                    self._look()
                    line = self._next()
                    if trace.is_over or self._is_ending:
                        return None
                    if trace.questions > questions or (self._is_asked_now and line and line.is_interrupting):
                        return line
                    await self._follower.moved.wait()
        except TimeoutError:
            raise Lost(f"no question in {PATIENCE_S:.0f} s at {self._place}") from None

    def _look(self) -> None:
        """Read on in the journal."""
        entries = self._follower.trace.entries
        for entry in entries[self._read :]:
            match entry:
                case {"type": "listen", "step": step, "options": options}:
                    self._place = Place(step, tuple(options))
                    self._is_asked_now = True
                case {"type": "enqueue" | "hangup" | "divert"}:
                    self._is_ending = True
        self._read = len(entries)

    def _next(self) -> Line | None:
        place = self._place
        if place is None:
            return None
        if place.is_doubt:
            return DOUBT
        lines = self._lines.get(place.step, ())
        return lines[min(self._answers.get(place.step, 0), len(lines) - 1)] if lines else None

    async def _see_answer(self) -> None:
        """Note how long the answer to the last turn took."""
        act, self._act = self._act, None
        if act is None:
            return
        try:
            answer_ms: float | None = (await self._voiced(self._phone.heard, act.end_s) - act.end_s) * 1000
        except Lost:
            answer_ms = None
        entries = self._follower.trace.entries[act.lines :]
        is_taken = (
            self._place != act.place or self._is_ending or any(one.get("type") == "lookup" for one in entries)
        )
        heard = [one for one in entries if one.get("type") == "heard"]
        waited_ms = heard[0]["at_ms"] - heard[0]["ended_ms"] if heard else None
        kind = KEY if act.line.keys else YES_NO if act.place.is_doubt else KINDS[act.place.step]
        said = act.line.words or act.line.keys
        self._crowd.found.turns.append(Turn(kind, said, answer_ms, waited_ms, is_taken))
        if is_taken and not act.place.is_doubt:
            self._answers[act.place.step] = self._answers.get(act.place.step, 0) + 1

    async def _speak(self, line: Line) -> float:
        """Say or press it; when its last voiced frame or key left."""
        if line.keys:
            await self._phone.press(line.keys[:-1], KEY_GAP_S)
            pressed_s = time.monotonic()
            await self._phone.press(line.keys[-1], 0)
            return pressed_s
        await self._phone.play(self._crowd.sounds[line.words])
        return self._phone.said.last_voiced_s() or time.monotonic()

    async def _interrupt(self, line: Line) -> float:
        """Speak into the prompt and note when the machine fell silent."""
        heard, said = self._phone.heard, self._phone.said
        await self._voiced(heard, self._act.end_s if self._act else time.monotonic())
        await asyncio.sleep(INTERRUPTS_AFTER_S)
        before_s = time.monotonic()
        is_talking = heard.first_voiced_s(before_s - INTERRUPTS_AFTER_S / 4) is not None
        end_s = await self._speak(line)
        began_s = said.first_voiced_s(before_s)
        last_s = heard.last_voiced_s(end_s)
        if is_talking and began_s is not None and last_s is not None and last_s > began_s:
            self._crowd.found.barge_in_ms.append((last_s - began_s - BARGE_S) * 1000)
        return end_s

    async def _voiced(self, track: Track, after_s: float) -> float:
        """When the first voiced frame after ``after_s`` passed; waits for it. Raises Lost."""
        until_s = time.monotonic() + ANSWER_S
        while (found_s := track.first_voiced_s(after_s)) is None:
            if time.monotonic() > until_s:
                raise Lost(f"nothing was heard for {ANSWER_S:.0f} s at {self._place}")
            await asyncio.sleep(POLL_S)
        return found_s
