"""How long `ivr serve` takes from the command to the moment it says that it is open."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time

from ivr import supervisor
from ivr.bench.figures import START, Figure
from ivr.config import Config
from ivr.errors import IvrError

OPEN = b"is open at"
"""What `ivr serve` prints when it is ready."""
PATIENCE_S = 60.0
ACCOUNT = {
    "IVR_TWILIO__ACCOUNT_SID": "AC" + 32 * "0",
    "IVR_TWILIO__AUTH_TOKEN": 32 * "0",
    "IVR_SERVER__PUBLIC_URL": "https://ivr.invalid",
}
"""An account that nobody has, at an address that nobody can reach: `ivr serve` wants one to be set."""


async def start(config: Config, times: int) -> Figure:
    """Start it ``times`` times on this data folder, whose caches are warm. Raises IvrError where it fails."""
    return Figure.of(START, [await _once(config) * 1000 for _ in range(times)])


async def _once(config: Config) -> float:
    began_s = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr", "serve"),
        env={**os.environ, **supervisor.as_environment(config), **ACCOUNT},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            while line := await process.stdout.readline():
                if OPEN in line:
                    return time.monotonic() - began_s
        raise IvrError("`ivr serve` ended before it was open; its reason stands above")
    except TimeoutError:
        raise IvrError(f"`ivr serve` was not open within {PATIENCE_S:.0f} s") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.wait()
