"""The cushion of a call's leg: evens out the frames that come from a phone, so that a late one leaves no hole.

Counts frames, knows no clock: who takes, takes one every 20 ms.
"""

from __future__ import annotations

from collections import deque

from ivr.exchange.sound import SILENCE

CUSHION = 2
"""Frames gathered before a pause ends, so that a late one leaves no hole: 20 to 40 ms of delay."""
BACKLOG = 50
"""Most frames kept of a phone that sends faster than real time: 1 s."""
REVIEW = 50
"""Frames between two looks at whether the cushion has grown too deep."""


class Cushion:
    """Frames of mu-law on their way from a phone to the call."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque(maxlen=BACKLOG)
        self._is_flowing = False
        self._starved = 0
        self._reviewed = 0
        self._shallowest = BACKLOG

    def put(self, frame: bytes) -> None:
        self._frames.append(frame)

    def take(self) -> bytes:
        """The next 20 ms; silence where there is nothing."""
        frames = self._frames
        if not frames:
            self._is_flowing = False
            self._starved = 0
            return SILENCE
        if not self._is_flowing:
            self._starved += 1
            if len(frames) < CUSHION and self._starved <= CUSHION:
                return SILENCE
            self._is_flowing = True
        self._review(len(frames))
        return frames.popleft()

    def _review(self, depth: int) -> None:
        """A cushion that stayed too deep all the time only delays: throw the surplus away."""
        self._shallowest = min(self._shallowest, depth)
        self._reviewed += 1
        if self._reviewed >= REVIEW:
            for _ in range(self._shallowest - CUSHION):
                self._frames.popleft()
            self._reviewed, self._shallowest = 0, BACKLOG
