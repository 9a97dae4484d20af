"""WAV files of every rate, width and number of channels become PCM16 mono."""

from __future__ import annotations

import io
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.audio import wav
from ivr.audio.level import rms_dbfs


def wav_file(samples: np.ndarray, width: int, channels: int, rate_hz: int) -> io.BytesIO:
    """``samples`` in -1..1, the same in every channel."""
    scaled = np.repeat(samples, channels) * (2 ** (8 * width - 1) - 1)
    match width:
        case 1:
            raw = (scaled + 128).astype(np.uint8).tobytes()
        case 3:
            raw = b"".join(int(sample).to_bytes(3, "little", signed=True) for sample in scaled)
        case _:
            raw = scaled.astype(f"<i{width}").tobytes()
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate_hz)
        writer.writeframes(raw)
    file.seek(0)
    return file


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [8000, 44100])
def test_any_shape_comes_in_at_its_level(width: int, channels: int, rate_hz: int) -> None:
    tone = 0.5 * np.sin(np.arange(rate_hz) * 2 * np.pi * 440 / rate_hz)
    pcm = wav.read(wav_file(tone, width, channels, rate_hz))
    assert len(pcm) == 16000
    assert rms_dbfs(pcm[1600:-1600]) == pytest.approx(-9.03, abs=0.1)


def test_channels_are_averaged() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((2, 2, 8000, 0, "NONE", ""))
        writer.writeframes(struct.pack("<4h", 1000, 3000, -32768, -32768))
    file.seek(0)
    assert wav.read(file) == struct.pack("<2h", 2000, -32768)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    pcm = np.random.default_rng(3).integers(-32768, 32768, 4000).astype("<i2").tobytes()
    wav.write(tmp_path / "x.wav", pcm, 16000)
    assert wav.read(tmp_path / "x.wav", 16000) == pcm


@pytest.mark.parametrize("content", [b"", b"RIFF", b"ID3 not a wave file at all" * 4])
def test_what_is_no_wav_is_refused_with_name_and_remedy(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(content)
    with pytest.raises(wav.WavError, match=r"song\.mp3 is no plain PCM WAV file.*sox"):
        wav.read(path)


def test_mu_law_in_a_wav_is_refused() -> None:
    body = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 7, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", 0)
    with pytest.raises(wav.WavError, match="unknown format: 7"):
        wav.read(io.BytesIO(b"RIFF" + struct.pack("<I", len(body)) + body))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        wav.read(tmp_path / "none.wav")
