"""What callers answered and what became of it, read back from the records for whoever learns from it.

Reads only, and only what was masked on its way in. What follows from an answer is for others to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from ivr.records import schema

BEYOND = "none of these"
"""In place of a choice's name where a person notes that the call was about something no choice serves."""
AT_ONCE = 500
"""Calls read with one question; databases bound how many values a question may name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that was decided about a caller's words or keys; see ``dialogue.state.Verdict``."""

    step: str
    how: str
    name: str
    field: str
    is_keyed: bool
    language: str
    """Empty: the site's own."""
    text: str = ""
    """The caller's words, masked; empty for keys, and where it was decided later than they were said."""


@dataclass(frozen=True, slots=True)
class WrapUp:
    """What a person noted after the call."""

    code: str
    about: str
    """What it was about, where the machine had it wrong; empty: nothing was said of that."""


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """One call, its answers in their order."""

    call_id: str
    started_at: datetime
    queue: str
    """The queue it went to last; empty where no person was asked for."""
    answers: tuple[Answer, ...]
    wrap_ups: tuple[WrapUp, ...]


def answered(connection: Connection, since: datetime, until: datetime) -> Iterator[AnsweredCall]:
    """The calls that began from ``since`` and before ``until``, oldest first."""
    calls = schema.calls
    query = select(calls).where(calls.c.started_at >= since, calls.c.started_at < until)
    rows = list(connection.execute(query.order_by(calls.c.started_at, calls.c.call_id)))
    for start in range(0, len(rows), AT_ONCE):
        batch = rows[start : start + AT_ONCE]
        yield from _calls(connection, batch)


def _calls(connection: Connection, calls: list[Row[Any]]) -> Iterator[AnsweredCall]:
    ids = [call.call_id for call in calls]
    said: dict[tuple[str, int], Row[Any]] = {
        (row.call_id, row.at_ms): row
        for row in _rows(connection, schema.turns, ids)
        if row.who == "caller" and row.by == "speech"
    }
    answers, wrap_ups = defaultdict[str, list[Answer]](list), defaultdict[str, list[WrapUp]](list)
    for row in _rows(connection, schema.verdicts, ids):
        answers[row.call_id].append(_answer(row, said.get((row.call_id, row.at_ms))))
    for row in _rows(connection, schema.wrap_ups, ids):
        wrap_ups[row.call_id].append(WrapUp(row.code, row.about))
    transfers = schema.transfers
    waits = select(transfers).where(transfers.c.call_id.in_(ids)).order_by(transfers.c.asked_at_ms)
    queues = {row.call_id: row.queue or "" for row in connection.execute(waits)}
    for call in calls:
        yield AnsweredCall(
            call_id=call.call_id,
            started_at=call.started_at,
            queue=queues.get(call.call_id, ""),
            answers=tuple(answers[call.call_id]),
            wrap_ups=tuple(wrap_ups[call.call_id]),
        )


def _rows(connection: Connection, table: Table, ids: list[str]) -> Iterable[Row[Any]]:
    return connection.execute(select(table).where(table.c.call_id.in_(ids)).order_by(table.c.id))


def _answer(row: Row[Any], turn: Row[Any] | None) -> Answer:
    return Answer(
        step=row.step,
        how=row.how,
        name=row.name,
        field=row.field,
        is_keyed=row.is_keyed,
        language=row.language,
        text=turn.text if turn is not None else "",
    )
