"""What all parts of one exchange share: its settings, what is in progress, and its list of errors.

No behaviour of its own beyond keeping these; ``server.Exchange`` fills it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from ivr.exchange.clock import Clock
from ivr.exchange.puppet import Puppet
from ivr.exchange.settings import Settings

if TYPE_CHECKING:
    from ivr.exchange.calls import Call
    from ivr.exchange.conference import Conference
    from ivr.exchange.legs import Phone
    from ivr.exchange.phones import Handset, HandsetLeg
    from ivr.exchange.trunk import Trunk
    from ivr.exchange.webhook import Webhooks

log = logging.getLogger(__name__)

KEPT = 1000
"""Ended calls, ended conferences and notices that are remembered, of each so many."""

Render = Callable[[str], Awaitable[bytes]]
"""Speaks a text: gives mu-law 8 kHz."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One entry of the debugger, as Twilio's console would list it."""

    code: int
    """Twilio's error number, docs/api/errors."""
    level: Literal["error", "warning"]
    message: str
    call_sid: str = ""
    url: str = ""
    at: str = ""
    """ISO 8601, UTC."""


class Hub:
    """The exchange's one place of shared state; used on one event loop only."""

    def __init__(self, settings: Settings, render: Render) -> None:
        self.settings = settings
        self.render = render
        self.faults = settings.faults
        self.numbers = dict(settings.numbers)
        self.random = random.Random(settings.seed)
        self.clock = Clock()
        self.calls: dict[str, Call] = {}
        self.conferences: dict[str, Conference] = {}
        """By sid, ended ones too."""
        self.handsets: dict[str, list[Handset]] = {}
        """By the number they are registered for; the newest is last, and is the one that rings."""
        self.legs: dict[str, HandsetLeg] = {}
        """By token."""
        self.debugger: deque[Notice] = deque(maxlen=KEPT)
        self.webhooks: Webhooks
        self.trunk: Trunk
        self._tasks: set[asyncio.Task[Any]] = set()

    def phone(self, number: str) -> Phone | None:
        """The telephone at which a call to ``number`` is offered; None where there is none."""
        manner = self.faults.phones.get(number)
        if manner is not None:
            return Puppet(manner)
        registered = self.handsets.get(number)
        return registered[-1] if registered else self.trunk.phone(number)

    def register(self, number: str, handset: Handset) -> None:
        """From now on calls to ``number`` are offered to this handset."""
        self.unregister(number, handset)
        self.handsets.setdefault(number, []).append(handset)

    def unregister(self, number: str, handset: Handset) -> None:
        """From now on they are offered to the one that was registered before it, if that is still there."""
        others = [other for other in self.handsets.pop(number, ()) if other is not handset]
        if others:
            self.handsets[number] = others

    def note(
        self,
        code: int,
        message: str,
        *,
        level: Literal["error", "warning"] = "error",
        call_sid: str = "",
        url: str = "",
    ) -> None:
        """Put an error where its maker can read it: the debugger and the log."""
        at = datetime.now(UTC).isoformat()
        self.debugger.append(Notice(code, level, message, call_sid, url, at))
        log.warning("%s %s %s %s", code, message, call_sid, url)

    def add_call(self, call: Call) -> None:
        """Remember a new call; forget the oldest that are over."""
        self.calls[call.sid] = call
        ended = [other.sid for other in self.calls.values() if not other.is_live]
        for sid in ended[:-KEPT]:
            del self.calls[sid]

    def add_conference(self, conference: Conference) -> None:
        """Remember a new conference; forget the oldest that are over."""
        self.conferences[conference.sid] = conference
        ended = [other.sid for other in self.conferences.values() if other.status == "completed"]
        for sid in ended[:-KEPT]:
            del self.conferences[sid]

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something beside the calls; kept alive until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a task of the exchange failed", exc_info=error)

    async def settle(self) -> None:
        """Cancel what still runs beside the calls."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)


def new_sid(prefix: str) -> str:
    """A new id of Twilio's form: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)
