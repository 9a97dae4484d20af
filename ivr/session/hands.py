"""What a call needs beside its line, as Protocols: the company's data, the queue of callers, the carrier."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ivr.actions import Ticket
from ivr.flow.connectors import Connector

Unbooked = Literal["", "number", "country", "hours", "duplicate", "gone"]
"""See ``events.CallbackBooked.reason``."""


class Answer(Protocol):
    """What the company's data answered."""

    @property
    def is_found(self) -> bool: ...
    @property
    def fields(self) -> dict[str, Any]: ...


class Lookups(Protocol):
    """The company's data."""

    async def ask(
        self,
        name: str,
        parameters: dict[str, Any],
        *,
        secrets: Collection[str] = (),
        look_ups: Mapping[str, Connector] = ...,
    ) -> Answer:
        """``secrets``: parameters that nothing may keep; ``look_ups``: those of the call's book.

        Raises LookupFailed.
        """
        ...


class Place(Protocol):
    """A ticket's place in its line."""

    @property
    def ticket_id(self) -> str: ...
    @property
    def position(self) -> int:
        """1 is next; 0 for a ticket in no line: the queue is full, or a person has it already."""
        ...

    @property
    def size(self) -> int: ...
    @property
    def waited_ms(self) -> int: ...
    @property
    def wait_low_ms(self) -> int: ...
    @property
    def wait_high_ms(self) -> int: ...
    @property
    def has_agents(self) -> bool: ...
    @property
    def overflow(self) -> Literal["", "queue", "callback", "message"]: ...
    @property
    def why(self) -> Literal["", "wait", "closed", "nobody", "full"]: ...
    @property
    def queue(self) -> str: ...


class Held(Protocol):
    """A ticket that somebody has, or that waits."""

    @property
    def state(self) -> str: ...
    @property
    def agent_id(self) -> str: ...
    @property
    def offer_id(self) -> str: ...
    @property
    def room(self) -> str: ...


class Agent(Protocol):
    """A person."""

    @property
    def name(self) -> str: ...


class Desk(Protocol):
    """Where a person sits."""

    @property
    def agent(self) -> Agent: ...


class Queue(Protocol):
    """The callers who wait for a person, and the persons; blocking. Raises QueueError."""

    def join(self, ticket: Ticket) -> Place: ...
    def check(self, ticket_id: str) -> Place | None: ...
    def leave(self, ticket_id: str, reason: str) -> bool: ...
    def held(self, ticket_id: str) -> Held | None: ...
    def desk(self, agent_id: str) -> Desk | None: ...
    def book_callback(self, ticket_id: str, number: str) -> Unbooked:
        """Why it cannot be booked; empty where it is."""
        ...

    def leave_message(self, ticket_id: str, recording_id: str, text: str, duration_ms: int) -> bool:
        """False where the ticket is gone."""
        ...


class Carrier(Protocol):
    """Who carries the call; blocking. Raises CarrierError."""

    def hang_up(self, call_sid: str) -> None: ...
    def redirect(self, call_sid: str) -> None:
        """Make the carrier ask now what is to become of the call."""
        ...


class Profiles(Protocol):
    """What callers have agreed to have kept of them; blocking. Raises IvrError."""

    def find(self, caller: str) -> dict[str, Any]:
        """What is kept; empty for nothing, and where it cannot be asked."""
        ...

    def keep(self, caller: str, profile: dict[str, Any]) -> None:
        """Replaces what was kept; an empty profile forgets all."""
        ...


@dataclass(frozen=True, slots=True)
class Hands:
    """Everything a call needs beside its line; shared by all calls of a process."""

    lookups: Lookups
    queue: Queue
    executor: Executor
    """Where the blocking hands run, so that no call waits for another's."""
    profiles: Profiles
    carrier: Carrier | None = None
    """None for a call that no carrier carries."""
