"""Sound for the tests of this room: a Piper caller and recorded digits, through the telephone's mu-law."""

from __future__ import annotations

import asyncio
import io
import os
import random
import tarfile
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ivr.audio import mulaw
from ivr.speech import synth

DATA = Path(os.environ.get("IVR_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
PAUSE = np.zeros(2400, "<i2")


@pytest.fixture(scope="session")
def piper_says() -> Callable[[str], bytes]:
    """Text to PCM16 8 kHz as a caller's line carries it, silence before and after."""
    pytest.importorskip("piper", reason="needs the extra [callers]")
    said: dict[str, bytes] = {}

    async def render(text: str) -> bytes:
        voice = synth.piper(timeout_s=30)
        try:
            return await voice.render(text)
        finally:
            await voice.close()

    def say(text: str) -> bytes:
        if text not in said:
            with ThreadPoolExecutor(1) as aside:  # a test's own event loop may be running
                sound = mulaw.decode(aside.submit(lambda: asyncio.run(render(text))).result())
            said[text] = PAUSE.tobytes() + sound + PAUSE.tobytes()
        return said[text]

    return say


@pytest.fixture(scope="session")
def recorded_digits() -> Callable[[str, str], bytes]:
    """(speaker, digits) to PCM16 8 kHz: recordings of single digits strung together, through mu-law."""
    archive = DATA / "spoken-digits.tar.gz"
    if not archive.is_file():
        pytest.skip(f"no recorded digits at {archive}; set IVR_TEST_DATA")
    with tarfile.open(archive) as tar:
        recordings = {Path(m.name).stem: tar.extractfile(m).read() for m in tar if m.name.endswith(".wav")}

    def speak(speaker: str, digits: str) -> bytes:
        chance = random.Random(digits)
        parts = [PAUSE]
        for digit in digits:
            names = sorted(name for name in recordings if name.startswith(f"{digit}_{speaker}_"))
            with wave.open(io.BytesIO(recordings[chance.choice(names)])) as sound:
                parts.append(np.frombuffer(sound.readframes(sound.getnframes()), "<i2"))
            parts.append(np.zeros(chance.randrange(400, 1600), "<i2"))
        line = np.concatenate([*parts, PAUSE]).astype(np.float32)
        level = (line * 12000 / np.abs(line).max()).astype("<i2")
        return mulaw.decode(mulaw.encode(level.tobytes()))

    return speak
