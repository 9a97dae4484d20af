"""Whose address the web process is told: a proxy's word counts from this machine alone."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from ivr.gateway.asgi import Message
from ivr.gateway.forward import Forwarder

CLAIMED = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"6.6.6.6, 192.0.2.7")]


async def told(web: Path, peer: str, headers: list[tuple[bytes, bytes]]) -> str:
    """The address that the web process is told for a request from ``peer``."""
    body = bytearray()
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/x",
        "raw_path": b"/x",
        "query_string": b"",
        "headers": [(b"host", b"ivr.example.com"), *headers],
        "client": (peer, 50000),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        body.extend(message.get("body", b""))

    forwarder = Forwarder(web)
    await forwarder.open()
    try:
        await forwarder.forward(scope, receive, send)
    finally:
        await forwarder.close()
    return {name.lower(): value for name, value in json.loads(body)["headers"]}["x-forwarded-for"]


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", CLAIMED, "192.0.2.7"),
        ("::1", CLAIMED, "192.0.2.7"),
        ("127.0.0.1", [(b"x-forwarded-for", b" ")], "127.0.0.1"),
        ("203.0.113.5", [], "203.0.113.5"),
        ("203.0.113.5", CLAIMED, "203.0.113.5"),
    ],
)
def test_a_proxy_is_believed_from_this_machine_alone(web: Path, peer: str, headers, address: str) -> None:
    assert asyncio.run(told(web, peer, headers)) == address
