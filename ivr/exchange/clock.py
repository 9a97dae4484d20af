"""The exchange's clock: one task gives every line its 20 ms, by absolute deadlines: nothing drifts.

Lines are spread over a few phases within the 20 ms, so that a hundred of them do not all fall due at once.
A tick that comes late is made good by running the missed ones at once, in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Protocol

log = logging.getLogger(__name__)

FRAME_S = 0.020
STALL_S = 1.0
"""A clock later than this (the process was stopped) goes on from now; the time between is lost to all."""
PHASES = 5
"""Each is 4 ms after the one before."""


class Ticking(Protocol):
    """Anything that lives by the frame."""

    def tick(self) -> None: ...


class Clock:
    """Calls ``tick`` of every member each 20 ms."""

    def __init__(self) -> None:
        self._phases: list[dict[Ticking, None]] = [{} for _ in range(PHASES)]
        self._is_needed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.ticks = 0
        self.late = 0
        """Phases that ran a whole frame late or more."""
        self.worst_late_ms = 0.0

    def add(self, member: Ticking) -> None:
        if not any(member in phase for phase in self._phases):
            min(self._phases, key=len)[member] = None
            self._is_needed.set()

    def remove(self, member: Ticking) -> None:
        for phase in self._phases:
            phase.pop(member, None)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="exchange clock")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        began, step = loop.time(), 0
        while True:
            if not any(self._phases):
                self._is_needed.clear()
                await self._is_needed.wait()
                began, step = loop.time(), 0
            step += 1
            due = began + step * FRAME_S / PHASES
            await asyncio.sleep(max(due - loop.time(), 0))
            if (late_s := loop.time() - due) > STALL_S:
                began += late_s
            members = self._phases[step % PHASES]
            self._note(late_s)
            for member in tuple(members):
                try:
                    member.tick()
                except Exception:
                    log.exception("a line failed and is taken off the clock")
                    members.pop(member, None)

    def _note(self, late_s: float) -> None:
        self.ticks += 1
        if late_s > FRAME_S:
            self.late += 1
        self.worst_late_ms = max(self.worst_late_ms, late_s * 1000)
