"""Sound of the exchange's own: tones, clips read from WAV or raw mu-law, and the player of a line.

Everything here is mu-law 8 kHz; only ``read_clip`` meets other forms.
"""

from __future__ import annotations

import asyncio
import io
import struct

import numpy as np

from ivr.audio import mulaw
from ivr.audio.frame import FRAME_SAMPLES, RATE_HZ
from ivr.audio.resample import convert

SILENCE = bytes([mulaw.SILENCE]) * FRAME_SAMPLES
"""One frame of nothing."""


def silence(seconds: float) -> bytes:
    return bytes([mulaw.SILENCE]) * int(seconds * RATE_HZ)


def tone(seconds: float, *pitches_hz: float, level: float = 0.1) -> bytes:
    """One or more sines together; ``level`` is each one's amplitude, 0..1."""
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    wave = sum((np.sin(2 * np.pi * pitch * at) for pitch in pitches_hz), np.zeros(len(at)))
    return mulaw.encode((np.clip(wave * level, -1, 1) * 32767).astype("<i2").tobytes())


def ringback() -> bytes:
    """North American ringing tone, 2 s on and 4 s off (ITU-T E.180 supplement 2)."""
    return tone(2, 440, 480) + silence(4)


def beep() -> bytes:
    return tone(0.2, 1000)


def hold_music() -> bytes:
    """What a conference plays to those who wait, unless told otherwise: a slow figure of four soft notes."""
    return b"".join(tone(0.6, pitch, level=0.05) + silence(0.4) for pitch in (262, 330, 392, 330))


def application_error() -> bytes:
    """What a caller hears when the application failed and no fallback helped: three falling tones."""
    return b"".join(tone(0.25, pitch) + silence(0.05) for pitch in (950, 700, 450))


async def hum(text: str) -> bytes:
    """Stands for speech where no voice is given: a quiet tone of 60 ms a character, at most 10 s."""
    return tone(min(max(len(text), 5) * 0.06, 10), 300)


def read_clip(body: bytes, content_type: str) -> bytes:
    """A sound file, WAV (PCM16, mu-law) or raw mu-law, as mu-law 8 kHz mono. Raises ValueError for others."""
    if body[:4] == b"RIFF" and body[8:12] == b"WAVE":
        return _read_wav(body)
    if content_type in ("audio/basic", "audio/x-mulaw", "audio/mulaw", "audio/ulaw", "audio/pcmu"):
        return body
    raise ValueError(f"{content_type or 'no content type'} is neither WAV nor mu-law")


def _read_wav(body: bytes) -> bytes:
    source, layout = io.BytesIO(body[12:]), None
    while len(head := source.read(8)) == 8:
        name, size = struct.unpack("<4sI", head)
        chunk = source.read(size + size % 2)[:size]
        if name == b"fmt " and size >= 16:
            layout = struct.unpack("<HHIIHH", chunk[:16])
        if name == b"data" and layout is not None:
            kind, channels, rate_hz, _, _, bits = layout
            if (kind, bits) == (7, 8):
                pcm = mulaw.decode(chunk)
            elif (kind, bits) == (1, 16):
                pcm = chunk
            else:
                raise ValueError(f"WAV of format {kind} with {bits} bits; wanted PCM16 or mu-law")
            samples = np.frombuffer(pcm[: len(pcm) // (2 * channels) * 2 * channels], "<i2")
            mono = samples.reshape(-1, channels).mean(axis=1).astype("<i2").tobytes()
            return mulaw.encode(mono if rate_hz == RATE_HZ else convert(mono, rate_hz, RATE_HZ))
    raise ValueError("WAV without a format and a data chunk")


class Player:
    """Plays one clip to a line, once or again and again; keys are not heard."""

    def __init__(self, clip: bytes, *, loops: bool = False) -> None:
        self._clip = clip
        self._loops = loops and len(clip) > 0
        self._at = 0
        self.ended = asyncio.Event()

    def tick(self, heard: bytes) -> bytes | None:
        frame = self._clip[self._at : self._at + FRAME_SAMPLES]
        if not frame:
            self.ended.set()
            return None
        self._at += FRAME_SAMPLES
        if self._loops and self._at >= len(self._clip):
            self._at = 0
        return frame if len(frame) == FRAME_SAMPLES else frame + SILENCE[len(frame) :]

    def press(self, key: str) -> None:
        return None
