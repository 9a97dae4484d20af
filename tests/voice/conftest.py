"""A whole node with its telephone exchange, as it runs in production, and callers with real voices."""

from __future__ import annotations

import io
import os
import random
import tarfile
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from voicekit import node, settings

from ivr import supervisor
from ivr.audio import mulaw

DATA = Path(os.environ.get("IVR_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
GAP_SAMPLES = (960, 2000)
"""Between recorded digits: 120 to 250 ms, as people leave who read a number out."""


@pytest.fixture(scope="session")
def installation(tmp_path_factory) -> Iterator[tuple[Path, supervisor.Node]]:
    """The sample company with the built-in recogniser: its data folder and its node."""
    folder = tmp_path_factory.mktemp("sample")
    with node(settings(folder, speech={"engine": "pocketsphinx"})) as running:
        yield folder, running


@pytest.fixture(scope="session")
def recorded_digits():
    """(speaker, digits) to PCM16 8 kHz: held-out recordings of single digits with natural gaps."""
    archive = DATA / "spoken-digits.tar.gz"
    if not archive.is_file():
        pytest.skip(f"no recorded digits at {archive}; set IVR_TEST_DATA")
    with tarfile.open(archive) as tar:
        recordings = {Path(m.name).stem: tar.extractfile(m).read() for m in tar if m.name.endswith(".wav")}

    def speak(speaker: str, digits: str) -> bytes:
        chance = random.Random(digits)
        parts = []
        for digit in digits:
            with wave.open(io.BytesIO(recordings[f"{digit}_{speaker}_{chance.randrange(5)}"])) as sound:
                parts.append(np.frombuffer(sound.readframes(sound.getnframes()), "<i2"))
            parts.append(np.zeros(chance.randrange(*GAP_SAMPLES), "<i2"))
        line = np.concatenate(parts[:-1]).astype(np.float32)
        level = (line * 12000 / np.abs(line).max()).astype("<i2")
        return mulaw.decode(mulaw.encode(level.tobytes()))

    return speak
