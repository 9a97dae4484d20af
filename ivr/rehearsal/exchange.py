"""A telephone line of the real exchange: a phone dials its number, and the call's media stream is ours.

Everything between the caller's handset and our media socket is that of a live call, in real time: the phone, the
exchange's clock and cushion, its webhook and its stream, its own lost frames. One exchange for each call, so
that what gets lost depends on the seed alone. Who speaks when, it is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections import deque
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from ivr.audio.frame import FRAME_MS
from ivr.errors import CarrierError
from ivr.exchange.client import Phone
from ivr.exchange.server import Exchange
from ivr.exchange.settings import Faults, Number, Settings
from ivr.exchange.sound import SILENCE
from ivr.rehearsal.handset import Condition, Handset, Tick
from ivr.telephony import media

NUMBER, CALLER = "+15550100", "+15550199"
ACCOUNT = "AC" + "0" * 32
HOST = "127.0.0.1"
STREAM_S = 10.0
"""How long the exchange may take to bring a stream: some milliseconds, but on a machine that is overloaded."""
GOODBYE_S = 2.0
"""How long the exchange may take to end a call."""
_DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Response><Connect><Stream url="ws://{host}/media"/></Connect><Redirect>http://{host}/voice</Redirect></Response>"""
_GOODBYE = '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Hangup/></Response>'


@dataclass(frozen=True, slots=True)
class _Stream:
    """One media stream at our end."""

    socket: web.WebSocketResponse
    sid: str
    is_over: asyncio.Event = field(default_factory=asyncio.Event)


class Dialled:
    """The socket of a media stream whose call a phone has made. ``tick`` is called with each frame heard."""

    def __init__(self, condition: Condition, power: float, tick: Tick) -> None:
        """``power``: of the caller's voice, mean square."""
        self._tick = tick
        self._faults = Faults(media_lost=condition.loss_percent / 100)
        self._seed = condition.seed
        self._parts = contextlib.AsyncExitStack()
        self._phone: Phone | None = None
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()
        """What comes to the caller's ear; empty: nothing but a call to look."""
        self._keys: deque[str] = deque()
        self._wanted: asyncio.Queue[bool] = asyncio.Queue()
        """For each time that the exchange asks: whether there is to be a stream."""
        self._streams: asyncio.Queue[_Stream] = asyncio.Queue()
        self._stream: _Stream | None = None
        self._is_open = False
        self._base_ms = 0
        self._origin_ms: int | None = None
        self._is_sounding = False
        self.handset = Handset(condition, power, random.Random(condition.seed))
        self.now_ms = 0
        """By the last frame that came to our socket."""
        self.is_real_time = True

    @property
    def is_sounding(self) -> bool:
        return self._is_sounding

    async def open(self, now_ms: int) -> str:
        self._wanted.put_nowait(True)
        try:
            async with asyncio.timeout(STREAM_S):
                if self._phone is None:
                    await self._dial()
                self._stream = await self._streams.get()
        except TimeoutError:
            raise CarrierError(f"the exchange brought no stream within {STREAM_S:g} s") from None
        self._base_ms = self.now_ms = now_ms
        self._origin_ms = None
        self._is_open = True
        return self._stream.sid

    def press(self, key: str) -> None:
        self._keys.append(key)

    def wake(self) -> None:
        self._heard.put_nowait(b"")

    async def leave(self) -> None:
        await self.close()
        self._wanted.put_nowait(False)
        try:
            if self._phone is not None:
                with contextlib.suppress(TimeoutError):
                    await self._phone.ended(GOODBYE_S)
        finally:
            await self._parts.aclose()

    async def receive(self) -> str | None:
        assert self._stream is not None
        message = await self._stream.socket.receive()
        if message.type is not WSMsgType.TEXT:
            return None
        text: str = message.data
        match media.decode(text):
            case media.Media(timestamp_ms=at_ms):
                self._origin_ms = at_ms if self._origin_ms is None else self._origin_ms
                self.now_ms = self._base_ms + at_ms - self._origin_ms + FRAME_MS
        return text

    async def send(self, text: str) -> None:
        if self._stream is not None and not self._stream.socket.closed:
            await self._stream.socket.send_str(text)

    async def close(self) -> None:
        self._is_open = False
        if self._stream is not None:
            await self._stream.socket.close()
            self._stream.is_over.set()

    async def _dial(self) -> None:
        """An exchange, our side of it, and a phone that calls."""
        application = web.Application()
        application.add_routes([web.post("/voice", self._answer), web.get("/media", self._connect)])
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self._parts.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, HOST, 0).start()
        number = Number(f"http://{HOST}:{runner.addresses[0][1]}/voice")
        settings = Settings(
            ACCOUNT, secrets.token_hex(), {NUMBER: number}, faults=self._faults, seed=self._seed
        )
        exchange = await self._parts.enter_async_context(Exchange(settings))
        phone = await self._parts.enter_async_context(await Phone.connect(exchange.url))
        phone.on_frame = lambda frame, at_s: self._heard.put_nowait(frame)
        await phone.call(NUMBER, CALLER)
        await phone.answered(STREAM_S)
        self._phone = phone
        self._parts.push_async_callback(_ended, asyncio.create_task(self._live(phone), name="caller"))

    async def _live(self, phone: Phone) -> None:
        """The caller, frame by frame as the exchange sends them, until they hang up."""
        try:
            while True:
                frame = await self._heard.get()
                if frame:
                    self._is_sounding = frame != SILENCE
                    self.handset.hear(frame, self.now_ms)
                if not self._is_open:
                    continue
                if not await self._tick():
                    return
                while self._keys:
                    await phone.press(self._keys.popleft(), 0)
                if frame:
                    phone.say(self.handset.frame(self.now_ms))
        finally:
            await phone.hang_up()

    async def _answer(self, request: web.Request) -> web.Response:
        """The webhook."""
        text = _DOCUMENT.format(host=request.host) if await self._wanted.get() else _GOODBYE
        return web.Response(text=text, content_type="text/xml")

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        """The media socket, up to the stream's start; from there whoever carries the call reads it."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        while not isinstance(message := media.decode(await socket.receive_str()), media.Start):
            pass
        stream = _Stream(socket, message.stream_sid)
        self._streams.put_nowait(stream)
        await stream.is_over.wait()
        return socket


async def _ended(task: asyncio.Task[None]) -> None:
    """Raises what ended the task."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
