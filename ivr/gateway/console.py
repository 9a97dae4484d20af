"""Live events of an agent's console: that their own desk has changed, an offer to them, who waits in the queues.

Who asks is known by the web process alone, which is asked with the browser's own cookie. An event says that
something has changed; what it is the page fetches from the web process. A page that lost its stream is told how
things stand, so nothing is missed. The connection itself is no sign of life of the agent: the page gives one.
"""

from __future__ import annotations

import asyncio
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from ivr.agents.shapes import Desk, News
from ivr.errors import QueueError
from ivr.gateway.asgi import Receive, Scope, Send, answer, header
from ivr.gateway.forward import Forwarder, Unreachable
from ivr.gateway.stream import EventStream, event_stream
from ivr.newsroom import Hear

WHOAMI = "/console/whoami"
RECHECK_S = 60.0
"""How often it is asked again who is there: a session may have ended."""
QUEUES_S = 1.0
"""The queues are told of at most so often."""
MAX_VIEWERS = 2000
"""Streams served at once by one process."""
MAY_SEE_ALL = frozenset({"supervisor", "admin"})
"""Roles that see the queues, and calls of others."""

_log = logging.getLogger(__name__)


class Desks(Protocol):
    """Where people stand; blocking. Raises QueueError."""

    def desk(self, agent_id: str) -> Desk | None: ...
    def last_news(self) -> str: ...


class Follow(Protocol):
    """The news of this process (``newsroom``)."""

    def follow(self, hear: Hear, call_id: str = "") -> AbstractContextManager[None]: ...


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    agent_id: str
    roles: frozenset[str]

    @property
    def may_see_all(self) -> bool:
        return not self.roles.isdisjoint(MAY_SEE_ALL)


async def who(web: Forwarder, scope: Scope) -> Person | int:
    """Who sends this request, by the web process's word; else its refusal, as an HTTP status."""
    headers = {"accept": "application/json", "cookie": header(scope, b"cookie")}
    try:
        status, body = await web.ask(WHOAMI, headers)
    except Unreachable:
        return 503
    if status != 200:
        return status
    told = json.loads(body)
    return Person(told["agent_id"], frozenset(told["roles"]))


async def refuse(send: Send, status: int) -> None:
    """The web process's refusal, as the gateway's own."""
    texts = {401: "Sign in first.\n", 403: "This is not for you.\n"}
    headers = [(b"cache-control", b"no-store"), *([(b"retry-after", b"3")] if status == 503 else [])]
    await answer(send, status, texts.get(status, "Not now; try again in a few seconds.\n"), headers=headers)


@dataclass(slots=True, eq=False)
class _Due:
    """What one page is still to be told."""

    person: Person
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    news_id: str = ""
    """Of the newest line that changed something here."""
    is_changed: bool = True
    offers: list[dict[str, str]] = field(default_factory=list)
    queues: set[str] = field(default_factory=set)

    def hear(self, news: News) -> None:
        is_mine = news.agent_id == self.person.agent_id
        is_queue = bool(news.queue) and self.person.may_see_all
        if is_mine:
            self.is_changed = True
        if is_mine and news.kind == "offered":
            self.offers.append({"offer_id": news.offer_id, "ticket_id": news.ticket_id})
        if is_queue:
            self.queues.add(news.queue)
        if is_mine or is_queue:
            self.news_id = news.news_id
        if is_mine:
            self.wake.set()


class Console:
    """Serves the events of people's desks to their pages."""

    def __init__(self, web: Forwarder, desks: Desks, newsroom: Follow) -> None:
        self._web = web
        self._desks = desks
        self._newsroom = newsroom
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="console")
        self._viewers = 0

    async def stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; ends when the page is gone or its session has ended."""
        if scope["method"] != "GET":
            await answer(send, 405, "Events can only be read.\n", headers=[(b"allow", b"GET")])
            return
        person = await who(self._web, scope)
        if isinstance(person, int):
            await refuse(send, person)
        elif self._viewers >= MAX_VIEWERS:
            await refuse(send, 503)
        else:
            await self._serve(person, scope, receive, send)

    async def _serve(self, person: Person, scope: Scope, receive: Receive, send: Send) -> None:
        due = _Due(person)
        self._viewers += 1
        try:
            with self._newsroom.follow(due.hear):
                async with event_stream(receive, send) as stream:
                    await self._follow(due, scope, stream)
        finally:
            self._viewers -= 1

    async def _follow(self, due: _Due, scope: Scope, stream: EventStream) -> None:
        loop = asyncio.get_running_loop()
        queues_at = asked_at = loop.time()
        await self._begin(due, stream)
        while not stream.is_gone:
            due.wake.clear()
            if due.is_changed:
                await self._tell_desk(due, stream)
            if due.queues and loop.time() >= queues_at:
                changed, due.queues = sorted(due.queues), set()
                queues_at = loop.time() + QUEUES_S
                await stream.tell({"changed": changed}, event="queues", event_id=due.news_id)
            if loop.time() - asked_at >= RECHECK_S:
                asked_at = loop.time()
                if await who(self._web, scope) not in (due.person, 503):
                    return
            await stream.wait(QUEUES_S, due.wake)

    async def _begin(self, due: _Due, stream: EventStream) -> None:
        """How things stand as the page comes, or comes back."""
        try:
            due.news_id = await self._ask(self._desks.last_news)
            desk = await self._ask(self._desks.desk, due.person.agent_id)
        except QueueError as error:
            _log.warning("a console begins without the queue: %s", error)
            return
        for offer in desk.offers if desk else ():
            due.offers.append({"offer_id": offer.offer_id, "ticket_id": offer.ticket_id})
        if due.person.may_see_all:
            await stream.tell({"changed": []}, event="queues", event_id=due.news_id)

    async def _tell_desk(self, due: _Due, stream: EventStream) -> None:
        due.is_changed = False
        offers, due.offers = due.offers, []
        for offer in offers:
            await stream.tell(offer, event="offer", event_id=due.news_id)
        try:
            desk = await self._ask(self._desks.desk, due.person.agent_id)
        except QueueError as error:
            _log.warning("a console is not told of its desk: %s", error)
            due.is_changed = True
            await stream.wait(QUEUES_S)
            return
        told = {"version": desk.version, "state": desk.state} if desk else {"version": 0, "state": "offline"}
        await stream.tell(told, event="desk", event_id=due.news_id)

    async def _ask(self, work: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
