"""A gateway on a real port, with a real web process's server behind it on a Unix socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import waitress.server
from flask import Flask, Response, jsonify, request
from gatewaykit import FALLBACK, Running, echo, is_signed, wait_until

from ivr.gateway import Gateway, Server


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(**parts: Any) -> Running:
        listener = socket.create_server(("127.0.0.1", 0))
        given = {"carry": echo, "is_signed": is_signed, "web": tmp_path / "web"}
        given["fallback_twiml"] = lambda: FALLBACK
        given |= dict.fromkeys(("journal", "desks", "newsroom"))
        gateway = Gateway(**(given | parts))
        server = Server(gateway, listener)
        thread = threading.Thread(target=server.run)
        running = Running(gateway, server, listener.getsockname()[1], thread)
        thread.start()
        started.append(running)
        wait_until(lambda: server.started)
        return running

    yield start
    for running in started:
        running.server.should_exit = True
    for running in started:
        running.thread.join(10)


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
