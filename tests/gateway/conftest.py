"""A gateway on a real port, with a real web process's server behind it on a Unix socket."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import waitress.server
from flask import Flask, Response, jsonify, request
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
    threads: list[threading.Thread] = field(default_factory=list)

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


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(**parts: Any) -> Running:
        listener = socket.create_server(("127.0.0.1", 0))
        given = {"carry": echo, "is_signed": is_signed, "web": tmp_path / "web", "fallback_twiml": FALLBACK}
        gateway = Gateway(**(given | parts))
        server = Server(gateway, listener)
        thread = threading.Thread(target=server.run)
        running = Running(gateway, server, listener.getsockname()[1], [thread])
        thread.start()
        started.append(running)
        wait_until(lambda: server.started)
        return running

    yield start
    for running in started:
        running.server.should_exit = True
    for running in started:
        running.threads[0].join(10)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A web process that tells what it was asked."""
    path = tmp_path_factory.mktemp("web") / "web"
    app = Flask("behind")

    @app.route("/<path:path>", methods=["GET", "POST"])
    def told(path: str) -> Response:
        answer = jsonify(
            target=request.environ["REQUEST_URI"],
            method=request.method,
            headers=list(request.headers.items()),
            body=request.get_data(as_text=True),
        )
        answer.headers.add("Set-Cookie", "a=1")
        answer.headers.add("Set-Cookie", "b=2")
        return answer

    server = waitress.server.create_server(app, unix_socket=str(path), clear_untrusted_proxy_headers=False)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield path
    server.close()
    server.task_dispatcher.shutdown()
    server.asyncore.close_all(server._map)
    thread.join(5)
