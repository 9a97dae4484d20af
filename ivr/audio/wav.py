"""WAV files in and out: any rate, width and number of channels in, PCM16 out. Plain PCM only."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ivr.audio.frame import RATE_HZ
from ivr.audio.resample import convert
from ivr.errors import IvrError


class WavError(IvrError):
    """A WAV file that cannot be used; the text says what was found and the remedy."""


def read(source: Path | BinaryIO, rate_hz: int = RATE_HZ) -> bytes:
    """The file's sound as PCM16LE mono at ``rate_hz``, channels averaged.

    Raises WavError for what is no plain PCM WAV, FileNotFoundError where there is none.
    """
    try:
        with wave.open(str(source) if isinstance(source, Path) else source, "rb") as file:
            channels, width, from_hz = file.getnchannels(), file.getsampwidth(), file.getframerate()
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise WavError(
            f"{_name(source)} is no plain PCM WAV file ({error or 'too short'}); "
            "make one with: sox INPUT -e signed-integer -b 16 OUTPUT.wav"
        ) from error
    whole = len(raw) - len(raw) % (width * channels)
    samples = _samples(raw[:whole], width).reshape(-1, channels).mean(axis=1)
    pcm = np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()
    return convert(pcm, from_hz, rate_hz)


def write(target: Path | BinaryIO, pcm: bytes, rate_hz: int = RATE_HZ, channels: int = 1) -> None:
    """Write PCM16LE, the channels of each sample side by side, as a WAV file."""
    with wave.open(str(target) if isinstance(target, Path) else target, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(pcm)


def _samples(raw: bytes, width: int) -> np.ndarray:
    """Samples of 1 to 4 bytes on the 16-bit scale; one byte is unsigned, as in every WAV file."""
    if width == 1:
        return (np.frombuffer(raw, np.uint8).astype(np.float64) - 128) * 256
    if width == 3:
        padded = np.zeros((len(raw) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        return padded.view("<i4")[:, 0] / 65536
    return np.frombuffer(raw, f"<i{width}") / 256.0 ** (width - 2)


def _name(source: Path | BinaryIO) -> str:
    return str(source) if isinstance(source, Path) else str(getattr(source, "name", "the file"))
