"""ONE CALLER'S LINE: what comes in becomes events, what the dialogue wants said or heard goes out.

``audio`` is a telephone (frames, ears, mouth), ``text`` the same without any sound. No decision is made here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from ivr.actions import CancelTimer, Hush, Listen, Play, Record, Say, SetTimer, StopListening
from ivr.events import Event

LineAction = Say | Play | Hush | Listen | StopListening | Record | SetTimer | CancelTimer
"""The actions a line carries out by itself; all others need a hand outside it."""
Emit = Callable[[Event], None]
"""Where a line reports what happened; never blocks."""


class Line(Protocol):
    """A caller's line, from the answer to the end of its stream."""

    @property
    def now_ms(self) -> int:
        """The call's clock."""
        ...

    def perform(self, action: LineAction) -> None:
        """Begin carrying out an action; its outcome is reported as an event."""
        ...

    async def run(self) -> None:
        """Report events until the line is gone; ``CallEnded`` is the last where the call is over too."""
        ...

    async def finish(self, last: Callable[[], Awaitable[None]]) -> None:
        """Let everything said so far be heard, report the end, do ``last``, then let the line go."""
        ...

    async def part(self, last: Callable[[], Awaitable[bool]]) -> None:
        """Do ``last``, which takes the caller elsewhere, and let the line go at once: that is no end of the call.

        Where ``last`` gives False the caller is still here, and so is the line.
        """
        ...
