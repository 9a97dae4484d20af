"""The ASGI application of the public port: which path goes where, and which calls this process carries.

``/media`` to ``carry``; ``/live/calls/<call>`` to the journal, ``/live/console`` to the agents' desks;
``/exchange/phone`` to the local exchange, and nothing else of it: its REST interface is for this machine;
everything else to the web process. No fault of
one call or one request reaches another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from ivr.gateway.asgi import Message, Receive, Scope, Send, answer, header, refuse_upgrade
from ivr.gateway.console import Console, Desks, Follow, refuse, who
from ivr.gateway.forward import Forwarder, Unreachable
from ivr.gateway.live import Journal, Live

MEDIA = "/media"
LIVE = "/live/calls/"
CONSOLE = "/live/console"
PHONE = "/exchange/phone"
VOICE = "/voice/"
_REFUSED_WHEN_DRAINING = frozenset({"/voice/incoming", "/readyz"})
"""New calls, and the question of a load balancer whether to send any."""
_HEARD = frozenset({"/voice/incoming", "/voice/resume", "/voice/fallback", "/voice/callback/answer"})
"""What a caller waits for and hears; any other webhook that fails is told as a failure."""
PATIENCE_S = 10.0
"""How long a webhook waits for a web process that is being started again; the carrier waits 15 s."""
HEARD_PATIENCE_S = 2.8
"""The same where a caller waits, who must not hear silence for longer than three seconds."""

_log = logging.getLogger(__name__)


class MediaSocket(Protocol):
    """One call's media socket as the session sees it: text messages, and nothing of ASGI."""

    async def receive(self) -> str | None:
        """The next message; None once the socket is closed."""

    async def send(self, text: str) -> None:
        """Sends a message; one to a socket that has closed is dropped, and ``receive`` tells."""

    async def close(self) -> None:
        """Closes the socket; twice is no fault."""


class Gateway:
    """One process's ASGI application."""

    def __init__(
        self,
        *,
        carry: Callable[[MediaSocket], Awaitable[None]],
        is_signed: Callable[[str, Mapping[str, str]], bool],
        web: Path,
        fallback_twiml: Callable[[], str],
        journal: Journal,
        desks: Desks,
        newsroom: Follow,
        exchange: Path | str = "",
    ) -> None:
        """``carry`` runs one call on its socket. ``is_signed(path with query, headers)`` says whether an
        upgrade comes from the carrier. ``web`` is the web process's Unix socket. ``fallback_twiml`` answers
        a caller while that process is down. ``exchange`` is a local exchange, at ``http://host:port`` or a
        Unix socket: only then are phones served, and whoever reaches this port may use them and watch calls;
        else calls are watched by supervisors only.
        """
        self._carry = carry
        self._is_signed = is_signed
        self._web = Forwarder(web)
        self._exchange = Forwarder(exchange, strip="/exchange") if exchange else None
        self._live = Live(journal)
        self._console = Console(self._web, desks, newsroom)
        self._fallback_twiml = fallback_twiml
        self._calls = 0
        self._webhooks = 0
        self._busy_s = 0.0
        self._is_draining = False

    @property
    def calls(self) -> int:
        """Calls carried by this process now."""
        return self._calls

    def quiet_s(self, since_s: float) -> float:
        """How long, in seconds of the event loop's clock after ``since_s``, nothing of any call was here."""
        if self._calls or self._webhooks:
            return 0.0
        return asyncio.get_running_loop().time() - max(since_s, self._busy_s)

    def drain(self) -> None:
        """From now on new calls are refused with 503; calls that live go on, and so may their streams."""
        self._is_draining = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._http(scope, receive, send)
            case "websocket":
                await self._websocket(scope, receive, send)
            case "lifespan":
                await self._lifespan(receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        forwarders = [one for one in (self._web, self._exchange) if one is not None]
        await receive()
        for forwarder in forwarders:
            await forwarder.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for forwarder in forwarders:
            await forwarder.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["raw_path"].startswith(b"/"):
            await answer(send, 400, "Found an address that does not begin with a slash.\n")
            return
        path = scope["path"]
        if self._is_draining and path in _REFUSED_WHEN_DRAINING:
            await answer(
                send, 503, "This machine takes no new calls now.\n", headers=[(b"retry-after", b"60")]
            )
        elif path.startswith(LIVE):
            await self._events(scope, receive, send)
        elif path == CONSOLE:
            await self._console.stream(scope, receive, send)
        elif path.startswith(VOICE):
            self._webhooks += 1
            try:
                await self._page(scope, receive, send)
            finally:
                self._webhooks -= 1
                self._busy_s = asyncio.get_running_loop().time()
        else:
            await self._page(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._web.forward(scope, receive, send, patience_s=_patience_s(scope))
        except Unreachable:
            if scope["method"] == "POST" and scope["path"] in _HEARD:
                await answer(send, 200, self._fallback_twiml(), kind="text/xml; charset=utf-8")
            else:
                await answer(
                    send,
                    502,
                    "The pages are starting or have failed; calls go on. Try again in a few seconds.\n",
                    headers=[(b"retry-after", b"3"), (b"cache-control", b"no-store")],
                )

    async def _events(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._exchange is None:
            person = await who(self._web, scope)
            if isinstance(person, int) or not person.may_see_all:
                await refuse(send, person if isinstance(person, int) else 403)
                return
        await self._live.stream(scope["path"].removeprefix(LIVE), scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if scope["path"] == MEDIA:
            await self._media(scope, receive, send)
        elif self._exchange is not None and scope["path"] == PHONE:
            await self._phone(self._exchange, scope, receive, send)
        else:
            await refuse_upgrade(send)

    async def _phone(self, exchange: Forwarder, scope: Scope, receive: Receive, send: Send) -> None:
        if _is_of_this_site(scope):
            await exchange.forward_socket(scope, receive, send)
        else:
            _log.warning("phone socket refused: a page of another site wanted it")
            await refuse_upgrade(send)

    async def _media(self, scope: Scope, receive: Receive, send: Send) -> None:
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        if not self._is_signed(target.decode("latin-1"), headers):
            _log.warning("media socket refused: its signature is wrong or missing")
            await refuse_upgrade(send)
            return
        await send({"type": "websocket.accept"})
        socket = _Socket(receive, send)
        self._calls += 1
        try:
            await self._carry(socket)
        except Exception:
            _log.exception("a call failed; its caller is asked for by /voice/resume, other calls go on")
        finally:
            self._calls -= 1
            self._busy_s = asyncio.get_running_loop().time()
            await socket.close()


class _Socket:
    """MediaSocket over ASGI."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._is_open = True

    async def receive(self) -> str | None:
        while self._is_open:
            match await self._receive():
                case {"type": "websocket.receive", "text": str(text)}:
                    return text
                case {"type": "websocket.disconnect"}:
                    self._is_open = False
        return None

    async def send(self, text: str) -> None:
        await self._pass({"type": "websocket.send", "text": text})

    async def close(self) -> None:
        await self._pass({"type": "websocket.close", "code": 1000})
        self._is_open = False

    async def _pass(self, message: Message) -> None:
        if not self._is_open:
            return
        try:
            await self._send(message)
        except OSError:
            # ASGI 2.4: a send after the other side has gone raises a kind of OSError.
            self._is_open = False


def _patience_s(scope: Scope) -> float:
    """Webhooks allow being asked twice, and are worth waiting for; a page's reader sees that it failed."""
    if scope["method"] != "POST" or not scope["path"].startswith(VOICE):
        return 0.0
    return HEARD_PATIENCE_S if scope["path"] in _HEARD else PATIENCE_S


def _is_of_this_site(scope: Scope) -> bool:
    """False for a page of another site: browsers let any page open a socket, and say where it is from."""
    origin = header(scope, b"origin")
    return not origin or urlsplit(origin).netloc == header(scope, b"host")
