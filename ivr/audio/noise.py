"""Noise for tests and measurements: a clean recording as a busy line would carry it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MARGIN_MS = 200
"""Noise before and after the sound, so that it does not begin with the voice."""


def add_noise(pcm: bytes, snr_db: float, seed: int = 0) -> bytes:
    """PCM16 8 kHz with noise ``snr_db`` below the mean power of ``pcm``; the same for the same seed.

    Pink-like (power falling by 3 dB an octave) because rooms and streets are, more than white.
    """
    margin = np.zeros(8 * MARGIN_MS)
    signal = np.concatenate([margin, np.frombuffer(pcm, "<i2").astype(np.float64), margin])
    power = np.mean(np.square(signal[len(margin) : -len(margin)])) if pcm else 1.0
    noise = pink(len(signal), seed) * np.sqrt(power / 10 ** (snr_db / 10))
    mixed: bytes = np.clip(signal + noise, -32768, 32767).astype("<i2").tobytes()
    return mixed


def pink(samples: int, seed: int = 0) -> npt.NDArray[np.float64]:
    """So many samples of pink-like noise at 8 kHz whose mean square is 1; the same for the same seed."""
    white = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples))
    bins = np.maximum(np.arange(len(white)), samples * 100 // 8000)
    noise: npt.NDArray[np.float64] = np.fft.irfft(white / np.sqrt(bins), samples)
    return noise / np.sqrt(np.mean(np.square(noise)))
