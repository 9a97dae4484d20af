"""What is saved, told and recorded of one call, and in which order, with a scripted store and records."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ivr.actions import Action, Expectation, Listen, Lookup, SetTimer
from ivr.dialogue.state import Frame, State, Verdict
from ivr.errors import StaleState, StoreError
from ivr.events import CallStarted, Event, Heard, Hypothesis, Pressed, Silent
from ivr.keeper import Keeper
from ivr.mask import SECRET

CALL = "CA1"
STARTED = CallStarted(call_id=CALL, caller="+441632960001", called="+15550100", started_at="")


@dataclass
class Desk:
    """Store, records and listener in one, remembering who was told what in which order."""

    fault: StoreError | None = None
    done: list[str] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    noted: list[dict[str, Any]] = field(default_factory=list)
    saved: list[tuple[int, int, bool]] = field(default_factory=list)
    recorded: list[tuple[str, Any]] = field(default_factory=list)
    steps: list[tuple[Any, ...]] = field(default_factory=list)

    def save(self, call_id: str, state: str, revision: int, *, generation: int, is_ended: bool) -> int:
        self.done.append("save")
        if self.fault is not None:
            raise self.fault
        self.saved.append((revision, generation, is_ended))
        return revision + 1

    def note(self, call_id: str, *entries: Any) -> None:
        if isinstance(entries[0], dict):
            self.done.append("journal")
            self.noted += entries
        else:
            self.recorded.append((entries[2], entries[3]))
            self.steps.append(entries[4:])

    def note_event(self, call_id: str, event: Event, step: str, is_secret: bool) -> None:
        self.done.append("record")
        self.recorded.append((event.type, is_secret))

    def note_actions(self, call_id: str, at_ms: int, actions: tuple[Action, ...], step: str) -> None:
        self.recorded += [(action.type, step) for action in actions]

    def hear(self, line: dict[str, Any]) -> None:
        self.done.append("tell")
        self.told.append(line)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def keeper(desk: Desk) -> Keeper:
    return Keeper(desk, desk, CALL, 4, 2, desk.hear)


def begun() -> State:
    return State(call_id=CALL, caller="", called="", started_at="", book_version="v1")


@pytest.fixture
def state() -> State:
    return replace(begun(), stack=(Frame(flow="main", step="menu"),))


def heard(text: str) -> Heard:
    return Heard(at_ms=0, began_ms=0, ended_ms=0, hypotheses=(Hypothesis(text=text, confidence=1.0),))


def asks(kind: str) -> Listen:
    return Listen(expect=Expectation(kind=kind))


def test_the_state_is_saved_before_anybody_is_told(keeper: Keeper, desk: Desk, state: State) -> None:
    keeper.keep(state, Pressed(at_ms=0, key="1"), (), is_secret=False)
    assert desk.done == ["save", "record", "tell", "journal"]
    assert desk.told == desk.noted


def test_every_save_goes_on_from_the_one_before(keeper: Keeper, desk: Desk, state: State) -> None:
    keeper.keep(state, Pressed(at_ms=0, key="1"), (), is_secret=False)
    keeper.keep(replace(state, phase="over"), Pressed(at_ms=0, key="2"), (), is_secret=False)
    assert desk.saved == [(4, 2, False), (5, 2, True)]


def test_what_another_stream_has_overtaken_is_neither_recorded_nor_told(
    keeper: Keeper, desk: Desk, state: State
) -> None:
    desk.fault = StaleState("newer")
    with pytest.raises(StaleState):
        keeper.keep(state, Pressed(at_ms=0, key="1"), (), is_secret=False)
    assert desk.done == ["save"]


def test_what_cannot_be_saved_is_recorded_all_the_same(keeper: Keeper, desk: Desk, state: State) -> None:
    desk.fault = StoreError("Redis is gone")
    with pytest.raises(StoreError):
        keeper.keep(state, Pressed(at_ms=0, key="1"), (), is_secret=True)
    assert desk.recorded == [("pressed", True)]
    assert desk.told == []


def test_secrets_and_digits_asked_for_are_masked_in_the_journal(
    keeper: Keeper, desk: Desk, state: State
) -> None:
    keeper.keep(state, heard("hello"), (asks("digits"),), is_secret=False)
    keeper.keep(state, Pressed(at_ms=0, key="7"), (), is_secret=False)
    keeper.keep(state, heard("12"), (asks("choice"),), is_secret=False)
    keeper.keep(state, Pressed(at_ms=0, key="7"), (), is_secret=False)
    keeper.keep(state, heard("my mother's name"), (), is_secret=True)
    look = Lookup(lookup_id="l1", name="verify", parameters={"pin": "2580"}, secrets=("pin",))
    keeper.keep(state, Pressed(at_ms=0, key="7"), (look,), is_secret=True)
    texts = [line["hypotheses"][0]["text"] for line in desk.told if line["type"] == "heard"]
    assert texts[0] == "hello" and "12" not in texts[1] and texts[2] == SECRET
    assert [line["key"] for line in desk.told if line["type"] == "pressed"] == ["*", "7", "*"]
    assert "2580" not in str(desk.told) and "mother" not in str(desk.told)


def test_the_last_line_says_how_the_call_ended(keeper: Keeper, desk: Desk, state: State) -> None:
    keeper.keep(
        replace(state, phase="over", outcome="completed", at_ms=70),
        Pressed(at_ms=70, key="1"),
        (),
        is_secret=False,
    )
    assert desk.told[-1] == {"kind": "over", "at_ms": 70, "outcome": "completed"}


def test_a_new_call_records_which_flow_was_chosen(keeper: Keeper, desk: Desk, state: State) -> None:
    keeper.keep(state, STARTED, (), is_secret=False)
    assert ("flow_chosen", {"flow": "main", "version": "v1"}) in desk.recorded


def test_timers_are_told_and_not_recorded(keeper: Keeper, desk: Desk, state: State) -> None:
    timer = SetTimer(timer="no_input", after_ms=5000)
    keeper.keep(state, Silent(at_ms=0, timer="no_input"), (timer,), is_secret=False)
    assert [line["type"] for line in desk.told] == ["silent", "set_timer"]
    assert desk.recorded == []


def test_what_became_of_an_answer_is_recorded_with_its_question(
    keeper: Keeper, desk: Desk, state: State
) -> None:
    verdict = Verdict(how="taken", step="main.menu", name="parcel")
    judged = replace(state, stack=(Frame(flow="parcel", step="number"),), verdicts=(verdict,), language="zh")
    keeper.keep(judged, heard("my parcel"), (), is_secret=False)
    told = {"how": "taken", "name": "parcel", "field": "", "is_keyed": False, "language": "zh"}
    assert desk.recorded == [("heard", False), ("judged", told)]
    assert desk.steps == [("main.menu",)]
