"""What the gateway's tests share: a gateway served by a thread, and calls signed by Twilio's library."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twilio.request_validator import RequestValidator
from websockets.sync.client import ClientConnection, connect

from ivr.gateway import Gateway, MediaSocket, Server
from ivr.telephony.webhook import SignatureChecker

TOKEN = "12345"
PUBLIC_URL = "https://ivr.example.com"
FALLBACK = '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Sorry.</Say><Hangup /></Response>'


def is_signed(target, headers):
    return SignatureChecker(TOKEN, PUBLIC_URL).is_valid_upgrade(target, headers)


async def echo(media: MediaSocket) -> None:
    """Says everything back; fails at ``fail``, closes at ``bye``."""
    while (text := await media.receive()) is not None:
        if text == "fail":
            raise RuntimeError("this call fails")
        if text == "bye":
            return
        await media.send(text)


def wait_until(is_true: Callable[[], bool], within_s: float = 5.0) -> None:
    until = time.monotonic() + within_s
    while not is_true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


@dataclass
class Running:
    """A gateway served by a thread."""

    gateway: Gateway
    server: Server
    port: int
    thread: threading.Thread

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **more: Any
    ):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, headers or {}, **more)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        return answer

    def open(self, path: str = "/media", **headers: str) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}{path}", additional_headers=headers, proxy=None)

    def call(self) -> ClientConnection:
        signature = RequestValidator(TOKEN).compute_signature("wss://ivr.example.com/media", {})
        return self.open("/media", **{"x-twilio-signature": signature})
