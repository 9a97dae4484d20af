"""What a person does with a call: takes it, holds it, asks a colleague, hands it back. No web and no page.

Every act is checked against the queue, which alone knows who has whom: what is not the agent's any more is ``Gone``.
Safe to repeat: a second click, an old page or a second tab changes nothing. Blocking; asks the carrier, so call it
off the event loop. Raises QueueError and StoreError where Redis cannot be asked; never CarrierError.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from ivr.agents.distributor import Distributor
from ivr.agents.machine import WITH_AGENT
from ivr.agents.shapes import Departing, Held
from ivr.errors import CarrierError
from ivr.legs import Consult, Legs
from ivr.telephony.addresses import Addresses, Errand
from ivr.telephony.rest import NOT_FOUND, NOT_IN_PROGRESS, Member
from ivr.telephony.twiml import CALLER

log = logging.getLogger(__name__)

CONSULT_RING_S = 20
_NUMBER = re.compile(r"\+[1-9][0-9]{1,14}|sip:[^\s@]+@[^\s@]+")
OVER = frozenset({NOT_FOUND, NOT_IN_PROGRESS})
"""The carrier's codes for a call that is not there (any more)."""
CONSULT = "consult"
"""Label of the one who is consulted."""
OUTSIDE = "outside"
"""Target of the departure of an agent who leaves the caller to somebody at an outside number."""


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
    cannot take a call now. number: no such colleague, and no number that agents may call. not_answered: the colleague
    has not answered yet.
    """

    reason: Literal["carrier", "busy", "unavailable", "number", "not_answered"]


Outcome = Done | Gone | Refused


class Carrier(Protocol):
    """What is wanted of the carrier (``telephony.rest``). Raises CarrierError."""

    def hang_up(self, call_sid: str) -> None: ...
    def redirect(self, call_sid: str, url: str = "") -> None: ...
    def conference(self, room: str) -> str | None: ...
    def members(self, conference: str) -> tuple[Member, ...]: ...
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

    def __init__(
        self,
        distributor: Distributor,
        carrier: Carrier,
        legs: Legs,
        addresses: Addresses,
        may_dial: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """``may_dial``: beginnings of the numbers and addresses outside that agents may ring."""
        self._distributor = distributor
        self._carrier = carrier
        self._legs = legs
        self._addresses = addresses
        self._may_dial = may_dial

    # offers

    def accept(self, offer_id: str, agent_id: str) -> Outcome:
        """The agent takes the call: a telephone that was answered goes to the room at once, one that still rings
        when it is. Gone("offer"): another was first, or it was withdrawn."""
        accepted = self._distributor.accept(offer_id, agent_id)
        if accepted is None:
            return Gone("offer")
        leg = accepted.leg or self._legs.of(offer_id)
        if leg and self._legs.intend(entering(offer_id)):
            errand = Errand(offer_id, accepted.ticket.ticket_id, agent_id)
            self._enter(leg, self._addresses.screen(errand))
        return Done()

    def decline(self, offer_id: str, agent_id: str) -> Outcome:
        """Not this one: it is not offered to this agent again."""
        desk = self._distributor.desk(agent_id)
        if desk is None or offer_id not in {offer.offer_id for offer in desk.offers}:
            return Gone("offer")
        return Done() if self._distributor.refuse(offer_id, "declined") else Gone("offer")

    # during the call

    def hold(self, ticket_id: str, agent_id: str) -> Outcome:
        """The caller hears music until ``unhold``."""
        return self._hold(ticket_id, agent_id, is_held=True)

    def unhold(self, ticket_id: str, agent_id: str) -> Outcome:
        return self._hold(ticket_id, agent_id, is_held=False)

    def mute(self, ticket_id: str, agent_id: str, is_muted: bool) -> Outcome:
        """Whether the caller hears the agent."""
        held = self._mine(ticket_id, agent_id)
        if held is None:
            return Gone("ticket")
        return self._change(held, self.agent_leg(held), is_muted=is_muted)

    # a colleague

    def consult(self, ticket_id: str, agent_id: str, to: str) -> Outcome:
        """Put the caller on hold and ring ``to``: an agent's id, a number (E.164) or a ``sip:`` address."""
        held = self._mine(ticket_id, agent_id)
        if held is None:
            return Gone("ticket")
        if self._legs.consult(ticket_id) is not None:
            return Refused("busy")
        colleague = self._distributor.desk(to)
        if colleague is None and not (_NUMBER.fullmatch(to) and to.startswith(tuple(self._may_dial()))):
            return Refused("number")
        outcome = self._hold(ticket_id, agent_id, is_held=True)
        if not isinstance(outcome, Done):
            return outcome
        if colleague is not None and (to == agent_id or not self._distributor.consult(ticket_id, to)):
            self._hold(ticket_id, agent_id, is_held=False)
            return Refused("unavailable")
        if colleague is None:
            return self._invite(held, "", to)
        return self._invite(held, to, colleague.agent.endpoint)

    def consulted(self, ticket_id: str, agent_id: str) -> Consult | None:
        """Who is consulted about this caller now."""
        return self._legs.consult(ticket_id) if self._mine(ticket_id, agent_id) is not None else None

    def join_three(self, ticket_id: str, agent_id: str) -> Outcome:
        """The caller comes back and hears both."""
        consult = self.consulted(ticket_id, agent_id)
        if consult is None:
            return Gone("consult")
        if not consult.is_joined:
            return Refused("not_answered")
        return self.unhold(ticket_id, agent_id)

    def cancel_consult(self, ticket_id: str, agent_id: str) -> Outcome:
        """The one who was consulted goes; the caller comes back."""
        consult = self.consulted(ticket_id, agent_id)
        if consult is None:
            return Gone("consult")
        self.consult_over(ticket_id, consult.leg)
        self.drop(consult.leg)
        return self.unhold(ticket_id, agent_id)

    def consult_joined(self, ticket_id: str, leg: str) -> None:
        """The one who is consulted has come into the room."""
        consult = self._legs.consult(ticket_id)
        if consult is not None and not consult.is_joined:
            self._legs.keep_consult(ticket_id, replace(consult, leg=leg, is_joined=True))

    def consult_over(self, ticket_id: str, leg: str) -> None:
        """The one who was consulted is gone, or was never there; the agent says what next."""
        consult = self._legs.consult(ticket_id)
        if consult is not None and consult.leg in ("", leg) and self._legs.end_consult(ticket_id):
            self._distributor.end_consult(ticket_id)

    def complete_transfer(self, ticket_id: str, agent_id: str) -> Outcome:
        """The caller comes back and stays with the one who was consulted; the agent is free for wrap-up."""
        held = self._mine(ticket_id, agent_id)
        consult = self.consulted(ticket_id, agent_id)
        if held is None or consult is None:
            return Gone("consult" if held is not None else "ticket")
        if not consult.is_joined:
            return Refused("not_answered")
        outcome = self._hold(ticket_id, agent_id, is_held=False)
        if not isinstance(outcome, Done):
            return outcome
        # Forgotten first: whoever clears up after the agent must not take the leg of the one who stays.
        self._legs.end_consult(ticket_id)
        if not consult.agent_id:
            self._distributor.depart(ticket_id, "hung_up", OUTSIDE)
        elif not self._distributor.transfer(ticket_id, consult.agent_id, consult.leg):
            self._legs.keep_consult(ticket_id, consult)
            return Refused("unavailable")
        self.drop(self.agent_leg(held))
        return Done()

    # the end

    def hang_up(self, ticket_id: str, agent_id: str) -> Outcome:
        """The agent is done; a caller who is still there goes back to the machine."""
        return Done() if self.depart(ticket_id, agent_id, "hung_up") else Gone("ticket")

    def hand_back(
        self, ticket_id: str, agent_id: str, target: str, fields: Mapping[str, Any] | None = None
    ) -> Outcome:
        """The machine goes on with the caller: ``target`` is a name under ``hand_back`` of the site."""
        is_done = self.depart(ticket_id, agent_id, "handed_back", target, fields or {})
        return Done() if is_done else Gone("ticket")

    def depart(
        self,
        ticket_id: str,
        agent_id: str,
        reason: Departing,
        target: str = "",
        fields: Mapping[str, Any] | None = None,
    ) -> bool:
        """The agent has left the caller; the news of it makes ``dispatch`` fetch the caller and end their leg.

        False, and nothing done, where the ticket is not (any more) this agent's.
        """
        if self._mine(ticket_id, agent_id) is None:
            return False
        return self._distributor.depart(ticket_id, reason, target, fields)

    # how

    def theirs(self, errand: Errand) -> Held | None:
        """The ticket while it is this person's by this errand; None where it is not (any more)."""
        held = self._distributor.held(errand.ticket_id)
        return held if held is not None and is_theirs(held, errand) else None

    def agent_leg(self, held: Held) -> str:
        """The CallSid of the agent's telephone; empty where none was placed."""
        return held.agent_leg or self._legs.of(held.offer_id)

    def _mine(self, ticket_id: str, agent_id: str) -> Held | None:
        held = self._distributor.held(ticket_id)
        is_mine = held is not None and held.agent_id == agent_id and held.state in WITH_AGENT
        return held if is_mine else None

    def _enter(self, leg: str, url: str) -> None:
        """A leg that cannot be told asks by itself when the announcement is over."""
        try:
            self._carrier.redirect(leg, url)
        except CarrierError as error:
            if error.code not in OVER:
                log.warning("leg %s is not told to enter its room: %s", leg, error)

    def fetch_alone(self, conference: str) -> None:
        """A caller who was left to somebody outside, and is alone now, comes back to the machine."""
        try:
            members = self._carrier.members(conference)
            if [member.label for member in members] == [CALLER]:
                self._carrier.redirect(members[0].call_sid)
        except CarrierError as error:
            if error.code not in OVER:
                log.error("conference %s: its caller is not fetched: %s", conference, error)

    def drop(self, leg: str) -> None:
        """Hang up a leg that nobody wants any more; one that is over already is no fault."""
        try:
            if leg:
                self._carrier.hang_up(leg)
        except CarrierError as error:
            log.warning("leg %s is not hung up: %s", leg, error)

    def _hold(self, ticket_id: str, agent_id: str, *, is_held: bool) -> Outcome:
        held = self._mine(ticket_id, agent_id)
        if held is None:
            return Gone("ticket")
        if (held.state == "held") == is_held:
            return Done()
        hold_url = self._addresses.hold if is_held else ""
        outcome = self._change(held, caller_leg(held), is_held=is_held, hold_url=hold_url)
        if isinstance(outcome, Done):
            (self._distributor.hold if is_held else self._distributor.unhold)(ticket_id)
        return outcome

    def _change(self, held: Held, leg: str, **wish: Any) -> Outcome:
        try:
            conference = self._carrier.conference(held.room)
            if conference is None:
                return Gone("caller")
            self._carrier.change(conference, leg, **wish)
        except CarrierError as error:
            if error.code in OVER:
                return Gone("caller")
            log.warning("ticket %s: the carrier refused a wish: %s", held.ticket.ticket_id, error)
            return Refused("carrier")
        return Done()

    def _invite(self, held: Held, agent_id: str, endpoint: str) -> Outcome:
        """Ring somebody into the room; a caller whom nobody could be asked about comes back from hold."""
        ticket_id = held.ticket.ticket_id
        self._legs.keep_consult(ticket_id, Consult("", agent_id))
        status_url = self._addresses.consult_status(ticket_id, agent_id)
        try:
            leg = self._carrier.invite(
                held.room, endpoint, label=CONSULT, status_url=status_url, timeout_s=CONSULT_RING_S
            )
        except CarrierError as error:
            log.warning("nobody could be asked about ticket %s: %s", ticket_id, error)
            self.consult_over(ticket_id, "")
            self._hold(ticket_id, held.agent_id, is_held=False)
            return Refused("carrier")
        self._legs.keep_consult(ticket_id, Consult(leg, agent_id))
        return Done()


def is_theirs(held: Held, errand: Errand) -> bool:
    """Whether the ticket is this person's by this errand."""
    return held.state in WITH_AGENT and held.agent_id == errand.agent_id and held.offer_id == errand.offer_id


def entering(offer_id: str) -> str:
    """The intention of bringing an agent's leg into the room, by whichever way comes first."""
    return f"enter:{offer_id}"


def caller_leg(held: Held) -> str:
    """The CallSid of the caller on the line."""
    return held.caller_leg or held.ticket.call_id
