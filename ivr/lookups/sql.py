"""Look-ups by SQL: one statement, its parameters bound by the driver, the rows as fields.

What does not say that it changes data runs where the database refuses changes (SQLite ``query_only``, PostgreSQL
``READ ONLY``); no other kind of database is asked. A statement that takes too long is ended in the database, so
that no thread waits for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from ivr import database
from ivr.errors import LookupFailed
from ivr.flow.connectors import Connector, source
from ivr.lookups.ask import Answer
from ivr.lookups.values import MAX_ROWS, holds, shaped

CONNECT_S = 3
"""How long a PostgreSQL server may take to answer at all."""
STEPS = 1_000
"""SQLite asks after so many of its instructions, well below a millisecond, whether to go on; the pool's own words to
it, such as ``SELECT 1``, take fewer."""


class Databases:
    """The databases of the settings by name, opened when they are first asked. Safe from any thread."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = dict(urls)
        self._lock = threading.Lock()
        self._engines: dict[tuple[str, bool], Engine] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._urls)

    def ask(self, connector: Connector, parameters: Mapping[str, Any]) -> Answer:
        """Run the statement. Raises LookupFailed: ``error`` or ``timeout``, with its own words as the cause."""
        until_s = time.monotonic() + connector.timeout / 1000
        try:
            with self.open(connector) as connection:
                result = connection.execute(text(connector.sql), dict(parameters))
                answer = _answer(connector, result)
                if connector.changes:
                    connection.commit()
                return answer
        except SQLAlchemyError as error:
            reason = "timeout" if time.monotonic() >= until_s else "error"
            raise LookupFailed(reason, type(error).__name__) from error

    def columns(self, connector: Connector) -> tuple[str, ...] | None:
        """The columns it would give, none of it run; None where only running it would tell.

        Raises SQLAlchemyError for a database that cannot be reached or a statement it does not understand.
        """
        statement = connector.sql.strip().rstrip(";").rstrip()
        nothing = dict.fromkeys(connector.parameters)
        with self.open(connector) as connection:
            if connector.changes:
                connection.execute(text(f"EXPLAIN {statement}"), nothing)
                return None
            empty = text(f"SELECT * FROM (\n{statement}\n) AS asked WHERE 1 = 0")
            return tuple(connection.execute(empty, nothing).keys())

    @contextmanager
    def open(self, connector: Connector) -> Iterator[Connection]:
        """A connection on which the connector's time runs. Raises SQLAlchemyError, LookupFailed."""
        with self._engine(connector.database, may_change=connector.changes).connect() as connection:
            _limit(connection, connector)
            yield connection

    def _engine(self, name: str, *, may_change: bool) -> Engine:
        with self._lock:
            if name not in self._urls:
                raise LookupFailed("unknown", f"no database named {name}")
            if (name, may_change) not in self._engines:
                self._engines[name, may_change] = connect(self._urls[name], may_change=may_change)
            return self._engines[name, may_change]


def connect(url: str, *, may_change: bool) -> Engine:
    """An engine for connectors; nothing is opened yet. Raises LookupFailed for an address it cannot read."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("postgresql", "sqlite"):
            raise LookupFailed("error", "the database is neither SQLite nor PostgreSQL")
        if parsed.get_backend_name() == "postgresql" and "connect_timeout" not in parsed.query:
            parsed = parsed.update_query_dict({"connect_timeout": str(CONNECT_S)})
        if parsed.get_backend_name() == "sqlite" and not _is_there(parsed.database or ""):
            raise LookupFailed("error", "the file of the database is not there")
        engine = database.connect(parsed.render_as_string(hide_password=False))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise LookupFailed("error", "the database's address in the settings cannot be used") from error
    if engine.dialect.name == "sqlite" and not may_change:
        event.listen(engine, "connect", _only_read)
    return engine


def _is_there(path: str) -> bool:
    """Whether a SQLite file exists, which SQLite itself would make; others live in memory or name themselves."""
    return path in ("", ":memory:") or path.startswith("file:") or Path(path).exists()


def _only_read(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA query_only=ON")


def _limit(connection: Connection, connector: Connector) -> None:
    """Let the statement that follows change nothing it may not, and end when its time is over."""
    match connection.dialect.name:
        case "sqlite":
            until_s = time.monotonic() + connector.timeout / 1000
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.set_progress_handler(lambda: time.monotonic() > until_s, STEPS)
            connection.exec_driver_sql(f"PRAGMA busy_timeout={connector.timeout}")
        case "postgresql":
            if not connector.changes:
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {connector.timeout}")


def _answer(connector: Connector, result: CursorResult[Any]) -> Answer:
    if not result.returns_rows:
        return Answer(result.rowcount > 0)
    with closing(result):
        are_many = connector.rows == "many"
        rows = [dict(row._mapping) for row in result.fetchmany(MAX_ROWS + 1 if are_many else 1)]
    if not rows and not are_many:
        return Answer(False)
    sources = {name: source(written, is_column=True) for name, written in connector.fields.items()}
    fields = shaped(rows, sources, are_many=are_many)
    return Answer(holds(connector.found_if, fields), fields)
