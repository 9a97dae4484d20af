"""The queue's own speed against this machine's Redis: what a join, a claim and an acceptance cost, and how that
grows with the number of callers who wait and of people who serve them.

All people talk and everybody else waits while it measures; for each person a caller hangs up, the next is claimed
and accepted, and a new one joins. So the numbers stay what they are.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import redis

from ivr.actions import Ticket, TurnNote
from ivr.agents.distributor import Distributor
from ivr.agents.rules import Rules
from ivr.agents.shapes import Agent
from ivr.bench.figures import STEPS, Figure, Report, growth_of, step_of
from ivr.bench.growth import Growth, growth_svg

QUEUES = ("service", "complaints", "orders", "accounts", "deliveries")
SKILLS: tuple[tuple[str, ...], ...] = (*[()] * 7, ("german",), ("legal",), ("german", "legal"))
"""What tickets want, in turn."""
PER_AGENT = 10
WARM = 200
"""Times each step is done before it is measured."""

Value = TypeVar("Value")


def measure(
    clients: Sequence[redis.Redis],
    report: Report,
    told: Callable[[str], None],
    sizes: Sequence[int],
    rounds: int,
) -> None:
    """Measure every size, each in an empty database of its own; figures and picture go into the report.

    The sizes take turns, so that what else the machine does befalls all of them alike.
    """
    told(f"queue: {', '.join(f'{waiting:,}' for waiting in sizes)} callers wait")
    floors = [_Floor(client, waiting) for client, waiting in zip(clients, sizes, strict=True)]
    for floor in floors:
        floor.fill()
    for number in range(WARM + rounds):
        for floor in floors:
            if number == WARM:
                floor.spent_ms.clear()
            floor.turn()
    medians: dict[str, dict[int, float]] = {step: {} for step in STEPS}
    for floor, waiting in zip(floors, sizes, strict=True):
        for step in STEPS:
            figure = Figure.of(step_of(step, waiting), floor.spent_ms[step])
            report.figures.append(figure)
            medians[step][waiting] = figure.p50 or 0.0
    grown = [Growth(step, ms) for step, ms in medians.items()]
    report.figures += [Figure.of(growth_of(one.step), [one.share], "times log n") for one in grown]
    if len(sizes) > 1:
        report.pictures["queue"] = growth_svg(grown)


class _Floor:
    """Callers who wait and people who serve, as many as wanted, and the turn that keeps their number."""

    def __init__(self, client: redis.Redis, waiting: int) -> None:
        rules = Rules(max_size=2 * waiting, wrap_up_ms=3_600_000, relax_ms=None)
        self._distributor = Distributor(client, dict.fromkeys(QUEUES, rules))
        self._waiting = waiting
        self._agents = [_agent(number) for number in range(max(waiting // PER_AGENT, 1))]
        self._next: Iterator[int] = itertools.count()
        self._serving: Iterator[Agent] = itertools.cycle(self._agents)
        self.spent_ms: dict[str, list[float]] = {}

    def fill(self) -> None:
        for _ in range(self._waiting + len(self._agents)):
            self._distributor.join(_ticket(next(self._next)))
        for agent in self._agents:
            self._distributor.sign_in(agent, "bench")
            self._distributor.choose(agent.agent_id, "ready")
            self._answer(agent)

    def turn(self) -> None:
        """One caller is served and another comes; what each step took is kept."""
        agent = next(self._serving)
        desk = self._distributor.desk(agent.agent_id)
        assert desk is not None and desk.ticket_id, "everybody talks"
        self._distributor.depart(desk.ticket_id, "hung_up")
        self._timed("claim", lambda: self._distributor.wrap_up(agent.agent_id, "solved", ""))
        self._answer(agent)
        ticket = _ticket(next(self._next))
        self._timed("join", lambda: self._distributor.join(ticket))

    def _answer(self, agent: Agent) -> None:
        desk = self._distributor.desk(agent.agent_id)
        assert desk is not None and desk.offers, "whoever is free while others wait is offered one of them"
        offer_id = desk.offers[0].offer_id
        accepted = self._timed("accept", lambda: self._distributor.accept(offer_id, agent.agent_id))
        assert accepted is not None, "an offer just made can be accepted"
        self._distributor.bridged(accepted.ticket.ticket_id, "agent")
        self._distributor.bridged(accepted.ticket.ticket_id, "caller")

    def _timed(self, step: str, act: Callable[[], Value]) -> Value:
        began_s = time.perf_counter()
        value = act()
        self.spent_ms.setdefault(step, []).append((time.perf_counter() - began_s) * 1000)
        return value


def _agent(number: int) -> Agent:
    """Each serves two of the queues and whoever comes there, or skilled callers alone would be left in the end."""
    queues = (QUEUES[number % len(QUEUES)], QUEUES[(number + 1) % len(QUEUES)])
    skills = ("german", "legal", *("dutch",) * (number % 2), *("french",) * (number % 3 == 0))
    return Agent(f"P{number}", f"Person {number}", queues, skills, endpoint=f"+4420794{number:05}")


def _ticket(number: int) -> Ticket:
    """As large as a real one: some fields and the last turns."""
    turns = tuple(
        TurnNote(who="caller", text="my parcel has not come and nobody calls back") for _ in range(6)
    )
    return Ticket(
        ticket_id=f"T{number}",
        call_id=f"CA{number:032x}",
        queue=QUEUES[number % len(QUEUES)],
        reason="Wants to know where a parcel is; was misunderstood twice",
        caller=f"+4420795{number:05}",
        fields={"order": "7304518262", "name": "Ada Holloway"},
        turns=turns,
        priority=number % 3 * 10,
        skills=SKILLS[number // len(QUEUES) % len(SKILLS)],
    )
