"""The words of ASGI that every part of the gateway uses: types, headers, whole answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

Headers = Iterable[tuple[bytes, bytes]]


def header(scope: Scope, name: bytes) -> str:
    """The first header of this (lower-case) name; empty where there is none."""
    for key, value in scope["headers"]:
        if key.lower() == name:
            return str(value.decode("latin-1"))
    return ""


async def answer(
    send: Send, status: int, text: str, *, kind: str = "text/plain; charset=utf-8", headers: Headers = ()
) -> None:
    """A whole HTTP answer."""
    body = text.encode()
    both = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": both})
    await send({"type": "http.response.body", "body": body})


async def refuse_upgrade(send: Send) -> None:
    """Answers a WebSocket request with 403 in plain HTTP: no socket ever opens."""
    await send({"type": "websocket.close"})
