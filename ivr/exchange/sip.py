"""SIP messages (RFC 3261): text to requests and responses, and back; addresses and Via lines in them. Pure.

Knows nothing of transactions or calls. What is needed of SIP for telephones over UDP, no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

VERSION = "SIP/2.0"
MAGIC = "z9hG4bK"
"""Begins every branch of RFC 3261 (8.1.1.7)."""
_COMPACT = {
    **{"v": "Via", "f": "From", "t": "To", "i": "Call-ID", "m": "Contact", "l": "Content-Length"},
    **{"c": "Content-Type", "e": "Content-Encoding", "s": "Subject", "k": "Supported"},
}
"""One-letter names (7.3.3)."""
_LISTS = frozenset({"via", "contact", "route", "record-route", "require", "proxy-require", "supported"})
"""Headers whose commas separate values; elsewhere a comma is only text."""
_NEEDED = ("Via", "From", "To", "Call-ID", "CSeq")
"""Of every message (8.1.1)."""
REASONS: Mapping[int, str] = {
    **{100: "Trying", 180: "Ringing", 200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"},
    **{405: "Method Not Allowed", 408: "Request Timeout", 420: "Bad Extension"},
    **{480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 486: "Busy Here"},
    **{487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending"},
    **{500: "Server Internal Error", 503: "Service Unavailable", 603: "Decline"},
}

Headers = tuple[tuple[str, str], ...]


class SipError(Exception):
    """A datagram that is no SIP message of ours, or an address that is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What requests and responses share."""

    headers: Headers
    """Names in their long form, one value each."""
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known.lower() == name.lower()]

    def get(self, name: str) -> str:
        """The first value; empty where there is none."""
        return next(iter(self.all(name)), "")

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method."""
        number, method = self.get("CSeq").split()
        return int(number), method

    @property
    def via(self) -> Via:
        return Via.parse(self.get("Via"))

    @property
    def to_tag(self) -> str:
        return Address.parse(self.get("To")).params.get("tag", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Message):
    method: str
    uri: str

    def render(self) -> bytes:
        return _render(f"{self.method} {self.uri} {VERSION}", self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Message):
    code: int
    reason: str

    def render(self) -> bytes:
        return _render(f"{VERSION} {self.code} {self.reason}", self)


@dataclass(frozen=True, slots=True)
class Uri:
    """``sip:user@host:port;params``; the parameters are kept as they are."""

    user: str
    host: str
    port: int | None = None
    params: str = ""

    @staticmethod
    def parse(text: str) -> Uri:
        """Raises SipError."""
        found = re.fullmatch(
            r"(?i:sip):(?:([^@;?<>\s]+)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?((?:;[^?\s]*)?)(?:\?.*)?",
            text.strip(),
        )
        if found is None or int(found[3] or 1) not in range(1, 65536):
            raise SipError(f"not a sip: address: {text!r}")
        user, host, port, params = found.groups()
        return Uri(unquote((user or "").partition(":")[0]), host, int(port) if port else None, params)

    def __str__(self) -> str:
        user = quote(self.user, safe="+-_.!~*'()&=$,?/") + "@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"sip:{user}{self.host}{port}{self.params}"

    @property
    def where(self) -> tuple[str, int]:
        """Host and port to send to."""
        return self.host.strip("[]"), self.port or 5060


@dataclass(frozen=True, slots=True)
class Address:
    """A From, To, Contact or Route: ``"name" <uri>;params``."""

    uri: str
    params: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def parse(text: str) -> Address:
        """Raises SipError."""
        named = re.fullmatch(r'\s*(?:"(?:[^"\\]|\\.)*"|[^<"]*?)\s*<([^>]*)>(.*)', text, re.DOTALL)
        if named is not None:
            return Address(named[1].strip(), _params(named[2]))
        uri, _, params = text.strip().partition(";")
        if not uri or '"' in uri or "<" in uri:
            raise SipError(f"not an address: {text!r}")
        return Address(uri, _params(";" + params))


@dataclass(frozen=True, slots=True)
class Via:
    """The top one says where a response goes (18.2.2)."""

    sent_by: str
    params: Mapping[str, str]

    @staticmethod
    def parse(text: str) -> Via:
        """Raises SipError."""
        found = re.fullmatch(r"SIP\s*/\s*2\.0\s*/\s*UDP\s+([^;\s]+)\s*(;.*)?", text.strip(), re.IGNORECASE)
        if found is None:
            raise SipError(f"not a Via over UDP: {text!r}")
        return Via(found[1].lower(), _params(found[2] or ""))

    @property
    def branch(self) -> str:
        return self.params.get("branch", "")


def parse(datagram: bytes) -> Request | Response:
    """One message. Raises SipError."""
    head, gap, body = datagram.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not gap:
        raise SipError("no empty line after the headers")
    try:
        lines = re.sub(r"\r\n[ \t]+", " ", head.decode()).split("\r\n")
    except UnicodeDecodeError:
        raise SipError("not UTF-8") from None
    headers = tuple(_headers(lines[1:]))
    message = _begin(lines[0], headers, _body(headers, body))
    _check(message)
    return message


def _begin(line: str, headers: Headers, body: bytes) -> Request | Response:
    if status := re.fullmatch(r"SIP/2\.0 ([1-6][0-9]{2}) ?(.*)", line, re.IGNORECASE):
        return Response(code=int(status[1]), reason=status[2], headers=headers, body=body)
    if asked := re.fullmatch(r"([A-Za-z]+) (\S+) SIP/2\.0", line):
        return Request(method=asked[1], uri=asked[2], headers=headers, body=body)
    raise SipError(f"not a start line: {line[:80]!r}")


def _headers(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        name, colon, text = line.partition(":")
        name = name.strip()
        if not colon or not re.fullmatch(r"[A-Za-z0-9.!%*_+`'~-]+", name):
            raise SipError(f"not a header: {line[:80]!r}")
        name = _COMPACT.get(name.lower(), name)
        values = _split(text) if name.lower() in _LISTS else [text]
        for value in values:
            yield name, value.strip()


def _split(text: str) -> list[str]:
    """At the commas outside quotes and angle brackets."""
    return re.findall(r'(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,"<])+', text) or [text]


def _body(headers: Headers, body: bytes) -> bytes:
    length = next((value for name, value in headers if name.lower() == "content-length"), None)
    if length is None:
        return body
    if not re.fullmatch("[0-9]{1,6}", length) or int(length) > len(body):
        raise SipError(f"Content-Length {length!r} for {len(body)} bytes")
    return body[: int(length)]


def _check(message: Request | Response) -> None:
    missing = [name for name in _NEEDED if not message.get(name)]
    if missing:
        raise SipError(f"without {', '.join(missing)}")
    if not re.fullmatch(r"[0-9]{1,10}\s+[A-Za-z]+", message.get("CSeq")):
        raise SipError(f"CSeq: {message.get('CSeq')!r}")
    if isinstance(message, Request) and message.cseq[1] != message.method:
        raise SipError(f"CSeq says {message.cseq[1]}, the request {message.method}")
    for text in (message.get("From"), message.get("To")):
        Address.parse(text)
    Via.parse(message.get("Via"))


def _params(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";") if part.strip())
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def _render(start: str, message: Message) -> bytes:
    lines = [start, *(f"{name}: {value}" for name, value in message.headers if name != "Content-Length")]
    lines.append(f"Content-Length: {len(message.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + message.body


def answer(
    request: Request, code: int, *, to_tag: str = "", more: Headers = (), body: bytes = b""
) -> Response:
    """A response to a request, with what must be repeated of it (8.2.6.2); ``to_tag`` where To has none."""
    to = request.get("To")
    if to_tag and not request.to_tag:
        to += f";tag={to_tag}"
    headers = (
        *(("Via", via) for via in request.all("Via")),
        *(("Record-Route", route) for route in request.all("Record-Route")),
        ("From", request.get("From")),
        ("To", to),
        ("Call-ID", request.get("Call-ID")),
        ("CSeq", request.get("CSeq")),
        *more,
    )
    return Response(code=code, reason=REASONS.get(code, "Unknown"), headers=headers, body=body)


def received(request: Request, host: str, port: int) -> Request:
    """The request with its top Via completed by where it really came from (18.2.1, RFC 3581)."""
    (name, top), *others = [header for header in request.headers if header[0] == "Via"]
    if "rport" in Via.parse(top).params:
        top = re.sub(r"(?i);\s*rport\s*(=[^;]*)?(?=;|$)", "", top) + f";received={host};rport={port}"
    elif Via.parse(top).sent_by.partition(":")[0] != host:
        top += f";received={host}"
    rest = tuple(header for header in request.headers if header[0] != "Via")
    return Request(
        method=request.method, uri=request.uri, headers=((name, top), *others, *rest), body=request.body
    )
