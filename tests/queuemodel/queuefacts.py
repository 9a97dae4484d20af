"""Tickets and people of the queue's model, its constants, and what a violation is."""

from __future__ import annotations

from dataclasses import dataclass, field

PRIORITY_MS = 6_000
FRONT_MS = 86_400_000
MESSAGE_MS = 14_400_000
BRIDGE_MS = 20_000
BEAT_MS = 10_000
KEPT_MS = 180_000
CARRIER_MS = 1_000
LONGEST_CARRIER_MS = 5_000
OVER_AGAIN_MS = 1_000
DIAL_MS = 90_000
DIAL_GAPS_MS = (300_000, 900_000, 1_800_000)
ON_LINE_MS = 60_000
AT_A_TIME = 50
"""How many in a line that nobody serves are told so at once."""

Told = tuple[str, ...]
"""One line of the log: kind, ticket, person, and the reason or state where it matters."""


class Violation(AssertionError):
    """The real queue has done what it must not."""


def must(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise Violation(otherwise)


@dataclass
class Caller:
    """A ticket."""

    name: str
    call: str
    number: str
    queue: str
    priority: int
    own_skills: tuple[str, ...]
    stamp: float
    """When they first came; two of one moment in the order of their coming."""
    joined_ms: int
    state: str = "waiting"
    kind: str = "call"
    skills: list[str] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    is_first: bool = False
    is_parked: bool = False
    """Found the line full, and stands in none."""
    is_paused: bool = False
    """Not offered to anybody else: the carrier is in trouble, or a callback has its person."""
    is_in_line: bool = False
    dial_number: str = ""
    """Where a callback is to be called; empty where none was booked."""
    not_before_ms: int = 0
    dials: int = 0
    offers: dict[str, str] = field(default_factory=dict)
    """Open offers: id -> person."""
    declined: set[str] = field(default_factory=set)
    tries: int = 0
    person: str = ""
    came: set[str] = field(default_factory=set)
    """Who is in the room: caller, agent."""

    @property
    def score(self) -> float:
        score = self.stamp - self.priority * PRIORITY_MS
        return score - FRONT_MS * self.is_first + MESSAGE_MS * (self.kind == "message")


@dataclass
class Person:
    """Somebody who takes calls."""

    name: str
    queues: tuple[str, ...]
    skills: frozenset[str]
    has_page: bool
    position: int
    state: str = "offline"
    pending: str = ""
    offer: str = ""
    ticket: str = ""
    calls: int = 0
    talk_ms: int = 0
    talk_since_ms: int = -1
    idle_ms: int = 0
    rung: int = 0
    beat_ms: int = 0
    until_ms: int = 0
