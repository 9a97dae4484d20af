"""What the distributor gives and takes: people, offers, tickets as they stand, and the news. Plain values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ivr.actions import Ticket
from ivr.agents.machine import AgentState, CallState

Choice = Literal["ready", "break", "offline"]
"""What a person may choose to be."""
Departing = Literal["hung_up", "handed_back", "lost", "never_came"]
"""How a person leaves a caller, as in ``ivr.events.AgentLeft``."""
NotBooked = Literal["", "number", "country", "hours", "duplicate", "gone"]
"""Why a callback was not booked, as in ``ivr.events.CallbackBooked``."""
OfferKind = Literal["call", "callback", "message"]
"""A caller on the line; one to be called back, or called back just now; a message."""
NewsKind = Literal[
    "joined",
    "left",
    "offered",
    "ringing",
    "refused",
    "rescinded",
    "accepted",
    "briefed",
    "bridged",
    "held",
    "unheld",
    "handed_back",
    "departed",
    "transferred",
    "overflowed",
    "relaxed",
    "ended",
    "wrapped",
    "agent_state",
    "booked",
    "dialing",
    "rebuilt",
]
"""What may have happened; ``docs/agents.md`` tells each in words."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket stands in its queue now."""

    ticket_id: str
    position: int
    """1 is next; 0 for a ticket that stands in no line: the queue is full, or a person has it already."""
    size: int
    """How many wait in this queue, this one too."""
    waited_ms: int
    wait_low_ms: int = 0
    wait_high_ms: int = 0
    """How much longer it will probably take, as a range; both 0 where nothing is known."""
    has_agents: bool = True
    """False where nobody is signed in for this queue."""
    overflow: Literal["", "queue", "callback", "message"] = ""
    """``queue``: the ticket was moved to ``queue``; else what the caller is to be offered; empty: nothing."""
    why: Literal["", "wait", "closed", "nobody", "full"] = ""
    queue: str = ""
    """The queue it stands in."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket in line, with all that is known of the caller."""

    ticket: Ticket
    position: int
    """1 is next, within its own queue."""
    waited_ms: int
    state: CallState = "waiting"


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who takes calls."""

    agent_id: str
    name: str
    queues: tuple[str, ...]
    skills: tuple[str, ...] = ()
    endpoint: str = ""
    """Where they are rung: ``client:name``, a number in E.164 or ``sip:...``; empty: ``client:<agent_id>``."""
    position: int = 0
    """Order under ``linear``, lowest first."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A ticket offered to one person; while it lasts, that person is offered nothing else."""

    offer_id: str
    ticket_id: str
    agent_id: str
    kind: OfferKind


@dataclass(frozen=True, slots=True)
class Desk:
    """A person as they stand now."""

    agent: Agent
    state: AgentState
    since_ms: int
    pending: Literal["", "ready", "break", "offline"] = ""
    """Chosen during a call; comes true when its wrap-up ends."""
    reason: str = ""
    """Of the break, or of rona."""
    offers: tuple[Offer, ...] = ()
    """At most one."""
    ticket_id: str = ""
    until_ms: int = 0
    """When ringing or wrap-up ends; 0 in other states."""
    calls: int = 0
    talk_ms: int = 0
    """Both since signing in."""
    room: str = ""
    version: int = 0
    is_consulted: bool = False
    """True where ``ticket_id`` is a colleague's and this person is only asked."""
    has_page: bool = False
    """False for a plain telephone."""
    last_call_id: str = ""
    """The call they last had: in wrap-up, the one that it is about."""


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket as it stands."""

    ticket: Ticket
    state: CallState
    agent_id: str = ""
    offer_id: str = ""
    """The accepted offer."""
    room: str = ""
    caller_leg: str = ""
    agent_leg: str = ""
    waited_ms: int = 0
    tries: int = 0
    """How many offers have failed."""
    declined: tuple[str, ...] = ()
    """Who is not offered this ticket again."""
    version: int = 0
    offers: tuple[Offer, ...] = ()
    """Those open now."""
    consulted_id: str = ""
    """The colleague who is asked about it now."""
    number: str = ""
    """Where a callback is to be called."""
    dials: int = 0
    """How often it was."""
    recording_id: str = ""
    text: str = ""
    duration_ms: int = 0
    """Of a message."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A ticket is this person's now."""

    ticket: Ticket
    leg: str
    """The person's leg; empty where none was placed."""


@dataclass(frozen=True, slots=True)
class Departure:
    """How a person last left this call."""

    reason: Departing
    target: str
    fields: dict[str, Any]
    ticket_id: str
    agent_name: str


@dataclass(frozen=True, slots=True)
class News:
    """One line of the log of everything that happened to tickets and people."""

    news_id: str
    """Place in the log; pass it as ``after`` to read on."""
    kind: NewsKind
    at_ms: int
    """Wall time, milliseconds since 1970."""
    ticket_id: str = ""
    call_id: str = ""
    agent_id: str = ""
    offer_id: str = ""
    queue: str = ""
    reason: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Funnel:
    """What became of all callbacks booked: the open ones and the four ends are their sum."""

    bridged: int
    answered: int
    """Answered, but not bridged."""
    unanswered: int
    never_dialled: int
    open: int
    """Still to be called, or being called."""

    @property
    def booked(self) -> int:
        return self.bridged + self.answered + self.unanswered + self.never_dialled + self.open

    def __str__(self) -> str:
        ends = {
            "spoke with a person": self.bridged,
            "answered but reached nobody": self.answered,
            "not answered": self.unanswered,
            "never called": self.never_dialled,
            "still to be called": self.open,
        }
        return ", ".join(f"{count} {end}" for end, count in ends.items() if count)
