"""A service on this machine that answers look-ups: well, late, wrongly or not at all, as the path says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PARCEL = {
    "data": {"parcel": {"state": "on its way", "places": ["Hull", "Leeds"], "due": "2026-11-25T18:00:00Z"}}
}
DRIP_S = 0.05


@dataclass
class Service:
    """What it was asked; ``gate`` lets go what stalls."""

    host: str = ""
    asked: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)
    """Method, target, headers with small names, body."""
    gate: threading.Event = field(default_factory=threading.Event)
    failures: int = 0
    """So many requests to ``/flaky`` fail before one is answered."""

    def paths(self) -> list[str]:
        return [target for _, target, _, _ in self.asked]


@contextmanager
def serving() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.asked.append((self.command, self.path, headers, body))
            name = urlsplit(self.path).path.split("/")[1]
            getattr(self, f"_{name}", self._well)()

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def _send(
            self,
            status: int,
            body: bytes,
            kind: str = "application/json",
            headers: tuple[tuple[str, str], ...] = (),
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _well(self) -> None:
            self._send(200, json.dumps(PARCEL).encode())

        def _stall(self) -> None:
            service.gate.wait(10)
            self.close_connection = True

        def _status(self) -> None:
            self._send(int(urlsplit(self.path).path.rsplit("/", 1)[1]), b'{"error": "no"}')

        def _flaky(self) -> None:
            service.failures -= 1
            self._send(503, b"") if service.failures >= 0 else self._well()

        def _garbage(self) -> None:
            self._send(200, b'{"data": {"parcel": ')

        def _deep(self) -> None:
            self._send(200, b"[" * 60_000)

        def _nan(self) -> None:
            self._send(200, b'{"data": {"parcel": {"state": NaN}}}')

        def _web(self) -> None:
            self._send(200, json.dumps(PARCEL).encode(), "text/html")

        def _big(self) -> None:
            self._send(200, json.dumps(PARCEL | {"more": "x" * 10_000_000}).encode())

        def _zipped(self) -> None:
            self._send(200, json.dumps(PARCEL).encode(), headers=(("Content-Encoding", "gzip"),))

        def _redirect(self) -> None:
            self._send(302, b"", headers=(("Location", f"http://{service.host}/parcels/1"),))

        def _cookie(self) -> None:
            self._send(200, json.dumps(PARCEL).encode(), headers=(("Set-Cookie", "caller=1; Path=/"),))

        def _close(self) -> None:
            self.close_connection = True

        def _half(self) -> None:
            self.wfile.write(
                b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"da'
            )
            self.close_connection = True

        def _drip(self) -> None:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n"
            for letter in head + b" " * 9000:
                self.wfile.write(bytes((letter,)))
                if service.gate.wait(DRIP_S):
                    break
            self.close_connection = True

        def _empty(self) -> None:
            self._send(200, b'{"data": {"parcel": null, "list": []}}')

        def _list(self) -> None:
            self._send(200, b'{"items": [{"n": 1, "who": {"name": "Ada"}}, {"n": 2, "who": {"name": "Bo"}}]}')

        def _nothing(self) -> None:
            self.send_response(204)
            self.end_headers()

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 50

        def handle_error(self, *_: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    service.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()


def took_s(began: float) -> float:
    return time.monotonic() - began
