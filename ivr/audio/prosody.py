"""How an utterance sounds: loud, high, lively, sharp, fast. Numbers of one utterance, whatever was said in it.

By itself no number says anything: lines and people differ. What a change means against the caller's own beginning
is ``nlu.voice``'s.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ivr.audio.frame import FRAME_MS, FRAME_SAMPLES, RATE_HZ
from ivr.audio.spectrum import FFT, LONGEST_LAG, OWN_CORRELATION, SCALE, SHORTEST_LAG, WINDOW, Signal
from ivr.events import Voice

LONGEST_MS = 10_000
"""Of a longer utterance its end is measured: people grow louder as they go on."""
LEAST_MS = 300
"""Less voice than this is measured as nothing."""
HARMONICITY = 0.27
"""Smallest peak of the autocorrelation of a frame that counts as voice: noise has 0.1 to 0.2, vowels 0.3 to 0.7."""
BELOW_DB = 25.0
"""Frames so far below the loudest tenth are pauses, whatever they hold."""
QUIET_DBFS = -65.0
"""And so are these: nobody is as quiet on a telephone."""
OCTAVE = 0.9
"""Share of the highest peak from which on a shorter lag is the pitch: its multiples peak as well."""
RISE_DB = 3.0
"""A syllable stands so far out of the loudness on both sides."""

_LOW_HZ, _MIDDLE_HZ, _HIGH_HZ = 250, 1000, 3400
_SMOOTH = 3
"""Frames that loudness is averaged over before syllables are counted."""


def measure(pcm: bytes) -> Voice | None:
    """The voice of PCM16LE mono 8 kHz; None where there is too little of it. About 1 ms for a second of sound."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2")[-LONGEST_MS * RATE_HZ // 1000 :] / 32768
    if samples.size < 2 * FRAME_SAMPLES:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples, 2 * FRAME_SAMPLES)[::FRAME_SAMPLES]
    power = np.abs(np.fft.rfft(frames * WINDOW, FFT)) ** 2
    levels = 10 * np.log10(power[:, _LOW + _HIGH_BINS].sum(axis=1) * SCALE + 1e-10)
    pitches, peaks = _pitches(power)
    is_loud = levels > max(QUIET_DBFS, np.quantile(levels, 0.9) - BELOW_DB)
    is_voiced = is_loud & (peaks > HARMONICITY)
    voiced_ms = int(is_voiced.sum()) * FRAME_MS
    if voiced_ms < LEAST_MS:
        return None
    low, high = (power[is_voiced][:, bins].sum() for bins in (_LOW, _HIGH_BINS))
    tones = 12 * np.log2(pitches[is_voiced])
    fifth, middle, most = np.quantile(tones, (0.2, 0.5, 0.8))
    return Voice(
        voiced_ms=voiced_ms,
        level_db=_short(10 * np.log10(np.mean(10 ** (levels[is_voiced] / 10)))),
        pitch_hz=_short(2 ** (middle / 12)),
        spread_st=_short(most - fifth),
        tilt_db=_short(10 * np.log10((high + 1e-10) / (low + 1e-10))),
        pace_hz=_short(_syllables(levels, is_loud) / (is_loud.sum() * FRAME_MS / 1000)),
    )


def _pitches(power: Signal) -> tuple[Signal, Signal]:
    """Pitch in Hz of each frame, and how surely it has one (0..1): the first high peak of its autocorrelation.

    The root of the power flattens the formants, or a narrow resonance would look like a pitch.
    """
    flat = np.sqrt(power)
    flat[:, : _LOW[0]] = 0
    flat[:, _HIGH_BINS[-1] :] = 0
    correlation = np.fft.irfft(flat)
    near = correlation[:, _NEAR] / OWN_CORRELATION[_NEAR] / (correlation[:, :1] + 1e-12)
    left, here, right = near[:, :-2], near[:, 1:-1], near[:, 2:]
    is_peak = (here >= left) & (here >= right)
    peaks = np.where(is_peak, here, 0.0).max(axis=1)
    first = np.argmax(is_peak & (here >= OCTAVE * peaks[:, None]), axis=1)
    rows = np.arange(len(first))
    before, top, after = left[rows, first], here[rows, first], right[rows, first]
    bend = before - 2 * top + after
    lean = np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / np.where(bend == 0, 1, bend), 0.0)
    return RATE_HZ / (first + SHORTEST_LAG + np.clip(lean, -0.5, 0.5)), peaks


def _syllables(levels: Signal, is_loud: npt.NDArray[np.bool_]) -> int:
    """Peaks of loudness that stand out on both sides: about one a syllable."""
    smooth = np.convolve(np.where(is_loud, levels, levels.min()), np.ones(_SMOOTH) / _SMOOTH, mode="same")
    count, low, high, is_rising = 0, smooth[0], smooth[0], True
    for level in smooth:
        if is_rising:
            high = max(high, level)
            low = min(low, level) if level < high else low
            if high - level >= RISE_DB:
                count, is_rising, low = count + 1, False, level
        else:
            low = min(low, level)
            if level - low >= RISE_DB:
                is_rising, high = True, level
    return count


def _short(value: float) -> float:
    return round(float(value), 1)


def _bins(from_hz: int, to_hz: int) -> list[int]:
    return list(range(round(from_hz / RATE_HZ * FFT), round(to_hz / RATE_HZ * FFT)))


_LOW, _HIGH_BINS = _bins(_LOW_HZ, _MIDDLE_HZ), _bins(_MIDDLE_HZ, _HIGH_HZ)
_NEAR = slice(SHORTEST_LAG - 1, LONGEST_LAG + 2)
"""The lags of a voice and one more on each side, to tell a peak."""
