"""The loop itself: one call on one line, from its first event to the line's end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Literal, Protocol, assert_never

from ivr.actions import (
    Action,
    BookCallback,
    Bridge,
    CancelTimer,
    CheckQueue,
    Dequeue,
    Divert,
    Enqueue,
    Hangup,
    Hush,
    LeaveMessage,
    Listen,
    Lookup,
    Play,
    Record,
    Remember,
    Say,
    SetTimer,
    StopListening,
)
from ivr.dialogue.engine import handle, is_secret
from ivr.dialogue.state import State
from ivr.errors import CarrierError, IvrError, LookupFailed, StaleState, StoreError
from ivr.events import Event, HandFailed, LookedUp
from ivr.flow.site import Book
from ivr.line import Line
from ivr.session.hands import Hands
from ivr.session.queueing import Queueing

log = logging.getLogger(__name__)

LAST_S = 2.0
"""How long hands may go on after the line is gone: the ticket of a caller who left must go too."""
BRIDGE_PAUSES_S = (0.7, 1.5)
"""After each time that the carrier would not take a caller to a person, before it counts as refused."""


class Keeper(Protocol):
    """What outlives the process: the call's state, and a trace of what happened; blocking.

    Raises StoreError, and StaleState where another process carries the call by now.
    """

    def keep(self, state: State, event: Event, actions: tuple[Action, ...], *, is_secret: bool) -> None:
        """``is_secret``: what the caller said or keyed just now must reach no log."""
        ...


class Session:
    """One call on one line, from the first event to the line's end."""

    def __init__(self, state: State, book: Book, hands: Hands, keeper: Keeper) -> None:
        self.state = state
        self._book = book
        self._hands = hands
        self._keeper = keeper
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_unsaved = False
        self._is_gone = False
        self._queueing = Queueing(hands, self.emit)

    def emit(self, event: Event) -> None:
        """Report what happened; dealt with in the order reported."""
        self._events.put_nowait(event)

    async def settled(self) -> None:
        """Returns when every event so far, and every answer of a hand it led to, has been dealt with."""
        while True:
            await self._events.join()
            if not self._tasks:
                return
            await asyncio.wait(self._tasks)

    async def run(self, line: Line, first: Event) -> State:
        """Carry the call until its line is gone; the state it ended in is saved and returned."""
        self.emit(first)
        reader = asyncio.create_task(line.run(), name="line")
        reader.add_done_callback(self._gone)
        try:
            while (event := await self._events.get()) is not None:
                try:
                    await self._step(line, event)
                finally:
                    self._events.task_done()
        except StaleState:
            log.info("another stream carries this call on; this one is let go")
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=LAST_S)
            for task in (*self._tasks, reader):
                task.cancel()
            await asyncio.gather(*self._tasks, reader, return_exceptions=True)
        return self.state

    async def _step(self, line: Line, event: Event) -> None:
        was_secret = is_secret(self._book, self.state)
        state, actions = handle(self._book, self.state, event)
        keep = partial(self._keeper.keep, is_secret=was_secret or is_secret(self._book, state))
        try:
            await self._blocking(keep, state, event, actions)
        except StaleState:
            raise
        except StoreError as error:
            self._unsaved(line, error)
        self.state = state
        for action in actions:
            self._perform(line, action)

    def _unsaved(self, line: Line, error: StoreError) -> None:
        """A call that cannot be saved must not go on as if it could: said once, the dialogue ends it well."""
        if not self._is_unsaved:
            self._is_unsaved = True
            log.error("the call's state cannot be saved: %s", error)
            self.emit(_failed(line, "keep", "", error))

    def _perform(self, line: Line, action: Action) -> None:
        match action:
            case Say() | Play() | Hush() | Listen() | StopListening() | SetTimer() | CancelTimer():
                line.perform(action)
            case Record():
                self._record(line, action)
            case Lookup():
                self._begin(self._look_up(line, action))
            case Enqueue() | CheckQueue() | Dequeue() | BookCallback() | LeaveMessage():
                self._begin(self._queueing.perform(action, lambda: line.now_ms))
            case Remember():
                self._begin(self._remember(action))
            case Bridge():
                self._begin(line.part(partial(self._to_room, line, action)))
            case Divert():
                self._begin(line.finish(partial(self._tell_carrier, "redirect")))
            case Hangup():
                self._begin(line.finish(partial(self._tell_carrier, "hang_up")))
            case _:
                assert_never(action)

    def _gone(self, reader: asyncio.Task[None]) -> None:
        if not reader.cancelled() and (error := reader.exception()) is not None:
            log.error("the line failed in a way nobody foresaw", exc_info=error)
        self._is_gone = True
        self._events.put_nowait(None)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a hand failed in a way nobody foresaw", exc_info=error)

    async def _look_up(self, line: Line, action: Lookup) -> None:
        try:
            answer = await self._hands.lookups.ask(
                action.name, action.parameters, secrets=action.secrets, look_ups=self._book.look_ups
            )
        except LookupFailed as error:
            log.warning("look-up %s failed: %s", action.name, error.reason)
            self.emit(_failed(line, "lookup", action.lookup_id, error.reason))
        except Exception as error:
            log.exception("look-up %s failed in a way nobody foresaw", action.name)
            self.emit(_failed(line, "lookup", action.lookup_id, type(error).__name__))
        else:
            self.emit(
                LookedUp(
                    at_ms=line.now_ms,
                    lookup_id=action.lookup_id,
                    is_found=answer.is_found,
                    fields=answer.fields,
                )
            )

    async def _remember(self, action: Remember) -> None:
        """What cannot be kept costs the caller nothing."""
        try:
            await self._blocking(self._hands.profiles.keep, action.caller, action.profile)
        except IvrError as error:
            log.warning("a caller's profile is not kept: %s", error)

    def _record(self, line: Line, action: Record) -> None:
        if is_secret(self._book, self.state):
            self.emit(_failed(line, "record", action.recording_id, "nothing secret is ever recorded"))
        else:
            line.perform(action)

    async def _to_room(self, line: Line, action: Bridge) -> bool:
        """Have the carrier take the caller to the room; it asks us where that is, and the state answers.

        A request that was not answered may have been heard all the same: then the line ends.
        """
        reason: object = ""
        for pause_s in BRIDGE_PAUSES_S:
            try:
                if self._hands.carrier is None:
                    raise CarrierError("no carrier carries this call")
                await self._blocking(self._hands.carrier.redirect, self.state.call_id)
            except CarrierError as error:
                log.error("the caller is not taken to the room: %s", error)
                reason = error
            except Exception as error:
                log.exception("the caller is not taken to the room, in a way nobody foresaw")
                reason = type(error).__name__
            else:
                return True
            await asyncio.sleep(pause_s)
            if self._is_gone:
                return True
        self.emit(_failed(line, "bridge", action.ticket_id, reason))
        return False

    async def _tell_carrier(self, what: Literal["hang_up", "redirect"]) -> None:
        """Where the carrier cannot be told, it asks what next when the line is let go, and the state answers."""
        if self._hands.carrier is None:
            return
        try:
            tell = self._hands.carrier.hang_up if what == "hang_up" else self._hands.carrier.redirect
            await self._blocking(tell, self.state.call_id)
        except CarrierError as error:
            log.warning("the carrier is not told, it will have to ask: %s", error)

    async def _blocking(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._hands.executor, work, *arguments)


def _failed(line: Line, action: str, ref: str, reason: object) -> HandFailed:
    return HandFailed(at_ms=line.now_ms, action=action, ref=ref, reason=str(reason))
