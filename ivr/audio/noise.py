"""Noise for tests and measurements: a clean recording as a busy line would carry it."""

from __future__ import annotations

import numpy as np

MARGIN_MS = 200
"""Noise before and after the sound, so that it does not begin with the voice."""


def add_noise(pcm: bytes, snr_db: float, seed: int = 0) -> bytes:
    """PCM16 8 kHz with noise ``snr_db`` below the mean power of ``pcm``; the same for the same seed.

    Pink-like (power falling by 3 dB an octave) because rooms and streets are, more than white.
    """
    margin = np.zeros(8 * MARGIN_MS)
    signal = np.concatenate([margin, np.frombuffer(pcm, "<i2").astype(np.float64), margin])
    power = np.mean(np.square(signal[len(margin) : -len(margin)])) if pcm else 1.0
    white = np.fft.rfft(np.random.default_rng(seed).standard_normal(len(signal)))
    bins = np.maximum(np.arange(len(white)), len(signal) * 100 // 8000)
    pink = np.fft.irfft(white / np.sqrt(bins), len(signal))
    pink *= np.sqrt(power / 10 ** (snr_db / 10) / np.mean(np.square(pink)))
    mixed: bytes = np.clip(signal + pink, -32768, 32767).astype("<i2").tobytes()
    return mixed
