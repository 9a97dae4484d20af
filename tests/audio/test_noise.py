"""Noise is as loud as asked for, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.audio.noise import MARGIN_MS, add_noise

TONE = (8000 * np.sin(np.arange(16_000) * 2 * np.pi * 440 / 8000)).astype("<i2").tobytes()


@pytest.mark.parametrize("snr_db", [20, 10, 0])
def test_the_ratio_is_the_one_asked_for(snr_db: int) -> None:
    clean = np.frombuffer(TONE, "<i2").astype(float)
    noisy = np.frombuffer(add_noise(TONE, snr_db), "<i2").astype(float)[8 * MARGIN_MS : -8 * MARGIN_MS]
    measured_db = 10 * np.log10(np.mean(clean**2) / np.mean((noisy - clean) ** 2))
    assert measured_db == pytest.approx(snr_db, abs=1)


def test_the_same_seed_is_the_same_noise() -> None:
    assert add_noise(TONE, 10, seed=1) == add_noise(TONE, 10, seed=1) != add_noise(TONE, 10, seed=2)
