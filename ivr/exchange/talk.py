"""The sound of one SIP call: what was agreed on in SDP, the frames and keys that come, the frames that go.

Knows nothing of SIP's own messages; those are ``dialog``'s.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from ivr.exchange import sdp
from ivr.exchange.cushion import Cushion
from ivr.exchange.rtp import Ear, Wire
from ivr.exchange.settings import HOST
from ivr.exchange.webhook import is_loopback


class Talk:
    """Sound both ways between a call and a telephone."""

    def __init__(self, is_open: Callable[[], bool], on_key: Callable[[str], None]) -> None:
        """``is_open``: whether what is said counts yet."""
        self._is_open = is_open
        self._cushion = Cushion()
        self._ear = Ear(self._hear, on_key)
        self._wire = Wire(self._ear)
        self._theirs: sdp.Sound | None = None
        self._session = secrets.randbits(31)
        self._version = 0

    async def open(self) -> None:
        """Be reachable for sound. Raises OSError."""
        await self._wire.open()

    def close(self) -> None:
        self._wire.close()

    def learn(self, body: bytes) -> bool:
        """Take the telephone's description of its sound; false where it has none for us."""
        try:
            theirs = sdp.read(body)
        except sdp.SdpError:
            return False
        if not is_loopback(theirs.host):
            return False
        self._theirs = theirs
        self._wire.remote = (theirs.host, theirs.port)
        self._ear.events = theirs.events
        self.begin()
        return True

    def begin(self) -> None:
        """From now on the telephone is expected to send."""
        self._wire.arrived_s = asyncio.get_running_loop().time()

    def offer(self) -> bytes:
        return sdp.offer(self._origin())

    def answer(self) -> bytes:
        """Our answer to what was learnt last; an offer where nothing was."""
        return sdp.answer(self._theirs, self._origin()) if self._theirs is not None else self.offer()

    def take(self) -> bytes:
        """The telephone's next 20 ms."""
        return self._cushion.take()

    def give(self, frame: bytes) -> None:
        if self._theirs is not None and self._theirs.is_hearing:
            self._wire.send(frame)

    def silent_s(self) -> float:
        """For how long nothing has come from a telephone that should send; 0 for one on hold."""
        if self._theirs is None or self._theirs.direction != "sendrecv":
            return 0.0
        return asyncio.get_running_loop().time() - self._wire.arrived_s

    def _origin(self) -> sdp.Origin:
        self._version += 1
        return sdp.Origin(HOST, self._wire.port, self._session, self._version)

    def _hear(self, frame: bytes) -> None:
        if self._is_open():
            self._cushion.put(frame)
