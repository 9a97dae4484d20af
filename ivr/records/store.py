"""The door to the records: notes what happens on calls, masked and without waiting; reads it back.

A database that is slow or gone costs records, never a call.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Row, select
from sqlalchemy.exc import SQLAlchemyError

from ivr.actions import Action, Expectation, Listen
from ivr.errors import IvrError
from ivr.events import CallEnded, CallStarted, Event
from ivr.mask import mask_value
from ivr.records import answers, schema
from ivr.records.answers import AnsweredCall
from ivr.records.project import CALLER_MARKED, WRAPPED_UP, Entry, mask_action, mask_event
from ivr.records.writer import WAITING, Writer

REMEMBERED = 10_000
"""Calls whose last question is remembered; a call that another process took over is forgotten in the end."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call in a list."""

    call_id: str
    started_at: datetime | None
    ended_at: datetime | None
    caller: str
    """Masked."""
    called: str
    flow: str
    outcome: str
    """The flow's word for how it ended; else the reason it broke off; empty while it lasts."""
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said or keyed, masked."""

    at_ms: int
    who: Literal["caller", "bot"]
    by: Literal["speech", "keys", "voice"]
    text: str
    step: str
    confidence: float | None
    """The recogniser's, 0..1; None for the bot."""
    latency_ms: int | None
    """For the bot's first words after the caller: from the caller's last voiced frame or key to the decision,
    on the call's clock; None for all other turns."""


@dataclass(frozen=True, slots=True)
class LookupRecord:
    """One question to the company's data."""

    name: str
    parameters: dict[str, Any]
    asked_at_ms: int
    took_ms: int | None
    outcome: str
    """``found``, ``not_found``, the reason of its failure, or empty while it lasts."""


@dataclass(frozen=True, slots=True)
class TransferRecord:
    """One wait for a person."""

    ticket_id: str
    queue: str
    reason: str
    intent: str
    asked_at_ms: int
    waited_ms: int | None
    outcome: str
    """Why it left the queue; empty while it waits."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that is kept of one call, each list in the order of the call."""

    call: Call
    turns: tuple[Turn, ...]
    lookups: tuple[LookupRecord, ...]
    transfers: tuple[TransferRecord, ...]


class Records:
    """Call records of an installation; one per process, usable from any thread."""

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        waiting: int = WAITING,
        secret: str = "",
    ) -> None:
        """``secret`` makes the marks by which calls from one number are found again; empty: they are not."""
        self._engine = engine
        self._secret = secret.encode()
        self._now = now
        self._writer = Writer(engine, waiting=waiting)
        self._asked: dict[str, Expectation] = {}

    def note_event(self, call_id: str, event: Event, step: str = "", is_secret: bool = False) -> None:
        """Keep an event. Answers to a question for digits are hidden to the last digit, secret or not."""
        asked = self._asked.get(call_id)
        is_secret = is_secret or (asked is not None and asked.is_secret)
        payload = mask_event(
            event, is_secret=is_secret, is_number=asked is None or asked.kind in ("digits", "values")
        )
        self._put(call_id, event.at_ms, event.type, payload, step)
        if isinstance(event, CallStarted) and (mark := self._mark(event.caller)):
            self._put(call_id, event.at_ms, CALLER_MARKED, {"mark": mark}, step)
        if isinstance(event, CallEnded):
            self._asked.pop(call_id, None)

    def note_actions(self, call_id: str, at_ms: int, actions: Iterable[Action], step: str = "") -> None:
        """Keep the actions that the event at ``at_ms`` led to."""
        for action in actions:
            if isinstance(action, Listen):
                self._remember(call_id, action.expect)
            self._put(call_id, at_ms, action.type, mask_action(action), step)

    def note(
        self, call_id: str, wall_at: datetime, at_ms: int, kind: str, payload: dict[str, Any], step: str = ""
    ) -> None:
        """Keep anything else; ``flow_chosen`` with ``flow`` and ``version`` names the call's flow."""
        self._writer.put(Entry(call_id, wall_at, at_ms, kind, mask_value(payload), step))

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until all that was noted is written; false where the time did not suffice."""
        return self._writer.flush(timeout_s)

    def close(self, timeout_s: float = 5.0) -> bool:
        """Write what waits and end the writer; false where entries were left unwritten."""
        return self._writer.close(timeout_s)

    def calls(self, limit: int = 50) -> list[Call]:
        """The newest calls, newest first. Raises IvrError where the database cannot be read."""
        query = select(schema.calls).order_by(schema.calls.c.started_at.desc()).limit(limit)
        with self._read() as connection:
            return [_call(row) for row in connection.execute(query)]

    def earlier(self, caller: str, limit: int = 10) -> list[Call]:
        """The newest calls from this number, newest first. Raises IvrError like ``calls``."""
        mark = self._mark(caller)
        if not mark:
            return []
        calls, callers = schema.calls, schema.callers
        query = (
            select(calls).join(callers, callers.c.call_id == calls.c.call_id).where(callers.c.mark == mark)
        )
        with self._read() as connection:
            return [
                _call(row)
                for row in connection.execute(query.order_by(calls.c.started_at.desc()).limit(limit))
            ]

    def call(self, call_id: str) -> Conversation | None:
        """One call as a conversation; None where it is unknown. Raises IvrError like ``calls``."""
        with self._read() as connection:
            call = connection.execute(select(schema.calls).where(schema.calls.c.call_id == call_id)).first()
            if call is None:
                return None
            of = {table: _of_call(connection, table, call_id) for table in ("turns", "lookups", "transfers")}
        return Conversation(
            _call(call),
            tuple(_turns(of["turns"])),
            tuple(_lookup(row) for row in of["lookups"]),
            tuple(_transfer(row) for row in of["transfers"]),
        )

    def answered(self, since: datetime, until: datetime) -> list[AnsweredCall]:
        """What callers answered on the calls of a time, and what became of it. Raises IvrError like ``calls``."""
        with self._read() as connection:
            return list(answers.answered(connection, since, until))

    def note_wrap_up(self, call_id: str, code: str, about: str, note: str) -> None:
        """Keep how a person noted a call's end; ``about``: what it was about, where the machine had it wrong."""
        told = {"code": code, "about": about, "note": note}
        self.note(call_id, self._now(), 0, WRAPPED_UP, told)

    def _mark(self, caller: str) -> str:
        """Keyed: there are too few telephone numbers for a plain hash to hide one. Empty for what is no number."""
        is_number = caller.startswith("+") and caller[1:].isdigit()
        return (
            hmac.new(self._secret, caller.encode(), "sha256").hexdigest()
            if self._secret and is_number
            else ""
        )

    def _put(self, call_id: str, at_ms: int, kind: str, payload: dict[str, Any], step: str) -> None:
        self._writer.put(Entry(call_id, self._now(), at_ms, kind, payload, step))

    def _remember(self, call_id: str, expect: Expectation) -> None:
        self._asked[call_id] = expect
        if len(self._asked) > REMEMBERED:
            self._asked.pop(next(iter(self._asked)), None)

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        try:
            schema.create(self._engine)
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise IvrError(f"call records cannot be read: {type(error).__name__}") from error


def _of_call(connection: Connection, name: str, call_id: str) -> list[Row[Any]]:
    table = schema.METADATA.tables[name]
    order = table.c.id if name == "turns" else table.c.asked_at_ms
    return list(connection.execute(select(table).where(table.c.call_id == call_id).order_by(order)))


def _call(row: Row[Any]) -> Call:
    return Call(
        call_id=row.call_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        caller=row.caller or "",
        called=row.called or "",
        flow=row.flow or "",
        outcome=row.outcome or row.ended_by or "",
        duration_ms=row.duration_ms,
    )


def _turns(rows: list[Row[Any]]) -> Iterator[Turn]:
    """Keys pressed one after the other at one step become one turn."""
    keys: Turn | None = None
    answered_from: int | None = None
    for row in rows:
        latency_ms = None
        if row.who == "caller":
            answered_from = row.ended_ms
        elif answered_from is not None:
            latency_ms, answered_from = max(0, row.at_ms - answered_from), None
        turn = Turn(row.at_ms, row.who, row.by, row.text, row.step, row.confidence, latency_ms)
        if keys is not None and turn.by == "keys" and turn.step == keys.step:
            keys = replace(keys, text=keys.text + turn.text)
            continue
        if keys is not None:
            yield keys
        keys = turn if turn.by == "keys" else None
        if keys is None:
            yield turn
    if keys is not None:
        yield keys


def _lookup(row: Row[Any]) -> LookupRecord:
    asked, answered = row.asked_at_ms, row.answered_at_ms
    found = {True: "found", False: "not_found", None: ""}[row.is_found]
    return LookupRecord(
        name=row.name or "",
        parameters=row.parameters or {},
        asked_at_ms=asked or 0,
        took_ms=answered - asked if asked is not None and answered is not None else None,
        outcome=row.failure or found,
    )


def _transfer(row: Row[Any]) -> TransferRecord:
    return TransferRecord(
        ticket_id=row.ticket_id,
        queue=row.queue or "",
        reason=row.reason or "",
        intent=row.intent or "",
        asked_at_ms=row.asked_at_ms or 0,
        waited_ms=row.waited_ms,
        outcome=row.outcome or "",
    )
