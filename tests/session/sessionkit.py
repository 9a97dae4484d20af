"""A call through ``Session`` on a line of words, with scripted hands and a keeper that remembers as JSON."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ivr.actions import Action, Ticket
from ivr.agents.shapes import Agent
from ivr.dialogue.state import State, begin, from_json, to_json
from ivr.errors import LookupFailed
from ivr.events import CallEnded, CallStarted, Event, Pressed
from ivr.flow.site import Book
from ivr.line.text import TextLine, Turn
from ivr.session import Hands, Session
from ivr.session.hands import Unbooked

FLOWS = Path(__file__).parents[1] / "dialogue" / "flows"
STARTED = CallStarted(
    call_id="CA1", caller="+441632960001", called="+15550100", started_at="2026-11-23T10:00:00+00:00"
)

HELD_S = 0.2
"""How long a held joining gives the caller to leave."""


@dataclass
class ScriptedAnswer:
    is_found: bool
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass
class ScriptedLookups:
    """Answers by name; an exception is raised, None never answers."""

    answers: dict[str, ScriptedAnswer | Exception | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    never: Callable[[], Any] | None = None

    async def ask(self, name: str, parameters: dict[str, Any], **_: Any) -> ScriptedAnswer:
        self.asked.append(name)
        answer = self.answers.get(name, LookupFailed("unknown"))
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            assert self.never is not None
            await self.never()
        assert answer is not None
        return answer


@dataclass
class ScriptedPlace:
    ticket_id: str
    position: int = 1
    size: int = 1
    waited_ms: int = 0
    wait_low_ms: int = 0
    wait_high_ms: int = 0
    has_agents: bool = True
    overflow: Literal["", "queue", "callback", "message"] = ""
    why: Literal["", "wait", "closed", "nobody", "full"] = ""
    queue: str = ""


@dataclass
class ScriptedHeld:
    state: str
    agent_id: str = ""
    offer_id: str = ""
    room: str = ""


@dataclass
class ScriptedDesk:
    agent: Agent


@dataclass
class ScriptedQueue:
    """One line of callers; ``fault`` is raised by every call of it."""

    fault: Exception | None = None
    tickets: dict[str, Ticket] = field(default_factory=dict)
    left: list[tuple[str, str]] = field(default_factory=list)
    callbacks: list[tuple[str, str]] = field(default_factory=list)
    messages: list[tuple[str, str, str, int]] = field(default_factory=list)
    unbooked: Unbooked = ""
    place: dict[str, Any] = field(default_factory=dict)
    """What every place says beside its ticket."""
    holds: dict[str, ScriptedHeld] = field(default_factory=dict)

    def join(self, ticket: Ticket) -> ScriptedPlace:
        self._fail()
        self.tickets[ticket.ticket_id] = ticket
        return ScriptedPlace(ticket.ticket_id, **self.place)

    def check(self, ticket_id: str) -> ScriptedPlace | None:
        self._fail()
        return ScriptedPlace(ticket_id, **self.place) if ticket_id in self.tickets else None

    def held(self, ticket_id: str) -> ScriptedHeld | None:
        return self.holds.get(ticket_id)

    def desk(self, agent_id: str) -> ScriptedDesk | None:
        return ScriptedDesk(Agent(agent_id, agent_id.title(), ()))

    def leave(self, ticket_id: str, reason: str) -> bool:
        self._fail()
        self.left.append((ticket_id, reason))
        return self.tickets.pop(ticket_id, None) is not None

    def book_callback(self, ticket_id: str, number: str) -> Unbooked:
        self._fail()
        self.callbacks.append((ticket_id, number))
        return self.unbooked

    def leave_message(self, ticket_id: str, recording_id: str, text: str, duration_ms: int) -> bool:
        self._fail()
        self.messages.append((ticket_id, recording_id, text, duration_ms))
        return ticket_id in self.tickets

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault


class HeldQueue(ScriptedQueue):
    """A joining that lasts until somebody has left meanwhile, or ``HELD_S``."""

    def __init__(self) -> None:
        super().__init__()
        self.is_joining = threading.Event()
        self._has_left = threading.Event()

    def join(self, ticket: Ticket) -> ScriptedPlace:
        self.is_joining.set()
        self._has_left.wait(HELD_S)
        return super().join(ticket)

    def leave(self, ticket_id: str, reason: str) -> bool:
        is_left = super().leave(ticket_id, reason)
        self._has_left.set()
        return is_left


@dataclass
class Impatient:
    """The line of a caller who presses 0 and hangs up while they are being put in line."""

    session: Session
    queue: HeldQueue
    now_ms: int = 0

    def perform(self, action: Action) -> None:
        pass

    async def run(self) -> None:
        await self.session.settled()
        self.session.emit(Pressed(at_ms=10, key="0"))
        assert await asyncio.to_thread(self.queue.is_joining.wait, 5)
        self.session.emit(CallEnded(at_ms=20, reason="caller_hung_up"))

    async def finish(self, last: Callable[[], Any]) -> None:
        pass


@dataclass
class JsonKeeper:
    """Keeps every state as JSON; from the ``breaks_at``-th event on it raises ``fault`` instead."""

    fault: Exception | None = None
    breaks_at: int = 0
    states: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    secret: list[Event] = field(default_factory=list)

    def keep(self, state: State, event: Event, actions: tuple[Action, ...], *, is_secret: bool) -> None:
        self.events.append(event)
        if self.fault is not None and len(self.events) > self.breaks_at:
            raise self.fault
        text = to_json(state)
        assert from_json(text) == state
        self.states.append(text)
        self.actions += actions
        if is_secret:
            self.secret.append(event)


class JsonSession(Session):
    """A session whose state goes through JSON before every event."""

    async def _step(self, line: Any, event: Event) -> None:
        self.state = from_json(to_json(self.state))
        await super()._step(line, event)


@dataclass
class Scene:
    """One call with all that takes part in it."""

    book: Book
    executor: ThreadPoolExecutor
    lookups: ScriptedLookups = field(default_factory=ScriptedLookups)
    queue: ScriptedQueue = field(default_factory=ScriptedQueue)
    keeper: JsonKeeper = field(default_factory=JsonKeeper)
    said: list[str] = field(default_factory=list)

    async def call(self, *turns: Turn, first: Event = STARTED, state: State | None = None) -> State:
        """Act the turns, then hang up; the state the call ended in."""
        script = deque(turns)

        async def next_turn() -> Turn | None:
            return script.popleft() if script else None

        hands = Hands(self.lookups, self.queue, self.executor, None)
        session = JsonSession(state or begin(self.book, STARTED), self.book, hands, self.keeper)
        line = TextLine(next_turn, session.settled, session.emit, lambda at_ms, text: self.said.append(text))
        return await session.run(line, first)

    @property
    def done(self) -> list[str]:
        """Types of all actions."""
        return [action.type for action in self.keeper.actions]

    def has_said(self, words: str) -> bool:
        return any(words in text for text in self.said)
