"""What a telephone of ours said or heard: the sound of one way, with the time of each frame. Pure."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from typing import Any

import numpy as np

from ivr.audio import mulaw
from ivr.audio.frame import FRAME_SAMPLES, RATE_HZ

VOICED_LEVEL = 250
"""Mean magnitude of the samples (of 32767) from which a frame counts as voiced: about -42 dB."""
_SLACK = RATE_HZ * 60 // 1000
"""Samples by which frames may be early or late in a recording and still follow each other without a hole."""


class Track:
    """Sound that passed one way, with the time of each frame."""

    def __init__(self) -> None:
        self.sound = bytearray()
        """mu-law, frame after frame."""
        self.at_s = array("d")
        """``time.monotonic`` of each frame."""

    def add(self, frame: bytes, at_s: float) -> None:
        self.sound += frame
        self.at_s.append(at_s)

    def pcm(self) -> bytes:
        return mulaw.decode(bytes(self.sound))

    def voiced(self, first: int = 0) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """For each frame from number ``first`` on, whether there is sound in it."""
        pcm = mulaw.decode(bytes(self.sound[first * FRAME_SAMPLES :]))
        samples = np.frombuffer(pcm, "<i2").reshape(-1, FRAME_SAMPLES).astype(np.int32)
        levels: np.ndarray[Any, np.dtype[np.float64]] = np.abs(samples).mean(axis=1)
        return levels >= VOICED_LEVEL

    def last_voiced_s(self, before_s: float = math.inf) -> float | None:
        """When the last voiced frame earlier than ``before_s`` passed."""
        found = np.flatnonzero(self.voiced()[: bisect_left(self.at_s, before_s)])
        return self.at_s[int(found[-1])] if len(found) else None

    def first_voiced_s(self, after_s: float) -> float | None:
        """When the first voiced frame later than ``after_s`` passed."""
        first = bisect_right(self.at_s, after_s)
        found = np.flatnonzero(self.voiced(first))
        return self.at_s[first + int(found[0])] if len(found) else None

    def laid_out(self, began_s: float) -> np.ndarray[Any, np.dtype[np.int16]]:
        """The samples on one time axis from ``began_s``; jitter is smoothed, pauses are kept."""
        samples = np.frombuffer(self.pcm(), "<i2").reshape(-1, FRAME_SAMPLES)
        places, following = [], 0
        for at_s in self.at_s:
            place = max(0, round((at_s - began_s) * RATE_HZ))
            following = place if place > following + _SLACK else following
            places.append(following)
            following += FRAME_SAMPLES
        track = np.zeros(following, dtype=np.int16)
        for place, frame in zip(places, samples, strict=True):
            track[place : place + FRAME_SAMPLES] = frame
        return track
