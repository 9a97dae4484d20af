"""The resampler: pieces give what the whole gives, tones keep pitch and level, and little is held back."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.audio.resample import Quality, Resampler, convert

PAIRS = [(8000, 16000), (16000, 8000), (22050, 8000), (8000, 48000), (48000, 8000), (8000, 8000)]


def tone(hz: float, rate_hz: int, seconds: float = 1.0) -> bytes:
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    return (8000 * np.sin(2 * np.pi * hz * at)).astype("<i2").tobytes()


@pytest.mark.parametrize("quality", ["LQ", "MQ"])
@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS)
def test_pieces_give_what_the_whole_gives(from_hz: int, to_hz: int, quality: Quality) -> None:
    noise = np.random.default_rng(1).normal(0, 3000, from_hz).astype("<i2").tobytes()
    whole = np.frombuffer(convert(noise, from_hz, to_hz, quality), "<i2").astype(int)
    resampler = Resampler(from_hz, to_hz, quality)
    sizes = np.random.default_rng(2).integers(0, 900, 400)
    pieces, at = [], 0
    for size in sizes:
        pieces.append(resampler.push(noise[at : at + 2 * size]))
        at += 2 * size
    pieces += [resampler.push(noise[at:]), resampler.flush()]
    streamed = np.frombuffer(b"".join(pieces), "<i2").astype(int)
    assert len(streamed) == len(whole) == to_hz
    assert np.abs(streamed - whole).max() <= 2, "only soxr's dither may differ"


@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS)
def test_a_tone_keeps_its_pitch_and_level(from_hz: int, to_hz: int) -> None:
    out = np.frombuffer(convert(tone(1000, from_hz), from_hz, to_hz), "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    assert abs(np.argmax(spectrum) * to_hz / len(out) - 1000) <= 2
    middle = out[to_hz // 4 : -to_hz // 4]
    assert abs(20 * np.log10(np.sqrt(np.mean(middle**2)) / (8000 / np.sqrt(2)))) < 0.1


def test_what_the_lower_rate_cannot_carry_is_gone_not_folded() -> None:
    out = np.frombuffer(convert(tone(5000, 22050), 22050, 8000), "<i2")
    assert np.abs(out[800:-800]).max() <= 2


@pytest.mark.parametrize(
    ("from_hz", "to_hz", "quality", "bound_ms"),
    [(8000, 16000, "LQ", 62), (8000, 16000, "MQ", 118), (16000, 8000, "LQ", 62), (22050, 8000, "MQ", 83)],
)
def test_never_holds_back_more_than_stated(from_hz: int, to_hz: int, quality: Quality, bound_ms: int) -> None:
    resampler = Resampler(from_hz, to_hz, quality)
    samples_in = samples_out = 0
    worst_ms = 0.0
    piece = tone(440, from_hz, 0.02)
    for _ in range(150):
        samples_in += len(piece) // 2
        samples_out += len(resampler.push(piece)) // 2
        worst_ms = max(worst_ms, 1000 * (samples_in / from_hz - samples_out / to_hz))
    assert worst_ms <= bound_ms


def test_a_flushed_resampler_begins_afresh() -> None:
    resampler = Resampler(8000, 16000)
    first = resampler.push(tone(440, 8000)) + resampler.flush()
    second = resampler.push(tone(440, 8000)) + resampler.flush()
    assert len(first) == len(second) == 2 * 2 * 8000
    difference = np.frombuffer(first, "<i2").astype(int) - np.frombuffer(second, "<i2")
    assert np.abs(difference).max() <= 2


def test_half_a_sample_is_refused_at_any_rate() -> None:
    for to_hz in (8000, 16000):
        with pytest.raises(ValueError):
            convert(b"\0\0\0", 8000, to_hz)
