"""G.711 mu-law: the telephone network's 8-bit code for 16-bit samples, both ways.

Exact against ITU-T G.711 (11/88) table 2: a sample is quantised by its magnitude on the 14-bit scale, the two
bits below it dropped, so that both signs mirror each other. No rate conversion, no framing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SILENCE = 0xFF
"""The code of a zero sample; fill idle time with it."""

_BIAS = 33
"""Added to a 14-bit magnitude so that every segment starts at a power of two (G.711 table 2)."""
_CLIP = 8158
"""Largest 14-bit magnitude that still falls below the last decision value, 8159."""


def encode(pcm: bytes) -> bytes:
    """PCM16LE samples to one byte each. Raises ValueError for half a sample."""
    return _CODE_OF_SAMPLE[np.frombuffer(pcm, dtype="<u2")].tobytes()


def decode(ulaw: bytes) -> bytes:
    """One byte a sample to PCM16LE, twice as long."""
    return _SAMPLE_OF_CODE[np.frombuffer(ulaw, dtype=np.uint8)].tobytes()


def _encode_table() -> npt.NDArray[np.uint8]:
    """The code of each sample, indexed by the sample's 16 bits read as an unsigned number."""
    sample = np.arange(1 << 16, dtype=np.uint16).view(np.int16).astype(np.int32)
    biased = np.minimum(np.abs(sample) >> 2, _CLIP) + _BIAS
    segment = np.frexp(biased)[1] - 6
    code = (segment << 4) | ((biased >> (segment + 1)) & 0x0F)
    table: npt.NDArray[np.uint8] = (~code & np.where(sample < 0, 0x7F, 0xFF)).astype(np.uint8)
    table.setflags(write=False)
    return table


def _decode_table() -> npt.NDArray[np.int16]:
    """The 16-bit sample of each code: the middle of its interval."""
    code = ~np.arange(256)
    segment = (code >> 4) & 0x07
    magnitude = ((((code & 0x0F) << 1) + _BIAS) << segment) - _BIAS
    table: npt.NDArray[np.int16] = (np.where(code & 0x80, -magnitude, magnitude) * 4).astype("<i2")
    table.setflags(write=False)
    return table


_CODE_OF_SAMPLE = _encode_table()
_SAMPLE_OF_CODE = _decode_table()
