"""Finds what nobody told: the carrier's words about a room may be lost, and then somebody sits in it alone.

Looks at the rooms of people who are with a caller, and tells the queue what it sees there; acts on nothing else.
"""

from __future__ import annotations

import logging
from typing import Protocol

from ivr.agents.distributor import Distributor
from ivr.agents.machine import WITH_AGENT
from ivr.agents.shapes import Held
from ivr.errors import CarrierError
from ivr.handover import Handover, caller_leg
from ivr.telephony.rest import Member

log = logging.getLogger(__name__)

EVERY_S = 1.4
"""Between two looks. Somebody missing in two of them has left: nobody is alone for more than 3 s."""
AT_ONCE = 10
"""Rooms seen at one look, one after the other in turn, so that a large house does not flood the carrier."""


class Carrier(Protocol):
    """What is wanted of the carrier (``telephony.rest``). Raises CarrierError."""

    def conference(self, room: str) -> str | None: ...
    def members(self, conference: str) -> tuple[Member, ...]: ...


class Sweep:
    """Looks around; one thread at a time."""

    def __init__(self, queue: Distributor, carrier: Carrier, hands: Handover) -> None:
        self._queue = queue
        self._carrier = carrier
        self._hands = hands
        self._missed: set[tuple[str, str]] = set()
        """Ticket and side that was not in its room at the last look."""
        self._last = ""
        """Whose room was seen last."""

    def look(self) -> None:
        """One look. Raises QueueError and StoreError."""
        busy = [desk for desk in self._queue.desks() if desk.room and not desk.is_consulted]
        after = [desk for desk in busy if desk.agent.agent_id > self._last]
        chosen = (after + [desk for desk in busy if desk not in after])[:AT_ONCE]
        missed: set[tuple[str, str]] = set()
        for desk in chosen:
            self._last = desk.agent.agent_id
            held = self._queue.held(desk.ticket_id)
            if held is not None and held.state in WITH_AGENT and held.agent_id == desk.agent.agent_id:
                missed |= self._see(held)
        seen = {desk.ticket_id for desk in chosen}
        self._missed = missed | {each for each in self._missed if each[0] not in seen}

    def _see(self, held: Held) -> set[tuple[str, str]]:
        """Who is not in this room, for the first time."""
        ticket_id = held.ticket.ticket_id
        try:
            conference = self._carrier.conference(held.room)
            members = self._carrier.members(conference) if conference is not None else ()
        except CarrierError as error:
            log.warning("room %s cannot be seen: %s", held.room, error)
            return {each for each in self._missed if each[0] == ticket_id}
        present = {member.call_sid for member in members}
        is_there = {
            "caller": caller_leg(held) in present,
            "agent": self._hands.agent_leg(held) in present,
        }
        if held.state == "briefing":
            if all(is_there.values()):
                self._queue.bridged(ticket_id, "agent")
                self._queue.bridged(ticket_id, "caller")
            return set()
        missing = {(ticket_id, side) for side, is_in in is_there.items() if not is_in}
        if (ticket_id, "caller") in missing & self._missed:
            log.warning("ticket %s: its caller is gone, and nobody told", ticket_id)
            self._queue.leave(ticket_id, "caller_hung_up")
        elif (ticket_id, "agent") in missing & self._missed:
            log.warning("ticket %s: its agent is gone, and nobody told", ticket_id)
            self._hands.depart(ticket_id, held.agent_id, "hung_up")
        return missing
