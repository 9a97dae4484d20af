"""The addresses by which the carrier asks us and tells us, all under the one public URL. Pure.

What belongs to a leg travels in its address: every one of them is signed, so what stands there can be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from ivr.telephony.webhook import RESUME

HOLD_SOUND = "/sound/hold.wav"
"""The music of whoever waits: open to everybody, for carriers fetch sound files unsigned."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a person's leg was placed for."""

    offer_id: str
    ticket_id: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the carrier reaches us."""

    base: str
    """The public URL, without a slash at the end."""

    @property
    def resume(self) -> str:
        """What is to become of a caller."""
        return self.base + RESUME

    @property
    def fallback(self) -> str:
        return f"{self.base}/voice/fallback"

    @property
    def hold(self) -> str:
        """What a member of a room hears who waits or is on hold."""
        return f"{self.base}/voice/hold"

    @property
    def hold_sound(self) -> str:
        return self.base + HOLD_SOUND

    def screen(self, errand: Errand) -> str:
        """What a person's telephone hears once it is answered."""
        return self._of("/voice/agent/screen", errand)

    def key(self, errand: Errand, turn: int) -> str:
        """Where the key goes that was pressed while the call was announced, for the ``turn``-th time."""
        return self._of("/voice/agent/key", errand, turn=str(turn))

    def after(self, errand: Errand) -> str:
        """Asked when a person's telephone has left the room."""
        return self._of("/voice/agent/after", errand)

    def agent_status(self, errand: Errand) -> str:
        """Told how a person's telephone fares."""
        return self._of("/voice/agent/status", errand)

    def consult_status(self, ticket_id: str, agent_id: str) -> str:
        """Told how the telephone fares of one who is asked for advice; no agent for an outside number."""
        return self._of("/voice/agent/consult", Errand("", ticket_id, agent_id))

    def conference(self, ticket_id: str) -> str:
        """Told who comes into a room and who leaves it."""
        return self._of("/voice/conference", Errand("", ticket_id, ""))

    def callback_answer(self, ticket_id: str) -> str:
        """What a customer hears who is called back."""
        return self._of("/voice/callback/answer", Errand("", ticket_id, ""))

    def callback_status(self, ticket_id: str) -> str:
        """Told how the call to a customer fares."""
        return self._of("/voice/callback/status", Errand("", ticket_id, ""))

    def _of(self, path: str, errand: Errand, **more: str) -> str:
        query = {"offer": errand.offer_id, "ticket": errand.ticket_id, "agent": errand.agent_id} | more
        return f"{self.base}{path}?{urlencode({name: value for name, value in query.items() if value})}"
