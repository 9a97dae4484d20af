"""What stands beside the call and may be slow: the company's data, earlier calls, the sound of a message.

Each is asked for by the page on its own, after the pop; one that fails or hangs says so in its own place. They
may take a few of the process's threads and no more: the carrier is answered by the same threads.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ivr.actions import Ticket
from ivr.errors import LookupFailed
from ivr.flow.site import ScreenPart
from ivr.flow.template import TemplateFailed, render
from ivr.web.console.parts import ConsoleParts

AT_ONCE = 3
"""Parts looked up at one time; others are asked to come again."""
TIMEOUT_S = 3.0
"""After so long an agent is told, rather than left to wait."""

State = Literal["found", "nothing", "failed", "busy"]


@dataclass(frozen=True, slots=True)
class Part:
    """The answer to one part of the screen."""

    state: State
    fields: Mapping[str, Any]


class Screen:
    """Asks for the parts; one per process."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self._asking = threading.BoundedSemaphore(AT_ONCE)

    def shown(self, ticket: Ticket) -> dict[str, ScreenPart]:
        """The parts that can be filled for this caller, by name."""
        return {
            name: part
            for name, part in self._parts.book().site.screen.items()
            if _parameters(part, ticket) is not None
        }

    def part(self, name: str, ticket: Ticket) -> Part | None:
        """The company's answer; None where there is no such part for this caller."""
        part = self._parts.book().site.screen.get(name)
        parameters = _parameters(part, ticket) if part else None
        if part is None or parameters is None:
            return None
        if not self._asking.acquire(blocking=False):
            return Part("busy", {})
        try:
            asking = asyncio.wait_for(self._asked(part.look_up, parameters), TIMEOUT_S)
            answer = asyncio.run(asking)
        except (LookupFailed, TimeoutError):
            return Part("failed", {})
        finally:
            self._asking.release()
        return Part("found" if answer.is_found else "nothing", answer.fields)

    async def _asked(self, name: str, parameters: Mapping[str, str]) -> Any:
        return await self._parts.ask(name, parameters)


def _parameters(part: ScreenPart, ticket: Ticket) -> dict[str, str] | None:
    """The look-up's parameters; None where something for them is not known."""
    values = dict(ticket.fields) | {"caller": ticket.caller}
    try:
        filled = {name: render(template, values) for name, template in part.with_.items()}
    except TemplateFailed:
        return None
    return filled if all(filled.values()) else None
