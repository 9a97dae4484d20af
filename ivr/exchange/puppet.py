"""Telephones that behave badly on purpose: what the fault knob ``phones`` puts in place of the real ones."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ivr.exchange import sound

if TYPE_CHECKING:
    from ivr.exchange.calls import Call
    from ivr.exchange.legs import Decision, Status
    from ivr.exchange.settings import Manner

THINKS_S = 0.2
"""How long it rings before a puppet answers or declines."""
GREETING_S = 4.0
"""Of a voicemail box, before its beep."""


class Puppet:
    """A telephone with one manner; as many calls at once as come."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner

    def ring(self, call: Call) -> PuppetLeg | None:
        decisions: dict[Manner, Decision] = {
            "declines": "declined",
            "voicemail": "answered",
            "failed": "failed",
        }
        if self._manner == "busy":
            return None
        leg = PuppetLeg(call)
        decision = decisions.get(self._manner)
        if decision is not None:
            asyncio.get_running_loop().call_later(THINKS_S, leg.decide, decision)
        return leg


class PuppetLeg:
    """A call's end at a puppet: plays a greeting and a beep, then says nothing and presses no key."""

    def __init__(self, call: Call) -> None:
        self.call: Call | None = call
        self.answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        self._greeting = sound.Player(sound.tone(GREETING_S, 220, level=0.2) + sound.beep())

    def decide(self, decision: Decision) -> None:
        if not self.answer.done():
            self.answer.set_result(decision)

    def ringing(self) -> None:
        return None

    def answered(self) -> None:
        return None

    def take(self) -> bytes:
        return self._greeting.tick(sound.SILENCE) or sound.SILENCE

    def give(self, frame: bytes) -> None:
        return None

    def close(self, reason: Status) -> None:
        return None
