"""Twilio's webhooks: is the signature right, and what does the form say?

Pure but for the secret it holds: no server, no store, no decision. Signatures are made over the configured
public address, never over ``Host`` or ``X-Forwarded-*``, which anybody can write.
Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security and /docs/voice/twiml#request-parameters
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args
from urllib.parse import parse_qs, parse_qsl, urlsplit

from ivr.errors import ConfigError, FormError

Pairs = Iterable[tuple[str, str]]
"""A form as it came: names may repeat, values may be blank, nothing stripped."""

CallStatus = Literal[
    "queued", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer", "failed", "canceled"
]
StreamEvent = Literal["stream-started", "stream-stopped", "stream-error"]

ENDED: frozenset[str] = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
"""The states a call never leaves."""

_DIGESTS = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}
_PORTS = {"https": 443, "http": 80, "wss": 443, "ws": 80}
_CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
_STREAM_SID = re.compile(r"MZ[0-9a-fA-F]{32}")
_CONFERENCE_SID = re.compile(r"CF[0-9a-fA-F]{32}")

_WITHHELD_WORDS = frozenset(
    {"", "anonymous", "unavailable", "unknown", "restricted", "private", "blocked", "withheld", "null"}
)
_WITHHELD_NUMBERS = frozenset({"+266696687", "+86282452253", "+8656696", "+7378742833", "+2562533", "+464"})
"""What carriers send in the place of a number: ANONYMOUS, UNAVAILABLE, UNKNOWN, RESTRICTED and BLOCKED as
keyed on a telephone, and one that spells nothing."""

RESUME = "/voice/resume"
"""Our path at which the carrier asks what is to become of a call whose stream is over."""


class SignatureChecker:
    """Says whether a request was signed by whoever holds ``auth_token``, for the server at ``public_url``."""

    def __init__(self, auth_token: str, public_url: str) -> None:
        if not auth_token.strip():
            raise ConfigError(
                "found no twilio auth token, so no webhook could be trusted; "
                "set IVR_TWILIO__AUTH_TOKEN or twilio.auth_token_file"
            )
        self._key = auth_token.encode()
        self._http = _addresses(public_url)
        self._ws = _addresses("ws" + public_url.removeprefix("http"))

    def is_valid(
        self, method: str, path_and_query: str, params: Pairs, body: bytes, headers: Mapping[str, str]
    ) -> bool:
        """Whether Twilio signed this HTTP request; False, never an exception, for whatever a stranger sends.

        ``path_and_query`` is raw, as it stood in the request line. ``params`` are the fields of a form body
        (``read_form``) and empty for anything else; ``body`` is the raw body.
        """
        fields = () if method.upper() == "GET" else tuple(params)
        if not fields and body and not _has_hash(path_and_query, body):
            return False
        return self._is_signed(self._http, path_and_query, fields, headers)

    def is_valid_upgrade(self, path_and_query: str, headers: Mapping[str, str]) -> bool:
        """Whether Twilio signed this WebSocket handshake: over ``ws(s)://`` and the path, without fields."""
        return self._is_signed(self._ws, path_and_query, (), headers)

    def _is_signed(
        self,
        addresses: tuple[str, ...],
        path: str,
        fields: tuple[tuple[str, str], ...],
        headers: Mapping[str, str],
    ) -> bool:
        found = {name.lower(): value for name, value in headers.items()}
        signature = found.get("x-twilio-signature", "")
        digest = _DIGESTS.get(_algorithm(found.get("x-twilio-webhooks-signature-settings", "")))
        if not signature or digest is None:
            return False
        signed = path + "".join(name + value for name, value in sorted(set(fields)))
        try:
            macs = [hmac.digest(self._key, (address + signed).encode(), digest) for address in addresses]
            given = signature.encode("ascii")
        except UnicodeEncodeError:
            return False
        return any(hmac.compare_digest(base64.b64encode(mac), given) for mac in macs)


def read_form(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form body, blanks kept, in their order. Raises FormError for what is no form."""
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=200,
        )
    except ValueError:
        raise FormError(
            f"found a body of {len(body)} bytes that is not a form; wanted name=value&... in UTF-8"
        ) from None


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """What Twilio says of a call whenever it asks for TwiML: its first request, and any later one."""

    call_sid: str
    caller: str
    """E.164, ``client:name`` or ``sip:user@host``; empty where the caller withheld the number."""
    called: str
    status: CallStatus
    direction: str
    """``inbound``, ``outbound-api`` or ``outbound-dial``."""
    error_code: str = ""
    """Only at the fallback URL: why Twilio could not use the answer of ``error_url``."""
    error_url: str = ""

    @property
    def has_ended(self) -> bool:
        """True where the request is late: nobody is on the line any more."""
        return self.status in ENDED


@dataclass(frozen=True, slots=True)
class StatusCallback:
    """One step in the life of a call; comes in any order, and perhaps twice."""

    call_sid: str
    status: CallStatus
    sequence: int
    """Order among the callbacks of one call, from 0; 0 as well where a sender does not count."""

    @property
    def has_ended(self) -> bool:
        return self.status in ENDED


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """What became of a media stream; the only place where a failed handshake is told."""

    call_sid: str
    stream_sid: str
    event: StreamEvent
    error: str = ""


@dataclass(frozen=True, slots=True)
class RoomChange:
    """Something that happened in a conference; comes in any order, and perhaps twice."""

    conference_sid: str
    room: str
    """The conference's name."""
    event: str
    """Such as ``participant-join``; new ones may come unannounced."""
    call_sid: str = ""
    """Of whom it is told; empty for what concerns all."""
    label: str = ""
    """The member's own, as in its TwiML."""
    reason: str = ""
    """Why a member left, such as ``participant_hung_up`` or ``participant_updated_via_api``."""
    call_status: str = ""
    """How the call of a member who left stands."""


def read_call(params: Pairs) -> IncomingCall:
    """The form of a voice webhook. Raises FormError."""
    form = dict(params)
    return IncomingCall(
        call_sid=_sid(form, "CallSid", _CALL_SID),
        caller=calling_party(form.get("From", "")),
        called=form.get("To", ""),
        status=_call_status(form),
        direction=form.get("Direction", ""),
        error_code=form.get("ErrorCode", ""),
        error_url=form.get("ErrorUrl", ""),
    )


def read_status(params: Pairs) -> StatusCallback:
    """The form of a status callback. Raises FormError."""
    form = dict(params)
    return StatusCallback(
        call_sid=_sid(form, "CallSid", _CALL_SID),
        status=_call_status(form),
        sequence=_sequence(form),
    )


def read_stream(params: Pairs) -> StreamStatus:
    """The form of a stream's status callback. Raises FormError."""
    form = dict(params)
    event = form.get("StreamEvent", "")
    if event not in get_args(StreamEvent):
        raise FormError(f"found StreamEvent {event!r:.60}; wanted one of {', '.join(get_args(StreamEvent))}")
    return StreamStatus(
        call_sid=_sid(form, "CallSid", _CALL_SID),
        stream_sid=_sid(form, "StreamSid", _STREAM_SID),
        event=cast(StreamEvent, event),
        error=form.get("StreamError", ""),
    )


def read_room(params: Pairs) -> RoomChange:
    """The form of a conference's status callback. Raises FormError."""
    form = dict(params)
    event = form.get("StatusCallbackEvent", "")
    if not event:
        raise FormError("found no StatusCallbackEvent; wanted one, such as participant-join")
    return RoomChange(
        conference_sid=_sid(form, "ConferenceSid", _CONFERENCE_SID),
        room=form.get("FriendlyName", ""),
        event=event,
        call_sid=_sid(form, "CallSid", _CALL_SID) if form.get("CallSid") else "",
        label=form.get("ParticipantLabel", ""),
        reason=form.get("ReasonParticipantLeft", ""),
        call_status=form.get("ParticipantCallStatus", ""),
    )


def _addresses(url: str) -> tuple[str, ...]:
    """``url`` with its port and without: Twilio signs an address either way."""
    parts = urlsplit(url)
    port = parts.port or _PORTS[parts.scheme]
    bare = parts.netloc.removesuffix(f":{port}")
    return tuple(f"{parts.scheme}://{netloc}{parts.path}" for netloc in (bare, f"{bare}:{port}"))


def _algorithm(settings: str) -> str:
    """The algorithm named in ``key=...,algorithm=...``; a missing header or name means the classic SHA-1."""
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip().upper()
    return "HMAC_SHA1"


def _has_hash(path_and_query: str, body: bytes) -> bool:
    """Whether the signed URL carries the hash of this body: how Twilio signs what is not a form."""
    found = parse_qs(path_and_query.partition("?")[2]).get("bodySHA256", [""])[0]
    return found == hashlib.sha256(body).hexdigest()


def calling_party(text: str) -> str:
    """The calling party; empty for every way in which carriers write a withheld number."""
    user = text.strip().removeprefix("sip:").partition("@")[0]
    return "" if user.lower() in _WITHHELD_WORDS or user in _WITHHELD_NUMBERS else text


def _sid(form: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    value = form.get(name, "")
    if not pattern.fullmatch(value):
        raise FormError(f"found {name} {value!r:.60}; wanted {pattern.pattern}")
    return value


def _call_status(form: Mapping[str, str]) -> CallStatus:
    status = form.get("CallStatus", "")
    if status not in get_args(CallStatus):
        raise FormError(f"found CallStatus {status!r:.60}; wanted one of {', '.join(get_args(CallStatus))}")
    return cast(CallStatus, status)


def _sequence(form: Mapping[str, str]) -> int:
    value = form.get("SequenceNumber") or "0"
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise FormError(f"found SequenceNumber {value!r:.60}; wanted a number")
    return int(value)
