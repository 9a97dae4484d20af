"""One process of a node: started, started again with growing pauses where it dies, and ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import IvrError

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
HEALTHY_S = 10.0
"""A child that lived so long is started again without a pause that has grown."""
STOP_S = 3.0
"""How long a process may take to end when the node stops; its calls go on elsewhere or are over."""


@dataclass(slots=True, eq=False)
class Child:
    """One process and how to start it."""

    name: str
    arguments: tuple[str, ...]
    pass_fds: tuple[int, ...] = ()
    process: asyncio.subprocess.Process | None = None
    reason: Path | None = None
    """Where it writes why it can never run."""
    is_spare: bool = False
    """True where the node can take calls without it: it starts once the others are ready."""
    is_leaving: bool = False
    """True once its end is wanted: it is not started again."""

    @property
    def pid(self) -> int:
        """Its process id; 0 where it is not running."""
        return self.process.pid if self.process is not None and self.process.returncode is None else 0


async def keep(child: Child, environment: Mapping[str, str], is_open: asyncio.Event) -> None:
    """Run the child until its end is wanted.

    Raises IvrError where it says (exit 2), before the node has ever answered, that it cannot run.
    """
    loop = asyncio.get_running_loop()
    pause_s = FIRST_PAUSE_S
    while not child.is_leaving:
        begun = loop.time()
        child.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ivr", "run", "--reason", str(child.reason), *child.arguments),
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            pass_fds=child.pass_fds,
            start_new_session=True,
        )
        code = await child.process.wait()
        if child.is_leaving:
            return
        if code == 2 and not is_open.is_set():
            raise IvrError(_reason(child))
        if code == 2:
            log.error("%s: %s", child.name, _reason(child))
        pause_s = FIRST_PAUSE_S if loop.time() - begun > HEALTHY_S else min(2 * pause_s, LONGEST_PAUSE_S)
        log.error("%s ended (code %d); it is started again in %.1f s", child.name, code, pause_s)
        await asyncio.sleep(pause_s)


def _reason(child: Child) -> str:
    """Why it says it cannot run."""
    if child.reason is not None and child.reason.exists():
        return child.reason.read_text(encoding="utf-8")
    return f"{child.name} cannot run; its own words stand above"


async def stop(child: Child) -> None:
    """End the child for good."""
    child.is_leaving = True
    process = child.process
    if process is None or process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()
