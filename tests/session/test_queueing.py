"""What the dialogue wants of the queue, and the queue's answers as events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sessionkit import ScriptedHeld, ScriptedLookups, ScriptedQueue

from ivr.actions import BookCallback, CheckQueue, Dequeue, Enqueue, LeaveMessage, Ticket
from ivr.errors import QueueError
from ivr.events import AgentAnswered, CallbackBooked, Event, HandFailed, Overflowed, QueuePlaced
from ivr.session import Hands
from ivr.session.queueing import QueueAction, Queueing

TICKET = Ticket(ticket_id="T1", call_id="CA1", queue="service", reason="why")
BOOK = BookCallback(ticket_id="T1", number="+447700900123")
MESSAGE = LeaveMessage(ticket_id="T1", recording_id="m1", text="ring me", duration_ms=2_000)


@pytest.fixture
def queue() -> ScriptedQueue:
    return ScriptedQueue()


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


def act(queue: ScriptedQueue, executor: ThreadPoolExecutor, *wanted: QueueAction) -> list[Event]:
    """The events that actions lead to, the clock standing at 7 ms."""
    events: list[Event] = []

    async def scene() -> None:
        queueing = Queueing(Hands(ScriptedLookups(), queue, executor, None), events.append)
        await asyncio.gather(*(queueing.perform(action, lambda: 7) for action in wanted))

    asyncio.run(scene())
    return events


def test_a_callback_is_booked(queue: ScriptedQueue, executor: ThreadPoolExecutor) -> None:
    *_, booked = act(queue, executor, Enqueue(ticket=TICKET), BOOK)
    assert booked == CallbackBooked(at_ms=7, ticket_id="T1", is_booked=True)
    assert queue.callbacks == [("T1", "+447700900123")]


def test_why_a_callback_is_not_booked_is_told(queue: ScriptedQueue, executor: ThreadPoolExecutor) -> None:
    queue.unbooked = "country"
    (booked,) = act(queue, executor, BOOK)
    assert booked == CallbackBooked(at_ms=7, ticket_id="T1", is_booked=False, reason="country")


def test_a_message_is_left_or_its_ticket_is_gone(queue: ScriptedQueue, executor: ThreadPoolExecutor) -> None:
    (placed,) = act(queue, executor, Enqueue(ticket=TICKET), MESSAGE)
    assert placed.type == "queue_placed"
    assert queue.messages == [("T1", "m1", "ring me", 2_000)]
    (failed,) = act(queue, executor, Dequeue(ticket_id="T1", reason="left"), MESSAGE)
    assert isinstance(failed, HandFailed) and (failed.action, failed.ref) == ("leave_message", "T1")


@pytest.mark.parametrize(
    "fault", [QueueError("Redis is gone"), KeyError("a bug")], ids=["foreseen", "unforeseen"]
)
@pytest.mark.parametrize("action", [BOOK, MESSAGE], ids=["book_callback", "leave_message"])
def test_a_queue_that_fails_is_told(
    queue: ScriptedQueue, executor: ThreadPoolExecutor, action: QueueAction, fault: Exception
) -> None:
    queue.fault = fault
    (failed,) = act(queue, executor, action)
    assert isinstance(failed, HandFailed) and (failed.action, failed.ref) == (action.type, "T1")


def test_a_place_is_told_with_its_wait_and_whatever_else_is_due(
    queue: ScriptedQueue, executor: ThreadPoolExecutor
) -> None:
    queue.place = {"position": 3, "size": 4, "wait_low_ms": 60_000, "wait_high_ms": 90_000}
    queue.place |= {"has_agents": False, "overflow": "callback", "why": "nobody", "queue": "service"}
    assert act(queue, executor, Enqueue(ticket=TICKET)) == [
        QueuePlaced(
            at_ms=7,
            ticket_id="T1",
            position=3,
            size=4,
            wait_low_ms=60_000,
            wait_high_ms=90_000,
            has_agents=False,
        ),
        Overflowed(at_ms=7, ticket_id="T1", to="callback", queue="service", why="nobody"),
    ]


def test_a_full_queue_gives_no_place_but_what_is_due(
    queue: ScriptedQueue, executor: ThreadPoolExecutor
) -> None:
    queue.place = {"position": 0, "overflow": "message", "why": "full", "queue": "service"}
    assert act(queue, executor, Enqueue(ticket=TICKET)) == [
        Overflowed(at_ms=7, ticket_id="T1", to="message", queue="service", why="full")
    ]


@pytest.mark.parametrize("place", [{"position": 0}, None], ids=["in no line", "gone"])
def test_whoever_was_accepted_unheard_is_told_when_they_ask(
    queue: ScriptedQueue, executor: ThreadPoolExecutor, place: dict[str, int] | None
) -> None:
    if place is not None:
        queue.place, queue.tickets["T1"] = place, TICKET
    queue.holds["T1"] = ScriptedHeld("briefing", "grace", "O1", "room-1")
    assert act(queue, executor, CheckQueue(ticket_id="T1")) == [
        AgentAnswered(at_ms=7, ticket_id="T1", offer_id="O1", room="room-1", agent_name="Grace")
    ]


def test_a_ticket_that_nobody_has_is_told_as_gone(queue: ScriptedQueue, executor: ThreadPoolExecutor) -> None:
    queue.holds["T1"] = ScriptedHeld("done")
    (failed,) = act(queue, executor, CheckQueue(ticket_id="T1"))
    assert isinstance(failed, HandFailed) and failed.action == "check_queue"
