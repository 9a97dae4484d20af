"""Server-sent events to one page: the words of the protocol, signs of life, and whether the page is still there.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ivr.gateway.asgi import Receive, Send

HEARTBEAT_S = 10.0
"""Proxies drop an answer that is silent for longer than some tens of seconds."""
RETRY_MS = 1000
"""A page that lost its stream asks again after this."""

_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)


class EventStream:
    """An answer that has begun and is told one event after the other."""

    def __init__(self, send: Send, gone: asyncio.Task[None]) -> None:
        self._send = send
        self._gone = gone
        self._said_at = asyncio.get_running_loop().time()

    @property
    def is_gone(self) -> bool:
        """Whether the page has left."""
        return self._gone.done()

    async def tell(self, data: Any, *, event: str = "", event_id: str = "") -> None:
        """One event; ``data`` is anything that JSON can say."""
        head = (f"id: {event_id}\n" if event_id else "") + (f"event: {event}\n" if event else "")
        await self._pass(f"{head}data: {json.dumps(data)}\n\n")

    async def wait(self, timeout_s: float, wanted: asyncio.Event | None = None) -> None:
        """Returns when ``wanted`` is set, the page has left, or the time is over; gives signs of life."""
        wait: set[asyncio.Future[Any]] = {self._gone}
        if wanted is not None:
            wait.add(asyncio.ensure_future(wanted.wait()))
        try:
            await asyncio.wait(wait, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in wait - {self._gone}:
                one.cancel()
        if asyncio.get_running_loop().time() - self._said_at >= HEARTBEAT_S:
            await self._pass(": alive\n\n")

    async def begin(self) -> None:
        """The first bytes at once: a page learns that it is connected."""
        await self._send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        await self._pass(f"retry: {RETRY_MS}\n\n")

    async def _pass(self, text: str) -> None:
        await self._send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        self._said_at = asyncio.get_running_loop().time()


@asynccontextmanager
async def event_stream(receive: Receive, send: Send) -> AsyncIterator[EventStream]:
    """The answer, from its first byte to its last."""
    gone = asyncio.create_task(_until_gone(receive))
    stream = EventStream(send, gone)
    try:
        await stream.begin()
        yield stream
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
