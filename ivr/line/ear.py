"""The ear of a line: frames become ``SpeechStarted`` and ``Heard``.

It joins voice activity, end of turn and a recogniser: sound reaches the recogniser only while somebody
speaks, a tenth of a second at a time, and what was recognised so far tells the end of turn how long to wait.
What the words mean is ``nlu``'s, what to do about them the dialogue's.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from ivr.actions import Expectation
from ivr.audio.endpoint import Completeness, Ended, Endpointer, Started
from ivr.audio.frame import Frame
from ivr.audio.level import rms_dbfs
from ivr.audio.prosody import measure
from ivr.audio.vad import VoiceDetector
from ivr.errors import SpeechError
from ivr.events import Heard, Hypothesis, SpeechStarted, Voice, Word
from ivr.line import Emit
from ivr.nlu.match import completeness

log = logging.getLogger(__name__)

_T = TypeVar("_T")

PREROLL_MS = 300
"""Sound kept from before the first voiced frame: soft beginnings (f, s, th) come before the voice."""
FEED_MS = 100
"""Sound handed to the recogniser at a time; 20 ms at a time costs twice the processor for the same words."""
ECHO_DBFS = -32.0
"""While the caller hears us, quieter sound is our own voice coming back: prompts are spoken at -20 dBFS, their
loudest frames at about -12, and a line's echo is 20 dB weaker at least."""
ECHO_TAIL_MS = 400
"""An echo comes so late at most, over a mobile network."""
FINISH_S = 3.0
"""The recogniser's time limit from the end of the turn; longer, and the utterance counts as noise."""


class Utterance(Protocol):
    """One utterance being decoded; see ``speech.stt``."""

    async def feed(self, pcm: bytes) -> None: ...
    async def partial(self) -> str: ...
    async def finish(self) -> tuple[Hypothesis, ...]: ...
    async def cancel(self) -> None: ...


class Recogniser(Protocol):
    """The engine, as the ear needs it."""

    engine: str

    async def open(self, expect: Expectation) -> Utterance: ...


@dataclass(slots=True, eq=False)
class _Turn:
    """One utterance on its way through the recogniser."""

    expect: Expectation
    tell: Emit
    first_ms: int
    """Where its sound begins, so that word times can be put on the call's clock."""
    pcm: bytearray
    ended: asyncio.Future[Ended]
    sound: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    """None after the last of it."""
    voice: bytearray = field(default_factory=bytearray)
    """All of its sound, where the voice itself is to be measured."""
    completeness: Completeness = Completeness.NOTHING
    task: asyncio.Task[None] | None = None


class Ear:
    """Listens on one line."""

    def __init__(self, recogniser: Recogniser, detector: VoiceDetector, emit: Emit) -> None:
        self._recogniser = recogniser
        self._detector = detector
        self._emit = emit
        self._tell = emit
        self._expect: Expectation | None = None
        self._endpointer: Endpointer | None = None
        self._recent: deque[Frame] = deque()
        self._turn: _Turn | None = None
        self._echo_until_ms = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    def listen(self, expect: Expectation, tell: Emit | None = None) -> None:
        """Understand by ``expect`` from the next frame on. The same expectation again changes nothing.

        ``tell``: who is told of these turns, in place of the line's own listener.
        """
        if expect == self._expect:
            return
        self._drop()
        self._tell = tell or self._emit
        self._expect = expect
        self._endpointer = Endpointer(expect)

    def stop(self) -> None:
        """Speech no longer matters."""
        self._drop()
        self._expect = None
        self._endpointer = None

    async def finish(self) -> None:
        """End a turn that is under way, stop listening, and return when all turns have been told."""
        if self._turn is not None:
            now_ms = self._recent[-1].at_ms
            self._feed(self._turn)
            self._end(Ended(now_ms, self._turn.first_ms, now_ms, is_cut=True))
        self.stop()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def push(self, frame: Frame, *, is_playing: bool) -> bool:
        """Take the next frame; ``is_playing``: the caller is hearing us during it. True for one with voice."""
        is_voiced = self._detector.is_voiced(frame.pcm) and not self._is_echo(frame, is_playing)
        self._recent.append(frame)
        while self._recent[0].at_ms < frame.at_ms - PREROLL_MS - 300:
            self._recent.popleft()
        if self._endpointer is None:
            return is_voiced
        known = self._turn.completeness if self._turn else Completeness.NOTHING
        change = self._endpointer.push(frame.at_ms, is_voiced, known, is_playing)
        if self._turn is not None:
            self._turn.pcm += frame.pcm
            if len(self._turn.pcm) >= FEED_MS * 16 or not is_voiced:
                self._feed(self._turn)
        match change:
            case Started():
                self._start(change)
            case Ended():
                self._end(change)
        return is_voiced

    def close(self) -> None:
        """Let go of everything at the end of a call."""
        self.stop()

    def _is_echo(self, frame: Frame, is_playing: bool) -> bool:
        """Whether a sound may be our own. Once the caller speaks, we are silent and so is the echo."""
        if is_playing:
            self._echo_until_ms = frame.at_ms + ECHO_TAIL_MS
        return self._turn is None and frame.at_ms < self._echo_until_ms and rms_dbfs(frame.pcm) < ECHO_DBFS

    def _start(self, started: Started) -> None:
        assert self._expect is not None
        wanted = [frame for frame in self._recent if frame.at_ms >= started.began_ms - PREROLL_MS]
        pcm = bytearray(b"".join(frame.pcm for frame in wanted))
        turn = _Turn(
            self._expect, self._tell, wanted[0].at_ms, pcm, asyncio.get_running_loop().create_future()
        )
        self._turn = turn
        self._feed(turn)
        turn.task = self._begin(self._decode(turn))
        turn.tell(SpeechStarted(at_ms=started.at_ms))

    def _end(self, ended: Ended) -> None:
        if self._turn is not None:
            self._turn.ended.set_result(ended)
            self._turn.sound.put_nowait(None)
            self._turn = None

    def _feed(self, turn: _Turn) -> None:
        if turn.pcm:
            turn.sound.put_nowait(bytes(turn.pcm))
            if turn.expect.is_mood_heard:
                turn.voice += turn.pcm
            turn.pcm.clear()

    def _drop(self) -> None:
        if self._turn is not None and self._turn.task is not None:
            self._turn.task.cancel()
        self._turn = None

    def _begin(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        task = asyncio.create_task(work, name="utterance")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _decode(self, turn: _Turn) -> None:
        """Report the turn in time, whatever the recogniser does."""
        work = self._begin(self._recognise(turn))
        try:
            ended = await turn.ended
            sound = self._begin(_voice(turn, ended))
            await asyncio.wait({work, sound}, timeout=FINISH_S)
            turn.tell(self._heard(turn, ended, _words(work), _sound(sound)))
        finally:
            work.cancel()

    async def _recognise(self, turn: _Turn) -> tuple[Hypothesis, ...]:
        utterance = await self._recogniser.open(turn.expect)
        try:
            while (sound := await turn.sound.get()) is not None:
                await utterance.feed(sound)
                if turn.sound.empty():
                    turn.completeness = completeness(turn.expect, await utterance.partial())
            return await utterance.finish()
        except asyncio.CancelledError:
            await utterance.cancel()
            raise

    def _heard(
        self, turn: _Turn, ended: Ended, hypotheses: tuple[Hypothesis, ...], voice: Voice | None
    ) -> Heard:
        return Heard(
            at_ms=ended.at_ms,
            began_ms=ended.began_ms,
            ended_ms=ended.ended_ms,
            hypotheses=tuple(_placed(hypothesis, turn.first_ms) for hypothesis in hypotheses),
            is_cut=ended.is_cut,
            engine=self._recogniser.engine,
            voice=voice,
        )


async def _voice(turn: _Turn, ended: Ended) -> Voice | None:
    """How the utterance sounds, without the wait at its end; in a thread, for ten seconds of it take 25 ms."""
    if not turn.expect.is_mood_heard:
        return None
    return await asyncio.to_thread(measure, bytes(turn.voice[: 16 * (ended.ended_ms - turn.first_ms)]))


def _sound(work: asyncio.Task[Voice | None]) -> Voice | None:
    """How it sounds; nothing where that failed or is not done: the words are worth more."""
    if not work.done():
        return None
    if error := work.exception():
        log.error("the voice could not be measured: %s", error, exc_info=error)
        return None
    return work.result()


def _words(work: asyncio.Task[tuple[Hypothesis, ...]]) -> tuple[Hypothesis, ...]:
    """What was recognised; nothing where that failed or is not done."""
    if not work.done():
        log.error("recognition took too long, the turn counts as noise")
        return ()
    error = work.exception()
    if error is None:
        return work.result()
    is_foreseen = isinstance(error, SpeechError)
    log.error(
        "recognition failed, the turn counts as noise: %s", error, exc_info=None if is_foreseen else error
    )
    return ()


def _placed(hypothesis: Hypothesis, first_ms: int) -> Hypothesis:
    """Word times on the call's clock instead of the utterance's."""
    words: tuple[Word, ...] = tuple(
        replace(word, start_ms=word.start_ms + first_ms, end_ms=word.end_ms + first_ms)
        for word in hypothesis.words
    )
    return replace(hypothesis, words=words)
