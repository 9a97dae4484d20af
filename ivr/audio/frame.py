"""The frame: 20 ms of sound, the unit and the clock of a call."""

from __future__ import annotations

from dataclasses import dataclass

RATE_HZ = 8000
FRAME_MS = 20
FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
"""160 samples, and so 160 bytes of mu-law."""


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms of PCM16 mono 8 kHz."""

    at_ms: int
    """Start of the frame on its stream's clock, in milliseconds."""
    pcm: bytes
    """320 bytes: 160 little-endian signed 16-bit samples."""
