"""Whole calls through the one loop: hands that answer, fail, hang and break, and a state that cannot be kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from sessionkit import STARTED, HeldQueue, Impatient, JsonKeeper, Scene, ScriptedAnswer, ScriptedQueue

from ivr.actions import Action
from ivr.dialogue.state import State, begin, from_json
from ivr.errors import CarrierError, LookupFailed, QueueError, StaleState, StoreError
from ivr.events import AgentAnswered, CallResumed, HandFailed, Pressed
from ivr.line.text import Keyed, Waited
from ivr.session import Hands, Session

ACCOUNT, PIN = "40718264", "2580"
KNOWN = {
    "account_exists": ScriptedAnswer(True),
    "verify_pin": ScriptedAnswer(
        True, {"verified": True, "is_locked": False, "tries_left": 3, "name": "Ada", "phone": ""}
    ),
    "balance": ScriptedAnswer(
        True,
        {
            "balance": "12.50",
            "currency": "GBP",
            "last_amount": "",
            "last_text": "",
            "last_on": "",
            "name": "Ada",
        },
    ),
}
BALANCE = (Keyed("1"), Keyed(ACCOUNT), Keyed(PIN))


def play(scene: Scene, *turns: object, **more: object) -> object:
    return asyncio.run(scene.call(*turns, **more))


def test_a_call_gets_its_answer_and_its_end_is_kept(scene: Scene) -> None:
    scene.lookups.answers = dict(KNOWN)
    state = play(scene, *BALANCE, Keyed("7"))
    assert scene.lookups.asked == ["account_exists", "verify_pin", "balance"]
    assert scene.has_said("twelve pounds")
    assert (state.phase, state.outcome) == ("over", "completed")
    assert from_json(scene.keeper.states[-1]) == state


def test_what_is_keyed_in_secret_is_kept_as_secret(scene: Scene) -> None:
    scene.lookups.answers = dict(KNOWN)
    play(scene, *BALANCE)
    keys = [event.key for event in scene.keeper.secret if event.type == "pressed"]
    assert "".join(keys) == PIN


def test_a_caller_who_waits_has_a_ticket_until_they_hang_up(scene: Scene) -> None:
    state = play(scene, Keyed("0"), Waited(30_000))
    assert scene.queue.tickets == {}
    assert [reason for _, reason in scene.queue.left] == ["caller_hung_up"]
    assert (state.phase, scene.done.count("enqueue")) == ("over", 1)


def test_a_caller_who_leaves_while_joining_is_not_left_in_line(scene: Scene) -> None:
    queue = HeldQueue()
    hands = Hands(scene.lookups, queue, scene.executor, None)
    session = Session(begin(scene.book, STARTED), scene.book, hands, scene.keeper)
    state = asyncio.run(session.run(Impatient(session, queue), STARTED))
    assert state.outcome == "caller_hung_up"
    assert [reason for _, reason in queue.left] == ["caller_hung_up"]
    assert queue.tickets == {}


@pytest.mark.parametrize(
    "fault", [LookupFailed("error"), ValueError("a bug")], ids=["foreseen", "unforeseen"]
)
def test_a_look_up_that_fails_is_an_event_and_the_caller_gets_a_person(
    scene: Scene, fault: Exception
) -> None:
    scene.lookups.answers = {"account_exists": fault}
    play(scene, Keyed("1"), Keyed(ACCOUNT), Waited(1_000))
    (failed,) = [event for event in scene.keeper.events if isinstance(event, HandFailed)]
    assert failed.action == "lookup"
    assert "enqueue" in scene.done


def test_a_look_up_that_hangs_is_given_up_by_the_dialogue_and_dropped_with_the_call(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.session.loop.LAST_S", 0.05)
    scene.lookups.answers = {"account_exists": None}

    async def call() -> None:
        hung = asyncio.Event()
        was_dropped = []

        async def never() -> None:
            try:
                await hung.wait()
            except asyncio.CancelledError:
                was_dropped.append(True)
                raise

        scene.lookups.never = never
        task = asyncio.create_task(scene.call(Keyed("1"), Keyed(ACCOUNT)))
        while not scene.lookups.asked:
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        assert not task.done()
        # the line of words waits for its hands; a telephone line goes on and is gone when the caller is
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert was_dropped

    asyncio.run(call())


@pytest.mark.parametrize(
    "fault", [QueueError("Redis is gone"), KeyError("a bug")], ids=["foreseen", "unforeseen"]
)
def test_a_queue_that_fails_sends_the_caller_to_the_fallback_number(scene: Scene, fault: Exception) -> None:
    scene.queue.fault = fault
    state = play(scene, Keyed("0"), Waited(600_000))
    assert any(isinstance(event, HandFailed) for event in scene.keeper.events)
    assert (state.exit, state.phase) == ("divert", "over")


@dataclass
class ScriptedCarrier:
    """Takes a call elsewhere, or raises ``faults`` first, one at a time."""

    faults: list[Exception] = field(default_factory=list)
    redirected: list[str] = field(default_factory=list)

    def redirect(self, call_sid: str) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.redirected.append(call_sid)

    def hang_up(self, call_sid: str) -> None:
        pass


@dataclass
class Waiting:
    """The line of a caller who waits in line when somebody accepts, until they are taken there or have heard all."""

    session: Session
    queue: ScriptedQueue
    now_ms: int = 0
    parted: list[bool] = field(default_factory=list)
    is_lost: bool = False
    """True where the line ends although the carrier's answer was a fault."""

    def perform(self, action: Action) -> None:
        pass

    async def run(self) -> None:
        await self.session.settled()
        self.session.emit(Pressed(at_ms=10, key="0"))
        await self.session.settled()
        (ticket_id,) = self.queue.tickets
        self.session.emit(AgentAnswered(at_ms=20, ticket_id=ticket_id, offer_id="O", room="R"))
        if not self.is_lost:
            await self.session.settled()

    async def part(self, last: Callable[[], Awaitable[bool]]) -> None:
        self.parted.append(await last())

    async def finish(self, last: Callable[[], Awaitable[None]]) -> None:
        pass


def bridge(scene: Scene, carrier: ScriptedCarrier | None, *, is_lost: bool = False) -> tuple[Waiting, State]:
    hands = Hands(scene.lookups, scene.queue, scene.executor, None, carrier)
    session = Session(begin(scene.book, STARTED), scene.book, hands, scene.keeper)
    line = Waiting(session, scene.queue, is_lost=is_lost)
    return line, asyncio.run(session.run(line, STARTED))


def test_a_caller_whom_somebody_accepted_is_taken_to_their_room(scene: Scene) -> None:
    carrier = ScriptedCarrier()
    line, state = bridge(scene, carrier)
    assert (carrier.redirected, line.parted) == (["CA1"], [True])
    assert (state.phase, state.exit) == ("bridged", "bridge")


@pytest.mark.parametrize(
    "carrier", [ScriptedCarrier([CarrierError("500")] * 2), None], ids=["refuses", "none"]
)
def test_a_caller_whom_nothing_takes_there_waits_on(
    scene: Scene, carrier: ScriptedCarrier | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.session.loop.BRIDGE_PAUSES_S", (0.0, 0.0))
    line, state = bridge(scene, carrier)
    assert line.parted == [False]
    (failed,) = [event for event in scene.keeper.events if isinstance(event, HandFailed)]
    assert (failed.action, failed.ref in scene.queue.tickets) == ("bridge", True)
    assert (state.phase, state.exit) == ("waiting", "")


@pytest.mark.parametrize("fault", [CarrierError("500"), KeyError("a bug")], ids=["foreseen", "unforeseen"])
def test_the_carrier_is_asked_twice(scene: Scene, fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.session.loop.BRIDGE_PAUSES_S", (0.0, 0.0))
    carrier = ScriptedCarrier([fault])
    line, state = bridge(scene, carrier)
    assert (line.parted, carrier.redirected, state.phase) == ([True], ["CA1"], "bridged")


def test_a_request_that_was_heard_without_an_answer_is_not_repeated(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.session.loop.BRIDGE_PAUSES_S", (0.1,))
    carrier = ScriptedCarrier([CarrierError("no answer")])
    line, state = bridge(scene, carrier, is_lost=True)
    assert (line.parted, carrier.redirected, state.phase) == ([True], [], "bridged")


def test_a_state_that_cannot_be_kept_is_an_apology_and_the_fallback_number(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.keeper.fault, scene.keeper.breaks_at = StoreError("Redis is gone"), 4
    state = play(scene, Keyed("1"), Waited(1_000))
    assert (state.exit, state.phase) == ("divert", "over")
    assert scene.said[-1] == scene.book.site.prompts.cannot_help
    told = [record for record in caplog.records if "cannot be saved" in record.message]
    assert len(told) == 1


def test_a_call_that_another_stream_carries_is_let_go_without_a_word(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    scene.keeper.fault, scene.keeper.breaks_at = StaleState("newer"), 4
    state = play(scene, Keyed("0"), Waited(1_000))
    assert state.phase != "over"
    assert scene.queue.left == [] and len(scene.queue.tickets) == 1
    assert caplog.records == []
    assert not any(scene.book.site.prompts.cannot_help in text for text in scene.said)


def test_a_call_goes_on_where_its_state_stands(scene: Scene) -> None:
    scene.lookups.answers = dict(KNOWN)
    scene.keeper.fault, scene.keeper.breaks_at = None, 0
    play(scene, Keyed("1"), Keyed(ACCOUNT))
    asked = [text for text in scene.keeper.states if from_json(text).phase == "asking"]
    state = from_json(asked[-1])
    scene.said.clear()
    ended = play(scene, Keyed(PIN), first=CallResumed(at_ms=state.at_ms), state=state)
    assert "PIN" in scene.said[0]
    assert scene.has_said("twelve pounds")
    assert ended.at_ms > state.at_ms


def test_a_line_that_breaks_ends_the_loop_and_not_the_call(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        now_ms = 0

        def perform(self, action: object) -> None:
            pass

        async def run(self) -> None:
            raise RuntimeError("the line broke")

        async def finish(self) -> None:
            pass

    hands = Hands(scene.lookups, scene.queue, scene.executor, None)
    session = Session(begin(scene.book, STARTED), scene.book, hands, JsonKeeper())
    state = asyncio.run(session.run(Broken(), STARTED))
    assert state.phase != "over"
    assert "nobody foresaw" in caplog.text
