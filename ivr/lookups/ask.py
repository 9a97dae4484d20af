"""Asking the company's data from a call: by name, within a time limit, behind a breaker.

A look-up is a function in code or a connector of the call's book. What hangs is given up, not waited for; what
changes nothing may be tried again, and its answer kept for a while. What the data means is not decided here.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import random
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from ivr.errors import LookupFailed
from ivr.flow.connectors import Connector
from ivr.lookups.breaker import FAILURES, REST_S, Breaker
from ivr.lookups.cache import Cache, Shelf

TIMEOUT_S = 6.0
"""All tries together. With the apology before it, a caller hears a way out within 8 s."""
WORKERS = 8
PAUSE_S = 0.1
"""Before the second try; doubled before each further one, and up to half of it more by chance, so that many calls
do not come back at one moment."""
GRACE_S = 0.5
"""A database ends a statement itself when its time is over; it is heard out, so that we know that all was undone."""
MOST_BREAKERS = 1_000
"""Books change while the process runs; breakers of look-ups that nobody asks any more are let go."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the data said. ``fields`` holds JSON values only and, where found, every field of the signature."""

    is_found: bool
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a look-up takes and gives; flows are checked against it."""

    name: str
    parameters: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """One look-up in code: its signature, and the blocking function that takes the parameters by name as text."""

    signature: Signature
    run: Callable[..., Answer]


class Sources(Protocol):
    """Where connectors are asked."""

    def sql(self, connector: Connector, parameters: Mapping[str, Any]) -> Answer:
        """Blocking, no longer than the connector's timeout. Raises LookupFailed."""
        ...

    def http(self, connector: Connector, parameters: Mapping[str, Any]) -> Future[Answer]:
        """Ends within the connector's timeout; holds no thread meanwhile. Raises LookupFailed in the future."""
        ...


class Lookups:
    """All look-ups of an installation. ``ask`` from any event loop; the rest from any thread."""

    def __init__(
        self,
        lookups: Iterable[Lookup],
        sources: Sources | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        workers: int = WORKERS,
        failures: int = FAILURES,
        rest_s: float = REST_S,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """``sources``: None where there are look-ups in code alone."""
        self._lookups = {lookup.signature.name: lookup for lookup in lookups}
        self._sources = sources
        self._breakers: Shelf[Breaker] = Shelf(MOST_BREAKERS, lambda: Breaker(failures, rest_s, clock))
        self._cache: Cache[Answer] = Cache(clock)
        self._timeout_s = timeout_s
        self._chance = chance
        self._jobs: queue.SimpleQueue[tuple[Future[Answer], Callable[[], Answer]]] = queue.SimpleQueue()
        for number in range(workers):
            threading.Thread(target=self._work, name=f"lookup-{number}", daemon=True).start()

    def signatures(self) -> dict[str, Signature]:
        """Those in code; a book brings its own."""
        return {name: lookup.signature for name, lookup in self._lookups.items()}

    async def ask(
        self,
        name: str,
        parameters: Mapping[str, Any],
        *,
        secrets: Collection[str] = (),
        look_ups: Mapping[str, Connector] = MappingProxyType({}),
    ) -> Answer:
        """Ask one look-up, of the book's ``look_ups`` before those in code.

        ``secrets`` names parameters that nothing may keep. Raises LookupFailed: ``unknown``, ``parameters``,
        ``open`` (it has failed so often that it is not asked for a while), ``timeout``, ``refused`` (the request
        itself was not liked) or ``error``.
        """
        connector, code = look_ups.get(name), self._lookups.get(name)
        if connector is None and code is None:
            raise LookupFailed("unknown", f"no look-up named {name}")
        wanted = connector.parameters if connector is not None else code.signature.parameters if code else ()
        if set(parameters) != set(wanted):
            found = ", ".join(sorted(parameters)) or "none"
            raise LookupFailed("parameters", f"{name}: found {found}; wanted {', '.join(wanted) or 'none'}")
        given = dict(parameters)
        if connector is None and code is not None:
            run = code.run
            return await self._guarded(name, name, lambda: self._in_thread(lambda: run(**given)))
        assert connector is not None
        return await self._connected(name, connector, given, bool(secrets))

    async def _connected(
        self, name: str, connector: Connector, parameters: dict[str, Any], has_secrets: bool
    ) -> Answer:
        identity = name + connector.model_dump_json(exclude={"about", "file"})
        key = None
        if connector.cache and not connector.changes and not has_secrets:
            key = (identity, tuple(sorted(parameters.items())))
            if (kept := self._cache.get(key)) is not None:
                return kept
        answer = await self._guarded(name, identity, lambda: self._tries(connector, parameters))
        if key is not None:
            self._cache.put(key, answer, connector.cache / 1000)
        return answer

    async def _guarded(self, name: str, identity: str, run: Callable[[], Awaitable[Answer]]) -> Answer:
        """Within the time limit and behind the breaker of this look-up, as it is written now."""
        breaker = self._breakers.get(identity)
        if not breaker.is_allowed():
            raise LookupFailed("open", name)
        try:
            answer = await asyncio.wait_for(run(), self._timeout_s)
        except TimeoutError:
            breaker.failed()
            raise LookupFailed("timeout", name) from None
        except LookupFailed as failed:
            # What does not like the question is alive: callers' odd words must not shut it for the others.
            breaker.succeeded() if failed.reason in ("refused", "parameters") else breaker.failed()
            _log.warning("look-up %s: %s", name, failed)
            raise
        except Exception as error:
            breaker.failed()
            _log.warning("look-up %s failed: %s", name, type(error).__name__)
            raise LookupFailed("error", f"{name}: {type(error).__name__}") from error
        breaker.succeeded()
        return answer

    async def _tries(self, connector: Connector, parameters: dict[str, Any]) -> Answer:
        pause_s = PAUSE_S
        for _ in range(0 if connector.changes else connector.retry):
            with suppress(_Again):
                return await self._once(connector, parameters, is_last=False)
            await asyncio.sleep(pause_s * (1 + self._chance() / 2))
            pause_s *= 2
        return await self._once(connector, parameters, is_last=True)

    async def _once(self, connector: Connector, parameters: dict[str, Any], *, is_last: bool) -> Answer:
        sources = self._sources
        if sources is None:
            raise LookupFailed("unknown", "there is nowhere to ask it")
        try:
            if connector.http:
                return await asyncio.wrap_future(sources.http(connector, parameters))
            waiting = self._in_thread(lambda: sources.sql(connector, parameters))
            return await asyncio.wait_for(waiting, connector.timeout / 1000 + GRACE_S)
        except TimeoutError:
            failed = LookupFailed("timeout", "no answer in time")
        except LookupFailed as error:
            failed = error
        if is_last or failed.reason not in ("error", "timeout"):
            raise failed
        raise _Again

    async def _in_thread(self, run: Callable[[], Answer]) -> Answer:
        future: Future[Answer] = Future()
        self._jobs.put((future, run))
        return await asyncio.wrap_future(future)

    def _work(self) -> None:
        while True:
            future, run = self._jobs.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                answer = run()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(answer)


class _Again(Exception):
    """A try that failed and may be made once more."""
