"""The hold music: level, band, seam, and the same bytes each time."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from ivr.audio.frame import FRAME_SAMPLES, RATE_HZ
from ivr.audio.level import rms_dbfs
from ivr.audio.music import HOLD_DBFS, hold_clip


@pytest.fixture(scope="module")
def clip() -> np.ndarray:
    return np.frombuffer(hold_clip(), "<i2").astype(float)


def test_is_the_same_each_time() -> None:
    assert hashlib.sha256(hold_clip()).digest() == hashlib.sha256(hold_clip()).digest()


def test_is_20_to_30_s_of_whole_frames_at_its_level(clip: np.ndarray) -> None:
    assert 20 <= len(clip) / RATE_HZ <= 30
    assert len(clip) % FRAME_SAMPLES == 0
    assert rms_dbfs(clip.astype("<i2").tobytes()) == pytest.approx(HOLD_DBFS, abs=0.1)
    assert np.abs(clip).max() < 32768 * 0.5


def test_is_never_silent_and_never_loud(clip: np.ndarray) -> None:
    levels = [rms_dbfs(second.astype("<i2").tobytes()) for second in clip.reshape(-1, RATE_HZ)]
    assert min(levels) > HOLD_DBFS - 6 and max(levels) < HOLD_DBFS + 4


def test_lies_within_the_telephone_band(clip: np.ndarray) -> None:
    power = np.abs(np.fft.rfft(clip)) ** 2
    hz = np.fft.rfftfreq(len(clip), 1 / RATE_HZ)
    assert power[(hz < 190) | (hz > 2700)].sum() < 1e-3 * power.sum()


def test_nothing_clicks_within_it_or_where_it_loops(clip: np.ndarray) -> None:
    """A click reaches above the highest partial for a moment; nothing else in the clip does."""
    twice = np.concatenate([clip, clip])
    moments = np.lib.stride_tricks.sliding_window_view(twice, 256)[::64] * np.hanning(256)
    power = np.abs(np.fft.rfft(moments, axis=1)) ** 2
    above = power[:, np.fft.rfftfreq(256, 1 / RATE_HZ) > 3100].sum(axis=1)
    assert above.max() < 1e-7 * power.sum(axis=1).mean()
