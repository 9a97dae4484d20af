"""The sound of a voice in numbers: known hums in, their loudness, pitch and pace out."""

from __future__ import annotations

import time

import numpy as np
import pytest

from ivr.audio.frame import RATE_HZ
from ivr.audio.prosody import LEAST_MS, LONGEST_MS, measure


def hum(
    pitch_hz: float, seconds: float = 3.0, gain: float = 0.1, beats_hz: float = 4.0, tilt: float = 1.0
) -> bytes:
    """A voice's harmonics above 250 Hz, as a telephone lets them through, in syllables."""
    at = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    tones = [k for k in range(1, int(3_400 / pitch_hz)) if k * pitch_hz > 250]
    sound = np.sum([np.sin(2 * np.pi * pitch_hz * k * at) / k**tilt for k in tones], axis=0)
    sound = gain * sound * (0.55 + 0.45 * np.sin(2 * np.pi * beats_hz * at))
    return (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()


@pytest.mark.parametrize("pitch_hz", [90, 120, 200, 330])
def test_pitch(pitch_hz: int) -> None:
    voice = measure(hum(pitch_hz))
    assert voice is not None and voice.pitch_hz == pytest.approx(pitch_hz, rel=0.01) and voice.spread_st < 0.2


def test_loudness_and_nothing_else_follows_the_gain() -> None:
    soft, loud = measure(hum(120, gain=0.04)), measure(hum(120, gain=0.16))
    assert soft is not None and loud is not None
    assert loud.level_db - soft.level_db == pytest.approx(12, abs=0.3)
    assert (loud.pitch_hz, loud.tilt_db, loud.pace_hz) == pytest.approx(
        (soft.pitch_hz, soft.tilt_db, soft.pace_hz), abs=0.3
    )


def test_syllables() -> None:
    slow, fast = measure(hum(150, beats_hz=3)), measure(hum(150, beats_hz=6))
    assert slow is not None and fast is not None
    assert slow.pace_hz == pytest.approx(3, abs=0.4) and fast.pace_hz == pytest.approx(6, abs=0.6)


def test_a_sharper_voice() -> None:
    dull, sharp = measure(hum(150, tilt=1.5)), measure(hum(150, tilt=0.5, gain=0.05))
    assert dull is not None and sharp is not None and sharp.tilt_db > dull.tilt_db + 5


def test_pauses_do_not_count() -> None:
    alone, paused = measure(hum(120)), measure(b"\0" * 32_000 + hum(120) + b"\0" * 32_000)
    assert alone is not None and paused is not None
    assert (
        paused.level_db == pytest.approx(alone.level_db, abs=0.5) and paused.voiced_ms <= alone.voiced_ms + 60
    )


@pytest.mark.parametrize(
    "pcm",
    [
        b"",
        b"\0",
        b"\0" * 3_201,
        b"\0" * 160_000,
        np.random.default_rng(0).normal(0, 3_000, 24_000).astype("<i2").tobytes(),
        hum(120, seconds=LEAST_MS / 2_000),
        b"\xff\x7f" * 16_000,
    ],
    ids=["nothing", "half a sample", "odd", "silence", "noise", "too short", "stuck"],
)
def test_what_is_no_voice(pcm: bytes) -> None:
    assert measure(pcm) is None


def test_of_an_endless_voice_the_end_is_measured_soon_enough() -> None:
    began = time.perf_counter()
    voice = measure(hum(120, seconds=30) + hum(240, seconds=LONGEST_MS / 1_000))
    assert voice is not None and voice.pitch_hz == pytest.approx(240, rel=0.01)
    assert voice.voiced_ms <= LONGEST_MS and time.perf_counter() - began < 2
