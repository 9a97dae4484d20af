"""What stands in for the world in a talk: the company's data, the queues and the people, as the talk gives them.

Answers an action with the events that will come of it, each at its time on the call's clock. It decides nothing
about the call and remembers only what was asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from ivr.actions import (
    BookCallback,
    Bridge,
    CheckQueue,
    Dequeue,
    Divert,
    Enqueue,
    Hangup,
    LeaveMessage,
    Lookup,
    Remember,
    Ticket,
)
from ivr.events import (
    AgentAnswered,
    AgentLeft,
    AgentOffered,
    CallbackBooked,
    CallStarted,
    Event,
    HandFailed,
    LookedUp,
    Overflowed,
    QueuePlaced,
)
from ivr.flow.hours import DAYS
from ivr.flow.site import Book, Hours
from ivr.rehearsal.model import CLOCK, Given, OpenOrClosed, Person, Reply
from ivr.rehearsal.read import Script

HandAction = (
    Lookup
    | Enqueue
    | CheckQueue
    | Dequeue
    | BookCallback
    | LeaveMessage
    | Bridge
    | Remember
    | Divert
    | Hangup
)
"""What a call wants of the world beside its line."""
RING_MS = 3_000
"""How long a person's phone rings before they answer, at most."""
_REASONS = {"hangs up": "hung_up", "hands back": "handed_back", "is lost": "lost"}


@dataclass(slots=True)
class World:
    """The world of one call. ``missing``: look-ups that were asked and that the talk gives no answer to."""

    book: Book
    given: Given
    missing: list[str] = field(default_factory=list)
    _used: Counter[int] = field(default_factory=Counter)
    """How often each reply was given, by its identity."""
    _transfers: int = 0
    _person: Person | None = None
    """Who is on the way to the caller, or with them."""

    def perform(self, action: HandAction, now_ms: int) -> tuple[Event, ...]:
        """What comes of an action; the events carry the time at which they are due."""
        match action:
            case Lookup():
                return (self._answer(action, now_ms),)
            case Enqueue():
                return self._join(action.ticket, now_ms)
            case CheckQueue():
                return (self._place(action.ticket_id, now_ms),)
            case BookCallback():
                return (CallbackBooked(at_ms=now_ms, ticket_id=action.ticket_id, is_booked=True),)
            case Bridge():
                return self._talk(action, now_ms)
            case Dequeue():
                self._person = None
                return ()
            case LeaveMessage() | Remember() | Divert() | Hangup():
                return ()
            case _:
                assert_never(action)

    def is_coming(self) -> bool:
        """Whether a person is on the way to the caller, or with them."""
        return self._person is not None

    def _answer(self, action: Lookup, now_ms: int) -> Event:
        reply = self._reply(action)
        if reply is None:
            self.missing.append(action.name)
            reply = Reply(gives="failed")
        at_ms = now_ms + reply.slow
        match reply.gives:
            case "failed":
                return HandFailed(at_ms=at_ms, action="lookup", ref=action.lookup_id, reason="as given")
            case "not found":
                return LookedUp(at_ms=at_ms, lookup_id=action.lookup_id, is_found=False)
            case "found":
                return LookedUp(at_ms=at_ms, lookup_id=action.lookup_id, is_found=True)
            case fields:
                return LookedUp(at_ms=at_ms, lookup_id=action.lookup_id, is_found=True, fields=fields)

    def _reply(self, action: Lookup) -> Reply | None:
        """The first case that fits the parameters and is not used up."""
        for reply in self.given.look_ups.get(action.name, ()):
            is_left = reply.times is None or self._used[id(reply)] < reply.times
            if is_left and has_all(action.parameters, reply.with_):
                self._used[id(reply)] += 1
                return reply
        return None

    def _join(self, ticket: Ticket, now_ms: int) -> tuple[Event, ...]:
        agents = self.given.agents
        overflow = self.book.site.queues[ticket.queue].overflow
        match agents:
            case "none":
                return (
                    self._place(ticket.ticket_id, now_ms),
                    *_over(ticket, now_ms, overflow.when_nobody, "nobody"),
                )
            case "closed":
                return (
                    self._place(ticket.ticket_id, now_ms),
                    *_over(ticket, now_ms, overflow.when_closed, "closed"),
                )
            case "full":
                return _over(ticket, now_ms, overflow.when_full, "full")
            case "busy":
                late = (
                    ()
                    if overflow.after is None
                    else _over(ticket, now_ms + overflow.after, overflow.to, "wait")
                )
                return (self._place(ticket.ticket_id, now_ms), *late)
        place = self._place(ticket.ticket_id, now_ms)
        if self._transfers >= len(agents):
            return (place,)
        self._person, offer_id = agents[self._transfers], f"offer{self._transfers + 1}"
        self._transfers += 1
        answers_ms = now_ms + self._person.answers
        rings_ms = answers_ms - min(self._person.answers, RING_MS)
        return (
            place,
            AgentOffered(at_ms=rings_ms, ticket_id=ticket.ticket_id, offer_id=offer_id),
            AgentAnswered(
                at_ms=answers_ms,
                ticket_id=ticket.ticket_id,
                offer_id=offer_id,
                room=f"room-{offer_id}",
                agent_name=self._person.name,
            ),
        )

    def _place(self, ticket_id: str, now_ms: int) -> QueuePlaced:
        ahead = self.given.ahead
        has_agents = self.given.agents != "none"
        return QueuePlaced(
            at_ms=now_ms, ticket_id=ticket_id, position=ahead + 1, size=ahead + 1, has_agents=has_agents
        )

    def _talk(self, action: Bridge, now_ms: int) -> tuple[Event, ...]:
        person = self._person
        if person is None:
            return ()
        return (
            AgentLeft(
                at_ms=now_ms + person.talks_for,
                ticket_id=action.ticket_id,
                reason=_REASONS[person.then],  # type: ignore[arg-type]
                target=person.to,
                agent_name=person.name,
                fields=person.fields,
            ),
        )

    def told(self, event: Event) -> None:
        """An event of this world has reached the call."""
        if isinstance(event, AgentLeft):
            self._person = None


def started(script: Script, book: Book) -> CallStarted:
    """The beginning of the call of a talk."""
    given = script.talk.given
    at = datetime.strptime(given.at, CLOCK)
    return CallStarted(
        call_id="CA" + "0" * 32,
        caller=given.caller,
        called=given.called or script.flow,
        started_at=at.replace(tzinfo=ZoneInfo(book.site.time_zone)).isoformat(timespec="seconds"),
        profile=given.profile,
    )


def with_hours(book: Book, hours: OpenOrClosed | Mapping[str, OpenOrClosed]) -> Book:
    """The book with opening hours as a talk gives them, in every language."""
    if not hours:
        return book
    wanted = dict.fromkeys(book.site.hours, hours) if isinstance(hours, str) else hours
    shut = {name: _always(book.site.hours[name], is_open=how == "open") for name, how in wanted.items()}
    site = book.site.model_copy(update={"hours": {**book.site.hours, **shut}})
    translations = {language: with_hours(other, hours) for language, other in book.translations.items()}
    return book.model_copy(update={"site": site, "translations": translations})


def has_all(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether ``found`` holds every wanted value, as a reader sees it."""
    return all(name in found and shown(found[name]) == shown(value) for name, value in wanted.items())


def shown(value: Any) -> str:
    """A value as a file of talks writes it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case dict():
            return "{ " + ", ".join(f"{name}: {shown(part)}" for name, part in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(shown, value)) + "]"
    return str(value)


def _always(hours: Hours, *, is_open: bool) -> Hours:
    days = dict.fromkeys(DAYS, "00:00-24:00" if is_open else "")
    return hours.model_copy(update={**days, "days": {}, "on_holidays": is_open})


def _over(ticket: Ticket, at_ms: int, to: str | None, why: Any) -> tuple[Event, ...]:
    """What the queue offers where it cannot serve; ``to`` as ``flow.site.Overflow`` names it."""
    if to is None:
        return ()
    is_offer = to in ("callback", "message")
    return (
        Overflowed(
            at_ms=at_ms,
            ticket_id=ticket.ticket_id,
            to=to if is_offer else "queue",  # type: ignore[arg-type]
            queue=ticket.queue if is_offer else to,
            why=why,
        ),
    )
