"""Voice activity: is there a voice in these 20 ms?

A frame is voiced when it stands out of the line's noise and there has been a *harmonic* sound, as vocal cords
make it, within the last ``HOLD_MS``: noise that jumps, clicks, knocks, coughs and breaths have none, while an
s or t that follows a vowel counts. Chosen by measurement against WebRTC's detector, fast-vad and Silero
(docs/measurements.md, "Voice activity"). Decides about frames only; ``endpoint`` decides about turns. Whose
voice it is nobody here can tell: our own, echoed, is a voice.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

import numpy as np

from ivr.audio.frame import FRAME_MS, FRAME_SAMPLES, RATE_HZ
from ivr.audio.spectrum import FFT, LONGEST_LAG, OWN_CORRELATION, SCALE, SHORTEST_LAG, WINDOW, Signal, fixed

VOICE_SNR_DB = 3.0
"""A harmonic frame is voiced when its bands stand out of the noise by so much on average."""
TAIL_SNR_DB = 4.2
"""A frame that is not harmonic needs more: in steady noise 98 frames of 100 stay below 4.7, 95 below 4.2."""
HARMONICITY = 0.24
"""Smallest peak of the whitened autocorrelation that is harmonic: noise has 0.1-0.22, vowels 0.3-0.6."""
HOLD_MS = 200
"""So long after the last harmonic frame others still count: the longest s or t within a word."""
FLOOR_MS = 2000
"""The noise floor is the least of so much past; speech always pauses within it."""

_FLOOR_STEP_MS = 250
_FLOOR_BIAS_DB = 2.0
"""From the least of ``FLOOR_MS`` towards the mean of the noise."""
_LOWEST_FLOOR_DB = -80.0
"""Noise below this, in one band, is taken to be this: digital silence has no floor of its own."""
_HIGHEST_BAND_DB = 25.0
"""More than this in one band does not count, so that one tone cannot speak for all bands."""
_BAND_EDGES_HZ = (200, 350, 500, 650, 800, 1000, 1250, 1550, 1900, 2350, 2900, 3400)


class VoiceDetector(Protocol):
    """One caller's stream, frame by frame; the frames must follow each other."""

    def is_voiced(self, pcm: bytes) -> bool:
        """Whether this frame, 20 ms of PCM16LE mono 8 kHz (320 bytes), holds a voice."""
        ...

    def reset(self) -> None:
        """Forget the stream; a new one follows."""
        ...


class HarmonicDetector:
    """The detector in use; numpy alone, about 40 us a frame on one core, a few kB a call."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._past: Signal = np.zeros(FRAME_SAMPLES)
        self._least: deque[Signal] = deque(maxlen=FLOOR_MS // _FLOOR_STEP_MS)
        """Least level of each band in each finished step of the floor's time."""
        self._newest: Signal | None = None
        self._newest_ms = 0
        self._since_harmonic_ms = HOLD_MS + FRAME_MS

    def is_voiced(self, pcm: bytes) -> bool:
        """Raises ValueError for a frame of another length."""
        if len(pcm) != 2 * FRAME_SAMPLES:
            raise ValueError(f"a frame has {2 * FRAME_SAMPLES} bytes, not {len(pcm)}")
        frame = np.frombuffer(pcm, dtype="<i2") / 32768
        power = np.abs(np.fft.rfft(np.concatenate((self._past, frame)) * WINDOW, FFT))[_BINS] ** 2
        self._past = frame
        levels = 10 * np.log10(np.add.reduceat(power, _BAND_STARTS) * SCALE + 1e-10)
        floor = self._floor(levels)
        snr_db = float(np.minimum(np.maximum(levels - floor, 0), _HIGHEST_BAND_DB).mean())
        if snr_db > VOICE_SNR_DB and _harmonicity(power, floor) > HARMONICITY:
            self._since_harmonic_ms = 0
            return True
        self._since_harmonic_ms += FRAME_MS
        return self._since_harmonic_ms <= HOLD_MS and snr_db > TAIL_SNR_DB

    def _floor(self, levels: Signal) -> Signal:
        """The noise in each band, in dB, by the least of the past ``FLOOR_MS`` with this frame."""
        self._newest = levels if self._newest is None else np.minimum(self._newest, levels)
        least = np.minimum.reduce([self._newest, *self._least])
        self._newest_ms += FRAME_MS
        if self._newest_ms >= _FLOOR_STEP_MS:
            self._least.append(self._newest)
            self._newest, self._newest_ms = None, 0
        return np.maximum(least + _FLOOR_BIAS_DB, _LOWEST_FLOOR_DB)


def _harmonicity(power: Signal, floor: Signal) -> float:
    """Highest peak, 0..1, of the autocorrelation at the lags of a voice, with the noise made white.

    The root of the power flattens the formants too, or a narrow resonance would look like a pitch.
    """
    whitened = np.zeros(FFT // 2 + 1)
    whitened[_BINS] = np.sqrt(power * np.repeat(10 ** (-floor / 10), _BAND_WIDTHS))
    correlation = np.fft.irfft(whitened)
    return float((correlation[_LAGS] / _OWN_CORRELATION).max() / (correlation[0] + 1e-12))


_LAGS = slice(SHORTEST_LAG, LONGEST_LAG + 1)
_OWN_CORRELATION = OWN_CORRELATION[_LAGS]
_EDGES = np.round(np.array(_BAND_EDGES_HZ) / RATE_HZ * FFT).astype(np.intp)
_BINS = slice(int(_EDGES[0]), int(_EDGES[-1]))
_BAND_STARTS = fixed(_EDGES[:-1] - _EDGES[0])
_BAND_WIDTHS = fixed(np.diff(_EDGES))
