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
    await _answer(send, "http.response", status, text, kind, headers)


async def refuse_upgrade(send: Send, status: int, text: str) -> None:
    """Answers a WebSocket request as plain HTTP: no socket ever opens."""
    await _answer(send, "websocket.http.response", status, text, "text/plain; charset=utf-8", ())


async def _answer(send: Send, prefix: str, status: int, text: str, kind: str, headers: Headers) -> None:
    body = text.encode()
    both = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": f"{prefix}.start", "status": status, "headers": both})
    await send({"type": f"{prefix}.body", "body": body})
