"""Live events of one call, from its journal to a page, as server-sent events.

A line of the journal is an event whose id is its place: a page that lost its connection goes on where it was.
Secrets are masked before they reach the journal, not here.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from ivr.errors import StoreError
from ivr.gateway.asgi import Receive, Scope, Send, answer, header
from ivr.gateway.stream import EventStream, event_stream

POLL_S = 0.2
MAX_VIEWERS = 64
"""Streams served at once by one process."""
END = "over"
"""The ``kind`` of a journal's last line."""

_CALL_ID = re.compile(r"CA[0-9a-fA-F]{32}")
_PLACE = re.compile(r"[0-9]{1,19}(-[0-9]{1,19})?")
_log = logging.getLogger(__name__)


class Line(Protocol):
    """One line of a journal."""

    @property
    def entry_id(self) -> str: ...
    @property
    def fields(self) -> dict[str, Any]: ...


class Journal(Protocol):
    """Where the lines are: ``ivr.store.CallStore``."""

    def entries(self, call_id: str, after: str = "0") -> Sequence[Line]:
        """Lines later than ``after``, oldest first. Raises StoreError."""


class Live:
    """Serves the events of calls to pages."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        # Threads of our own: those of the event loop's default pool belong to the calls.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="live")
        self._viewers = 0

    async def stream(self, call_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request for ``call_id``; ends when the call has ended or the page is gone."""
        if not _CALL_ID.fullmatch(call_id):
            await answer(send, 404, "There is no such call.\n")
        elif scope["method"] != "GET":
            await answer(send, 405, "Events can only be read.\n", headers=[(b"allow", b"GET")])
        elif self._viewers >= MAX_VIEWERS:
            await answer(
                send, 503, "Too many pages watch calls already.\n", headers=[(b"retry-after", b"10")]
            )
        else:
            await self._serve(call_id, scope, receive, send)

    async def _serve(self, call_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        after = header(scope, b"last-event-id")
        after = after if _PLACE.fullmatch(after) else "0"
        self._viewers += 1
        try:
            async with event_stream(receive, send) as stream:
                await self._follow(call_id, after, stream)
        finally:
            self._viewers -= 1

    async def _follow(self, call_id: str, after: str, stream: EventStream) -> None:
        loop = asyncio.get_running_loop()
        while not stream.is_gone:
            try:
                lines = await loop.run_in_executor(self._threads, self._journal.entries, call_id, after)
            except StoreError as error:
                _log.warning("live events of a call broke off: %s", error)
                return
            for line in lines:
                after = line.entry_id
                await stream.tell(line.fields, event_id=after)
                if line.fields.get("kind") == END:
                    await stream.tell({}, event="end")
                    return
            await stream.wait(POLL_S)
