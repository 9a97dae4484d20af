"""One two-way media stream: Twilio's side of ``<Connect><Stream>``.

Sends the caller's sound and keys as they come, plays what the application sends at the pace of speech, and
gives each mark back when it is reached or cleared. How long the socket lives is the application's choice:
when it closes, the call's document goes on. Source:
https://www.twilio.com/docs/voice/media-streams/websocket-messages
"""

from __future__ import annotations

import asyncio
import json
from binascii import a2b_base64
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.connection import broadcast
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.protocol import State

from ivr.audio.frame import FRAME_MS, FRAME_SAMPLES
from ivr.exchange.calls import Callback, post_callback
from ivr.exchange.hub import new_sid
from ivr.exchange.sound import SILENCE
from ivr.exchange.webhook import Overrides, is_loopback
from ivr.telephony.media import TwilioSide

if TYPE_CHECKING:
    from ivr.exchange.calls import Call

FIRST_AT_MS = (100, 171)
"""Bounds of the first media's timestamp, as captures show it: never 0."""
BUFFER_LIMIT = 10 * 60 * 8000
"""Bytes of sound kept for playing, 10 minutes; more is thrown away with error 31931."""
CONGESTED = 64 * 1024
"""Bytes the application may leave unread (about 4 s) before its media is dropped, error 31930."""
RETRY_S = 0.2
"""Between two attempts to connect; the real network takes no less."""
_SHAPES: Mapping[str, tuple[frozenset[str], str, str]] = {
    "media": (frozenset({"event", "streamSid", "media"}), "media", "payload"),
    "mark": (frozenset({"event", "streamSid", "mark"}), "mark", "name"),
    "clear": (frozenset({"event", "streamSid"}), "", ""),
}
"""Of each message to Twilio: all its keys, its inner object and that object's only key."""


class StreamFailed(Exception):
    """No stream came about; ``code`` is Twilio's error number."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


class Stream:
    """A media stream of one call; ``run`` lives as long as the socket."""

    def __init__(
        self,
        call: Call,
        url: str,
        parameters: Mapping[str, str],
        *,
        name: str = "",
        callback: Callback | None,
    ) -> None:
        self.sid = new_sid("MZ")
        self._call = call
        self._hub = call.hub
        self._url = url
        self._parameters = parameters
        self._name = name or self.sid
        self._callback = callback
        self._side = TwilioSide(self.sid, call.sid, call.hub.settings.account_sid)
        self._socket: ClientConnection | None = None
        self._at_ms = self._hub.random.randrange(*FIRST_AT_MS)
        self._due_s = 0.0
        self._buffer = bytearray()
        self._played = 0
        self._marks: deque[tuple[int, str]] = deque()
        self._early_keys: list[str] = []
        self._noted: set[int] = set()

    async def run(self) -> None:
        """Connect and serve until the application closes the socket. Failures are noted, never raised."""
        try:
            socket = await self._connect()
        except StreamFailed as failure:
            self._note(failure.code, str(failure))
            self._report("stream-error", str(failure))
            return
        self._report("stream-started")
        broadcast((socket,), self._side.connected())
        broadcast((socket,), self._side.start(self._parameters))
        self._socket = socket
        for key in self._early_keys:
            self._send(self._side.dtmf(key))
        error = ""
        try:
            error = await self._read(socket)
        except asyncio.CancelledError:
            self._stop(socket)
            raise
        finally:
            self._socket = None
            self._report("stream-error" if error else "stream-stopped", error)

    def tick(self, heard: bytes) -> bytes | None:
        """20 ms: the caller's sound goes out, the application's next sound is given back."""
        if self._socket is None:
            return None
        self._send_media(heard)
        self._echo_marks()
        if not self._buffer:
            return None
        frame = bytes(self._buffer[:FRAME_SAMPLES])
        del self._buffer[:FRAME_SAMPLES]
        self._played += len(frame)
        return frame if len(frame) == FRAME_SAMPLES else frame + SILENCE[len(frame) :]

    def press(self, key: str) -> None:
        if self._socket is None:
            self._early_keys.append(key)
        else:
            self._send(self._side.dtmf(key))

    def _send_media(self, heard: bytes) -> None:
        at_ms, self._at_ms = self._at_ms, self._at_ms + FRAME_MS
        socket = self._socket
        if socket is not None and socket.transport.get_write_buffer_size() > CONGESTED:
            self._note(31930, "the application reads too slowly; media is dropped", level="warning")
            self._side.skip()
        elif self._hub.faults.media_lost and self._hub.random.random() < self._hub.faults.media_lost:
            self._side.skip()
        else:
            self._send(self._side.media(at_ms, heard))

    def _send(self, text: str) -> None:
        """Send now, or a little late where jitter is asked for, always in order."""
        loop = asyncio.get_running_loop()
        jitter_ms = self._hub.faults.media_jitter_ms
        if not jitter_ms and self._due_s <= loop.time():
            self._write(text)
            return
        late_s = self._hub.random.uniform(0, jitter_ms) / 1000
        self._due_s = max(self._due_s + 1e-6, loop.time() + late_s)
        loop.call_at(self._due_s, self._write, text)

    def _write(self, text: str) -> None:
        if self._socket is not None and self._socket.state is State.OPEN:
            broadcast((self._socket,), text)

    def _echo_marks(self, *, is_cleared: bool = False) -> None:
        """Give back the marks whose sound is all played; when cleared, every one."""
        while self._marks and (is_cleared or self._marks[0][0] <= self._played):
            self._send(self._side.mark(self._marks.popleft()[1]))

    async def _connect(self) -> ClientConnection:
        url, fragment = urldefrag(self._url)
        parts = urlsplit(url)
        is_here = parts.scheme == "ws" and is_loopback(parts.hostname or "")
        if parts.scheme != "wss" and not is_here:
            raise StreamFailed(31922, f"scheme of {url}; wanted wss (ws only to this machine)")
        if not parts.hostname:
            raise StreamFailed(31923, f"not an address: {url}")
        if parts.query:
            raise StreamFailed(31920, f"a query in {url}; send <Parameter> instead")
        overrides = Overrides.parse(fragment)
        for attempt in range(overrides.retries + 1):
            try:
                return await self._open(url, overrides)
            except StreamFailed as failure:
                if failure.code == 31920 or attempt == overrides.retries:
                    raise
            await asyncio.sleep(RETRY_S)
        raise AssertionError("unreachable")

    async def _open(self, url: str, overrides: Overrides) -> ClientConnection:
        try:
            return await connect(
                url,
                additional_headers={"x-twilio-signature": self._hub.webhooks.signature(url, {})},
                user_agent_header="TwilioMediaStreams/1.0",
                compression=None,
                proxy=None,
                max_size=None,
                ping_interval=None,
                open_timeout=overrides.connect_ms / 1000,
                close_timeout=2,
            )
        except InvalidURI as error:
            raise StreamFailed(31923, str(error)) from None
        except InvalidHandshake as error:
            raise StreamFailed(31920, f"the handshake with {url} failed: {error}") from None
        except TimeoutError:
            raise StreamFailed(31901, f"no connection to {url} in time") from None
        except (OSError, EOFError) as error:
            raise StreamFailed(31902, f"no connection to {url}: {error}") from None

    async def _read(self, socket: ClientConnection) -> str:
        """Take the application's messages until it closes; gives what went wrong, or nothing."""
        try:
            async for message in socket:
                self._take(message)
                if self._hub.faults.read_delay_ms:
                    await asyncio.sleep(self._hub.faults.read_delay_ms / 1000)
        except ConnectionClosed as closed:
            self._note(31921, f"the stream broke: {closed}")
            return str(closed)
        return ""

    def _take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._note(31950, "a binary message; wanted JSON text", level="warning")
            return
        try:
            value = json.loads(message)
        except ValueError:
            value = None
        problem = self._problem(value)
        if problem:
            self._note(31951, problem, level="warning")
            return
        match value["event"]:
            case "media":
                self._play(value["media"]["payload"])
            case "mark":
                self._mark(value["mark"]["name"])
            case _:
                self._buffer.clear()
                self._echo_marks(is_cleared=True)

    def _problem(self, value: Any) -> str:
        """What is wrong with a message's form, or nothing."""
        if not isinstance(value, dict):
            return "a message that is not a JSON object"
        shape = _SHAPES.get(str(value.get("event")))
        if shape is None:
            return f"a message with event {value.get('event')!r}; wanted media, mark or clear"
        keys, inner, key = shape
        if value.keys() != keys:
            return f"a {value['event']} message with fields {sorted(value)}; wanted {sorted(keys)}"
        if value["streamSid"] != self.sid:
            return f"a {value['event']} message for stream {value['streamSid']!r}; this is {self.sid}"
        part = value.get(inner)
        if inner and not (isinstance(part, dict) and part.keys() == {key} and isinstance(part[key], str)):
            return f"a {inner} message whose {inner} is {part!r:.80}; wanted only {key}, a string"
        return ""

    def _play(self, payload: str) -> None:
        try:
            sound = a2b_base64(payload)
        except ValueError:
            self._note(31951, "a media payload that is not base64", level="warning")
            return
        if len(self._buffer) + len(sound) > BUFFER_LIMIT:
            self._note(31931, "more than 10 minutes of sound wait to be played; the rest is thrown away")
            return
        self._buffer += sound

    def _mark(self, name: str) -> None:
        self._marks.append((self._played + len(self._buffer), name))
        if not self._buffer:
            self._echo_marks()

    def _stop(self, socket: ClientConnection) -> None:
        """The exchange ends the stream: the caller hung up, or the call was redirected."""
        faults = self._hub.faults
        if not faults.is_closed_unstopped:
            broadcast((socket,), self._side.stop())
        if not faults.is_stop_unclosed:
            self._hub.spawn(socket.close())

    def _note(self, code: int, message: str, *, level: Any = "error") -> None:
        """Each kind of error is told once a stream."""
        if code not in self._noted:
            self._noted.add(code)
            self._hub.note(code, message, level=level, call_sid=self._call.sid, url=self._url)

    def _report(self, event: str, error: str = "") -> None:
        if self._callback is None:
            return
        form = {
            "AccountSid": self._hub.settings.account_sid,
            "CallSid": self._call.sid,
            "StreamSid": self.sid,
            "StreamName": self._name,
            "StreamEvent": event,
            "Timestamp": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        }
        if error:
            form["StreamError"] = error
        callback = self._callback
        self._hub.spawn(post_callback(self._hub, callback.url, form, callback.method, self._call.sid))
