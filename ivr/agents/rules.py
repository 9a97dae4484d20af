"""How a queue is served, as the distributor needs it: plain values made from the site, nothing that acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ivr.flow.hours import is_open, of_queue
from ivr.flow.site import Queue, Site, Strategy

RING_ALL = 20
"""Phones that ring at once under ``ring_all``."""


def always(_: datetime) -> bool:
    """Hours of a queue that never closes."""
    return True


@dataclass(frozen=True, slots=True)
class Overflow:
    """Where callers go whom the queue cannot serve: the name of another queue, ``callback`` or ``message``."""

    after_ms: int = 0
    """Time in this queue until ``to`` is due; 0: never."""
    to: str = "callback"
    when_closed: str = ""
    """Empty: ``to``."""
    when_nobody: str = ""
    """Where nobody is signed in. Empty: callers wait."""
    when_full: str = ""
    """Empty: ``to``."""


@dataclass(frozen=True, slots=True)
class Rules:
    """One queue's rules; the defaults are those of ``ivr.flow.site.Queue``."""

    strategy: Strategy = "longest_idle"
    ring_ms: int = 15_000
    at_once: int = 1
    wrap_up_ms: int = 30_000
    skills: tuple[str, ...] = ()
    relax_ms: int | None = 60_000
    """None: never."""
    max_size: int = 100
    overflow: Overflow = Overflow()
    is_open: Callable[[datetime], bool] = always
    """Asked with an aware time."""
    countries: tuple[str, ...] = ()
    """Calling codes such as ``+44`` that may be called back besides the number the call came from."""
    zone: str = "UTC"
    """The site's, for numbers whose own zone nobody knows."""


def rules_of(site: Site) -> dict[str, Rules]:
    """The rules of every queue of a site, by its name."""
    return {name: _rules(queue, site) for name, queue in site.queues.items()}


def _rules(queue: Queue, site: Site) -> Rules:
    over = queue.overflow
    return Rules(
        strategy=queue.strategy,
        ring_ms=queue.ring,
        at_once=RING_ALL if queue.strategy == "ring_all" else queue.at_once,
        wrap_up_ms=queue.wrap_up,
        skills=tuple(queue.skills),
        relax_ms=queue.relax,
        max_size=queue.max_size,
        overflow=Overflow(
            after_ms=over.after or 0,
            to=over.to,
            when_closed=over.when_closed or "",
            when_nobody=over.when_nobody or "",
            when_full=over.when_full or "",
        ),
        is_open=_hours(queue, site),
        countries=tuple(site.callback_countries),
        zone=site.time_zone,
    )


def _hours(queue: Queue, site: Site) -> Callable[[datetime], bool]:
    hours = of_queue(queue, site)
    return always if hours is None else lambda at: is_open(hours, site, at)
