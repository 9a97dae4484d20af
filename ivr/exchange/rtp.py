"""Sound over the network: RTP packets of PCMU (RFC 3550, 3551) and keys as telephone-events (RFC 4733).

``Packet``, ``Ear`` and ``Mouth`` are pure; ``Wire`` is one telephone's UDP socket. No RTCP: nobody here reads it.
"""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from ivr.audio.frame import FRAME_SAMPLES
from ivr.exchange.sdp import PCMU
from ivr.exchange.settings import HOST

_HEAD = struct.Struct("!BBHII")
_VERSION = 0x80
KEYS = "0123456789*#"
"""Telephone-events 0 to 11 (RFC 4733, 3.2)."""
_HALF = 0x8000
"""A sequence number less than this ahead is newer (RFC 3550, appendix A.1)."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet."""

    kind: int
    """Payload type."""
    sequence: int
    timestamp: int
    """Samples."""
    source: int
    """SSRC."""
    payload: bytes
    is_marked: bool = False

    @staticmethod
    def parse(datagram: bytes) -> Packet | None:
        """None for what is no RTP packet."""
        if len(datagram) < _HEAD.size:
            return None
        first, second, sequence, timestamp, source = _HEAD.unpack_from(datagram)
        start = _HEAD.size + 4 * (first & 0x0F)
        if first & 0xC0 != _VERSION:
            return None
        if first & 0x10:
            if len(datagram) < start + 4:
                return None
            start += 4 + 4 * int.from_bytes(datagram[start + 2 : start + 4], "big")
        end = len(datagram) - (datagram[-1] if first & 0x20 else 0)
        if end < start:
            return None
        return Packet(second & 0x7F, sequence, timestamp, source, datagram[start:end], bool(second & 0x80))

    def render(self) -> bytes:
        second = self.kind | (0x80 if self.is_marked else 0)
        return _HEAD.pack(_VERSION, second, self.sequence, self.timestamp, self.source) + self.payload


class Ear:
    """Turns what arrives into frames and keys, each once; what comes twice or too late is left out."""

    def __init__(self, on_frame: Callable[[bytes], None], on_key: Callable[[str], None]) -> None:
        self.events: int | None = None
        """Payload type of the telephone-events, where the other side has them."""
        self._on_frame = on_frame
        self._on_key = on_key
        self._source: int | None = None
        self._last = 0
        self._rest = b""
        self._pressed: int | None = None

    def take(self, packet: Packet) -> None:
        if packet.source != self._source:
            self._source, self._rest, self._pressed = packet.source, b"", None
        elif not 0 < (packet.sequence - self._last) % 0x10000 < _HALF:
            return
        self._last = packet.sequence
        if packet.kind == self.events:
            self._press(packet)
        elif packet.kind == PCMU:
            sound = self._rest + packet.payload
            whole = len(sound) // FRAME_SAMPLES * FRAME_SAMPLES
            for start in range(0, whole, FRAME_SAMPLES):
                self._on_frame(sound[start : start + FRAME_SAMPLES])
            self._rest = sound[whole:]

    def _press(self, packet: Packet) -> None:
        """All packets of one press have its first timestamp; the first that arrives tells the key."""
        if len(packet.payload) < 4 or packet.timestamp == self._pressed:
            return
        self._pressed = packet.timestamp
        if packet.payload[0] < len(KEYS):
            self._on_key(KEYS[packet.payload[0]])


class Mouth:
    """Makes packets of frames, one every 20 ms."""

    def __init__(self) -> None:
        self._source = secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._timestamp = secrets.randbits(32)
        self._is_first = True

    def speak(self, frame: bytes) -> Packet:
        packet = Packet(PCMU, self._sequence, self._timestamp, self._source, frame, self._is_first)
        self._sequence = (self._sequence + 1) % 0x10000
        self._timestamp = (self._timestamp + FRAME_SAMPLES) % 0x100000000
        self._is_first = False
        return packet


class Wire(asyncio.DatagramProtocol):
    """One telephone's sound: a UDP socket of its own."""

    def __init__(self, ear: Ear) -> None:
        self.port = 0
        self.remote: tuple[str, int] | None = None
        """Where sound is sent; None: nowhere. Only packets of that host are heard."""
        self.arrived_s = 0.0
        """The loop's time of the last packet."""
        self._ear = ear
        self._mouth = Mouth()
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(HOST, 0))
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]
        self.arrived_s = loop.time()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def send(self, frame: bytes) -> None:
        packet = self._mouth.speak(frame)
        if self._transport is not None and self.remote is not None and not self._transport.is_closing():
            self._transport.sendto(packet.render(), self.remote)

    def datagram_received(self, data: bytes, addr: tuple[object, ...]) -> None:
        host = cast(str, addr[0])
        packet = Packet.parse(data)
        if packet is not None and self.remote is not None and host == self.remote[0]:
            self.arrived_s = asyncio.get_running_loop().time()
            self._ear.take(packet)

    def error_received(self, exc: Exception) -> None:
        """The other side has closed its socket; the call's end is told by SIP."""
