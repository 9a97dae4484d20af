"""A hall of people and callers on a clock that stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis

from ivr.actions import Ticket
from ivr.agents.distributor import Distributor
from ivr.agents.rules import Rules
from ivr.agents.shapes import Agent, Desk, Held, News, Offer, Place

NOON = 1_795_348_800_000
"""2026-11-22 12:00 UTC, a Sunday."""


class Hall:
    """Names are short: caller ``a`` has ticket ``a`` and call ``CA-a``."""

    def __init__(self, client: redis.Redis, **rules: Rules) -> None:
        self.now_ms = NOON
        self.client = client
        self.queues = Distributor(client, rules, lambda: self.now_ms)
        self._read = "0"

    def join(self, name: str, queue: str = "help", **more: Any) -> Place:
        call = more.pop("call_id", f"CA-{name}")
        return self.queues.join(
            Ticket(ticket_id=name, call_id=call, queue=queue, reason=f"why {name}", **more)
        )

    def sign_in(
        self, name: str, *queues: str, ready: bool = True, session: str = "page", **more: Any
    ) -> Desk:
        desk = self.queues.sign_in(Agent(name, name.title(), queues or ("help",), **more), session)
        return self.queues.choose(name, "ready") if ready else desk

    def later(self, ms: int, *beating: str) -> list[News]:
        """Time goes on in steps of one to five seconds; ``beating`` people's pages live."""
        told: list[News] = []
        until, step_ms = self.now_ms + ms, min(max(1000, ms // 50), 5000)
        while self.now_ms < until:
            self.now_ms = min(until, self.now_ms + step_ms)
            for name in beating:
                self.queues.beat(name, "page")
            told += self.queues.tick()
        return told

    def offer(self, agent_id: str) -> Offer:
        desk = self.desk(agent_id)
        assert desk.offers, f"{agent_id} is {desk.state} and offered nothing"
        return desk.offers[0]

    def offered(self, agent_id: str) -> str:
        """The ticket this person is offered, or ""."""
        desk = self.desk(agent_id)
        return desk.offers[0].ticket_id if desk.offers else ""

    def accept(self, agent_id: str, *, is_bridged: bool = True) -> str:
        accepted = self.queues.accept(self.offer(agent_id).offer_id, agent_id)
        assert accepted is not None
        if is_bridged:
            self.queues.bridged(accepted.ticket.ticket_id, "agent")
            self.queues.bridged(accepted.ticket.ticket_id, "caller")
        return accepted.ticket.ticket_id

    def refuse(self, agent_id: str, reason: Any = "declined") -> bool:
        return self.queues.refuse(self.offer(agent_id).offer_id, reason)

    def desk(self, agent_id: str) -> Desk:
        desk = self.queues.desk(agent_id)
        assert desk is not None
        return desk

    def state(self, agent_id: str) -> str:
        return self.desk(agent_id).state

    def ticket(self, name: str) -> Held:
        held = self.queues.held(name)
        assert held is not None, f"ticket {name} is done"
        return held

    def line(self, queue: str | None = None) -> list[str]:
        return [one.ticket.ticket_id for one in self.queues.waiting(queue)]

    def news(self, *kinds: str) -> list[tuple[str, str, str, str]]:
        """What is new since the last asking: kind, ticket, person and reason."""
        told = self.queues.news(self._read)
        if told:
            self._read = told[-1].news_id
        return [
            (one.kind, one.ticket_id, one.agent_id, one.reason)
            for one in told
            if one.kind in kinds or not kinds
        ]


MakeHall = Callable[..., Hall]
