"""A SIP telephone written out by hand, datagram by datagram: a test decides what is lost and what comes twice."""

from __future__ import annotations

import asyncio
import re
from typing import Any

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP {kinds}\r\na=rtpmap:96 telephone-event/8000\r\n"
)


class WirePhone(asyncio.DatagramProtocol):
    """``async with WirePhone(exchange.trunk.address) as phone``."""

    def __init__(self, exchange: str) -> None:
        host, _, port = exchange.rpartition(":")
        self.exchange = (host, int(port))
        self.got: list[str] = []
        """Every datagram that came, in order."""
        self._news = asyncio.Event()
        self._read = 0

    async def __aenter__(self) -> WirePhone:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self._transport.get_extra_info("sockname")[1]
        self.address = f"sip:anna@127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *error: object) -> None:
        self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.got.append(data.decode())
        self._news.set()

    async def until(self, start: str) -> str:
        """The next datagram that begins so; those before it are passed over."""
        async with asyncio.timeout(5):
            while True:
                while self._read < len(self.got):
                    self._read += 1
                    if self.got[self._read - 1].startswith(start):
                        return self.got[self._read - 1]
                self._news.clear()
                await self._news.wait()

    def count(self, start: str) -> int:
        return sum(text.startswith(start) for text in self.got)

    def send(self, text: str, body: str = "") -> None:
        head = text.strip().replace("\r\n", "\n").replace("\n", "\r\n")
        self._transport.sendto(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode(), self.exchange)

    def ask(
        self, method: str, uri: str, *, cseq: int = 1, to_tag: str = "", body: str = "", **more: str
    ) -> None:
        """A request of this phone; ``more``: branch, call_id, extra (header lines)."""
        branch = more.get("branch", f"z9hG4bK{method}{cseq}")
        to = f"<{uri}>" + (f";tag={to_tag}" if to_tag else "")
        kind = "\nContent-Type: application/sdp" if body else ""
        self.send(
            f"""{method} {uri} SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch};rport
Max-Forwards: 70
f: "A, B" <sip:+15550199@127.0.0.1:{self.port}>;tag=mine
t: {to}
i: {more.get("call_id", "one@here")}
CSeq: {cseq} {method}
m: <{self.address}>{kind}{more.get("extra", "")}""",
            body,
        )

    def sdp(self, port: int = 4000, kinds: str = "0 96") -> str:
        return SDP.format(port=port, kinds=kinds)

    def respond(self, request: str, code: int, body: str = "", tag: str = "theirs") -> None:
        """A response to a request that came."""
        to = header(request, "To") + ("" if "tag=" in header(request, "To") else f";tag={tag}")
        kind = "\nContent-Type: application/sdp" if body else ""
        self.send(
            f"""SIP/2.0 {code} Whatever
Via: {header(request, "Via")}
From: {header(request, "From")}
To: {to}
Call-ID: {header(request, "Call-ID")}
CSeq: {header(request, "CSeq")}
Contact: <{self.address}>{kind}""",
            body,
        )


def header(text: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*)\r$", text, re.MULTILINE)
    assert found is not None, f"no {name} in {text}"
    return found[1]


def tag(text: str) -> str:
    """Of the To header."""
    return header(text, "To").partition("tag=")[2]
