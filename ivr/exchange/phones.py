"""Phones: the one protocol by which a browser page, a command line or a test is a telephone on this exchange.

A WebSocket at ``/phone``. Binary messages are 20 ms of mu-law 8 kHz (160 bytes) in either direction: from the
phone in real time, or nothing where it is silent; to the phone every 20 ms while its call is answered. Texts:

- to the exchange ``{"do": "register", "number", "token"}`` (``+15550123`` or ``client:anna``: calls to it ring
  here; a client needs its access token where the exchange has an API key), ``{"do": "call", "to", "from"}``,
  ``{"do": "key", "key"}``, ``{"do": "answer"}``, ``{"do": "decline"}``, ``{"do": "hangup"}``,
  ``{"do": "attach", "leg"}`` (carry on the call of a socket that broke);
- to the phone ``{"on": "registered", "number"}``, ``{"on": "calling", "call_sid", "leg"}``,
  ``{"on": "ringing"}``, ``{"on": "answered", "call_sid"}``, ``{"on": "attached", "call_sid", "status"}``,
  ``{"on": "incoming", "call_sid", "leg", "from", "to"}``, ``{"on": "error", "text", "order"}``
  (which order was refused),
  ``{"on": "ended", "reason"}`` (Twilio's CallStatus).

A handset is one socket and holds one call at most; its ``Leg`` is the call's end of the wire and outlives a
broken socket for a moment, until another attaches to it.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from ivr.audio.frame import FRAME_SAMPLES
from ivr.exchange import identity
from ivr.exchange.cushion import Cushion

if TYPE_CHECKING:
    from ivr.exchange.calls import Call
    from ivr.exchange.hub import Hub
    from ivr.exchange.legs import Decision, Leg, Status

KEYS = frozenset("0123456789*#")
_HEAD = b"\x82\x7e" + FRAME_SAMPLES.to_bytes(2, "big")
"""RFC 6455 head of an unmasked binary message of one frame."""
_STALLED = 64 * 1024
"""Bytes a phone may leave unread before its sound is dropped: about 8 s."""


Receive = Callable[[str, str, "Leg"], "Call"]
"""Takes a call to one of the account's numbers: to, from, leg."""


class HandsetLeg:
    """A call's end of the wire to a handset: evens out what arrives, sends what is to be heard."""

    def __init__(self, hub: Hub, handset: Handset) -> None:
        self.token = secrets.token_urlsafe(12)
        self.handset: Handset | None = handset
        self.call: Call | None = None
        self.answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._hub = hub
        self._grace: asyncio.TimerHandle | None = None
        self._cushion = Cushion()
        hub.legs[self.token] = self

    def put(self, frame: bytes) -> None:
        """Sound from the phone; before the answer nobody hears it."""
        if self.call is not None and self.call.status == "in-progress":
            self._cushion.put(frame)

    def take(self) -> bytes:
        """The caller's next 20 ms; silence where there is nothing."""
        return self._cushion.take()

    def give(self, frame: bytes) -> None:
        """Sound to the phone, exactly one frame."""
        if self.handset is not None:
            self.handset.give(frame)

    def ringing(self) -> None:
        if self.handset is not None:
            self.handset.tell(on="ringing")

    def answered(self) -> None:
        if self.handset is not None and self.call is not None:
            self.handset.tell(on="answered", call_sid=self.call.sid)

    def detach(self) -> None:
        """The phone's socket broke: the call goes on for the grace period."""
        self.handset = None
        self._grace = asyncio.get_running_loop().call_later(self._hub.settings.grace_s, self._give_up)

    def attach(self, handset: Handset) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None
        self.handset = handset

    def close(self, reason: Status) -> None:
        """The call is over."""
        self._hub.legs.pop(self.token, None)
        if self._grace is not None:
            self._grace.cancel()
        if self.handset is not None:
            self.handset.tell(on="ended", reason=reason)
            self.handset.leg = None
            self.handset = None

    def _give_up(self) -> None:
        if self.call is not None:
            self.call.hang_up()


class Handset:
    """One phone's socket, from its opening to its end."""

    def __init__(
        self, hub: Hub, socket: web.WebSocketResponse, transport: asyncio.Transport, receive: Receive
    ) -> None:
        self._hub = hub
        self._receive = receive
        self._socket = socket
        self._transport = transport
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self.numbers: set[str] = set()
        self.leg: HandsetLeg | None = None

    def tell(self, **message: Any) -> None:
        self._outbox.put_nowait(json.dumps(message))

    def give(self, frame: bytes) -> None:
        """Send sound, past aiohttp's own sending: that is a coroutine, and this happens 50 times a second."""
        if not self._transport.is_closing() and self._transport.get_write_buffer_size() < _STALLED:
            self._transport.write(_HEAD + frame)

    def ring(self, call: Call) -> HandsetLeg | None:
        """Offer a call; None when the phone is in use."""
        if self.leg is not None:
            return None
        self.leg = HandsetLeg(self._hub, self)
        self.leg.call = call
        self.tell(on="incoming", call_sid=call.sid, leg=self.leg.token, **{"from": call.from_, "to": call.to})
        return self.leg

    async def run(self) -> None:
        """Serve the socket until it closes."""
        writer = asyncio.create_task(self._write())
        try:
            async for message in self._socket:
                if message.type is WSMsgType.BINARY:
                    if self.leg is not None and len(message.data) == FRAME_SAMPLES:
                        self.leg.put(message.data)
                elif message.type is WSMsgType.TEXT:
                    self._obey(message.data)
        finally:
            writer.cancel()
            for number in self.numbers:
                self._hub.unregister(number, self)
            if self.leg is not None:
                self.leg.detach()

    async def _write(self) -> None:
        while True:
            await self._socket.send_str(await self._outbox.get())

    def _obey(self, text: str) -> None:
        try:
            message = json.loads(text)
            order = message["do"]
        except (ValueError, KeyError, TypeError):
            self.tell(on="error", text='not understood; wanted JSON with "do"')
            return
        match order:
            case "register":
                self._register(str(message.get("number", "")), str(message.get("token", "")))
            case "call":
                self._call(str(message.get("to", "")), str(message.get("from", "")))
            case "attach":
                self._attach(str(message.get("leg", "")))
            case "answer" | "decline" | "hangup" | "key" if self.leg is None:
                self._refuse(order, "no call on this phone")
            case "answer" | "decline":
                self._decide("answered" if order == "answer" else "declined")
            case "key":
                self._key(str(message.get("key", "")))
            case "hangup":
                self._hang_up()
            case _:
                self.tell(on="error", text=f"unknown order {order!r}")

    def _refuse(self, order: str, why: str) -> None:
        self.tell(on="error", text=f"{order}: {why}", order=order)

    def _register(self, number: str, token: str) -> None:
        problem = identity.problem(number, token, self._hub.settings) if number else "wanted a number"
        if problem:
            self._refuse("register", problem)
            return
        self.numbers.add(number)
        self._hub.register(number, self)
        self.tell(on="registered", number=number)

    def _call(self, to: str, from_: str) -> None:
        if self.leg is not None:
            self._refuse("call", "this phone is in use")
        elif to not in self._hub.numbers:
            self._refuse("call", f"no such number {to}")
        else:
            self.leg = HandsetLeg(self._hub, self)
            call = self._receive(to, from_, self.leg)
            self.tell(on="calling", call_sid=call.sid, leg=self.leg.token)

    def _attach(self, token: str) -> None:
        leg = self._hub.legs.get(token)
        if leg is None or leg.call is None:
            self._refuse("attach", "no such leg, or its grace is over")
        elif self.leg is not None:
            self._refuse("attach", "this phone is in use")
        else:
            if leg.handset is not None:
                leg.handset.leg = None
            leg.attach(self)
            self.leg = leg
            self.tell(on="attached", call_sid=leg.call.sid, status=leg.call.status)

    def _decide(self, decision: Decision) -> None:
        if self.leg is not None and not self.leg.answer.done():
            self.leg.answer.set_result(decision)

    def _key(self, key: str) -> None:
        if key not in KEYS:
            self._refuse("key", f"found {key!r}; wanted one of 0-9, * or #")
        elif self.leg is not None and self.leg.call is not None:
            self.leg.call.press(key)

    def _hang_up(self) -> None:
        if self.leg is not None and self.leg.call is not None:
            if not self.leg.answer.done() and self.leg.call.is_offered:
                self.leg.answer.set_result("declined")
            else:
                self.leg.call.hang_up()
