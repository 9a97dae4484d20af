"""What the exchange's parts are to each other: telephones where calls are offered, a call's leg, who has the line.

Only Protocols and words; the telephones are in ``phones``, ``dialog`` and ``puppet``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from ivr.exchange.calls import Call

Status = Literal[
    "queued", "initiated", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"
]
"""Twilio's CallStatus."""
Decision = Literal["answered", "declined", "busy", "no-answer", "failed", "gone"]
"""What becomes of a call that rings; ``gone``: it was over before anybody decided."""


class Leg(Protocol):
    """A call's end of the wire to one telephone, whatever kind it is."""

    call: Call | None
    answer: asyncio.Future[Decision]
    """Done once the one who is called has decided."""

    def ringing(self) -> None:
        """The number that this phone called rings."""

    def answered(self) -> None:
        """The line is open: from now on there is sound."""

    def take(self) -> bytes:
        """The phone's next 20 ms, mu-law; silence where there is nothing."""

    def give(self, frame: bytes) -> None:
        """20 ms to be heard."""

    def close(self, reason: Status) -> None:
        """The call is over."""


class Phone(Protocol):
    """Where a call may be offered."""

    def ring(self, call: Call) -> Leg | None:
        """Offer a call; None when the phone is in use."""


class Listener(Protocol):
    """Who has the line now: gets 20 ms of the caller, gives 20 ms to be heard (None: silence)."""

    def tick(self, heard: bytes) -> bytes | None: ...

    def press(self, key: str) -> None: ...


class Nobody:
    """The line while nobody has it."""

    def tick(self, heard: bytes) -> bytes | None:
        return None

    def press(self, key: str) -> None:
        return None
