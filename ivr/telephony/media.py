"""Twilio Media Streams: JSON text messages <-> frozen dataclasses, both ends of the wire. Pure.

``decode`` reads what Twilio sends, the ``encode_*`` functions write what we send, and ``TwilioSide`` writes
what Twilio sends, for a local exchange. No socket, no pacing, no memory of a call. Binary frames are not of
this protocol.
Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages
"""

from __future__ import annotations

import json
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ivr.audio.frame import FRAME_MS, RATE_HZ
from ivr.errors import MediaError

ENCODING = "audio/x-mulaw"
"""The only encoding we speak: 8-bit mu-law, 8000 Hz, mono, without a header."""
SILENCE = 0xFF
"""The mu-law byte of silence (zero would be the loudest sample)."""
MAX_CHARS = 64 * 1024
"""Longest message read. Twilio names no limit; it sends 160 bytes of sound in about 350 characters."""
MAX_GAP_MS = 10_000
"""Longest hole reported; a longer one is a broken clock rather than lost sound."""

_KEYS = frozenset("0123456789*#")
_SURROGATE = re.compile("[\ud800-\udfff]")
"""JSON can spell these, no log, store or socket can take them."""
_WRITE = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Connected:
    """The socket speaks this protocol; ``Start`` comes next."""


@dataclass(frozen=True, slots=True)
class Start:
    """The stream of one call begins. May come again on one call after a broken stream."""

    stream_sid: str
    call_sid: str
    account_sid: str
    """May be empty from bridges that speak this protocol."""
    parameters: dict[str, str]
    """The ``<Parameter>`` values of the TwiML, and any that a bridge adds."""


@dataclass(frozen=True, slots=True)
class Media:
    """Sound of the caller."""

    sequence: int
    """Counts all messages of the stream; the first media after ``Start`` has 2."""
    chunk: int
    """Counts media messages, from 1."""
    timestamp_ms: int
    """Start of this sound since the stream began. The first one is seldom 0, nor are they contiguous."""
    payload: bytes
    """mu-law, one byte a sample; 160 bytes are seen always, and promised nowhere."""


@dataclass(frozen=True, slots=True)
class Dtmf:
    """The caller pressed a key."""

    key: str
    """One of 0-9, * or #."""


@dataclass(frozen=True, slots=True)
class Mark:
    """All sound sent before the mark of this name was played, or was flushed by our ``clear``."""

    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The stream is over. The call may not be: redirecting a call ends its stream too."""


Message = Connected | Start | Media | Dtmf | Mark | Stop


def decode(text: str) -> Message:
    """What Twilio sent. Raises MediaError for anything that is not a well-formed message of the protocol."""
    if len(text) > MAX_CHARS:
        raise MediaError(f"found a message of {len(text)} characters; wanted at most {MAX_CHARS}")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MediaError(f"found a message that is not JSON ({error})") from None
    if not isinstance(message, dict):
        raise MediaError(f"found a message that is {_kind(message)}; wanted an object with an event")
    match message.get("event"):
        case "media":
            return _media(message)
        case "mark":
            return Mark(_text(_part(message, "mark"), "name", "mark"))
        case "dtmf":
            return _dtmf(message)
        case "start":
            return _start(message)
        case "stop":
            return Stop()
        case "connected":
            return Connected()
        case event:
            raise MediaError(
                f"found event {_shown(event)}; wanted connected, start, media, dtmf, mark or stop"
            )


def gap_ms(media: Media, origin_ms: int, clock_ms: int) -> int:
    """How much sound was lost before ``media``, in whole frames, so that silence can fill it.

    ``origin_ms`` is the timestamp of the stream's first media, ``clock_ms`` the sound counted since then,
    silence filled in before included. Counting from the origin keeps jittering timestamps from adding up.
    """
    missing_ms = media.timestamp_ms - origin_ms - clock_ms
    return max(0, min(missing_ms, MAX_GAP_MS)) // FRAME_MS * FRAME_MS


def encode_media(stream_sid: str, payload: bytes) -> str:
    """Sound to play after all sent before; ``payload`` is mu-law 8000 Hz of any length."""
    return _WRITE({"event": "media", "streamSid": stream_sid, "media": {"payload": _base64(payload)}})


def encode_mark(stream_sid: str, name: str) -> str:
    """Asks for ``Mark(name)`` when all sound sent so far is played or flushed."""
    return _WRITE({"event": "mark", "streamSid": stream_sid, "mark": {"name": name}})


def encode_clear(stream_sid: str) -> str:
    """Throws away all sound not yet played; the marks among it come back at once."""
    return _WRITE({"event": "clear", "streamSid": stream_sid})


class TwilioSide:
    """Writes one stream as Twilio does, numbers as strings, every message after ``connected`` counted."""

    def __init__(self, stream_sid: str, call_sid: str, account_sid: str) -> None:
        self.stream_sid = stream_sid
        self.call_sid = call_sid
        self.account_sid = account_sid
        self._sequence = 0
        self._chunk = 0

    def connected(self) -> str:
        return _WRITE({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self, parameters: Mapping[str, str]) -> str:
        body = {
            "streamSid": self.stream_sid,
            "accountSid": self.account_sid,
            "callSid": self.call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": ENCODING, "sampleRate": RATE_HZ, "channels": 1},
            "customParameters": dict(parameters),
        }
        return self._next("start", body)

    def media(self, timestamp_ms: int, payload: bytes) -> str:
        """One chunk of the caller's sound (mu-law) that began at ``timestamp_ms`` of the stream."""
        self._chunk += 1
        body = {
            "track": "inbound",
            "chunk": str(self._chunk),
            "timestamp": str(timestamp_ms),
            "payload": _base64(payload),
        }
        return self._next("media", body)

    def skip(self, chunks: int = 1) -> None:
        """Counts media that was lost on the way, as a hole in the numbers."""
        self._chunk += chunks
        self._sequence += chunks

    def dtmf(self, key: str) -> str:
        return self._next("dtmf", {"track": "inbound_track", "digit": key})

    def mark(self, name: str) -> str:
        return self._next("mark", {"name": name})

    def stop(self) -> str:
        return self._next("stop", {"accountSid": self.account_sid, "callSid": self.call_sid})

    def _next(self, event: str, body: dict[str, Any]) -> str:
        self._sequence += 1
        return _WRITE(
            {"event": event, "sequenceNumber": str(self._sequence), "streamSid": self.stream_sid, event: body}
        )


def _media(message: dict[str, Any]) -> Media:
    body = _part(message, "media")
    track = body.get("track", "inbound")
    if track != "inbound":
        raise MediaError(
            f"found media of track {_shown(track)}; wanted inbound, the only one of a two-way stream"
        )
    try:
        payload = a2b_base64(_text(body, "payload", "media"), strict_mode=True)
    except ValueError as error:
        raise MediaError(f"found a media payload that is not base64 ({error})") from None
    return Media(
        sequence=_number(message, "sequenceNumber", "media"),
        chunk=_number(body, "chunk", "media"),
        timestamp_ms=_number(body, "timestamp", "media"),
        payload=payload,
    )


def _dtmf(message: dict[str, Any]) -> Dtmf:
    key = _text(_part(message, "dtmf"), "digit", "dtmf")
    if key not in _KEYS:
        raise MediaError(f"found the key {_shown(key)}; wanted one of 0-9, * or #")
    return Dtmf(key)


def _start(message: dict[str, Any]) -> Start:
    body = _part(message, "start")
    _check_format(body.get("mediaFormat"))
    parameters = body.get("customParameters", {})
    if not isinstance(parameters, dict):
        raise MediaError(f"found start.customParameters that is {_kind(parameters)}; wanted an object")
    start = Start(
        stream_sid=_text(body, "streamSid", "start"),
        call_sid=_text(body, "callSid", "start"),
        account_sid=_text(body, "accountSid", "start"),
        parameters={name: _text(parameters, name, "customParameters") for name in parameters},
    )
    if not start.stream_sid or not start.call_sid:
        raise MediaError("found a start without streamSid or callSid; wanted both")
    return start


def _check_format(found: object) -> None:
    match found:
        case {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}:
            return
        case _:
            raise MediaError(f"found mediaFormat {_shown(found)}; wanted {ENCODING}, {RATE_HZ} Hz, 1 channel")


def _part(message: dict[str, Any], name: str) -> dict[str, Any]:
    part = message.get(name)
    if not isinstance(part, dict):
        raise MediaError(f"found a {name} message whose {name} is {_kind(part)}; wanted an object")
    return part


def _text(part: dict[str, Any], name: str, where: str) -> str:
    value = part.get(name)
    if not isinstance(value, str):
        raise MediaError(f"found {where}.{_shown(name)} that is {_kind(value)}; wanted a string")
    if not value.isascii() and _SURROGATE.search(value):
        raise MediaError(f"found {where}.{_shown(name)} with half a character in it; wanted Unicode text")
    return value


def _number(part: dict[str, Any], name: str, where: str) -> int:
    """Twilio writes its counters as strings of digits."""
    value = part.get(name)
    if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15):
        raise MediaError(f"found {name} {_shown(value)} in {where}; wanted digits in a string")
    return int(value)


def _base64(payload: bytes) -> str:
    return b2a_base64(payload, newline=False).decode("ascii")


def _shown(value: object) -> str:
    """A value from outside, short enough for a log line."""
    text = ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "missing"}
    return names.get(type(value), "a number")
