"""What a person does with a call: takes it, holds it, asks a colleague, hands it back. No web and no page.

Every act is checked against the queue, which alone knows who has whom: what is not the agent's any more is ``Gone``.
Safe to repeat: a second click, an old page or a second tab changes nothing. Blocking; asks the carrier, so call it
off the event loop. Raises QueueError and StoreError where Redis cannot be asked; never CarrierError.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from ivr.actions import Ticket
from ivr.errors import CarrierError
from ivr.events import Refusal
from ivr.legs import Consult, Legs
from ivr.telephony.addresses import Addresses
from ivr.telephony.rest import NOT_FOUND, NOT_IN_PROGRESS

log = logging.getLogger(__name__)

Reason = Literal["hung_up", "handed_back", "lost", "never_came"]
"""Why a person is no longer with a caller."""
CONSULT_RING_S = 20
_OUTSIDE = re.compile(r"\+[1-9][0-9]{1,14}|sip:[^\s@]+@[^\s@]+")
_TALKING = frozenset({"briefing", "bridged", "held"})
_OVER = frozenset({NOT_FOUND, NOT_IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class Done:
    """It is as wished, by this act or an earlier one."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing was done: it is not there, or not theirs, any more. The page that asked is old."""

    what: Literal["offer", "ticket", "caller", "consult"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done, and trying again may help.

    carrier: the carrier refused or did not answer. busy: somebody is consulted already. unavailable: the colleague
    cannot take a call now. number: no such colleague, and no number to call. not_answered: the colleague
    has not answered yet.
    """

    reason: Literal["carrier", "busy", "unavailable", "number", "not_answered"]


Outcome = Done | Gone | Refused


class Accepted(Protocol):
    """A ticket that is an agent's now."""

    @property
    def ticket(self) -> Ticket: ...
    @property
    def room(self) -> str: ...
    @property
    def leg(self) -> str: ...


class Held(Protocol):
    """A ticket as it stands."""

    @property
    def ticket(self) -> Ticket: ...
    @property
    def state(self) -> str: ...
    @property
    def agent_id(self) -> str: ...
    @property
    def room(self) -> str: ...
    @property
    def caller_leg(self) -> str: ...
    @property
    def agent_leg(self) -> str: ...


class Offer(Protocol):
    """A ticket that is offered to an agent."""

    @property
    def offer_id(self) -> str: ...
    @property
    def ticket_id(self) -> str: ...


class Agent(Protocol):
    """A person, and the telephone they are reached by."""

    @property
    def agent_id(self) -> str: ...
    @property
    def endpoint(self) -> str: ...


class Desk(Protocol):
    """An agent as they stand now."""

    @property
    def agent(self) -> Agent: ...
    @property
    def state(self) -> str: ...
    @property
    def offers(self) -> tuple[Offer, ...]: ...


class Distributor(Protocol):
    """Who has whom (``agents``). Raises QueueError."""

    def held(self, ticket_id: str) -> Held | None: ...
    def desk(self, agent_id: str) -> Desk | None: ...
    def choose(
        self, agent_id: str, state: Literal["ready", "break", "offline"], reason: str = ""
    ) -> Desk: ...
    def accept(self, offer_id: str, agent_id: str) -> Accepted | None: ...
    def refuse(self, offer_id: str, reason: Refusal) -> bool: ...
    def hold(self, ticket_id: str) -> object: ...
    def unhold(self, ticket_id: str) -> object: ...
    def depart(
        self, ticket_id: str, reason: Reason, target: str = "", fields: Mapping[str, Any] = ...
    ) -> bool: ...
    def transfer(self, ticket_id: str, to_agent_id: str) -> object: ...


class Carrier(Protocol):
    """The carrier's REST interface (``telephony.rest``). Raises CarrierError."""

    def hang_up(self, call_sid: str) -> None: ...
    def redirect(self, call_sid: str, url: str = "") -> None: ...
    def conference(self, room: str) -> str | None: ...
    def change(
        self,
        conference: str,
        call_sid: str,
        *,
        is_held: bool | None = None,
        is_muted: bool | None = None,
        hold_url: str = "",
    ) -> None: ...
    def invite(self, room: str, to: str, *, label: str, status_url: str, timeout_s: int) -> str: ...


class Handover:
    """Everything an agent can do with a call. One per process, usable from any thread."""

    def __init__(self, distributor: Distributor, carrier: Carrier, legs: Legs, addresses: Addresses) -> None:
        self._distributor = distributor
        self._carrier = carrier
        self._legs = legs
        self._addresses = addresses

    def accept(self, offer_id: str, agent_id: str) -> Outcome:
        """The agent takes the call. Their telephone goes to the room at once if it is answered already;
        one that still rings goes there when it is. Gone("offer"): another was first, or it was withdrawn."""
        raise NotImplementedError

    def decline(self, offer_id: str, agent_id: str) -> Outcome:
        """Not this one: it is not offered to this agent again."""
        raise NotImplementedError

    def hold(self, ticket_id: str, agent_id: str) -> Outcome:
        """The caller hears music until ``unhold``."""
        raise NotImplementedError

    def unhold(self, ticket_id: str, agent_id: str) -> Outcome:
        raise NotImplementedError

    def mute(self, ticket_id: str, agent_id: str, is_muted: bool) -> Outcome:
        """Whether the caller hears the agent."""
        raise NotImplementedError

    def consult(self, ticket_id: str, agent_id: str, to: str) -> Outcome:
        """Put the caller on hold and ring ``to``: an agent's id, a number (E.164) or a ``sip:`` address."""
        raise NotImplementedError

    def consulted(self, ticket_id: str, agent_id: str) -> Consult | None:
        """Who is consulted about this caller now."""
        raise NotImplementedError

    def join_three(self, ticket_id: str, agent_id: str) -> Outcome:
        """The caller comes back and hears both."""
        raise NotImplementedError

    def complete_transfer(self, ticket_id: str, agent_id: str) -> Outcome:
        """The caller comes back and stays with the one who was consulted; the agent is free for wrap-up."""
        raise NotImplementedError

    def cancel_consult(self, ticket_id: str, agent_id: str) -> Outcome:
        """The one who was consulted goes; the caller comes back."""
        raise NotImplementedError

    def hang_up(self, ticket_id: str, agent_id: str) -> Outcome:
        """The agent is done; a caller who is still there goes back to the machine."""
        raise NotImplementedError

    def hand_back(
        self, ticket_id: str, agent_id: str, target: str, fields: Mapping[str, Any] | None = None
    ) -> Outcome:
        """The machine goes on with the caller: ``target`` is a name under ``hand_back`` of the site."""
        raise NotImplementedError

    def depart(self, ticket_id: str, agent_id: str, reason: Reason) -> bool:
        """The agent's telephone has left, not by any act here: the caller goes back to the machine.

        False, and nothing done, where the ticket is not (any more) this agent's.
        """
        raise NotImplementedError
