"""Levels of known signals."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.audio.level import SILENT_DBFS, rms_dbfs


@pytest.mark.parametrize(("amplitude", "dbfs"), [(32767, -3.01), (3276.7, -23.01), (32.767, -63.01)])
def test_a_sine(amplitude: float, dbfs: float) -> None:
    sine = (amplitude * np.sin(np.arange(8000) * 2 * np.pi / 8)).astype("<i2").tobytes()
    assert rms_dbfs(sine) == pytest.approx(dbfs, abs=0.2)


def test_nothing_and_silence() -> None:
    assert rms_dbfs(b"") == rms_dbfs(bytes(320)) == SILENT_DBFS
