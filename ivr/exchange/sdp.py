"""What a telephone says of its sound in SDP (RFC 4566), and the offers and answers made of it (RFC 3264). Pure.

One audio stream of PCMU at 8 kHz, keys as telephone-events (RFC 4733); everything else is turned down.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

PCMU = 0
"""Payload type of G.711 mu-law (RFC 3551)."""
EVENTS = 101
"""The payload type under which we offer telephone-events; a dynamic one, as most telephones use it."""
TYPE = "application/sdp"

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
_MIRRORED: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
"""Our answer to what the other side offers to do (RFC 3264, 6.1)."""


class SdpError(Exception):
    """A description without a stream that we can use."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Where the other side hears, and how."""

    host: str
    port: int
    events: int | None
    """Payload type of its telephone-events; None: it takes no keys."""
    direction: Direction
    at: int
    """Which of its media lines this is, from 0."""
    media: tuple[str, ...]
    """All its media lines, without ``m=``."""

    @property
    def is_hearing(self) -> bool:
        return self.direction in ("sendrecv", "recvonly") and self.port > 0


def read(body: bytes) -> Sound:
    """The audio stream of a description. Raises SdpError where there is none with PCMU."""
    lines = body.decode(errors="replace").splitlines()
    session, sections = _sections(lines)
    for at, section in enumerate(sections):
        media = section[0].split()
        is_audio = len(media) > 3 and media[0] == "audio" and media[2] == "RTP/AVP" and media[1].isdigit()
        if is_audio and int(media[1]) and str(PCMU) in media[3:]:
            return Sound(
                host=_host([*section[1:], *session]),
                port=int(media[1]),
                events=_events(section[1:], media[3:]),
                direction=_direction([*section[1:], *session]),
                at=at,
                media=tuple(part[0] for part in sections),
            )
    raise SdpError("no audio stream with PCMU over RTP/AVP")


@dataclass(frozen=True, slots=True)
class Origin:
    """Of which session a description is, and its how many-th."""

    host: str
    port: int
    """Where we hear."""
    session: int
    version: int = 1


def offer(us: Origin) -> bytes:
    """What we offer."""
    return _write(us, [_audio(us.port, EVENTS, "sendrecv")])


def answer(theirs: Sound, us: Origin) -> bytes:
    """Our answer to an offer: its one stream taken, the others turned down."""
    sections = [_declined(media) for media in theirs.media]
    sections[theirs.at] = _audio(us.port, theirs.events, _MIRRORED[theirs.direction])
    return _write(us, sections)


def _sections(lines: list[str]) -> tuple[list[str], list[list[str]]]:
    """The session's own lines, and each media line (without ``m=``) with those below it."""
    session: list[str] = []
    sections: list[list[str]] = []
    for line in lines:
        if line.startswith("m="):
            sections.append([line[2:]])
        else:
            (sections[-1] if sections else session).append(line)
    return session, sections


def _host(lines: list[str]) -> str:
    for line in lines:
        if found := re.fullmatch(r"c=IN IP[46] (\S+?)(?:/.*)?\s*", line):
            try:
                return str(ipaddress.ip_address(found[1]))
            except ValueError:
                raise SdpError(f"found {found[1]!r} in place of an address") from None
    raise SdpError("no connection line")


def _direction(lines: list[str]) -> Direction:
    for line in lines:
        for known in _MIRRORED:
            if line.strip() == f"a={known}":
                return known
    return "sendrecv"


def _events(lines: list[str], offered: list[str]) -> int | None:
    for line in lines:
        found = re.match(r"a=rtpmap:([0-9]+) telephone-event/8000", line, re.IGNORECASE)
        if found and found[1] in offered:
            return int(found[1])
    return None


def _audio(port: int, events: int | None, direction: Direction) -> list[str]:
    kinds = [str(PCMU)] if events is None else [str(PCMU), str(events)]
    keys = [] if events is None else [f"a=rtpmap:{events} telephone-event/8000", f"a=fmtp:{events} 0-15"]
    return [
        f"m=audio {port} RTP/AVP {' '.join(kinds)}",
        "a=rtpmap:0 PCMU/8000",
        *keys,
        "a=ptime:20",
        f"a={direction}",
    ]


def _declined(media: str) -> list[str]:
    kind, _, *rest = media.split()
    return [f"m={kind} 0 {' '.join(rest)}"]


def _write(us: Origin, sections: list[list[str]]) -> bytes:
    where = f"IN {'IP6' if ':' in us.host else 'IP4'} {us.host}"
    head = ["v=0", f"o=- {us.session} {us.version} {where}", "s=-", f"c={where}", "t=0 0"]
    lines = [*head, *(line for section in sections for line in section)]
    return ("\r\n".join(lines) + "\r\n").encode()
