"""A day of callers through the real queue in Redis, at virtual time: how long they waited and were told to wait.

Arrivals are Poisson, handling is exponential, so that the waits can be held against Erlang's formula (Erlang C,
1917). Nobody gives up, every person accepts at once: what is measured is the queue, not people's patience.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import redis

from ivr.actions import Ticket
from ivr.agents.distributor import Distributor
from ivr.agents.rules import Rules
from ivr.agents.shapes import Agent, Place
from ivr.bench.figures import AS_TOLD, IN_TIME, MUST_WAIT, Figure, Report

QUEUE = "day"
BEGIN_MS = 1_700_000_000_000
"""Wall time, ms since 1970, at which the virtual day begins."""
SERVICE_MS = 20_000
"""Who is answered within this time counts for the service level (the usual 20 s)."""
TALK_SHARE = 0.8
"""Of the handling time; the rest is wrap-up."""
NEWS = 1000
SEED = 4


@dataclass(frozen=True, slots=True)
class Sizes:
    """A day: 10,000 callers in 24 hours for ten people, who need a minute for each."""

    calls: int = 10_000
    agents: int = 10
    handling_ms: int = 60_000
    """Mean, wrap-up and all."""
    gap_ms: int = 8_640
    """Mean time between two callers."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One of the day's callers, before anybody knows how long they will wait."""

    number: int
    comes_ms: int
    """Since the day began; no two come in the same millisecond."""
    talk_ms: int
    wrap_up_ms: int

    @property
    def ticket_id(self) -> str:
        return f"T{self.number}"


@dataclass(frozen=True, slots=True)
class Waited:
    """One caller's wait and what they were told when they joined."""

    wait_ms: int
    low_ms: int
    high_ms: int

    @property
    def is_as_told(self) -> bool:
        return self.low_ms <= self.wait_ms <= self.high_ms


@dataclass(frozen=True, slots=True)
class Outcome:
    """The day in shares of its calls, beside Erlang's for the same traffic and the same handling times."""

    waited: tuple[Waited, ...]
    """By caller, in order of arrival."""
    had_to_wait: float
    had_to_wait_erlang: float
    service_level: float
    service_level_erlang: float
    as_told: float
    """Share of those who had to wait whose wait was within the range they were told on joining."""


def callers(sizes: Sizes, seed: int) -> list[Caller]:
    """The same ones for the same seed."""
    chance = random.Random(seed)
    found, now_ms = [], 0
    for number in range(sizes.calls):
        now_ms += max(1, round(chance.expovariate(1 / sizes.gap_ms)))
        handling_ms = max(2, round(chance.expovariate(1 / sizes.handling_ms)))
        talk_ms = max(1, round(handling_ms * TALK_SHARE))
        found.append(Caller(number, now_ms, talk_ms, handling_ms - talk_ms))
    return found


def measure(client: redis.Redis, report: Report, told: Callable[[str], None], sizes: Sizes) -> None:
    """One day in an empty database; its figures go into the report, in points of a hundred."""
    told(f"a day of {sizes.calls:,} callers at virtual time")
    day = simulate(client, callers(sizes, SEED), sizes.agents)
    for name, found, wanted in (
        (MUST_WAIT, day.had_to_wait, day.had_to_wait_erlang),
        (IN_TIME, day.service_level, day.service_level_erlang),
        (AS_TOLD, day.as_told, 0.8),
    ):
        report.figures.append(Figure.of(name, [100 * abs(found - wanted)], "points"))
    report.facts["day"] = (
        f"{sizes.calls:,} callers, {sizes.agents} people; had to wait {day.had_to_wait:.1%} "
        f"(Erlang C {day.had_to_wait_erlang:.1%}), within {SERVICE_MS // 1000} s {day.service_level:.1%} "
        f"({day.service_level_erlang:.1%}); of those who waited {day.as_told:.1%} within the range they were told"
    )


def simulate(client: redis.Redis, everyone: Sequence[Caller], agents: int) -> Outcome:
    """Send them through a queue of ``agents`` people in this Redis, which must hold no other queue."""
    day = _Day(client, everyone, agents)
    return outcome(everyone, day.run(), agents)


class _Day:
    """The day's clock, and what is to happen next in it."""

    def __init__(self, client: redis.Redis, everyone: Sequence[Caller], agents: int) -> None:
        self._now_ms = 0
        rules = Rules(max_size=len(everyone) + 1, wrap_up_ms=86_400_000)
        self._distributor = Distributor(client, {QUEUE: rules}, lambda: BEGIN_MS + self._now_ms)
        self._callers = {caller.ticket_id: caller for caller in everyone}
        self._due: list[tuple[int, int, str, str]] = []
        """A heap of (time, order, what, ticket or person)."""
        self._order = 0
        self._told: dict[str, Place] = {}
        self._waited: dict[str, Waited] = {}
        self._read = self._distributor.last_news()
        for number in range(agents):
            # By telephone: no browser whose heartbeat would have to be played.
            agent = Agent(f"P{number}", f"P{number}", (QUEUE,), endpoint=f"+4420794600{number:02}")
            self._distributor.sign_in(agent, "day")
            self._distributor.choose(agent.agent_id, "ready")
        for caller in everyone:
            self._later(caller.comes_ms, "comes", caller.ticket_id)

    def run(self) -> list[Waited]:
        while self._due:
            self._now_ms, _, what, name = heapq.heappop(self._due)
            match what:
                case "comes":
                    self._come(name)
                case "hangs_up":
                    self._hang_up(name)
                case "is_free":
                    self._distributor.wrap_up(name, "solved", "")
            self._accept_offers()
        return [self._waited[ticket_id] for ticket_id in self._callers]

    def _come(self, ticket_id: str) -> None:
        ticket = Ticket(ticket_id=ticket_id, call_id=f"CA-{ticket_id}", queue=QUEUE, reason="a day's call")
        self._told[ticket_id] = self._distributor.join(ticket)

    def _hang_up(self, ticket_id: str) -> None:
        held = self._distributor.held(ticket_id)
        assert held is not None, "a caller whom somebody talks to is held"
        self._distributor.depart(ticket_id, "hung_up")
        self._later(self._now_ms + self._callers[ticket_id].wrap_up_ms, "is_free", held.agent_id)

    def _accept_offers(self) -> None:
        for news in self._distributor.news(self._read, limit=NEWS):
            self._read = news.news_id
            if news.kind == "offered":
                self._accept(news.offer_id, news.agent_id, news.ticket_id)

    def _accept(self, offer_id: str, agent_id: str, ticket_id: str) -> None:
        if self._distributor.accept(offer_id, agent_id) is None:
            return
        self._distributor.bridged(ticket_id, "agent")
        self._distributor.bridged(ticket_id, "caller")
        caller, place = self._callers[ticket_id], self._told.pop(ticket_id)
        wait_ms = self._now_ms - caller.comes_ms
        self._waited[ticket_id] = Waited(wait_ms, place.wait_low_ms, place.wait_high_ms)
        self._later(self._now_ms + caller.talk_ms, "hangs_up", ticket_id)

    def _later(self, at_ms: int, what: str, name: str) -> None:
        self._order += 1
        heapq.heappush(self._due, (at_ms, self._order, what, name))


def outcome(everyone: Sequence[Caller], waited: Sequence[Waited], agents: int) -> Outcome:
    """Erlang's figures are those of the traffic that really came: the draw of the callers is not the queue's."""
    calls = len(everyone)
    handling_ms = sum(caller.talk_ms + caller.wrap_up_ms for caller in everyone) / calls
    load = handling_ms * calls / everyone[-1].comes_ms
    must_wait = erlang_c(agents, load)
    queued = [one for one in waited if one.wait_ms > 0]
    return Outcome(
        waited=tuple(waited),
        had_to_wait=len(queued) / calls,
        had_to_wait_erlang=must_wait,
        service_level=sum(one.wait_ms <= SERVICE_MS for one in waited) / calls,
        service_level_erlang=1 - must_wait * math.exp(-(agents - load) * SERVICE_MS / handling_ms),
        as_told=sum(one.is_as_told for one in queued) / max(len(queued), 1),
    )


def erlang_c(agents: int, load: float) -> float:
    """Probability of having to wait for one of ``agents`` people at a load of so many erlangs, fewer than they."""
    blocked = 1.0
    for busy in range(1, agents + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked / (1 - load / agents * (1 - blocked))
