"""Tables of what happened. ``events`` is the truth and only grows; the other tables are drawn from it.

SQLite or PostgreSQL through SQLAlchemy; no text in here holds a secret or a whole number of a person.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Engine, Float, Integer, MetaData, String, Table, Text

from ivr import database
from ivr.database import Utc

METADATA = MetaData()


def create(engine: Engine) -> None:
    """Make what is missing of these tables."""
    database.create(engine, METADATA)


events = Table(
    "events",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("call_id", String(80), nullable=False, index=True),
    Column("wall_at", Utc, nullable=False, index=True),
    Column("at_ms", Integer, nullable=False),  # the call's own clock
    Column("kind", String(40), nullable=False, index=True),  # the ``type`` of the event or action
    Column("step", Text, nullable=False),
    Column("payload", JSON, nullable=False),
)

calls = Table(
    "calls",
    METADATA,
    Column("call_id", String(80), primary_key=True),
    Column("started_at", Utc, index=True),
    Column("ended_at", Utc),
    Column("caller", String(40)),
    Column("called", String(40)),
    Column("flow", Text),
    Column("flow_version", Text),
    Column("outcome", Text),  # the flow's own word; NULL where the caller ended the call first
    Column("ended_by", Text),  # the reason of ``call_ended``
    Column("duration_ms", Integer),
)

callers = Table(
    "callers",
    METADATA,
    Column("call_id", String(80), primary_key=True),
    Column("mark", String(64), nullable=False, index=True),  # the same for all calls from one number
)

turns = Table(
    "turns",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("call_id", String(80), nullable=False, index=True),
    Column("at_ms", Integer, nullable=False),
    Column("ended_ms", Integer),  # caller: when the last voiced frame or the key came
    Column("who", String(10), nullable=False),  # caller, bot
    Column("by", String(10), nullable=False),  # speech, keys, voice
    Column("text", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("confidence", Float),
)

verdicts = Table(
    "verdicts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("call_id", String(80), nullable=False, index=True),
    Column("at_ms", Integer, nullable=False),  # of the words or keys it is about, as in ``turns``
    Column("step", Text, nullable=False),  # the question that was answered
    Column("how", String(20), nullable=False),  # as in ``dialogue.state.Verdict``
    Column("name", Text, nullable=False),  # the choice or command
    Column("field", Text, nullable=False),  # the field whose value it was
    Column("is_keyed", Boolean, nullable=False),
    Column("language", String(8), nullable=False),
)

wrap_ups = Table(
    "wrap_ups",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("call_id", String(80), nullable=False, index=True),
    Column("wall_at", Utc, nullable=False),
    Column("code", Text, nullable=False),
    Column("about", Text, nullable=False),  # what the call was about, where the machine had it wrong
    Column("note", Text, nullable=False),  # the person's own words, masked
)

lookups = Table(
    "lookups",
    METADATA,
    Column("call_id", String(80), primary_key=True),
    Column("lookup_id", String(80), primary_key=True),
    Column("name", String(80)),
    Column("parameters", JSON),
    Column("asked_at_ms", Integer),
    Column("answered_at_ms", Integer),
    Column("is_found", Boolean),  # NULL where it failed or has not answered
    Column("failure", Text),
)

transfers = Table(
    "transfers",
    METADATA,
    Column("call_id", String(80), primary_key=True),
    Column("ticket_id", String(80), primary_key=True),
    Column("queue", Text),
    Column("reason", Text),
    Column("intent", Text),
    Column("identity", String(20)),
    Column("priority", Integer),
    Column("asked_at_ms", Integer),
    Column("ended_at_ms", Integer),
    Column("waited_ms", Integer),  # as last told by the queue
    Column("outcome", Text),  # why it left the queue; NULL while it waits
)
