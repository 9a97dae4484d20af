"""A call told to the records and read back: whole, masked, and never waited for."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateTable

from ivr import actions, events
from ivr.actions import Expectation, Hangup, Listen, Lookup, Option, Say, Ticket
from ivr.database import connect
from ivr.errors import IvrError
from ivr.events import CallEnded, CallStarted, HandFailed, Heard, Hypothesis, LookedUp, Pressed, QueuePlaced
from ivr.records import schema
from ivr.records.project import mask_event
from ivr.records.store import Records

CALL = "CA00000000000000000000000000000001"
STARTED = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ACCOUNT, PIN, PHONE, NAME = "40718264", "2580", "+447700900123", "Ada Holloway"
DIGITS = Listen(expect=Expectation(kind="digits", min_digits=8, max_digits=8))
SECRET_DIGITS = Listen(expect=Expectation(kind="digits", min_digits=4, max_digits=4, is_secret=True))
MENU = Listen(
    expect=Expectation(kind="choice", options=(Option(name="balance", phrases=("balance",), key="1"),))
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def records(engine: Engine) -> Iterator[Records]:
    records = Records(engine, now=lambda: STARTED)
    yield records
    records.close()


def started(call_id: str = CALL, at: datetime = STARTED) -> CallStarted:
    return CallStarted(call_id=call_id, caller=PHONE, called="+442079460000", started_at=at.isoformat())


def heard(text: str, at_ms: int, ended_ms: int = 0) -> Heard:
    return Heard(at_ms=at_ms, ended_ms=ended_ms, hypotheses=(Hypothesis(text=text, confidence=0.9),))


def say(text: str, prompt_id: str = "p") -> Say:
    return Say(prompt_id=prompt_id, phrases=(text,))


def tell_a_call(records: Records) -> None:
    """A caller who asks for a balance, is told it, and is put through."""
    records.note_event(CALL, started(), "main/menu")
    records.note(CALL, STARTED, 0, "flow_chosen", {"flow": "main", "version": "v1"})
    records.note_actions(CALL, 0, [say("What can I do?"), MENU], "main/menu")
    records.note_event(CALL, heard("what is my balance", 2600, 2000), "main/menu")
    records.note_actions(CALL, 2600, [say("What is your account number?"), DIGITS], "balance/account")
    for place, key in enumerate(ACCOUNT):
        records.note_event(CALL, Pressed(at_ms=4000 + place * 300, key=key), "balance/account")
    records.note_actions(CALL, 6100, [say("Your PIN?"), SECRET_DIGITS], "balance/pin")
    records.note_event(CALL, heard("two five eight zero", 9000, 8800), "balance/pin")
    ask = Lookup(
        lookup_id="L1", name="verify_pin", parameters={"account": ACCOUNT, "pin": PIN}, secrets=("pin",)
    )
    records.note_actions(CALL, 9000, [ask], "balance/verify")
    fields = {"verified": True, "name": NAME, "tries_left": 3, "balance": "1284.56"}
    records.note_event(
        CALL, LookedUp(at_ms=9040, lookup_id="L1", is_found=True, fields=fields), "balance/verify"
    )
    records.note_actions(CALL, 9040, [say(f"Account {' '.join(ACCOUNT)}.")], "balance/tell")
    ticket = Ticket(
        ticket_id="T1", call_id=CALL, queue="help", reason=f"Account {ACCOUNT} is locked", caller=PHONE,
        name=NAME, fields={"account": ACCOUNT}, intent="balance",
    )  # fmt: skip
    records.note_actions(CALL, 12_000, [actions.Enqueue(ticket=ticket)], "balance/locked")
    records.note_event(CALL, QueuePlaced(at_ms=12_020, ticket_id="T1", position=1, size=1, waited_ms=0))
    records.note_event(CALL, QueuePlaced(at_ms=32_020, ticket_id="T1", position=1, size=1, waited_ms=20_000))
    records.note_actions(CALL, 40_000, [actions.Dequeue(ticket_id="T1", reason="caller_hung_up")])
    records.note_actions(CALL, 40_000, [Hangup(outcome="abandoned")])
    records.note_event(CALL, CallEnded(at_ms=40_000))


def test_a_call_is_read_back_as_a_conversation(records: Records) -> None:
    tell_a_call(records)
    assert records.flush()
    conversation = records.call(CALL)
    assert conversation is not None
    call = conversation.call
    assert (call.caller, call.flow, call.outcome, call.duration_ms) == (
        "+44********23",
        "main",
        "abandoned",
        40_000,
    )
    assert call.started_at == STARTED
    assert [(turn.at_ms, turn.who, turn.by, turn.text) for turn in conversation.turns] == [
        (0, "bot", "voice", "What can I do?"),
        (2600, "caller", "speech", "what is my balance"),
        (2600, "bot", "voice", "What is your account number?"),
        (4000, "caller", "keys", "********"),
        (6100, "bot", "voice", "Your PIN?"),
        (9000, "caller", "speech", "[secret]"),
        (9040, "bot", "voice", "Account * * * * * * 6 4."),
    ]
    assert [turn.latency_ms for turn in conversation.turns] == [None, None, 600, None, 0, None, 240]
    [lookup] = conversation.lookups
    assert (lookup.name, lookup.took_ms, lookup.outcome) == ("verify_pin", 40, "found")
    assert lookup.parameters == {"account": "******64", "pin": "[secret]"}
    [transfer] = conversation.transfers
    assert (transfer.queue, transfer.intent, transfer.reason) == (
        "help",
        "balance",
        "Account ******64 is locked",
    )
    assert (transfer.asked_at_ms, transfer.waited_ms, transfer.outcome) == (12_000, 20_000, "caller_hung_up")


def test_no_planted_secret_reaches_the_disk(records: Records, path: Path) -> None:
    tell_a_call(records)
    assert records.close()
    with closing(sqlite3.connect(path)) as database:
        kept = "\n".join(database.iterdump())
    assert "flow_chosen" in kept
    said = ("two five eight zero", "4 0 7 1 8 2 6 4")
    for secret in (ACCOUNT, PIN, PHONE, NAME, "1284.56", *said):
        assert secret not in kept


def test_every_event_and_action_is_kept_once_in_order(records: Records, engine: Engine) -> None:
    tell_a_call(records)
    records.flush()
    with engine.connect() as connection:
        rows = connection.execute(select(schema.events).order_by(schema.events.c.id)).all()
    assert [row.kind for row in rows][:4] == ["call_started", "flow_chosen", "say", "listen"]
    assert rows[-1].kind == "call_ended"
    assert len(rows) == 27
    assert {row.call_id for row in rows} == {CALL}
    assert rows[0].wall_at == STARTED
    assert next(row for row in rows if row.kind == "lookup").step == "balance/verify"


def test_menu_keys_are_kept_and_unknown_ones_are_not(records: Records) -> None:
    records.note_event(CALL, Pressed(at_ms=0, key="7"), "taken over")
    records.note_actions(CALL, 10, [MENU])
    records.note_event(CALL, Pressed(at_ms=20, key="1"), "menu")
    records.note_event(CALL, Pressed(at_ms=30, key="#"), "other")
    records.note_event(CALL, Pressed(at_ms=40, key="2"), "asked", is_secret=True)
    records.flush()
    records.note_event(CALL, started())
    records.flush()
    conversation = records.call(CALL)
    assert conversation is not None
    assert [turn.text for turn in conversation.turns] == ["*", "1", "#", "*"]


def test_digits_spoken_in_pieces_are_hidden(records: Records, path: Path) -> None:
    records.note_event(CALL, started())
    records.note_actions(CALL, 0, [DIGITS])
    for at_ms, piece in enumerate(("four oh seven", "one eight", "two six four")):
        records.note_event(CALL, heard(piece, at_ms))
    records.flush()
    conversation = records.call(CALL)
    assert conversation is not None
    assert [turn.text for turn in conversation.turns] == ["[3 digits]", "[2 digits]", "[3 digits]"]


def test_a_failed_look_up_and_a_failed_queue_are_told(records: Records) -> None:
    records.note_event(CALL, started())
    records.note_actions(
        CALL, 100, [Lookup(lookup_id="L1", name="parcel", parameters={"number": "7304518262"})]
    )
    records.note_event(CALL, HandFailed(at_ms=6100, action="lookup", ref="L1", reason="timeout"))
    ticket = Ticket(ticket_id="T1", call_id=CALL, queue="help", reason="r")
    records.note_actions(CALL, 7000, [actions.Enqueue(ticket=ticket)])
    records.note_event(CALL, HandFailed(at_ms=7010, action="enqueue", ref="T1", reason="redis"))
    records.flush()
    conversation = records.call(CALL)
    assert conversation is not None
    assert [(one.outcome, one.took_ms) for one in conversation.lookups] == [("timeout", 6000)]
    assert [one.outcome for one in conversation.transfers] == ["failed"]


def test_calls_are_listed_newest_first_with_how_they_ended(records: Records) -> None:
    for number in range(4):
        call_id = f"CA{number}"
        records.note_event(call_id, started(call_id, STARTED + timedelta(minutes=number)))
    records.note_actions("CA0", 900, [actions.Divert(reason="no voice")])
    records.note_event("CA1", CallEnded(at_ms=1000, reason="caller_hung_up"))
    records.flush()
    assert [(call.call_id, call.outcome) for call in records.calls()] == [
        ("CA3", ""), ("CA2", ""), ("CA1", "caller_hung_up"), ("CA0", "diverted"),
    ]  # fmt: skip
    assert len(records.calls(2)) == 2
    assert records.call("unknown") is None


def test_how_a_voice_sounds_is_not_kept() -> None:
    voice = events.Voice(
        voiced_ms=900, level_db=-20.0, pitch_hz=120.0, spread_st=3.0, tilt_db=-9.0, pace_hz=4.0
    )
    assert "voice" not in mask_event(replace(heard("where is my parcel", 9), voice=voice))


EVERYTHING: list[events.Event] = [
    started(),
    events.CallResumed(at_ms=1),
    events.SpeechStarted(at_ms=2),
    Heard(at_ms=3),
    Pressed(at_ms=4, key="*"),
    events.Silent(at_ms=5, timer="no_input"),
    events.PromptEnded(at_ms=6, prompt_id="p", played=1, is_finished=True),
    LookedUp(at_ms=7, lookup_id="L", is_found=False),
    HandFailed(at_ms=8, action="say", ref="p", reason="dead"),
    QueuePlaced(at_ms=9, ticket_id="T", position=1, size=1),
    events.Overflowed(at_ms=9, ticket_id="T", to="callback", queue="q", why="wait"),
    events.AgentOffered(at_ms=9, ticket_id="T", offer_id="O"),
    events.AgentRefused(at_ms=9, ticket_id="T", offer_id="O", reason="declined", tries=1),
    events.AgentAnswered(at_ms=9, ticket_id="T", offer_id="O", room="R"),
    events.AgentLeft(at_ms=9, ticket_id="T", reason="hung_up"),
    events.CallbackBooked(at_ms=9, ticket_id="T", is_booked=True),
    events.Recorded(at_ms=9, recording_id="M", duration_ms=1),
    CallEnded(at_ms=10),
]
EVERY_ACTION: list[actions.Action] = [
    say("x"), actions.Play(prompt_id="p", clip="hold"), actions.Hush(), MENU, actions.StopListening(),
    actions.SetTimer(timer="t", after_ms=1), actions.CancelTimer(timer="t"), Lookup(lookup_id="L", name="n"),
    actions.Enqueue(ticket=Ticket(ticket_id="T", call_id=CALL, queue="q", reason="r")),
    actions.CheckQueue(ticket_id="T"), actions.Dequeue(ticket_id="T", reason="r"), Hangup(),
    actions.Divert(reason="r"), actions.BookCallback(ticket_id="T", number="+442079460000"),
    actions.LeaveMessage(ticket_id="T", recording_id="M", text="t", duration_ms=1),
    actions.Record(recording_id="M", max_ms=1), actions.Bridge(ticket_id="T", room="R"),
    actions.Remember(caller="+442079460000", profile={"name": "Ann Lee"}),
]  # fmt: skip


def test_every_kind_of_event_and_action_can_be_kept(records: Records, engine: Engine) -> None:
    assert {type(event) for event in EVERYTHING} == set(events.Event.__args__)
    assert {type(action) for action in EVERY_ACTION} == set(actions.Action.__args__)
    for event in EVERYTHING:
        records.note_event(CALL, event)
    records.note_actions(CALL, 11, EVERY_ACTION)
    records.flush()
    with engine.connect() as connection:
        assert len(connection.execute(select(schema.events)).all()) == len(EVERYTHING) + len(EVERY_ACTION)


def test_postgresql_takes_the_tables() -> None:
    """Their definitions, at least: no server of that kind runs here."""
    for table in schema.METADATA.sorted_tables:
        statement = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert "TIMESTAMP WITH TIME ZONE" in statement or table.name in (
            "turns",
            "verdicts",
            "lookups",
            "transfers",
            "callers",
        )


def test_sqlite_is_in_write_ahead_mode(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_two_processes_write_to_one_database(path: Path, records: Records) -> None:
    other_engine = connect(f"sqlite:///{path}")
    other = Records(other_engine)
    for number in range(50):
        records.note_event(f"CA{number}", started(f"CA{number}"))
        other.note_event(f"CB{number}", started(f"CB{number}"))
    assert records.flush() and other.close()
    assert len(records.calls(200)) == 100
    other_engine.dispose()


class Broken:
    """A SQLite that fails while ``is_broken``, and blocks while ``gate`` is clear."""

    def __init__(self) -> None:
        self.is_broken = False
        self.gate = threading.Event()
        self.gate.set()
        self.tries = 0
        self.engine = create_engine(
            "sqlite://", creator=self._open, poolclass=StaticPool, connect_args={"check_same_thread": False}
        )

    def _open(self) -> sqlite3.Connection:
        self.tries += 1
        self.gate.wait(5)
        if self.is_broken:
            raise sqlite3.OperationalError("gone")
        return sqlite3.connect(":memory:", check_same_thread=False)


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_database_that_comes_back_gets_what_was_noted_meanwhile(caplog: pytest.LogCaptureFixture) -> None:
    broken = Broken()
    broken.is_broken = True
    records = Records(broken.engine)
    records.note_event(CALL, started())
    wait_until(lambda: broken.tries >= 2)
    with pytest.raises(IvrError, match="cannot be read"):
        records.calls()
    records.note_event(CALL, CallEnded(at_ms=1000))
    assert not records.flush(0.01)
    broken.is_broken = False
    assert records.flush()
    assert [call.duration_ms for call in records.calls()] == [1000]
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1
    assert records.close()


def test_a_database_that_hangs_holds_nobody_up_and_drops_are_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = Broken()
    broken.gate.clear()
    records = Records(broken.engine, waiting=10)
    began = time.monotonic()
    for _ in range(2000):
        records.note_event(CALL, events.SpeechStarted(at_ms=0))
    assert time.monotonic() - began < 2
    assert [record.args[0] for record in caplog.records if "dropped" in record.message] == [1, 10, 100, 1000]
    broken.gate.set()
    assert records.close()


def test_one_entry_that_cannot_be_kept_does_not_cost_the_others(
    records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    records.note_event("CA1", started("CA1"))
    records.note("CA2", STARTED, 0, "lookup", {"no": "lookup_id"})
    records.note_event("CA3", started("CA3"))
    assert records.flush()
    assert {call.call_id for call in records.calls()} == {"CA1", "CA3"}
    assert sum("refused" in record.message for record in caplog.records) == 1


def test_a_noted_number_is_masked(records: Records, engine: Engine) -> None:
    records.note(CALL, STARTED, 6, "capture", {"digits": ACCOUNT})
    records.flush()
    with engine.connect() as connection:
        payloads = connection.scalars(select(schema.events.c.payload)).all()
    assert json.dumps(payloads) == '[{"digits": "******64"}]'


def test_of_messages_callbacks_and_persons_nothing_private_is_kept(records: Records, path: Path) -> None:
    told = [
        events.Recorded(at_ms=1, recording_id="m1", duration_ms=900, text=f"my account is {ACCOUNT}"),
        events.AgentLeft(at_ms=2, ticket_id="t", reason="handed_back", fields={"account": ACCOUNT}),
    ]
    wanted = [
        actions.BookCallback(ticket_id="t", number=PHONE),
        actions.LeaveMessage(ticket_id="t", recording_id="m1", text=f"it is {ACCOUNT}", duration_ms=900),
    ]
    for event in told:
        records.note_event(CALL, event, "waiting")
    records.note_actions(CALL, 3, wanted, "waiting")
    records.close()
    with closing(sqlite3.connect(path)) as database:
        dump = "\n".join(database.iterdump())
    assert "m1" in dump and "account" in dump
    assert ACCOUNT not in dump and PHONE not in dump


def test_calls_from_one_number_are_found_again_without_their_number(engine: Engine, path: Path) -> None:
    records = Records(engine, now=lambda: STARTED, secret="known to this installation")
    other = "CA00000000000000000000000000000002"
    for day, call_id in enumerate(("CA1", "CA2", "CA3")):
        records.note_event(call_id, started(call_id, STARTED + timedelta(days=day)))
    stranger = CallStarted(call_id=other, caller="+442079460999", called="", started_at=STARTED.isoformat())
    hidden = CallStarted(call_id="CA5", caller="anonymous", called="", started_at=STARTED.isoformat())
    records.note_event(other, stranger)
    records.note_event("CA5", hidden)
    records.flush()
    assert [call.call_id for call in records.earlier(PHONE)] == ["CA3", "CA2", "CA1"]
    assert [call.call_id for call in records.earlier(PHONE, limit=1)] == ["CA3"]
    assert records.earlier("anonymous") == [] and records.earlier("+447700900999") == []
    records.close()
    with closing(sqlite3.connect(path)) as database:
        assert PHONE not in "\n".join(database.iterdump())
    assert Records(engine, secret="another").earlier(PHONE) == []
    assert Records(engine).earlier(PHONE) == []
