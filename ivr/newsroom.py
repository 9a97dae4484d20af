"""What the queue tells everybody, read once for a whole process and handed to whoever it concerns.

One thread waits for the distributor's news; those who follow them hear each line on the event loop. Nothing is
kept and nothing decided: who missed news asks the distributor how things stand.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from pydantic import ValidationError

from ivr.agents.shapes import News
from ivr.errors import QueueError
from ivr.events import EVENT, Event

log = logging.getLogger(__name__)

BLOCK_MS = 500
"""One reading waits at most so long for a line."""
PAUSE_S = 0.5
"""Between readings while Redis does not answer."""

Hear = Callable[[News], None]


class Source(Protocol):
    """The log: ``agents.distributor``. Raises QueueError."""

    def news(self, after: str, block_ms: int = 0, limit: int = 1000) -> Sequence[News]: ...
    def last_news(self) -> str: ...


class Newsroom:
    """Hands the news of one process out. ``follow`` on the loop that ``run`` runs on."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._hearers: dict[str, list[Hear]] = {}
        """By call; under the empty name those who hear of all."""

    @contextmanager
    def follow(self, hear: Hear, call_id: str = "") -> Iterator[None]:
        """Hear of one call, or of everything, for as long as the context lasts."""
        hearers = self._hearers.setdefault(call_id, [])
        hearers.append(hear)
        try:
            yield
        finally:
            hearers.remove(hear)
            if not hearers:
                self._hearers.pop(call_id, None)

    async def run(self) -> None:
        """Read until cancelled, whatever becomes of Redis meanwhile."""
        loop, is_over = asyncio.get_running_loop(), threading.Event()

        def deliver(lines: Sequence[News]) -> None:
            if not is_over.is_set():
                loop.call_soon_threadsafe(self._deliver, lines)

        thread = threading.Thread(target=self._read, args=(deliver, is_over), name="news", daemon=True)
        thread.start()
        try:
            await asyncio.Event().wait()
        finally:
            is_over.set()
            await asyncio.to_thread(thread.join)

    def _read(self, deliver: Callable[[Sequence[News]], None], is_over: threading.Event) -> None:
        after, is_known = "", False
        while not is_over.is_set():
            try:
                if not is_known:
                    last = self._source.last_news()
                    after, is_known = min(after or last, last, key=_place), True
                if lines := self._source.news(after, BLOCK_MS):
                    after = lines[-1].news_id
                    deliver(lines)
            except QueueError as error:
                if is_known or not after:
                    log.warning("no news of the queue: %s", error)
                is_known = False
                is_over.wait(PAUSE_S)
            except Exception:
                log.exception("news of the queue cannot be read, in a way nobody foresaw")
                is_over.wait(PAUSE_S)

    def _deliver(self, lines: Sequence[News]) -> None:
        for news in lines:
            for hear in (*self._hearers.get(news.call_id, ()), *self._hearers.get("", ())):
                try:
                    hear(news)
                except Exception:
                    log.exception("news of kind %s were not taken", news.kind)


def _place(news_id: str) -> tuple[int, ...]:
    return tuple(int(part) for part in news_id.split("-"))


def as_event(news: News, at_ms: int) -> Event | None:
    """What a line means for the caller's dialogue, at the call's time; None for what it need not know."""
    told: dict[str, Any] = {"at_ms": at_ms, "ticket_id": news.ticket_id}
    match news.kind:
        case "offered":
            told |= {"type": "agent_offered", "offer_id": news.offer_id}
        case "refused":
            told |= {"type": "agent_refused", "offer_id": news.offer_id, "reason": news.reason}
            told |= {"tries": news.fields.get("tries", 0)}
        case "accepted":
            told |= {"type": "agent_answered", "offer_id": news.offer_id}
            told |= {name: news.fields.get(name, "") for name in ("room", "agent_name")}
        case "departed":
            told |= {"type": "agent_left", "reason": news.reason, "target": news.fields.get("target", "")}
            told |= {"fields": json.loads(news.fields.get("fields") or "{}")}
        case "overflowed":
            told |= {
                "type": "overflowed",
                "to": news.fields.get("to"),
                "queue": news.queue,
                "why": news.reason,
            }
        case _:
            return None
    try:
        return EVENT.validate_python(told)
    except ValidationError as error:
        log.error("news of kind %s make no event: %s", news.kind, error)
        return None
