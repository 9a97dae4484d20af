"""How loud a piece of sound is."""

from __future__ import annotations

import math

import numpy as np

SILENT_DBFS = -96.0
"""What digital silence is called: below the smallest step of 16 bits."""


def rms_dbfs(pcm: bytes) -> float:
    """Root mean square of PCM16LE in dB below full scale (a full sine is -3.0), at least ``SILENT_DBFS``."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    power = float(np.mean(samples**2)) if samples.size else 0.0
    return max(SILENT_DBFS, 10 * math.log10(power / 32768**2)) if power > 0 else SILENT_DBFS
