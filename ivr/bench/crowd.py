"""What a crowd of callers shares: one reader of all their journals, and a signal to speak at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from ivr.caller import Trace
from ivr.errors import StoreError
from ivr.store import CallStore

BLOCK_MS = 100
"""How long one read of the journals waits for news; a call that begins meanwhile is read next."""
REST_S = 0.05
LONGEST_WAIT_S = 2.0
"""How long callers whose turn it is wait for the others; well below the machine's patience."""


class Follower:
    """One call's journal as it grows."""

    def __init__(self) -> None:
        self.trace = Trace()
        self.moved = asyncio.Event()
        """Set with every news; cleared by who waits for it."""


class Journals:
    """Reads the journals of all calls that are followed, in one question to Redis at a time."""

    def __init__(self, store: CallStore) -> None:
        self._store = store
        self._followers: dict[str, Follower] = {}
        self._places: dict[str, str] = {}

    def follow(self, call_id: str) -> Follower:
        self._places[call_id] = "0"
        return self._followers.setdefault(call_id, Follower())

    def drop(self, call_id: str) -> None:
        self._followers.pop(call_id, None)
        self._places.pop(call_id, None)

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            if not self._places:
                await asyncio.sleep(REST_S)
                continue
            try:
                news = await asyncio.to_thread(self._store.news, dict(self._places), BLOCK_MS)
            except StoreError:
                await asyncio.sleep(REST_S)
                continue
            for call_id, entries in news.items():
                follower = self._followers.get(call_id)
                if follower is None:
                    continue
                self._places[call_id] = entries[-1].entry_id
                for entry in entries:
                    follower.trace.add(entry.fields)
                follower.moved.set()


@contextlib.asynccontextmanager
async def journals(store: CallStore) -> AsyncIterator[Journals]:
    """Journals that are read for as long as the context lasts."""
    shared = Journals(store)
    reader = asyncio.create_task(shared.run())
    try:
        yield shared
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


class Chorus:
    """Callers whose turn it is wait for each other, so that all speak at once: the hardest moment."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._waiting = 0
        self._gate = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self) -> None:
        """Returns when everyone is here or ``LONGEST_WAIT_S`` have passed since the first came."""
        gate = self._gate
        self._waiting += 1
        if self._waiting >= self._size:
            self._open()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LONGEST_WAIT_S, self._open)
        await gate.wait()

    def _open(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting = 0
        self._gate.set()
        self._gate = asyncio.Event()
