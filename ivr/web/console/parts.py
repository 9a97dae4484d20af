"""What the console works with: made once by ``app``, scripted by tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from ivr.agents.distributor import Distributor
from ivr.flow.site import Book
from ivr.handover import Outcome
from ivr.legs import Consult
from ivr.lookups.ask import Answer
from ivr.records.store import Call
from ivr.web.console.windows import Windows


class Hands(Protocol):
    """What a person can do with a call; ``ivr.handover.Handover`` is the real one. Raises QueueError, StoreError."""

    def accept(self, offer_id: str, agent_id: str) -> Outcome: ...
    def decline(self, offer_id: str, agent_id: str) -> Outcome: ...
    def hold(self, ticket_id: str, agent_id: str) -> Outcome: ...
    def unhold(self, ticket_id: str, agent_id: str) -> Outcome: ...
    def mute(self, ticket_id: str, agent_id: str, is_muted: bool) -> Outcome: ...
    def consult(self, ticket_id: str, agent_id: str, to: str) -> Outcome: ...
    def consulted(self, ticket_id: str, agent_id: str) -> Consult | None: ...
    def join_three(self, ticket_id: str, agent_id: str) -> Outcome: ...
    def complete_transfer(self, ticket_id: str, agent_id: str) -> Outcome: ...
    def cancel_consult(self, ticket_id: str, agent_id: str) -> Outcome: ...
    def hang_up(self, ticket_id: str, agent_id: str) -> Outcome: ...
    def hand_back(
        self, ticket_id: str, agent_id: str, target: str, fields: Mapping[str, Any] | None = None
    ) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    """Everything the console works with."""

    distributor: Distributor
    hands: Hands
    book: Callable[[], Book]
    """The one in force."""
    ask: Callable[[str, Mapping[str, Any]], Awaitable[Answer]]
    """The company's data, as the dialogue asks it. Raises LookupFailed."""
    earlier: Callable[[str], list[Call]]
    """Calls that came from this number before, newest first. Raises IvrError."""
    windows: Windows
    messages: Path
    """Folder of the callers' recorded messages, ``<recording_id>.wav``."""
    noted: Callable[[str, str, str, str], None]
    """Keeps how a call was noted: its id, the code, what it was about where the machine had it wrong, the note."""
    phone: Literal["exchange", "twilio"] = "exchange"
    """Who carries the browser's telephone."""
