"""The voice detector on made-up voices and noises, and on recorded people where the recordings are there."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ivr.actions import Expectation
from ivr.audio import mulaw, wav
from ivr.audio.endpoint import Completeness, Endpointer, Started
from ivr.audio.frame import FRAME_MS, FRAME_SAMPLES, RATE_HZ
from ivr.audio.level import rms_dbfs
from ivr.audio.vad import HOLD_MS, HarmonicDetector

DIGITS = (
    Path(os.environ.get("IVR_TEST_DATA", Path(__file__).parents[2] / "../shared/data"))
    / "spoken-digits.tar.gz"
)


def frames(samples: np.ndarray) -> Iterator[bytes]:
    """As the telephone network delivers them."""
    pcm = mulaw.decode(mulaw.encode(np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()))
    for at in range(0, len(pcm) - 2 * FRAME_SAMPLES + 1, 2 * FRAME_SAMPLES):
        yield pcm[at : at + 2 * FRAME_SAMPLES]


def decide(samples: np.ndarray) -> np.ndarray:
    detector = HarmonicDetector()
    return np.array([detector.is_voiced(frame) for frame in frames(samples)])


def scaled(samples: np.ndarray, dbfs: float) -> np.ndarray:
    return samples / np.sqrt(np.mean(samples**2)) * 32768 * 10 ** (dbfs / 20)


def vowel(pitch_hz: float, dbfs: float = -26, ms: int = 600) -> np.ndarray:
    """Harmonics of a pitch that glides, under two formants, without what a telephone cuts off."""
    at = np.arange(RATE_HZ * ms // 1000) / RATE_HZ
    phase = 2 * np.pi * np.cumsum(pitch_hz * (1 + 0.1 * at)) / RATE_HZ
    sound = np.zeros_like(at)
    for n in range(1, int(3400 / pitch_hz)):
        hz = n * pitch_hz
        gain = 1 / (1 + ((hz - 600) / 150) ** 2) + 0.5 / (1 + ((hz - 1400) / 200) ** 2) + 0.02
        sound += gain * (hz > 250) * np.sin(n * phase)
    return scaled(sound, dbfs)


def hiss(ms: int, dbfs: float, seed: int = 0) -> np.ndarray:
    return scaled(np.random.default_rng(seed).normal(size=RATE_HZ * ms // 1000), dbfs)


def silence(ms: int) -> np.ndarray:
    return hiss(ms, -62)


@pytest.mark.parametrize("pitch_hz", [85, 120, 180, 250, 340])
@pytest.mark.parametrize("dbfs", [-40, -26, -14])
def test_a_voice_is_voiced_at_any_pitch_and_level(pitch_hz: float, dbfs: float) -> None:
    decided = decide(np.concatenate([silence(1000), vowel(pitch_hz, dbfs), silence(1000)]))
    assert not decided[:50].any()
    assert decided[51:80].all()
    assert not decided[82:].any()


@pytest.mark.parametrize("snr_db", [20, 15, 10])
def test_a_voice_stands_out_of_steady_noise(snr_db: float) -> None:
    samples = hiss(3000, -26 - snr_db)
    samples[8000 : 8000 + 4800] += vowel(130)
    decided = decide(samples)
    assert decided[52:79].all()
    assert not decided[:50].any() and not decided[82:].any()


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(5 * RATE_HZ),
        hiss(5000, -30),
        np.concatenate([hiss(2000, -60), hiss(2000, -40), hiss(2000, -25)]),
        np.concatenate([silence(700), hiss(10, -15), silence(700), hiss(10, -12), silence(700)]),
        np.concatenate([silence(1000), hiss(400, -38) * np.hanning(3200), silence(1000)]),
    ],
    ids=["digital silence", "hiss", "noise that jumps", "clicks", "breath"],
)
def test_noise_is_not_voiced(samples: np.ndarray) -> None:
    assert not decide(samples).any()


def test_a_hiss_counts_after_a_vowel_but_not_for_long() -> None:
    """As in "yes"."""
    decided = decide(np.concatenate([silence(1000), vowel(120, ms=200), hiss(600, -30), silence(500)]))
    last = int(np.flatnonzero(decided)[-1])
    assert decided[51:last].all()
    assert 1200 + 100 <= (last + 1) * FRAME_MS <= 1200 + HOLD_MS + 3 * FRAME_MS


def test_reset_forgets_the_stream() -> None:
    """The noise floor too: what begins loud is the line's noise until it is known better."""
    detector = HarmonicDetector()
    line = np.concatenate([vowel(140), silence(300), vowel(160), silence(300)])
    first = [detector.is_voiced(frame) for frame in frames(line)]
    for frame in frames(np.concatenate([silence(2500), vowel(140, ms=100)])):
        detector.is_voiced(frame)
    detector.reset()
    assert [detector.is_voiced(frame) for frame in frames(line)] == first
    assert any(first)


@pytest.mark.parametrize("size", [0, 318, 640])
def test_a_frame_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="320 bytes"):
        HarmonicDetector().is_voiced(bytes(size))


def test_recorded_digits_start_a_turn_and_the_gaps_do_not() -> None:
    """One take of each digit by each of four speakers, over the hiss of a line, 25 dB below."""
    if not DIGITS.exists():
        pytest.skip(f"no recordings at {DIGITS} (set IVR_TEST_DATA)")
    missed, false = [], 0
    with tarfile.open(DIGITS) as archive:
        for member in archive:
            if not member.name.endswith("_0.wav"):
                continue
            file = archive.extractfile(member)
            assert file
            clip = np.frombuffer(wav.read(io.BytesIO(file.read())), "<i2").astype(float)
            clip = scaled(clip, -26)
            samples = hiss(2000 + len(clip) * 1000 // RATE_HZ, -51)
            samples[RATE_HZ : RATE_HZ + len(clip)] += clip[: len(samples) - RATE_HZ]
            starts = turn_starts(samples)
            false += sum(not 900 <= start.began_ms <= 1000 + len(clip) * 1000 // RATE_HZ for start in starts)
            missed += [] if starts else [member.name]
    assert (missed, false) == ([], 0)


def turn_starts(samples: np.ndarray) -> list[Started]:
    endpointer = Endpointer(Expectation(kind="digits"))
    changes = (
        endpointer.push(index * FRAME_MS, bool(is_voiced), Completeness.INCOMPLETE, False)
        for index, is_voiced in enumerate(decide(samples))
    )
    return [change for change in changes if isinstance(change, Started)]


def test_the_material_is_as_loud_as_it_says() -> None:
    assert rms_dbfs(b"".join(frames(vowel(120, -26)))) == pytest.approx(-26, abs=0.3)
