"""What an exchange is told at its start: the account, its numbers, where to listen; and the knobs for faults.

Only values. Nothing here acts on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from ivr.errors import ConfigError

RestFault = Literal["", "429", "21220", "20404", "500", "timeout", "lost"]
REST_FAULTS: tuple[RestFault, ...] = ("", "429", "21220", "20404", "500", "timeout", "lost")
"""``timeout``: nothing is done and no answer comes; ``lost``: it is done, but no answer comes."""
REST_CALLS = (
    *("calls.create", "calls.list", "calls.fetch", "calls.update"),
    *("conferences.list", "conferences.fetch", "conferences.update"),
    *("participants.create", "participants.list", "participants.fetch", "participants.update"),
    "participants.delete",
)
"""What REST requests are called in ``Faults.rest_on``, as in Twilio's libraries."""
Manner = Literal["busy", "no-answer", "declines", "voicemail", "failed"]
MANNERS: tuple[Manner, ...] = ("busy", "no-answer", "declines", "voicemail", "failed")

HOST = "127.0.0.1"
"""Where the exchange listens: its telephones need no password, so they are this machine's only."""


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number of the account and the webhooks that answer it."""

    voice_url: str
    fallback_url: str = ""
    status_callback: str = ""
    """Told once, when a call to this number is over."""
    voice_method: Literal["GET", "POST"] = "POST"


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong on purpose. Fractions are 0..1; everything off by default."""

    callbacks_duplicated: float = 0.0
    """Fraction of status callbacks sent twice."""
    callbacks_lost: float = 0.0
    """Fraction of status callbacks never sent."""
    callbacks_late_ms: int = 0
    """Each status callback waits a random time up to this."""
    callbacks_reordered: float = 0.0
    """Fraction of status callbacks held back so that later ones overtake them."""
    rest: RestFault = ""
    """How REST requests fail."""
    rest_times: int = -1
    """How many REST requests fail before all is well again; -1: all of them."""
    rest_on: str = ""
    """Which REST requests fail: some of REST_CALLS, with spaces between; empty: all."""
    phones: Mapping[str, Manner] = field(default_factory=dict)
    """How calls to these numbers fare, whatever phone is there: ``{"client:anna": "voicemail"}``."""
    media_lost: float = 0.0
    """Fraction of the caller's media messages that never arrive (chunk and timestamp go on)."""
    media_jitter_ms: int = 0
    """Media messages are late by a random time up to this, in order."""
    is_stop_unclosed: bool = False
    """A stream that ends sends ``stop`` and leaves its socket open."""
    is_closed_unstopped: bool = False
    """A stream that ends closes its socket without ``stop``."""
    read_delay_ms: int = 0
    """How long the exchange takes over each message it reads from a stream."""

    def changed(self, changes: Mapping[str, Any]) -> Faults:
        """These faults with some of them changed. Raises ConfigError, naming every bad one."""
        kinds = {entry.name: type(getattr(Faults(), entry.name)) for entry in fields(self)}
        problems = [
            f"unknown fault {name}; known: {', '.join(kinds)}" for name in changes if name not in kinds
        ]
        for name, value in changes.items():
            if name in kinds and not _fits(value, kinds[name]):
                problems.append(f"fault {name}: found {value!r}; wanted {kinds[name].__name__}")
        problems.extend(_unknown("rest", [changes.get("rest", "")], REST_FAULTS))
        problems.extend(_unknown("rest_on", str(changes.get("rest_on", "")).split(), REST_CALLS))
        manners = changes.get("phones", {})
        problems.extend(_unknown("phones", manners.values() if isinstance(manners, dict) else (), MANNERS))
        if problems:
            raise ConfigError("\n".join(problems))
        return replace(self, **changes)


def _unknown(name: str, found: Iterable[Any], known: Sequence[str]) -> list[str]:
    wanted = ", ".join(word for word in known if word)
    return [f"fault {name}: found {word!r}; wanted one of {wanted}" for word in found if word not in known]


def _fits(value: Any, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind


@dataclass(frozen=True, slots=True)
class Settings:
    """One exchange with one account."""

    account_sid: str
    """``AC`` and 32 hexadecimal digits."""
    auth_token: str = field(repr=False)
    """Signs webhooks and opens the REST side."""
    numbers: Mapping[str, Number] = field(default_factory=dict)
    api_key_sid: str = ""
    """Where set, a phone that registers as ``client:...`` needs an access token of this key."""
    api_key_secret: str = field(default="", repr=False)
    port: int = 0
    """0 picks a free one. SIP is spoken on the UDP port of the same number (with 0 on any that is free)."""
    webhook_timeout_s: float = 15.0
    """Twilio's hard limit for any webhook, docs/usage/webhooks/webhooks-connection-overrides."""
    grace_s: float = 10.0
    """How long a call lives on after its phone's socket broke."""
    heartbeat_s: float = 5.0
    """Between two pings to a phone; one that answers none within half of it has lost its network."""
    media_timeout_s: float = 30.0
    """A SIP phone from which no sound came for so long, silence neither, has lost its network."""
    sip_t1_s: float = 0.5
    """RFC 3261 timer T1: before the first retransmission; a transaction is given up after 64 of it."""
    faults: Faults = Faults()
    seed: int = 0
    """Of everything random here but the ids."""

    def __post_init__(self) -> None:
        if not re.fullmatch("AC[0-9a-f]{32}", self.account_sid):
            raise ConfigError(f"account_sid: found {self.account_sid!r}; wanted AC and 32 hexadecimal digits")
        if not self.auth_token:
            raise ConfigError("auth_token: found nothing; wanted the token that signs webhooks")
        if bool(self.api_key_sid) != bool(self.api_key_secret):
            raise ConfigError("api_key_sid and api_key_secret: found one of them; wanted both or none")
