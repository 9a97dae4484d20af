"""One look at an agent's desk: what the page shows now, gathered from the queue. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ivr.accounts.users import User
from ivr.agents.shapes import Agent, Desk, Held, Offer
from ivr.dialogue import fields, words
from ivr.flow.model import Ask, Collect, Form, Run
from ivr.flow.site import Book
from ivr.legs import Consult
from ivr.web.console.parts import ConsoleParts

Phase = Literal["ringing", "talking", "holding"]
PHASES: dict[str, Phase] = {
    "reserved": "ringing",
    "ringing": "ringing",
    "talking": "talking",
    "holding": "holding",
}
"""States of an agent in which there is a caller to be seen."""


@dataclass(frozen=True, slots=True)
class Card:
    """The caller before the agent."""

    phase: Phase
    held: Held
    offer: Offer | None = None
    """While it rings."""
    kind: str = "call"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is consulted about the caller."""

    name: str
    is_here: bool
    """True once they have answered."""
    is_three: bool
    """True while the caller hears them too."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the caller may be handed back to the machine for."""

    name: str
    about: str
    fields: tuple[str, ...]
    """What its flow asks for, so that the agent may say it instead."""


@dataclass(frozen=True, slots=True)
class View:
    """All that the page needs."""

    desk: Desk
    card: Card | None = None
    asked: Asked | None = None
    colleagues: tuple[Desk, ...] = ()
    targets: tuple[Target, ...] = ()
    codes: tuple[str, ...] = ()
    topics: tuple[tuple[str, str], ...] = ()
    """What callers may want, by name and as it is called: what a call may have been about."""

    @property
    def key(self) -> str:
        """Changes when the buttons under the agent's hand mean something else."""
        if self.card is None:
            return f"{self.desk.state}:{self.desk.since_ms}"
        asked = f":{self.asked.is_here}:{self.asked.is_three}" if self.asked else ""
        return f"{self.card.phase}:{self.card.held.ticket.ticket_id}{asked}"


def agent_of(user: User) -> Agent:
    """The person as the queue knows them."""
    return Agent(user.login, user.name, user.queues, user.skills, user.endpoint)


def look(parts: ConsoleParts, user: User) -> View:
    """The agent's desk as it stands. Raises QueueError and StoreError where it cannot be known."""
    desk = parts.distributor.desk(user.login) or Desk(agent_of(user), "offline", since_ms=0)
    codes = tuple(parts.book().site.wrap_up_codes)
    card = _card(parts, desk)
    if card is None:
        return View(desk, codes=codes, topics=topics(parts.book()) if desk.state == "wrapup" else ())
    is_mine = card.phase in ("talking", "holding") and not desk.is_consulted
    asked = parts.hands.consulted(card.held.ticket.ticket_id, user.login) if is_mine else None
    return View(
        desk,
        card,
        _asked(parts, asked, card),
        _colleagues(parts, desk) if is_mine else (),
        targets(parts) if is_mine else (),
        codes,
    )


def topics(book: Book) -> tuple[tuple[str, str], ...]:
    """The choices of all open questions that a flow of its own or a person serves, each once."""
    found: dict[str, str] = {}
    for flow in book.flows.values():
        for step in flow.steps.values():
            if isinstance(step, Ask) and step.open:
                found |= {name: step.named(name) for name in step.choices if name not in found}
    return tuple((name, label) for name, label in found.items() if words.is_request(book, name))


def _card(parts: ConsoleParts, desk: Desk) -> Card | None:
    phase = PHASES.get(desk.state)
    offer = desk.offers[0] if desk.offers else None
    ticket_id = offer.ticket_id if offer and phase == "ringing" else desk.ticket_id
    held = parts.distributor.held(ticket_id) if phase and ticket_id else None
    if phase is None or held is None:
        return None
    kind = offer.kind if offer and phase == "ringing" else held.ticket.kind
    return Card(phase, held, offer if phase == "ringing" else None, kind)


def _asked(parts: ConsoleParts, consult: Consult | None, card: Card) -> Asked | None:
    if consult is None:
        return None
    colleague = parts.distributor.desk(consult.agent_id) if consult.agent_id else None
    name = colleague.agent.name if colleague else "the number you called"
    return Asked(name, consult.is_joined, consult.is_joined and card.phase == "talking")


def _colleagues(parts: ConsoleParts, desk: Desk) -> tuple[Desk, ...]:
    """Who may be asked, those who are free first."""
    others = [one for one in parts.distributor.desks() if one.agent.agent_id != desk.agent.agent_id]
    here = [one for one in others if one.state not in ("offline", "lost")]
    return tuple(sorted(here, key=lambda one: (one.state != "ready", one.agent.name)))


def targets(parts: ConsoleParts) -> tuple[Target, ...]:
    """What a caller may be handed back for, with what each flow would ask."""
    book = parts.book()
    return tuple(
        Target(name, "Starts anew with the first question.", ())
        if flow == book.site.entry
        else Target(name, book.flows[flow].about, _asks(book, flow))
        for name, flow in book.site.hand_back.items()
    )


def _asks(book: Book, flow: str) -> tuple[str, ...]:
    """The fields that a flow and those it runs ask for, but for secrets."""
    found, open_flows = dict[str, None](), [flow]
    for name in open_flows:
        for step in book.flows[name].steps.values():
            if isinstance(step, Run) and step.run not in open_flows:
                open_flows.append(step.run)
            elif isinstance(step, Collect | Form):
                found |= {field: None for field, value in fields.of(step).items() if not value.secret}
    return tuple(found)
