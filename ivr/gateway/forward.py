"""Forwards HTTP requests and phone sockets to another process of this machine, unchanged.

Path and query stay byte for byte as they came (signatures are made over them). Hop-by-hop headers and every
forwarding header of a stranger are dropped; ours say who really asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    ClientWSTimeout,
    DummyCookieJar,
    TCPConnector,
    UnixConnector,
    WSMsgType,
)
from multidict import CIMultiDict
from yarl import URL

from ivr.config import is_loopback
from ivr.gateway.asgi import Receive, Scope, Send, answer, header, refuse_upgrade

MAX_BODY = 1024 * 1024
"""Bytes of a request's body."""
ANSWER_S = 15.0
"""Seconds for a whole answer: Twilio waits no longer (webhooks-connection-overrides)."""
CONNECT_S = 2.0
AGAIN_S = 0.1
"""Before a request is sent again to a process that is not there."""
MAX_MESSAGE = 64 * 1024
"""Bytes of one message on a forwarded socket."""

_HOP_BY_HOP = frozenset(
    (
        *("connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization"),
        *("te", "trailer", "transfer-encoding", "upgrade", "expect", "http2-settings"),
    )
)
"""RFC 9110 section 7.6.1; ``expect`` is answered by the front itself."""
_OWN = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that aiohttp would add to requests that have none."""

_log = logging.getLogger(__name__)


class Unreachable(Exception):
    """The process behind does not answer, and nothing was sent to the asker yet."""


class _TooLarge(Exception):
    """The request's body is over the limit."""


class Forwarder:
    """One process behind: over a Unix socket, or at an ``http://host:port`` address."""

    def __init__(self, behind: Path | str, *, strip: str = "") -> None:
        """``strip`` is taken off the front of every path before it is sent on."""
        self._behind = behind
        self._base = "http://web" if isinstance(behind, Path) else behind.rstrip("/")
        self._strip = strip.encode()
        self._session: ClientSession | None = None
        self._is_down = False

    async def open(self) -> None:
        """Within the event loop, before the first request."""
        # A pooled connection may have been closed by the other side just as a webhook is sent on it, and
        # a POST cannot be repeated blindly: a new connection for each, as it stays within the machine.
        connector = (
            UnixConnector(path=str(self._behind), limit=0, force_close=True)
            if isinstance(self._behind, Path)
            else TCPConnector(limit=0, force_close=True)
        )
        self._session = ClientSession(
            connector=connector,
            cookie_jar=DummyCookieJar(),  # the usual one would send one visitor's session for the next
            auto_decompress=False,
            skip_auto_headers=_OWN,
            requote_redirect_url=False,
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def forward(self, scope: Scope, receive: Receive, send: Send, *, patience_s: float = 0.0) -> None:
        """Sends the request on and streams its answer back. Raises Unreachable while nothing was answered.

        ``patience_s``: for so long the request is sent again where no answer came, which it must allow.
        """
        try:
            async with asyncio.timeout(ANSWER_S):
                body = await _body(scope, receive)
        except _TooLarge:
            await answer(send, 413, f"This request is too large; at most {MAX_BODY} bytes are taken.\n")
            return
        except TimeoutError:
            await answer(send, 408, "This request did not arrive in time.\n")
            return
        until_s = asyncio.get_running_loop().time() + patience_s
        while True:
            try:
                await self._pass_on(scope, body, send)
            except Unreachable:
                if asyncio.get_running_loop().time() >= until_s:
                    raise
                await asyncio.sleep(AGAIN_S)
            else:
                return

    async def _pass_on(self, scope: Scope, body: bytes | None, send: Send) -> None:
        is_begun = False
        try:
            async with self._client().request(
                scope["method"],
                self._url(scope),
                headers=_request_headers(scope),
                data=body,
                allow_redirects=False,
                timeout=ClientTimeout(total=ANSWER_S, connect=CONNECT_S),
            ) as response:
                is_begun = True
                self._is_down = False
                await _relay(response, send, is_head=scope["method"] == "HEAD")
        except (ClientError, TimeoutError, OSError) as error:
            if is_begun:
                raise
            self._tell(f"{scope['method']} {scope['path']}", error)
            raise Unreachable from error

    async def ask(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of a GET of our own. Raises Unreachable."""
        asked = self._client().get(
            URL(self._base + path, encoded=True),
            headers=dict(headers),
            allow_redirects=False,
            timeout=ClientTimeout(total=ANSWER_S, connect=CONNECT_S),
        )
        try:
            async with asked as response:
                return response.status, await response.read()
        except (ClientError, TimeoutError, OSError) as error:
            self._tell(f"GET {path}", error)
            raise Unreachable from error

    async def forward_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Joins a WebSocket to the same path behind, both ways, text and binary, until either side closes."""
        try:
            behind = await self._client().ws_connect(
                self._url(scope), max_msg_size=MAX_MESSAGE, timeout=ClientWSTimeout(ws_close=1.0)
            )
        except (ClientError, TimeoutError, OSError) as error:
            self._tell(scope["path"], error)
            await refuse_upgrade(send)
            return
        async with behind:
            await send({"type": "websocket.accept"})
            ways = [
                asyncio.create_task(_upwards(receive, behind)),
                asyncio.create_task(_downwards(behind, send)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    def _tell(self, asked: str, error: Exception) -> None:
        """One warning for an outage, however many ask meanwhile."""
        level = logging.DEBUG if self._is_down else logging.WARNING
        _log.log(level, "%s: no answer from the process behind: %r", asked, error)
        self._is_down = True

    def _client(self) -> ClientSession:
        if self._session is None:
            raise RuntimeError("open() comes first")
        return self._session

    def _url(self, scope: Scope) -> URL:
        path = scope["raw_path"].removeprefix(self._strip) or b"/"
        query = scope["query_string"]
        return URL(self._base + (path + (b"?" + query if query else b"")).decode("latin-1"), encoded=True)


async def _relay(response: ClientResponse, send: Send, *, is_head: bool) -> None:
    dropped = _HOP_BY_HOP | _named(response.headers.get("connection", ""))
    headers = [(name.lower(), value) for name, value in response.raw_headers]
    kept = [(name, value) for name, value in headers if name.decode("latin-1") not in dropped]
    await send({"type": "http.response.start", "status": response.status, "headers": kept})
    if not is_head:
        async for chunk in response.content.iter_any():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """The whole request body; None where the request has none."""
    length = header(scope, b"content-length")
    if not length and not header(scope, b"transfer-encoding"):
        return None
    if length and int(length) > MAX_BODY:
        raise _TooLarge
    body = bytearray()
    has_more = True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the asker is gone")
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise _TooLarge
        has_more = message.get("more_body", False)
    return bytes(body)


def _request_headers(scope: Scope) -> CIMultiDict[str]:
    dropped = _HOP_BY_HOP | _named(header(scope, b"connection"))
    kept: CIMultiDict[str] = CIMultiDict()
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        if key not in dropped and not _is_forwarding(key):
            kept.add(key, value.decode("latin-1"))
    kept["x-forwarded-for"] = _asker(scope)
    kept["x-forwarded-proto"] = scope["scheme"]
    kept["x-forwarded-host"] = header(scope, b"host")
    return kept


def _asker(scope: Scope) -> str:
    """Who really asks: the other end, or whom a proxy on this machine names last, after what strangers claim."""
    peer = scope["client"][0] if scope.get("client") else "unknown"
    claims = [value for name, value in scope["headers"] if name.lower() == b"x-forwarded-for"]
    last = claims[-1].decode("latin-1").rpartition(",")[2].strip() if claims else ""
    return last if last and is_loopback(peer) else peer


def _named(connection: str) -> frozenset[str]:
    """Headers that a Connection header declares to be for this hop only."""
    return frozenset(part.strip().lower() for part in connection.split(","))


def _is_forwarding(name: str) -> bool:
    return name == "forwarded" or name == "x-real-ip" or name.startswith("x-forwarded-")


async def _upwards(receive: Receive, behind: ClientWebSocketResponse) -> None:
    while True:
        match await receive():
            case {"type": "websocket.receive", "bytes": bytes(data)}:
                await behind.send_bytes(data)
            case {"type": "websocket.receive", "text": str(text)}:
                await behind.send_str(text)
            case {"type": "websocket.disconnect"}:
                return


async def _downwards(behind: ClientWebSocketResponse, send: Send) -> None:
    async for message in behind:
        match message.type:
            case WSMsgType.TEXT:
                await send({"type": "websocket.send", "text": message.data})
            case WSMsgType.BINARY:
                await send({"type": "websocket.send", "bytes": message.data})
    await send({"type": "websocket.close", "code": 1000 if behind.close_code == 1000 else 1011})
