"""What an exchange is told at its start: the account, its numbers, where to listen; and the knobs for faults.

Only values. Nothing here acts on them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from ivr.errors import ConfigError

RestFault = Literal["", "429", "21220", "20404", "500", "timeout"]
REST_FAULTS: tuple[RestFault, ...] = ("", "429", "21220", "20404", "500", "timeout")


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
    callbacks_late_ms: int = 0
    """Each status callback waits a random time up to this."""
    callbacks_reordered: float = 0.0
    """Fraction of status callbacks held back so that later ones overtake them."""
    rest: RestFault = ""
    """How REST requests fail."""
    rest_times: int = -1
    """How many REST requests fail before all is well again; -1: all of them."""
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
        kinds = {entry.name: type(getattr(self, entry.name)) for entry in fields(self)}
        problems = [
            f"unknown fault {name}; known: {', '.join(kinds)}" for name in changes if name not in kinds
        ]
        for name, value in changes.items():
            if name in kinds and not _fits(value, kinds[name]):
                problems.append(f"fault {name}: found {value!r}; wanted {kinds[name].__name__}")
        if changes.get("rest", "") not in REST_FAULTS:
            problems.append(
                f"fault rest: found {changes['rest']!r}; wanted one of {', '.join(REST_FAULTS[1:])}"
            )
        if problems:
            raise ConfigError("\n".join(problems))
        return replace(self, **changes)


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
    host: str = "127.0.0.1"
    port: int = 0
    """0 picks a free one."""
    unix_socket: str = ""
    """Where set, the exchange listens here and not on host and port."""
    is_open: bool = False
    """True lets phones and the admin routes be used from other machines; otherwise from this one only."""
    is_plain_media_allowed: bool = True
    """True allows ``ws://`` media streams to loopback hosts (Twilio itself wants ``wss://``)."""
    webhook_timeout_s: float = 15.0
    """Twilio's hard limit for any webhook, docs/usage/webhooks/webhooks-connection-overrides."""
    grace_s: float = 10.0
    """How long a call lives on after its phone's socket broke."""
    faults: Faults = Faults()
    seed: int = 0
    """Of everything random here but the ids."""

    def __post_init__(self) -> None:
        if not re.fullmatch("AC[0-9a-f]{32}", self.account_sid):
            raise ConfigError(f"account_sid: found {self.account_sid!r}; wanted AC and 32 hexadecimal digits")
        if not self.auth_token:
            raise ConfigError("auth_token: found nothing; wanted the token that signs webhooks")
