"""The queue's part of a call: what the dialogue wants of it, told in order, and its answers as events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import assert_never

from ivr.actions import BookCallback, CheckQueue, Dequeue, Enqueue, LeaveMessage
from ivr.agents.machine import WITH_AGENT
from ivr.errors import QueueError
from ivr.events import AgentAnswered, CallbackBooked, Event, HandFailed, Overflowed, QueuePlaced
from ivr.session.hands import Hands, Place, Unbooked

log = logging.getLogger(__name__)

QueueAction = Enqueue | CheckQueue | Dequeue | BookCallback | LeaveMessage
_GONE = "the ticket is not in the queue"


class Queueing:
    """Speaks with the queue for one call, one thing after the other: who leaves must not join after that."""

    def __init__(self, hands: Hands, emit: Callable[[Event], None]) -> None:
        self._hands = hands
        self._emit = emit
        self._lock = asyncio.Lock()

    async def perform(self, action: QueueAction, now_ms: Callable[[], int]) -> None:
        """Carry out an action and report what came of it; ``now_ms`` is the call's clock."""
        try:
            async with self._lock:
                loop = asyncio.get_running_loop()
                answer = await loop.run_in_executor(self._hands.executor, self._ask, action, now_ms)
        except QueueError as error:
            log.error("the queue failed at %s: %s", action.type, error)
            answer = (_failed(action, now_ms, error),)
        except Exception as error:
            log.exception("the queue failed at %s in a way nobody foresaw", action.type)
            answer = (_failed(action, now_ms, type(error).__name__),)
        for event in answer:
            self._emit(event)

    def _ask(self, action: QueueAction, now_ms: Callable[[], int]) -> tuple[Event, ...]:
        """Blocking. Raises QueueError."""
        queue = self._hands.queue
        match action:
            case Enqueue():
                return self._stands(queue.join(action.ticket), now_ms())
            case CheckQueue():
                place = queue.check(action.ticket_id)
                told = self._stands(place, now_ms()) if place else self._taken(action.ticket_id, now_ms())
                return told or (_failed(action, now_ms, _GONE),)
            case Dequeue():
                queue.leave(action.ticket_id, action.reason)
                return ()
            case BookCallback():
                reason = queue.book_callback(action.ticket_id, action.number)
                return (_booked(action.ticket_id, reason, now_ms()),)
            case LeaveMessage():
                is_left = queue.leave_message(
                    action.ticket_id, action.recording_id, action.text, action.duration_ms
                )
                return () if is_left else (_failed(action, now_ms, _GONE),)
            case _:
                assert_never(action)

    def _stands(self, place: Place, at_ms: int) -> tuple[Event, ...]:
        if not place.position:
            return _overflowed(place, at_ms) or self._taken(place.ticket_id, at_ms)
        placed = QueuePlaced(
            at_ms=at_ms,
            ticket_id=place.ticket_id,
            position=place.position,
            size=place.size,
            waited_ms=place.waited_ms,
            wait_low_ms=place.wait_low_ms,
            wait_high_ms=place.wait_high_ms,
            has_agents=place.has_agents,
        )
        return (placed, *_overflowed(place, at_ms))

    def _taken(self, ticket_id: str, at_ms: int) -> tuple[Event, ...]:
        """Somebody may have accepted the ticket while nobody was there to be told."""
        held = self._hands.queue.held(ticket_id)
        if held is None or held.state not in WITH_AGENT:
            return ()
        desk = self._hands.queue.desk(held.agent_id)
        answered = AgentAnswered(
            at_ms=at_ms,
            ticket_id=ticket_id,
            offer_id=held.offer_id,
            room=held.room,
            agent_name=desk.agent.name if desk else "",
        )
        return (answered,)


def _overflowed(place: Place, at_ms: int) -> tuple[Overflowed, ...]:
    if not place.overflow or not place.why:
        return ()
    moved = Overflowed(
        at_ms=at_ms, ticket_id=place.ticket_id, to=place.overflow, queue=place.queue, why=place.why
    )
    return (moved,)


def _booked(ticket_id: str, reason: Unbooked, at_ms: int) -> CallbackBooked:
    return CallbackBooked(at_ms=at_ms, ticket_id=ticket_id, is_booked=not reason, reason=reason)


def _failed(action: QueueAction, now_ms: Callable[[], int], reason: object) -> HandFailed:
    ticket_id = action.ticket.ticket_id if isinstance(action, Enqueue) else action.ticket_id
    return HandFailed(at_ms=now_ms(), action=action.type, ref=ticket_id, reason=str(reason))
