"""A call's end of the wire to a SIP telephone: one dialog (RFC 3261, 12) with its sound.

To the rest of the exchange it is a leg like any other. What is not part of a dialog is ``trunk``'s.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from ivr.exchange import sdp
from ivr.exchange.settings import HOST
from ivr.exchange.sip import Address, Headers, Request, Response, SipError, Uri, answer
from ivr.exchange.talk import Talk
from ivr.exchange.transactions import Client, Place, Server, Transactions, branch
from ivr.exchange.webhook import is_loopback

if TYPE_CHECKING:
    from ivr.exchange.calls import Call
    from ivr.exchange.legs import Decision, Status

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER"
_DECISIONS: Mapping[int, Decision] = {
    **dict.fromkeys((486, 600), "busy"),
    603: "declined",
    **dict.fromkeys((408, 480, 487), "no-answer"),
}
"""What a refusal means; all others: failed."""
_REFUSALS: Mapping[Status, int] = {"busy": 486, "no-answer": 480, "canceled": 487, "completed": 603}
"""How a call is refused that ended before it was answered; all others: 603."""


class Office(Protocol):
    """What a dialog needs of the exchange."""

    transactions: Transactions
    dialogs: dict[tuple[str, str], SipLeg]
    """By Call-ID and our own tag."""
    media_timeout_s: float

    def port(self) -> int: ...


class SipLeg:
    """One SIP telephone in one call."""

    def __init__(self, office: Office, call_id: str) -> None:
        self.call: Call | None = None
        self.answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._office = office
        self._call_id = call_id
        self._tag = secrets.token_hex(6)
        self._talk = Talk(self._is_open, self._press)
        self._us = self._them = ""
        self._target = ""
        self._routes: tuple[str, ...] = ()
        self._peer: Place = ("", 0)
        self._seq = secrets.randbits(20)
        self._their_seq = -1
        self._client: Client | None = None
        self._server: Server | None = None
        self._is_confirmed = False
        """True once a 200 was sent or received."""
        self._is_over = False
        office.dialogs[call_id, self._tag] = self

    # Calls that we place

    async def invite(self, uri: Uri, from_: str, more: Headers) -> None:
        """Ring the telephone at ``uri``; what comes of it is ``answer``."""
        try:
            self._peer = await _resolve(uri)
            await self._talk.open()
        except OSError:
            self._decide("failed")
            return
        if self._is_over or not is_loopback(self._peer[0]):
            self._talk.close()
            self._decide("failed")
            return
        self._target, self._them = str(uri), f"<{uri}>"
        self._us = f"<sip:{from_}@{self._authority()}>;tag={self._tag}"
        body = self._talk.offer()
        headers: Headers = (("Allow", ALLOW), ("Content-Type", sdp.TYPE), *more)
        request = self._request("INVITE", headers, body)
        self._client = self._office.transactions.request(request, self._peer, self._respond)

    def _respond(self, response: Response) -> None:
        """The telephone's response to our INVITE."""
        if response.code >= 300:
            self._decide(_DECISIONS.get(response.code, "failed"))
        elif response.code >= 200:
            self._confirm(response)
        elif self._is_over:
            self._cancel()

    def _confirm(self, response: Response) -> None:
        is_first, self._is_confirmed = not self._is_confirmed, True
        if is_first:
            self._them = response.get("To")
            self._routes = tuple(reversed(response.all("Record-Route")))
            self._follow(response.get("Contact"))
        self._office.transactions.send(self._request("ACK").render(), self._peer)
        if not is_first:
            return
        if self._is_over:
            self._bye()
        elif self._talk.learn(response.body):
            self._decide("answered")
        else:
            self._decide("failed")

    def _cancel(self) -> None:
        """Stop the ringing; only after something was heard may a CANCEL be sent (9.1)."""
        client = self._client
        if client is not None and client.is_heard and not client.is_done:
            request = client.companion("CANCEL", client.request.get("To"))
            self._office.transactions.request(request, client.place, lambda response: None)
            asyncio.get_running_loop().call_later(64 * self._office.transactions.t1_s, client.give_up)
            self._client = None

    # Calls that come to us

    def take_up(self, server: Server, place: Place) -> None:
        """A call has come in."""
        request = server.request
        self._server, self._peer = server, place
        self._their_seq = request.cseq[0]
        self._us = f"{request.get('To')};tag={self._tag}"
        self._them = request.get("From")
        self._routes = tuple(request.all("Record-Route"))
        self._follow(request.get("Contact"))
        server.respond(answer(request, 100))

    async def accept(self, server: Server, receive: Callable[[SipLeg], Call]) -> None:
        """Hand it to the number that was called; turn it down where it has no sound that we know."""
        await self._talk.open()
        if server.is_done:
            self._drop()
        elif server.request.body and not self._talk.learn(server.request.body):
            server.respond(answer(server.request, 488, to_tag=self._tag))
            self._drop()
        else:
            self.call = receive(self)

    def is_of(self, invite: Server) -> bool:
        """True where this call came by that request."""
        return self._server is invite

    def cancelled(self) -> None:
        """The telephone gave up before we answered."""
        if self._server is not None:
            self._server.respond(answer(self._server.request, 487, to_tag=self._tag))
        self.hung_up()

    def ringing(self) -> None:
        if self._server is not None:
            self._server.respond(answer(self._server.request, 180, to_tag=self._tag, more=self._contact()))

    def answered(self) -> None:
        self._talk.begin()
        if self._server is not None and not self._is_confirmed:
            self._is_confirmed = True
            self._accept(self._server)

    def _accept(self, server: Server) -> None:
        """200 with our side of the sound: an answer to their offer, or an offer where there was none."""
        body = self._talk.answer() if server.request.body else self._talk.offer()
        more: Headers = (*self._contact(), ("Allow", ALLOW), ("Content-Type", sdp.TYPE))
        server.on_unacknowledged = self.hung_up
        server.respond(answer(server.request, 200, to_tag=self._tag, more=more, body=body))

    # Within the dialog

    def handle(self, request: Request, server: Server | None) -> None:
        """A request of the telephone in this call."""
        if server is None:
            self._acknowledge(request)
        elif request.cseq[0] < self._their_seq:
            server.respond(answer(request, 500))
        else:
            self._their_seq = request.cseq[0]
            self._obey(request, server)

    def _obey(self, request: Request, server: Server) -> None:
        match request.method:
            case "BYE":
                server.respond(answer(request, 200))
                self._is_confirmed = False
                self.hung_up()
            case "INVITE":
                self._renew(request, server)
            case "OPTIONS":
                server.respond(answer(request, 200, more=(("Allow", ALLOW),)))
            case _:
                server.respond(answer(request, 405, more=(("Allow", ALLOW),)))

    def _acknowledge(self, request: Request) -> None:
        if self._server is not None:
            self._server.acknowledged()
            if request.body and not self._server.request.body and not self._talk.learn(request.body):
                self.hung_up()

    def _renew(self, request: Request, server: Server) -> None:
        """The telephone changes its sound: hold, another address (14.2)."""
        if not self._is_confirmed:
            server.respond(answer(request, 491))
        elif request.body and not self._talk.learn(request.body):
            server.respond(answer(request, 488))
        else:
            self._server = server
            self._follow(request.get("Contact"))
            self._accept(server)

    # Sound and keys

    def take(self) -> bytes:
        if self._talk.silent_s() > self._office.media_timeout_s:
            self.hung_up()
        return self._talk.take()

    def give(self, frame: bytes) -> None:
        self._talk.give(frame)

    def _is_open(self) -> bool:
        return self.call is not None and self.call.status == "in-progress"

    def _press(self, key: str) -> None:
        if self.call is not None:
            self.call.press(key)

    # Ends

    def close(self, reason: Status) -> None:
        """The call is over: tell the telephone in the words that fit how far it came."""
        if self._is_over:
            return
        self._is_over = True
        self._drop()
        if self._is_confirmed:
            self._bye()
        elif self._server is not None:
            code = _REFUSALS.get(reason, 603)
            self._server.respond(answer(self._server.request, code, to_tag=self._tag))
        else:
            self._cancel()

    def hung_up(self) -> None:
        """The telephone hung up, or is not there any more."""
        if self.call is not None:
            self.call.hang_up()

    def _drop(self) -> None:
        self._talk.close()
        self._office.dialogs.pop((self._call_id, self._tag), None)

    def _bye(self) -> None:
        self._is_confirmed = False
        if self._server is not None:
            self._server.acknowledged()
        self._office.transactions.request(self._request("BYE"), self._peer, lambda response: None)

    def _decide(self, decision: Decision) -> None:
        if not self.answer.done():
            self.answer.set_result(decision)

    # Messages

    def _request(self, method: str, more: Headers = (), body: bytes = b"") -> Request:
        if method != "ACK":
            self._seq += 1
        via = f"SIP/2.0/UDP {self._authority()};branch={branch()};rport"
        headers: Headers = (
            ("Via", via),
            ("Max-Forwards", "70"),
            *(("Route", route) for route in self._routes),
            ("From", self._us),
            ("To", self._them),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._seq} {method}"),
            *self._contact(),
            *more,
        )
        return Request(method=method, uri=self._target, headers=headers, body=body)

    def _contact(self) -> Headers:
        return (("Contact", f"<sip:{self._authority()}>"),)

    def _authority(self) -> str:
        return f"{HOST}:{self._office.port()}"

    def _follow(self, contact: str) -> None:
        """Later requests go to where the telephone says it is, or to its first proxy (12.2.1.1)."""
        try:
            self._target = Address.parse(contact).uri
            hop = Uri.parse(Address.parse(self._routes[0]).uri if self._routes else self._target)
            ipaddress.ip_address(hop.where[0])
        except (SipError, ValueError):
            return
        self._peer = hop.where


async def _resolve(uri: Uri) -> Place:
    """Raises OSError."""
    host, port = uri.where
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=2)
    return str(found[0][4][0]), port
