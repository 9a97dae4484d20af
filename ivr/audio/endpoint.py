"""The one owner of end of turn: when a caller has begun to speak and when they have finished.

A pure state machine over stream time. It is told, frame by frame, whether there was a voice (``vad``), how
complete the recogniser's words are by now, and whether our own voice is playing. It hears no sound itself,
knows no words and sets no timer for callers who say nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from ivr.actions import Expectation
from ivr.audio.frame import FRAME_MS

START_MS = 100
"""So much voice within ``START_WINDOW_MS`` is a beginning, while we are silent."""
START_WINDOW_MS = 160
BARGE_MS = 200
"""So much voice within ``BARGE_WINDOW_MS`` is a beginning while our own voice plays: more than a cough."""
BARGE_WINDOW_MS = 280
RESUME_MS = 60
"""So much voice within ``START_MS`` carries a turn on; a lone click in a pause is less and does not."""


class Completeness(Enum):
    """How complete what was recognised in this turn is, as far as the step that listens is concerned."""

    NOTHING = "nothing"
    """No word has been recognised yet."""
    INCOMPLETE = "incomplete"
    """It cannot be complete yet: too few digits, or words without a clear meaning."""
    CONFIDENT = "confident"
    """A free sentence whose meaning is already clear; more may follow."""
    COMPLETE = "complete"
    """A full match: a choice, or all the digits that are wanted."""


@dataclass(frozen=True, slots=True)
class Started:
    """The caller has begun to speak; ``began_ms`` is the start of the first voiced frame."""

    at_ms: int
    began_ms: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The turn is over. All times on the stream's clock."""

    at_ms: int
    began_ms: int
    ended_ms: int
    """End of the last voiced frame."""
    is_cut: bool
    """True when the turn reached ``max_speech_ms``; the caller may still be speaking."""


class Endpointer:
    """Turns voiced and unvoiced frames into turns: ``Started`` and ``Ended``, strictly by turns."""

    def __init__(self, expect: Expectation) -> None:
        self._expect = expect
        self._voiced: deque[int] = deque()
        """Starts of the voiced frames of the last ``BARGE_WINDOW_MS``."""
        self._began_ms: int | None = None
        self._ended_ms = 0

    def reset(self) -> None:
        """Forget a turn that is under way, without an ``Ended``."""
        self._voiced.clear()
        self._began_ms = None

    def push(
        self, at_ms: int, is_voiced: bool, completeness: Completeness, is_playing: bool
    ) -> Started | Ended | None:
        """Take the frame that starts at ``at_ms`` and say what it changed. A gap (lost frames) is silence.

        ``is_playing``: the caller is hearing our voice during this frame.
        """
        now_ms = at_ms + FRAME_MS
        while self._voiced and self._voiced[0] < now_ms - BARGE_WINDOW_MS:
            self._voiced.popleft()
        if is_voiced:
            self._voiced.append(at_ms)
        if self._began_ms is None:
            return self._push_silent(now_ms, is_playing)
        return self._push_speaking(self._began_ms, now_ms, is_voiced, completeness)

    def _push_silent(self, now_ms: int, is_playing: bool) -> Started | None:
        window_ms, enough_ms = (BARGE_WINDOW_MS, BARGE_MS) if is_playing else (START_WINDOW_MS, START_MS)
        recent = self._since(now_ms - window_ms)
        if len(recent) * FRAME_MS < enough_ms:
            return None
        self._began_ms = recent[0]
        self._ended_ms = recent[-1] + FRAME_MS
        return Started(at_ms=now_ms, began_ms=recent[0])

    def _push_speaking(
        self, began_ms: int, now_ms: int, is_voiced: bool, completeness: Completeness
    ) -> Ended | None:
        if is_voiced and len(self._since(now_ms - START_MS)) * FRAME_MS >= RESUME_MS:
            self._ended_ms = now_ms
        is_cut = now_ms - began_ms >= self._expect.max_speech_ms
        is_over = not is_voiced and now_ms - self._ended_ms >= self._wait_ms(completeness)
        if not (is_cut or is_over):
            return None
        self.reset()
        return Ended(at_ms=now_ms, began_ms=began_ms, ended_ms=self._ended_ms, is_cut=is_cut and not is_over)

    def _since(self, from_ms: int) -> list[int]:
        return [at_ms for at_ms in self._voiced if at_ms >= from_ms]

    def _wait_ms(self, completeness: Completeness) -> int:
        match completeness:
            case Completeness.COMPLETE:
                return self._expect.complete_ms
            case Completeness.CONFIDENT:
                return self._expect.confident_ms
            case Completeness.INCOMPLETE | Completeness.NOTHING:
                return self._expect.incomplete_ms
            case _:
                assert_never(completeness)
