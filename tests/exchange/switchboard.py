"""A scripted application on one side, telephones on the other, and the exchange under test between them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from aiohttp import web
from twilio.request_validator import RequestValidator

from ivr.exchange.client import Phone
from ivr.exchange.server import Exchange
from ivr.exchange.settings import Faults, Number, Settings

ACCOUNT = "AC" + "0a" * 16
TOKEN = "a secret of the test"
LINE = "+15550100"
CALLER = "+15550199"


@dataclass
class Request:
    """One webhook as it arrived."""

    path: str
    form: dict[str, str]
    headers: dict[str, str]
    is_signed: bool


@dataclass
class Socket:
    """One media stream at the application's end."""

    ws: web.WebSocketResponse
    is_signed: bool
    abort: Callable[[], None]
    """Breaks the connection without a word, as a crash does."""
    messages: list[dict[str, Any]] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)
    sid: str = ""
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def of(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["event"] == event]

    async def until(self, event: str, count: int = 1) -> dict[str, Any]:
        """Wait for the ``count``-th message of a kind."""
        while len(self.of(event)) < count:
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 5)
        return self.of(event)[count - 1]

    async def play(self, sound: bytes) -> None:
        await self.send("media", media={"payload": base64.b64encode(sound).decode()})

    async def mark(self, name: str) -> None:
        await self.send("mark", mark={"name": name})

    async def send(self, event: str, **more: Any) -> None:
        await self.ws.send_str(json.dumps({"event": event, "streamSid": self.sid, **more}))

    def sound(self) -> bytes:
        return b"".join(base64.b64decode(message["media"]["payload"]) for message in self.of("media"))


Answer = str | Callable[[Request], Awaitable[web.StreamResponse]]


class World:
    """``async with World() as world``: script ``world.pages``, then use ``world.phone()``."""

    def __init__(self, faults: Faults | None = None, **settings: Any) -> None:
        self.pages: dict[str, Answer] = {}
        """TwiML inside ``<Response>``, or a handler, by path."""
        self.requests: list[Request] = []
        self.sockets: asyncio.Queue[Socket] = asyncio.Queue()
        self.news = asyncio.Event()
        self.base = ""
        self._faults = faults or Faults()
        self._settings = settings
        self._phones: list[Phone] = []
        self._validator = RequestValidator(TOKEN)

    async def __aenter__(self) -> World:
        application = web.Application()
        application.router.add_get("/media", self._media)
        application.router.add_route("*", "/{path:.*}", self._page)
        self._runner = web.AppRunner(application, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.media = f"ws://127.0.0.1:{self.port}/media"
        settings = Settings(ACCOUNT, TOKEN, {LINE: Number(f"{self.base}/voice")}, faults=self._faults)
        self.exchange = await Exchange(replace(settings, **self._settings)).__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        for phone in self._phones:
            await phone.close()
        await self.exchange.__aexit__(None, None, None)
        await self._runner.cleanup()

    async def listen(self, port: int) -> None:
        """Be reachable at another port too."""
        await web.TCPSite(self._runner, "127.0.0.1", port).start()

    async def phone(self, number: str = "") -> Phone:
        phone = await Phone.connect(self.exchange.url)
        self._phones.append(phone)
        if number:
            await phone.register(number)
        return phone

    async def caller(self) -> Phone:
        """A phone that has called and been answered."""
        phone = await self.phone()
        await phone.call(LINE, CALLER)
        await phone.answered(5)
        return phone

    async def stream(self) -> Socket:
        """The next media stream, started."""
        socket = await asyncio.wait_for(self.sockets.get(), 5)
        await socket.until("start")
        return socket

    def stream_page(self, after: str = "", **attributes: str) -> str:
        more = "".join(f' {name}="{value}"' for name, value in attributes.items())
        return f'<Connect{more}><Stream url="{self.media}"/></Connect>{after}'

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    async def until(self, path: str, count: int = 1) -> Request:
        """Wait until a page was asked for the ``count``-th time."""
        while len(self.asked(path)) < count:
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), 5)
        return self.asked(path)[count - 1]

    def codes(self) -> list[int]:
        return [notice.code for notice in self.exchange.debugger]

    async def _page(self, request: web.Request) -> web.StreamResponse:
        form = {str(name): str(value) for name, value in (await request.post()).items()}
        url = self.base + request.raw_path
        signature = request.headers.get("X-Twilio-Signature", "")
        asked = Request(
            request.path, form, dict(request.headers), self._validator.validate(url, form, signature)
        )
        self.requests.append(asked)
        self.news.set()
        page = self.pages.get(request.path, "")
        if not isinstance(page, str):
            return await page(asked)
        return web.Response(text=f"<Response>{page}</Response>", content_type="text/xml")

    async def _media(self, request: web.Request) -> web.StreamResponse:
        signature = request.headers.get("x-twilio-signature", "")
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        socket = Socket(ws, self._validator.validate(self.media, {}, signature), request.transport.abort)
        self.sockets.put_nowait(socket)
        async for message in ws:
            value = json.loads(message.data)
            socket.sid = value.get("streamSid", socket.sid)
            socket.messages.append(value)
            socket.at_s.append(asyncio.get_running_loop().time())
            socket.news.set()
        return ws


def level_at(pcm: bytes, pitch_hz: float) -> float:
    """Amplitude of one frequency, 0..32767."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    at = np.arange(len(samples)) / 8000
    return float(2 * abs(np.mean(samples * np.exp(-2j * np.pi * pitch_hz * at))))
