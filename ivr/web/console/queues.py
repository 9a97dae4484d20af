"""The small list for supervisors: who waits, for what and how long, and who is signed in. Nothing to press."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template

from ivr.agents.shapes import Desk, Held, Waiting
from ivr.web.access import requires
from ivr.web.console import words
from ivr.web.console.parts import ConsoleParts

SHOWN = 20
"""Callers listed of one queue; the others are counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One queue as it stands."""

    name: str
    waiting: tuple[Waiting, ...]
    """Those first in line."""
    size: int
    longest_ms: int
    people: tuple[Desk, ...]
    ready: int


def add_queues(blueprint: Blueprint, parts: ConsoleParts) -> None:
    """``/console/queues`` and its list."""

    def listing() -> str:
        desks = tuple(parts.distributor.desks())
        lines = [_line(parts, name, queue.name, desks) for name, queue in parts.book().site.queues.items()]
        tasks: list[Held] = parts.distributor.tasks()
        names = {name: queue.name for name, queue in parts.book().site.queues.items()}
        now_ms = int(time.time() * 1000)
        return render_template(
            "console/lines.html",
            lines=lines,
            desks=desks,
            tasks=tasks,
            funnel=parts.distributor.funnel(),
            queues=names,
            words=words,
            now_ms=now_ms,
        )

    def page() -> Response:
        return make_response(render_template("console/queues.html", lines=listing()))

    def lines() -> Response:
        return make_response(listing())

    supervisor = requires("supervisor")
    blueprint.get("/queues", endpoint="queues")(supervisor(page))
    blueprint.get("/queues/lines", endpoint="lines")(supervisor(lines))


def _line(parts: ConsoleParts, queue: str, name: str, desks: tuple[Desk, ...]) -> Line:
    waiting = parts.distributor.waiting(queue)
    people = tuple(desk for desk in desks if queue in desk.agent.queues)
    return Line(
        name=name,
        waiting=tuple(waiting[:SHOWN]),
        size=len(waiting),
        longest_ms=max((one.waited_ms for one in waiting), default=0),
        people=people,
        ready=sum(desk.state == "ready" for desk in people),
    )
