"""The spectrum of two frames at a time, as voices are looked for in it and measured.

Constants of one window alone. Whether there is a voice is ``vad``'s, how it sounds ``prosody``'s.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ivr.audio.frame import FRAME_SAMPLES, RATE_HZ

Signal = npt.NDArray[np.float64]
Number = TypeVar("Number", bound=np.generic)

FFT = 512
SHORTEST_LAG = RATE_HZ // 400
LONGEST_LAG = RATE_HZ // 70
"""Voices lie between 70 and 400 Hz."""


def fixed(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """The same values, which nobody can change any more."""
    values.setflags(write=False)
    return values


WINDOW = fixed(np.hanning(2 * FRAME_SAMPLES + 1)[:-1])
_ENERGY = float((WINDOW**2).sum())
SCALE = 2 / (FFT * _ENERGY)
"""Makes the sum of bins of the power their mean square, 1 being full scale."""
OWN_CORRELATION = fixed(np.fft.irfft(np.abs(np.fft.rfft(WINDOW, FFT)) ** 2) / _ENERGY)
"""What the window leaves of a perfectly periodic sound at each lag."""
