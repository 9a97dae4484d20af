"""Asking the company's data from a call: by name, within a time limit, behind a breaker.

Each look-up is a plain function run on one of a few threads; one that hangs is given up, not waited for. What
the data means, and which look-ups there are, is not decided here.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from ivr.errors import LookupFailed
from ivr.lookups.breaker import FAILURES, REST_S, Breaker

TIMEOUT_S = 6.0
"""With the apology before it, a caller hears a way out within 8 s."""
WORKERS = 8

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the data said. ``fields`` holds JSON values only and every field of the signature."""

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
    """One look-up: its signature, and the function that takes the parameters by name as text."""

    signature: Signature
    run: Callable[..., Answer]


class Lookups:
    """All look-ups of an installation. ``ask`` from any event loop; the rest from any thread."""

    def __init__(
        self,
        lookups: Iterable[Lookup],
        *,
        timeout_s: float = TIMEOUT_S,
        workers: int = WORKERS,
        failures: int = FAILURES,
        rest_s: float = REST_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lookups = {lookup.signature.name: lookup for lookup in lookups}
        self._breakers = {name: Breaker(failures, rest_s, clock) for name in self._lookups}
        self._timeout_s = timeout_s
        self._jobs: queue.SimpleQueue[tuple[Future[Answer], Callable[[], Answer]]] = queue.SimpleQueue()
        for number in range(workers):
            threading.Thread(target=self._work, name=f"lookup-{number}", daemon=True).start()

    def signatures(self) -> dict[str, Signature]:
        return {name: lookup.signature for name, lookup in self._lookups.items()}

    async def ask(self, name: str, parameters: Mapping[str, Any]) -> Answer:
        """Run a look-up. Raises LookupFailed: ``unknown``, ``parameters``, ``open``, ``timeout`` or
        ``error``.

        ``open``: it has failed so often that it is not asked for a while.
        """
        lookup = self._lookups.get(name)
        if lookup is None:
            raise LookupFailed("unknown", f"no look-up named {name}")
        wanted = lookup.signature.parameters
        if set(parameters) != set(wanted):
            found = ", ".join(sorted(parameters)) or "none"
            raise LookupFailed("parameters", f"{name}: found {found}; wanted {', '.join(wanted) or 'none'}")
        breaker = self._breakers[name]
        if not breaker.is_allowed():
            raise LookupFailed("open", name)
        try:
            answer = await self._run(lookup, dict(parameters))
        except LookupFailed:
            breaker.failed()
            raise
        breaker.succeeded()
        return answer

    async def _run(self, lookup: Lookup, parameters: dict[str, Any]) -> Answer:
        future: Future[Answer] = Future()
        self._jobs.put((future, lambda: lookup.run(**parameters)))
        name = lookup.signature.name
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._timeout_s)
        except TimeoutError:
            raise LookupFailed("timeout", name) from None
        except Exception as error:
            _log.warning("look-up %s failed: %s", name, type(error).__name__)
            raise LookupFailed("error", f"{name}: {type(error).__name__}") from error

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
