"""SIP transactions over UDP (RFC 3261, 17, with RFC 6026): what is lost is sent again, what comes twice counts once.

Knows neither calls nor sockets: is given a way to send and one who handles requests.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable

from ivr.exchange.sip import MAGIC, Headers, Request, Response, SipError, answer, parse, received

log = logging.getLogger(__name__)

T2_TIMES = 8
"""Longest time between two retransmissions, in T1 (T2 is 4 s where T1 is 0.5)."""
LIFE_TIMES = 64
"""A transaction is given up, or forgotten, after so many T1 (timers B, D, F, H, J, L and M)."""

Place = tuple[str, int]
Key = tuple[str, str, str]
OnResponse = Callable[[Response], None]


class Repeater:
    """Does something now and again and again, at doubling distances; gives up after ``life_s``."""

    def __init__(
        self,
        act: Callable[[], None],
        give_up: Callable[[], None],
        first_s: float,
        longest_s: float,
        life_s: float,
    ) -> None:
        self._act = act
        self._give_up = give_up
        self._next_s = first_s
        self._longest_s = longest_s
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(first_s, self._again)
        self._end = loop.call_later(life_s, self._expire)
        act()

    def _again(self) -> None:
        self._next_s = min(2 * self._next_s, self._longest_s)
        self._timer = asyncio.get_running_loop().call_later(self._next_s, self._again)
        self._act()

    def _expire(self) -> None:
        self._timer.cancel()
        self._give_up()

    def stop(self) -> None:
        self._timer.cancel()
        self._end.cancel()


class Client:
    """A request of ours on its way; ``on_response`` gets every response but repeated refusals.

    One that nobody answers ends with a 408 of our own (8.1.3.1).
    """

    def __init__(self, owner: Transactions, request: Request, place: Place, on_response: OnResponse) -> None:
        self.request = request
        self.place = place
        self.is_heard = False
        """True once anything came back."""
        self.is_done = False
        self._owner = owner
        self._on_response = on_response
        t1_s = owner.t1_s
        longest_s = LIFE_TIMES * t1_s if request.method == "INVITE" else T2_TIMES * t1_s
        self._repeater = Repeater(self._send, self.give_up, t1_s, longest_s, LIFE_TIMES * t1_s)

    def _send(self) -> None:
        self._owner.send(self.request.render(), self.place)

    def give_up(self) -> None:
        """Nothing more is expected of the other side."""
        if not self.is_done:
            self.receive(answer(self.request, 408))

    def receive(self, response: Response) -> None:
        is_invite = self.request.method == "INVITE"
        if response.code < 200:
            if is_invite:
                self._repeater.stop()
            self.is_heard = True
            if not self.is_done:
                self._on_response(response)
            return
        self._repeater.stop()
        is_first, self.is_done, self.is_heard = not self.is_done, True, True
        if is_invite and response.code >= 300 and response.to_tag:
            self._owner.send(self.companion("ACK", response.get("To")).render(), self.place)
        if is_first or response.code < 300:
            self._on_response(response)
        if is_first:
            self._owner.forget_later(self)

    def companion(self, method: str, to: str) -> Request:
        """The CANCEL of this request, or the ACK of a refusal: of the same branch (9.1, 17.1.1.3)."""
        kept: Headers = tuple(
            (name, value)
            for name, value in self.request.headers
            if name in ("Via", "From", "Call-ID", "Route", "Max-Forwards")
        )
        more: Headers = (("To", to), ("CSeq", f"{self.request.cseq[0]} {method}"))
        return Request(method=method, uri=self.request.uri, headers=kept + more)


class Server:
    """A request of the other side and what was last answered."""

    def __init__(self, owner: Transactions, request: Request, place: Place) -> None:
        self.request = request
        self.is_done = False
        """True once it has its final response."""
        self.on_unacknowledged: Callable[[], None] = lambda: None
        """Called when the final response to an INVITE is never acknowledged."""
        self._owner = owner
        self._place = place
        self._last = b""
        self._repeater: Repeater | None = None

    def respond(self, response: Response) -> None:
        if self.is_done:
            return
        self._last = response.render()
        self.is_done = response.code >= 200
        if self.is_done and self.request.method == "INVITE":
            t1_s = self._owner.t1_s
            self._repeater = Repeater(self.repeat, self._miss, t1_s, T2_TIMES * t1_s, LIFE_TIMES * t1_s)
        else:
            self.repeat()
        if self.is_done:
            self._owner.forget_later(self)

    def repeat(self) -> None:
        """Send the last response again."""
        if self._last:
            self._owner.send(self._last, self._place)

    def acknowledged(self) -> None:
        if self._repeater is not None:
            self._repeater.stop()

    def _miss(self) -> None:
        self.on_unacknowledged()


Handle = Callable[[Request, Server | None, Place], None]
"""Takes a new request, its transaction (None for an ACK) and where it came from."""


class Transactions:
    """All transactions of one socket."""

    def __init__(self, send: Callable[[bytes, Place], None], handle: Handle, t1_s: float) -> None:
        self.send = send
        self.t1_s = t1_s
        self._handle = handle
        self._clients: dict[Key, Client] = {}
        self._servers: dict[Key, Server] = {}

    def request(self, message: Request, place: Place, on_response: OnResponse) -> Client:
        """Send a request. Its top Via must have a branch of its own."""
        client = Client(self, message, place, on_response)
        self._clients[_key(message, message.method)] = client
        return client

    def server(self, request: Request) -> Server | None:
        """The transaction of the INVITE that a CANCEL or ACK belongs to."""
        return self._servers.get(_key(request, "INVITE"))

    def receive(self, datagram: bytes, place: Place) -> None:
        if not datagram.strip(b"\r\n\0"):
            return
        try:
            message = parse(datagram)
        except SipError as error:
            log.warning("a SIP datagram from %s is not understood: %s", place[0], error)
            return
        if isinstance(message, Response):
            client = self._clients.get(_key(message, message.cseq[1]))
            if client is not None:
                client.receive(message)
        else:
            self._take(received(message, *place), place)

    def _take(self, request: Request, place: Place) -> None:
        if request.method == "ACK":
            server = self.server(request)
            if server is not None:
                server.acknowledged()
            else:
                self._handle(request, None, place)
            return
        key = _key(request, request.method)
        if key in self._servers:
            self._servers[key].repeat()
            return
        server = self._servers[key] = Server(self, request, _back(request, place))
        self._handle(request, server, place)

    def forget_later(self, ended: Client | Server) -> None:
        """Keep a transaction that is over for as long as its repetitions may still arrive."""
        table: dict[Key, Client] | dict[Key, Server]
        table = self._clients if isinstance(ended, Client) else self._servers
        key = _key(ended.request, ended.request.method)
        asyncio.get_running_loop().call_later(LIFE_TIMES * self.t1_s, table.pop, key, None)


def _key(message: Request | Response, method: str) -> Key:
    via = message.via
    return via.branch, via.sent_by, method


def _back(request: Request, place: Place) -> Place:
    """Where responses go (18.2.2): whence it came, to the port it names."""
    via = request.via
    if "rport" in via.params:
        return place
    port = via.sent_by.rpartition(":")[2]
    return place[0], int(port) if port.isdigit() else 5060


def branch() -> str:
    """A new name for a transaction."""
    return MAGIC + secrets.token_hex(10)
