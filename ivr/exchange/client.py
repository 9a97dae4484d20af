"""A telephone for Python: calls through an exchange, speaks in real time, presses keys, records the call.

Used by the command line, by benchmarks and by tests. It knows the phone protocol of ``phones`` and nothing
of TwiML.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.connection import broadcast
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from ivr.audio import mulaw, wav
from ivr.audio.frame import FRAME_SAMPLES
from ivr.errors import CarrierError
from ivr.exchange.track import Track

FRAME_S = 0.020


@dataclass(frozen=True, slots=True)
class Incoming:
    """A call that rings at this phone."""

    call_sid: str
    from_: str
    to: str
    leg: str


class Phone:
    """One telephone with one call at a time. ``async with await Phone.connect(url) as phone: ...``."""

    def __init__(self, socket: ClientConnection, token: str = "") -> None:
        self._socket = socket
        self._token = token
        self._is_cut_off = False
        self._waiting: deque[bytes] = deque()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._is_wanted = asyncio.Event()
        self._calling: asyncio.Future[dict[str, Any]] | None = None
        self._registered: asyncio.Queue[str] = asyncio.Queue()
        self._is_answered = asyncio.Event()
        self._is_over = asyncio.Event()
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._speak())]
        self.heard = Track()
        """What came to the ear."""
        self.said = Track()
        """What left the mouth; pauses are not sent, the exchange fills them with silence."""
        self.on_frame: Callable[[bytes, float], None] | None = None
        """Called with each frame heard (mu-law) and its time."""
        self.incoming: asyncio.Queue[Incoming] = asyncio.Queue()
        self.errors: list[str] = []
        self.call_sid = ""
        self.leg = ""
        """The token by which another socket may carry this call on."""
        self.reason = ""
        """How the call ended, once it has: Twilio's CallStatus, or ``lost`` when the exchange went away."""
        self.answered_s = 0.0
        """``time.monotonic`` of the answer."""

    @staticmethod
    async def connect(url: str, *, token: str = "") -> Phone:
        """A phone on the exchange at ``url`` (``http://host:port``).

        ``token`` is the access token by which it may be reachable as ``client:...``, where one is needed.
        Raises CarrierError where there is no exchange.
        """
        parts = urlsplit(url)
        path = parts.path if parts.path.endswith("/phone") else parts.path.rstrip("/") + "/phone"
        scheme = "wss" if parts.scheme in ("https", "wss") else "ws"
        address = f"{scheme}://{parts.netloc}{path}"
        try:
            socket = await connect(address, compression=None, proxy=None, ping_interval=None)
        except (OSError, EOFError, TimeoutError) as error:
            raise CarrierError(f"no exchange at {url}: {error}; is `ivr demo` running?") from None
        return Phone(socket, token)

    async def __aenter__(self) -> Phone:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up and leave."""
        await self.hang_up()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._is_cut_off:
            self._socket.transport.abort()
        await self._socket.close()

    async def register(self, number: str) -> None:
        """Be reachable as ``+15550123`` or ``client:anna``. Raises CarrierError where the exchange refuses."""
        known: asyncio.Future[Any] = asyncio.ensure_future(self._registered.get())
        self._calling = asyncio.get_running_loop().create_future()
        try:
            await self._order(do="register", number=number, **({"token": self._token} if self._token else {}))
            await asyncio.wait({known, self._calling}, return_when=asyncio.FIRST_COMPLETED)
            if self._calling.done():
                self._calling.result()
        finally:
            known.cancel()
            self._calling = None

    async def vanish(self) -> None:
        """The socket is gone without a word, as when a browser is closed."""
        self._socket.transport.abort()
        await self._socket.wait_closed()

    def lose_network(self) -> None:
        """Nothing passes any more, in either direction; the socket stays open on both sides."""
        self._is_cut_off = True
        self._socket.transport.pause_reading()

    async def call(self, to: str, from_: str) -> str:
        """Call a number; gives the CallSid. Raises CarrierError where the exchange refuses."""
        self._calling = asyncio.get_running_loop().create_future()
        await self._order(do="call", to=to, **{"from": from_})
        await self._calling
        return self.call_sid

    async def attach(self, leg: str) -> None:
        """Carry on a call whose phone lost its socket. Raises CarrierError when it is too late."""
        self._calling = asyncio.get_running_loop().create_future()
        await self._order(do="attach", leg=leg)
        await self._calling
        self.leg = leg

    async def answered(self, timeout_s: float = 30) -> None:
        """Wait for the other side. Raises CarrierError if the call ends instead, TimeoutError if neither."""
        over = asyncio.ensure_future(self._is_over.wait())
        answered = asyncio.ensure_future(self._is_answered.wait())
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.wait({over, answered}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            answered.cancel()
        if not self._is_answered.is_set():
            raise CarrierError(f"the call was not answered: {self.reason}")

    async def answer(self) -> None:
        await self._order(do="answer")
        await self.answered()

    async def decline(self) -> None:
        await self._order(do="decline")

    async def hang_up(self) -> None:
        """End the call, if there is one."""
        if self.call_sid and not self._is_over.is_set() and not self._is_cut_off and self._is_open:
            await self._order(do="hangup")

    @property
    def _is_open(self) -> bool:
        return self._socket.state is State.OPEN

    async def ended(self, timeout_s: float = 60) -> str:
        """Wait for the end of the call; gives its reason. Raises TimeoutError."""
        await asyncio.wait_for(self._is_over.wait(), timeout_s)
        return self.reason

    async def press(self, keys: str, gap_s: float = 0.15) -> None:
        """Press keys one after the other."""
        for key in keys:
            await self._order(do="key", key=key)
            await asyncio.sleep(gap_s)

    def say(self, sound: bytes) -> None:
        """Speak mu-law 8 kHz after all that is still to be spoken; does not wait."""
        for start in range(0, len(sound), FRAME_SAMPLES):
            self._waiting.append(sound[start : start + FRAME_SAMPLES].ljust(FRAME_SAMPLES, b"\xff"))
        if self._waiting:
            self._is_idle.clear()
            self._is_wanted.set()

    async def play(self, sound: bytes) -> None:
        """Speak mu-law 8 kHz in real time, to its end."""
        self.say(sound)
        await self._is_idle.wait()

    async def play_pcm(self, pcm: bytes) -> None:
        """Speak PCM16LE mono 8 kHz in real time, to its end."""
        await self.play(mulaw.encode(pcm))

    def save(self, path: Path) -> None:
        """The call as a stereo WAV, 8 kHz PCM16: this phone left, the other side right."""
        began_s = min([*self.said.at_s[:1], *self.heard.at_s[:1], time.monotonic()])
        left, right = self.said.laid_out(began_s), self.heard.laid_out(began_s)
        both = np.zeros((max(len(left), len(right)), 2), dtype="<i2")
        both[: len(left), 0] = left
        both[: len(right), 1] = right
        wav.write(path, both.tobytes(), channels=2)

    async def _order(self, **message: str) -> None:
        try:
            await self._socket.send(json.dumps(message))
        except ConnectionClosed:
            raise CarrierError("the exchange has closed this phone's line") from None

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in self._socket:
                if isinstance(message, bytes):
                    at_s = time.monotonic()
                    self.heard.add(message, at_s)
                    if self.on_frame is not None:
                        self.on_frame(message, at_s)
                else:
                    self._take(json.loads(message))
        self._end("lost")

    def _take(self, message: dict[str, Any]) -> None:
        match message["on"]:
            case "calling" | "attached":
                self._begin(message.get("call_sid", ""), message.get("leg", ""))
                if message.get("status") == "in-progress":
                    self._is_answered.set()
                if self._calling is not None and not self._calling.done():
                    self._calling.set_result(message)
            case "incoming":
                self._begin(message["call_sid"], message["leg"])
                call = Incoming(message["call_sid"], message["from"], message["to"], message["leg"])
                self.incoming.put_nowait(call)
            case "registered":
                self._registered.put_nowait(message["number"])
            case "answered":
                self.answered_s = time.monotonic()
                self._is_answered.set()
            case "ended":
                self._end(message["reason"])
            case "error":
                self.errors.append(message["text"])
                if self._calling is not None and not self._calling.done():
                    self._calling.set_exception(CarrierError(message["text"]))

    def _begin(self, call_sid: str, leg: str) -> None:
        self.call_sid, self.leg, self.reason = call_sid, leg, ""
        self._is_over.clear()
        self._is_answered.clear()

    def _end(self, reason: str) -> None:
        if not self._is_over.is_set():
            self.reason = reason
            self._is_over.set()
            self._waiting.clear()
            self._is_wanted.clear()
            self._is_idle.set()

    async def _speak(self) -> None:
        """One frame each 20 ms while there is something to say, by absolute deadlines."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            if not self._waiting:
                await self._is_wanted.wait()
                due_s = max(due_s, loop.time() - FRAME_S)
            due_s += FRAME_S
            await asyncio.sleep(max(due_s - loop.time(), 0))
            if not self._waiting or not self._is_answered.is_set():
                continue
            frame = self._waiting.popleft()
            if not self._is_cut_off:
                broadcast((self._socket,), frame)
            self.said.add(frame, time.monotonic())
            if not self._waiting:
                self._is_wanted.clear()
                self._is_idle.set()
