"""The exchange as a server: one address with the phones' socket, Twilio's REST API and the admin routes.

``Exchange`` runs inside a test or another program, ``serve`` is a process's whole life.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from ivr.errors import ConfigError
from ivr.exchange import rest, verbs
from ivr.exchange.calls import Call, Callback
from ivr.exchange.hub import Hub, Notice, Render
from ivr.exchange.legs import Leg
from ivr.exchange.phones import Handset
from ivr.exchange.settings import HOST, Faults, Number, Settings
from ivr.exchange.sound import hum
from ivr.exchange.trunk import Trunk
from ivr.exchange.webhook import Webhooks, is_loopback

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Exchange(Hub):
    """A telephone exchange with one account. ``async with Exchange(settings) as exchange: exchange.url``."""

    def __init__(self, settings: Settings, render: Render = hum) -> None:
        super().__init__(settings, render)
        self.url = ""
        """Where it listens, once it does: ``http://host:port``."""
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Exchange:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
        )
        self.webhooks = Webhooks(self._session, self.settings.auth_token, self.settings.webhook_timeout_s)
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.settings.port).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"
        self.trunk = Trunk(self, self.receive)
        await self.trunk.open()
        self.clock.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for call in self.calls.values():
            call.end("completed" if call.status == "in-progress" else "canceled")
        await asyncio.sleep(0)
        await self.clock.stop()
        await self.settle()
        self.trunk.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    def receive(self, to: str, from_: str, leg: Leg) -> Call:
        """A phone calls one of the account's numbers."""
        number = self.numbers[to]
        callback = Callback(number.status_callback) if number.status_callback else None
        call = Call(
            self,
            to=to,
            from_=from_,
            direction="inbound",
            callback=callback,
            fallback_url=number.fallback_url,
        )
        call.leg, leg.call = leg, call
        call.become("ringing")
        leg.ringing()
        call.start(verbs.from_url(number.voice_url, number.voice_method))
        return call

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._guard])
        application.add_routes(
            [
                web.get("/phone", self._phone),
                web.get("/debugger", self._read_debugger),
                web.get("/faults", self._read_faults),
                web.post("/faults", self._change_faults),
                web.post("/numbers", self._change_numbers),
                web.get("/health", self._health),
            ]
        )
        rest.add_routes(application, self)
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Only REST, which has a password, is open to other machines and to pages of other sites."""
        if not request.path.startswith(rest.ROOT):
            if not is_loopback(request.remote or ""):
                raise web.HTTPForbidden(text="phones and admin routes are for this machine only")
            origin = urlsplit(request.headers.get("Origin", ""))
            if origin.netloc not in ("", request.host) and not is_loopback(origin.hostname or ""):
                raise web.HTTPForbidden(text=f"found the origin {origin.netloc}; wanted a page of our own")
        return await handler(request)

    async def _phone(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            compress=False, heartbeat=self.settings.heartbeat_s, max_msg_size=64 * 1024
        )
        await socket.prepare(request)
        if request.transport is not None:
            await Handset(self, socket, request.transport, self.receive).run()
        return socket

    async def _read_debugger(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(notice) for notice in self.debugger])

    async def _read_faults(self, request: web.Request) -> web.Response:
        return web.json_response(asdict(self.faults))

    async def _change_faults(self, request: web.Request) -> web.Response:
        try:
            self.faults = self.faults.changed(await _object(request))
        except ConfigError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        return web.json_response(asdict(self.faults))

    async def _change_numbers(self, request: web.Request) -> web.Response:
        """Adds numbers or gives them other webhooks: ``{"+15550100": {"voice_url": ...}}``."""
        try:
            changes = {number: Number(**webhooks) for number, webhooks in (await _object(request)).items()}
        except TypeError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        self.numbers |= changes
        return web.json_response({number: asdict(webhooks) for number, webhooks in self.numbers.items()})

    async def _health(self, request: web.Request) -> web.Response:
        live = sum(call.is_live for call in self.calls.values())
        clock = {
            "ticks": self.clock.ticks,
            "late": self.clock.late,
            "worst_late_ms": self.clock.worst_late_ms,
        }
        return web.json_response({"calls": live, "phones": len(self.handsets), "clock": clock})


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        value = json.loads(await request.text())
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise web.HTTPBadRequest(text="wanted a JSON object")
    return value


async def serve(
    settings: Settings, render: Render = hum, on_ready: Callable[[Exchange], None] | None = None
) -> None:
    """Run an exchange until SIGTERM or until cancelled; ``on_ready`` is called once it listens.

    Belongs in the main thread of a process of its own, on uvloop where there is one.
    """
    terminated = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminated.set)
    async with Exchange(settings, render) as exchange:
        if on_ready is not None:
            on_ready(exchange)
        await terminated.wait()


__all__ = ["Exchange", "Faults", "Notice", "Number", "Settings", "serve"]
