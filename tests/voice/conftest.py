"""A whole node with its telephone exchange, as it runs in production, and callers with real voices."""

from __future__ import annotations

import asyncio
import io
import os
import random
import tarfile
import threading
import wave
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from ivr import config, supervisor
from ivr.audio import mulaw
from ivr.redisserver import RedisServer

DATA = Path(os.environ.get("IVR_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
GAP_SAMPLES = (960, 2000)
"""Between recorded digits: 120 to 250 ms, as people leave who read a number out."""


@contextmanager
def node(settings: config.Config) -> Iterator[supervisor.Node]:
    """A running node with an exchange, kept by an event loop in a thread of its own.

    Its Redis is started here, because a server of our own ends with the thread that started it.
    """
    started: Future[tuple[supervisor.Node, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        over = asyncio.Event()
        chosen = settings.model_copy(update={"redis": settings.redis.model_copy(update={"url": redis.url})})
        async with supervisor.running(chosen, with_exchange=True) as running:
            started.set_result((running, asyncio.get_running_loop(), over))
            await over.wait()

    def keep() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    with RedisServer(settings.data.folder) as redis:
        thread = threading.Thread(target=keep, name="node")
        thread.start()
        running, loop, over = started.result()
        try:
            yield running
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join()


@pytest.fixture(scope="session")
def installation(tmp_path_factory) -> Iterator[tuple[Path, supervisor.Node]]:
    """The sample company with the built-in recogniser: its data folder and its node."""
    folder = tmp_path_factory.mktemp("sample")
    with node(settings(folder, speech={"engine": "pocketsphinx"})) as running:
        yield folder, running


def settings(folder: Path, **more) -> config.Config:
    return config.load(folder, data={"folder": folder}, server={"port": 0}, log={"level": "error"}, **more)


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
