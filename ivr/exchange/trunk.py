"""The exchange's SIP side: one UDP socket that telephones call, register at and are called from.

Minimal on purpose: PCMU over RTP, no authentication, so it serves this machine only. What belongs to one call is in
``dialog``.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from ivr.exchange.dialog import ALLOW, SipLeg
from ivr.exchange.hub import Hub, log
from ivr.exchange.settings import HOST
from ivr.exchange.sip import Address, Headers, Request, SipError, Uri, answer
from ivr.exchange.transactions import Place, Server, Transactions
from ivr.exchange.webhook import is_loopback

if TYPE_CHECKING:
    from ivr.exchange.calls import Call
    from ivr.exchange.legs import Leg

REGISTERED_S = 3600
"""How long a registration lasts, at most and unless the telephone says otherwise."""
NUMBER = re.compile(r"\+[0-9]{2,15}")

Receive = Callable[[str, str, "Leg"], "Call"]
"""Takes a call to one of the account's numbers: to, from, leg."""


class Trunk(asyncio.DatagramProtocol):
    """SIP over UDP for one exchange."""

    def __init__(self, hub: Hub, receive: Receive) -> None:
        self.dialogs: dict[tuple[str, str], SipLeg] = {}
        self.media_timeout_s = hub.settings.media_timeout_s
        self.transactions = Transactions(self._send, self._handle, hub.settings.sip_t1_s)
        self._hub = hub
        self._receive = receive
        self._port = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._registered: dict[str, tuple[Uri, float]] = {}
        """By user: where it is, and until when (the loop's time)."""

    @property
    def address(self) -> str:
        """Where it listens: ``127.0.0.1:5060``."""
        return f"{HOST}:{self._port}"

    async def open(self) -> None:
        loop, port = asyncio.get_running_loop(), self._hub.settings.port
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(HOST, port))
        self._port = self._transport.get_extra_info("sockname")[1]

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def phone(self, number: str) -> SipPhone | None:
        """The telephone at a ``sip:`` address, or the one registered under a number."""
        if not number.startswith("sip:"):
            return self._at(number)
        try:
            uri = Uri.parse(number)
        except SipError:
            return None
        is_ours = uri.where[1] == self._port and uri.where[0] in (HOST, "localhost")
        return self._at(uri.user) if is_ours else SipPhone(self, self._hub, uri)

    def _at(self, user: str) -> SipPhone | None:
        uri, until_s = self._registered.get(user, (None, 0.0))
        if uri is None or until_s < asyncio.get_running_loop().time():
            return None
        return SipPhone(self, self._hub, uri)

    def port(self) -> int:
        return self._port

    def datagram_received(self, data: bytes, addr: tuple[object, ...]) -> None:
        place = cast(Place, addr[:2])
        if is_loopback(place[0]):
            self.transactions.receive(data, place)

    def error_received(self, exc: Exception) -> None:
        """A telephone is not there; its transaction will run out."""

    def _send(self, datagram: bytes, place: Place) -> None:
        if self._transport is not None and not self._transport.is_closing() and is_loopback(place[0]):
            self._transport.sendto(datagram, place)

    def _handle(self, request: Request, server: Server | None, place: Place) -> None:
        leg = self.dialogs.get((request.get("Call-ID"), request.to_tag))
        if leg is not None:
            leg.handle(request, server)
        elif server is not None and request.to_tag:
            server.respond(answer(request, 481))
        elif server is not None:
            self._begin(request, server, place)

    def _begin(self, request: Request, server: Server, place: Place) -> None:
        """A request outside any call."""
        wanted = [option for option in request.all("Require") if option]
        if wanted and request.method != "CANCEL":
            more: Headers = tuple(("Unsupported", each) for each in wanted)
            server.respond(answer(request, 420, to_tag=_tag(), more=more))
            return
        match request.method:
            case "INVITE":
                self._invited(request, server, place)
            case "CANCEL":
                self._cancelled(request, server)
            case "OPTIONS":
                more = (("Allow", ALLOW), ("Accept", "application/sdp"))
                server.respond(answer(request, 200, to_tag=_tag(), more=more))
            case "REGISTER":
                self._register(request, server, place)
            case _:
                server.respond(answer(request, 405, to_tag=_tag(), more=(("Allow", ALLOW),)))

    def _invited(self, request: Request, server: Server, place: Place) -> None:
        try:
            to = Uri.parse(request.uri).user
            from_ = _caller(request)
        except SipError as error:
            log.warning("an INVITE is not understood: %s", error)
            server.respond(answer(request, 400, to_tag=_tag()))
            return
        if to not in self._hub.numbers:
            server.respond(answer(request, 404, to_tag=_tag()))
            return
        leg = SipLeg(self, request.get("Call-ID"))
        leg.take_up(server, place)
        self._hub.spawn(leg.accept(server, lambda leg: self._receive(to, from_, leg)))

    def _cancelled(self, request: Request, server: Server) -> None:
        invite = self.transactions.server(request)
        if invite is None:
            server.respond(answer(request, 481, to_tag=_tag()))
            return
        server.respond(answer(request, 200, to_tag=_tag()))
        leg = next((leg for leg in self.dialogs.values() if leg.is_of(invite)), None)
        if leg is not None:
            leg.cancelled()

    def _register(self, request: Request, server: Server, place: Place) -> None:
        try:
            user = Uri.parse(Address.parse(request.get("To")).uri).user
            contacts = [Address.parse(text) for text in request.all("Contact")]
            where = [Uri.parse(contact.uri) for contact in contacts if contact.uri != "*"]
        except SipError:
            server.respond(answer(request, 400, to_tag=_tag()))
            return
        if not user:
            server.respond(answer(request, 403, to_tag=_tag()))
            return
        now_s = asyncio.get_running_loop().time()
        for contact in contacts:
            lasts_s = 0 if contact.uri == "*" else _lasts_s(contact, request)
            if lasts_s:
                self._registered[user] = (where[-1], now_s + lasts_s)
            else:
                self._registered.pop(user, None)
        server.respond(answer(request, 200, to_tag=_tag(), more=self._bindings(user, now_s)))

    def _bindings(self, user: str, now_s: float) -> Headers:
        if user not in self._registered:
            return ()
        uri, until_s = self._registered[user]
        return (("Contact", f"<{uri}>;expires={max(round(until_s - now_s), 0)}"),)


class SipPhone:
    """A telephone somewhere on the network."""

    def __init__(self, trunk: Trunk, hub: Hub, uri: Uri) -> None:
        self._trunk = trunk
        self._hub = hub
        self._uri = uri

    def ring(self, call: Call) -> SipLeg:
        """Send it an INVITE; whether it is in use it says itself."""
        leg = SipLeg(self._trunk, f"{secrets.token_hex(12)}@{self._trunk.address}")
        leg.call = call
        from_ = call.from_.removeprefix("client:").removeprefix("sip:").partition("@")[0]
        more = (
            ("X-Twilio-AccountSid", self._hub.settings.account_sid),
            ("X-Twilio-CallSid", call.sid),
        )
        self._hub.spawn(leg.invite(self._uri, from_, more))
        return leg


def _caller(request: Request) -> str:
    """Who calls: a number where the telephone's name is one, else its address. Raises SipError."""
    uri = Uri.parse(Address.parse(request.get("From")).uri)
    return uri.user if NUMBER.fullmatch(uri.user) else f"sip:{uri.user}@{uri.host}"


def _lasts_s(contact: Address, request: Request) -> int:
    text = contact.params.get("expires") or request.get("Expires")
    return min(int(text), REGISTERED_S) if text.isdigit() else REGISTERED_S


def _tag() -> str:
    return secrets.token_hex(6)
