"""Live events of one call, from its journal to a page, as server-sent events.

A line of the journal is an event whose id is its place: a page that lost its connection goes on where it was.
Secrets are masked before they reach the journal, not here.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from ivr.errors import StoreError
from ivr.gateway.asgi import Receive, Scope, Send, answer, header

POLL_S = 0.2
HEARTBEAT_S = 10.0
"""Proxies drop an answer that is silent for longer than some tens of seconds."""
MAX_VIEWERS = 64
"""Streams served at once by one process."""
END = "over"
"""The ``kind`` of a journal's last line."""

_CALL_ID = re.compile(r"CA[0-9a-fA-F]{32}")
_PLACE = re.compile(r"[0-9]{1,19}(-[0-9]{1,19})?")
_HEADERS = ((b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"))
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
        gone = asyncio.create_task(_until_gone(receive))
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [(b"content-type", b"text/event-stream; charset=utf-8"), *_HEADERS],
                }
            )
            await self._follow(call_id, after, gone, send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            self._viewers -= 1

    async def _follow(self, call_id: str, after: str, gone: asyncio.Task[None], send: Send) -> None:
        loop = asyncio.get_running_loop()
        # The first bytes at once: a page learns that it is connected.
        await _pass(send, "retry: 1000\n\n")
        said_at = loop.time()
        while not gone.done():
            try:
                lines = await loop.run_in_executor(self._threads, self._journal.entries, call_id, after)
            except StoreError as error:
                _log.warning("live events of a call broke off: %s", error)
                return
            for line in lines:
                after = line.entry_id
                await _pass(send, f"id: {after}\ndata: {json.dumps(line.fields)}\n\n")
                said_at = loop.time()
                if line.fields.get("kind") == END:
                    await _pass(send, "event: end\ndata: {}\n\n")
                    return
            if loop.time() - said_at >= HEARTBEAT_S:
                await _pass(send, ": alive\n\n")
                said_at = loop.time()
            await asyncio.wait([gone], timeout=POLL_S)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _pass(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
