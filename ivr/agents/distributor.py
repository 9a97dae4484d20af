"""Who has whom: callers in line, people at their desks, and the offers between them, all in Redis.

Every change is one Lua script (``lua/``), atomic and safe to repeat; whatever a change makes possible, such as an
offer to somebody just free, happens in the same script. The log tells everybody else. Rings no telephone, speaks
to no caller. Keys share the hash tag ``{q}``, for Redis Cluster.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import redis

from ivr.actions import Ticket
from ivr.agents import read
from ivr.agents.callback import next_window, refusal
from ivr.agents.rules import Rules
from ivr.agents.scripts import script
from ivr.agents.shapes import (
    Accepted,
    Agent,
    Choice,
    Departing,
    Departure,
    Desk,
    Funnel,
    Held,
    News,
    NotBooked,
    Place,
    Waiting,
)
from ivr.errors import QueueError
from ivr.events import Refusal
from ivr.trouble import redis_as

PREFIX = "ivr:{q}"
HIGHEST_PRIORITY = 1000
"""Priorities run from minus this to this; a score of priority and arrival then fits a double exactly."""
LONGEST_BLOCK_MS = 800
"""Reading the news waits at most this long, below the socket's time limit; callers loop."""
PAGE = 100
"""Tickets read by one script."""
BATCH = 20
"""Timers worked off by one script, so that Redis answers others in between."""


@dataclass(frozen=True, slots=True)
class _InForce:
    """Rules, and what the scripts are told of them while the same queues are open."""

    rules: dict[str, Rules]
    told: dict[tuple[bool, ...], str] = field(default_factory=dict)


class Distributor:
    """All queues and people of this installation. Thread-safe; raises QueueError where Redis cannot be asked."""

    def __init__(
        self, client: redis.Redis, rules: Mapping[str, Rules], now_ms: Callable[[], int] | None = None
    ) -> None:
        """``client`` with text in and out (``decode_responses=True``); a queue without ``rules`` has the usual ones.

        ``now_ms``: wall time for tests; without it, Redis's own clock counts.
        """
        self._redis = client
        self.follow(rules)
        self._now_ms = now_ms
        self._scripts: dict[str, Any] = {}

    # callers

    def join(self, ticket: Ticket) -> Place:
        """Put a ticket in its queue; joining again keeps the place. A call's older ticket is replaced, its age kept.

        A point of ``priority`` counts as much as six seconds of waiting. A caller cut off within the last three
        minutes, or with a callback booked, has the age of that ticket. A callback's ticket joins when its caller
        has answered. The place tells of an overflow; see ``Place.overflow``.
        """
        if not ticket.queue or abs(ticket.priority) > HIGHEST_PRIORITY:
            raise QueueError(
                f"ticket {ticket.ticket_id}: found queue {ticket.queue!r} and priority {ticket.priority}; "
                f"wanted a queue's name and a priority within {HIGHEST_PRIORITY}"
            )
        return read.place(ticket.ticket_id, self._do("join", *read.arguments(ticket)))

    def check(self, ticket_id: str) -> Place | None:
        """Where the ticket stands; None where it is not waiting any more."""
        row = self._do("check", ticket_id)
        return read.place(ticket_id, row) if row else None

    def leave(self, ticket_id: str, reason: str) -> bool:
        """The caller leaves, from wherever the ticket stands; false where there is no such caller.

        A callback booked and a message stay: ``done`` ends those. A caller who was called back and hangs up
        (``caller_hung_up``) before they have joined is tried again.
        """
        return bool(self._do("leave", ticket_id, reason, "ticket"))

    def leave_call(self, call_id: str, reason: str) -> bool:
        """``leave`` for whatever ticket this call has, for a call that ended without its process."""
        return bool(self._do("leave", call_id, reason, "call"))

    def waiting(self, queue: str | None = None, limit: int = 100_000) -> list[Waiting]:
        """Everyone in ``queue``, or in all of them, in the order they are to be served; no messages.

        At most ``limit`` of each queue. Long lines are read in pages: who joins or leaves meanwhile may be missed.
        """
        with redis_as(QueueError):
            known: Any = [queue] if queue else sorted(self._redis.smembers(f"{PREFIX}:queues"))  # type: ignore[arg-type]
        rows: list[Any] = []
        for name in known:
            for first in range(0, limit, PAGE):
                page = self._do("waiting", name, first, min(first + PAGE, limit) - 1)
                rows += page
                if len(page) < PAGE:
                    break
        return read.waiting(rows)

    def held(self, ticket_id: str) -> Held | None:
        """The ticket as it stands; None once it is done."""
        return read.held(self._do("held", ticket_id, "ticket"))

    def of_call(self, call_id: str) -> Held | None:
        """The ticket of a call that is not over; a callback's until it is dialled has none."""
        return read.held(self._do("held", call_id, "call"))

    def tasks(self) -> list[Held]:
        """All callbacks and messages not done, oldest first."""
        return [held for row in self._do("tasks") if (held := read.held(row))]

    # callbacks and messages

    def book_callback(self, ticket_id: str, number: str, not_before_ms: int = 0) -> NotBooked:
        """Make a waiting ticket one to be called back, with its age; "" where booked, else why not."""
        held = self.held(ticket_id)
        if held is None:
            return "gone"
        rules = self._rule(held.ticket.queue)
        if why := refusal(number, held.ticket.caller, rules.countries):
            return why
        if next_window(number, rules, self._clock_ms(), not_before_ms) is None:
            return "hours"
        reason: NotBooked = self._do("book", ticket_id, number, not_before_ms)
        return reason

    def dialed(self, ticket_id: str, call_id: str) -> bool:
        """The carrier has taken the call of a ``dialing`` ticket; false: not (any more) to be called, so hang up."""
        return bool(self._do("dial", ticket_id, "dialed", call_id))

    def answered(self, ticket_id: str) -> bool:
        """The person called back has picked up; they still have to say that it is they."""
        return bool(self._do("dial", ticket_id, "answered", ""))

    def unanswered(self, ticket_id: str, reason: str) -> bool:
        """The call back has failed (no_answer, busy, failed, carrier ...): again after 5, then after 15 minutes.

        After the third, the place is kept for 30 minutes more, for a caller who rings us instead.
        """
        return bool(self._do("dial", ticket_id, "unanswered", reason))

    def leave_message(self, ticket_id: str, recording_id: str, text: str, duration_ms: int) -> bool:
        """Make a waiting ticket a task of its queue; false where it is gone."""
        return bool(self._do("message", ticket_id, recording_id, text, duration_ms))

    def done(self, ticket_id: str, reason: str) -> bool:
        """A message is dealt with, or a callback is not wanted any more; false where it is gone."""
        return bool(self._do("done", ticket_id, reason))

    def funnel(self) -> Funnel:
        """What became of all callbacks booked."""
        return Funnel(*(int(count) for count in self._do("funnel")))

    # people

    def sign_in(self, agent: Agent, session: str) -> Desk:
        """A person is at their desk: on a break, reason ``signed_in``, until they choose.

        Signing in again, such as from a second tab, changes no state but ``lost``. ``session`` names the page
        that beats; empty for a plain telephone, which never beats and is offered no messages.
        """
        queues, skills = "\x1f".join(agent.queues), "\x1f".join(agent.skills)
        endpoint = agent.endpoint or f"client:{agent.agent_id}"
        row = self._do(
            "sign_in", agent.agent_id, session, agent.name, queues, skills, endpoint, agent.position
        )
        return self._seen(row, agent.agent_id)

    def sign_out(self, agent_id: str) -> Desk:
        """``choose`` offline."""
        return self.choose(agent_id, "offline")

    def choose(self, agent_id: str, state: Choice, reason: str = "") -> Desk:
        """Be ready, on a break, or gone. During a call, and until its wrap-up ends, it is pending.

        Going offline while the phone rings declines the offer.
        """
        return self._seen(self._do("choose", agent_id, state, reason), agent_id)

    def beat(self, agent_id: str, session: str) -> bool:
        """The person's page lives; false where they are not signed in or counted as lost: sign in again."""
        return bool(self._do("beat", agent_id, session))

    def desk(self, agent_id: str) -> Desk | None:
        """A person as they stand; None where they are not signed in."""
        return read.desk(self._do("desk", agent_id)[0])

    def desks(self) -> list[Desk]:
        """Everybody signed in, by name of account."""
        with redis_as(QueueError):
            agent_ids: Any = sorted(self._redis.smembers(f"{PREFIX}:agents"))  # type: ignore[arg-type]
        rows: list[Any] = []
        for start in range(0, len(agent_ids), BATCH):
            rows += self._do("desk", *agent_ids[start : start + BATCH])
        return [desk for row in rows if (desk := read.desk(row))]

    def extend_wrap_up(self, agent_id: str, by_ms: int) -> Desk:
        """So much more time for notes; nothing where the person is not in wrap-up."""
        return self._seen(self._do("wrap_up", agent_id, "extend", by_ms, ""), agent_id)

    def wrap_up(self, agent_id: str, code: str, note: str) -> Desk:
        """How the last call ended. Ends the wrap-up; a note that comes later is kept all the same."""
        return self._seen(self._do("wrap_up", agent_id, "end", code, note), agent_id)

    # offers

    def rang(self, offer_id: str, leg: str) -> bool:
        """The person's phone rings; ``leg`` is the carrier's id of that call. False: the offer is over, hang up."""
        return bool(self._do("rang", offer_id, leg))

    def announce(self, offer_id: str, for_ms: int) -> bool:
        """The person has answered the phone and is being told who calls, which takes ``for_ms``: the offer lasts
        as long. False: the offer is over, or accepted."""
        return bool(self._do("announce", offer_id, for_ms))

    def refuse(self, offer_id: str, reason: Refusal) -> bool:
        """The offer ended without a person; the ticket keeps its place, and the next one is rung.

        declined: it is not offered to them again. no_answer, busy, voicemail, failed: they are in ``rona``.
        carrier: the ticket is offered again after a moment. agent_lost: they are ``lost``, and the ticket is
        before all others. False where the offer is over already.
        """
        return bool(self._do("refuse", offer_id, reason))

    def accept(self, offer_id: str, agent_id: str) -> Accepted | None:
        """The ticket is theirs and nobody else's; None: not (any more) offered to them.

        Twice by the same person gives the same. The bridge must follow within 20 s.
        """
        return read.accepted(self._do("accept", offer_id, agent_id))

    def bridged(self, ticket_id: str, who: Literal["caller", "agent"]) -> bool:
        """One side is in the room; with both there, the ticket is ``bridged``."""
        return bool(self._do("bridged", ticket_id, who))

    def hold(self, ticket_id: str) -> bool:
        """The caller hears music; false where nobody talks with them. Again: nothing changes."""
        return bool(self._do("hold", ticket_id, "hold"))

    def unhold(self, ticket_id: str) -> bool:
        """Back from ``hold``."""
        return bool(self._do("hold", ticket_id, "unhold"))

    def depart(
        self, ticket_id: str, reason: Departing, target: str = "", fields: Mapping[str, Any] | None = None
    ) -> bool:
        """The person has left the caller. False where nobody had them.

        hung_up: the ticket is done. handed_back: the machine goes on. lost and never_came: the ticket waits again,
        before everybody else. Where the person never came into the room they are in ``rona``.
        """
        return bool(self._do("depart", ticket_id, reason, target, json.dumps(dict(fields or {}))))

    def departure(self, call_id: str) -> Departure | None:
        """How a person last left this call; None while one has it, or where none ever had."""
        return read.departure(self._do("departure", call_id))

    def consult(self, ticket_id: str, to_agent_id: str) -> bool:
        """A colleague, ready or on a break, is asked: they talk, and are offered nothing. False: they cannot be."""
        return bool(self._do("consult", ticket_id, to_agent_id))

    def end_consult(self, ticket_id: str) -> bool:
        """The colleague is what they were before; false where nobody is asked."""
        return bool(self._do("consult", ticket_id, ""))

    def transfer(self, ticket_id: str, to_agent_id: str, leg: str = "") -> bool:
        """The ticket is a colleague's now, asked before or free; who had it is in wrap-up. False: cannot be.

        ``leg``: the carrier's id of the colleague's call.
        """
        return bool(self._do("transfer", ticket_id, to_agent_id, leg))

    # time

    def tick(self, limit: int = 100) -> list[News]:
        """Do what time has made due, at most ``limit`` things; gives the news since. Call it about every 200 ms.

        Offers and wrap-ups that ran out, heartbeats lost, claims without a bridge, skills relaxed, overflow,
        callbacks. Several processes may call it; one is enough.
        """
        after = self.last_news()
        now_ms, due = self._do("windows", limit)
        for ticket_id, number, queue, not_before_ms in due:
            window = next_window(number, self._rule(queue), now_ms, int(not_before_ms))
            self._do("window", ticket_id, *(window or (0, 0)))
        for _ in range(0, limit, BATCH):
            if int(self._do("tick", min(limit, BATCH))) < BATCH:
                break
        return self.news(after, limit=10 * limit)

    def lease(self, name: str, owner: str, ttl_ms: int) -> bool:
        """Whether ``owner`` holds the duty ``name`` now; asking again prolongs it. Real time, not ``now_ms``."""
        return bool(self._do("lease", name, owner, ttl_ms))

    def has_lost(self) -> bool:
        """Whether Redis knows nothing of this installation (new, or its data was lost): then ``rebuild``."""
        with redis_as(QueueError):
            return not self._redis.exists(f"{PREFIX}:known")

    def rebuild(self, tickets: Iterable[Ticket]) -> int:
        """Put the tickets of live calls back in line by their ``joined_ms``; how many were missing."""
        missing = sum(int(self._do("rebuild", *read.arguments(ticket))) for ticket in tickets)
        self._do("rebuilt", missing)
        return missing

    def news(self, after: str, block_ms: int = 0, limit: int = 1000) -> list[News]:
        """The log later than ``after`` ("0": from the beginning), oldest first; waits up to ``block_ms`` for a line.

        At most 800 ms are waited. The log keeps about the last 100,000 lines.
        """
        block = min(block_ms, LONGEST_BLOCK_MS) or None
        with redis_as(QueueError):
            rows: Any = self._redis.xread({f"{PREFIX}:news": after}, count=limit, block=block)
        return read.news(rows)

    def last_news(self) -> str:
        """Place of the newest line of the log; "0" where there is none."""
        with redis_as(QueueError):
            rows: Any = self._redis.xrevrange(f"{PREFIX}:news", count=1)
        return str(rows[0][0]) if rows else "0"

    def follow(self, rules: Mapping[str, Rules]) -> None:
        """From now on these rules hold, also for who waits already."""
        self._rules = _InForce({"": Rules(), **rules})

    # how

    def _do(self, name: str, *args: str | int) -> Any:
        with redis_as(QueueError):
            if name not in self._scripts:
                self._scripts[name] = self._redis.register_script(script(name))
            now = "" if self._now_ms is None else self._now_ms()
            return self._scripts[name](keys=[PREFIX], args=[now, self._rules_json(), *args])

    def _seen(self, row: Any, agent_id: str) -> Desk:
        desk = read.desk(row)
        if desk is None:
            raise QueueError(f"found no agent {agent_id!r} signed in; they must sign in first")
        return desk

    def _rule(self, queue: str) -> Rules:
        rules = self._rules.rules
        return rules.get(queue, rules[""])

    def _clock_ms(self) -> int:
        return int(time.time() * 1000) if self._now_ms is None else self._now_ms()

    def _rules_json(self) -> str:
        """All rules as the scripts read them; made anew only when a queue opens or closes."""
        now = datetime.fromtimestamp(self._clock_ms() / 1000, UTC)
        in_force = self._rules
        open_now = tuple(rules.is_open(now) for rules in in_force.rules.values())
        if open_now not in in_force.told:
            in_force.told[open_now] = read.rules_json(in_force.rules, open_now)
        return in_force.told[open_now]
