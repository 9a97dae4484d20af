"""Opening a database by URL, SQLite or PostgreSQL, and what every kind of data in it wants.

SQLite runs in write-ahead mode, so that several processes may read while one writes.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, TypeDecorator, create_engine, event
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from ivr.errors import StoreError

BUSY_MS = 5000
"""How long SQLite waits for another writer."""
AGAIN_S = 0.01


def connect(url: str) -> Engine:
    """An engine for a SQLAlchemy URL; nothing is opened before its first use."""
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def create(engine: Engine, metadata: MetaData) -> None:
    """Make what is missing of the tables; several processes may do so at the same moment."""
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))


class Tables:
    """Tables of a database, made where they are missing when they are first used; from any thread.

    Both ways in raise StoreError where the database does not answer, and let IntegrityError through: whose value is
    taken already is for whoever writes it to say.
    """

    def __init__(self, engine: Engine, metadata: MetaData, trouble: str) -> None:
        """``trouble``: what a StoreError begins with, such as "accounts cannot be read or written"."""
        self._engine = engine
        self._metadata = metadata
        self._trouble = trouble
        self._is_made = False

    def reading(self) -> AbstractContextManager[Connection]:
        return self._opened(self._engine.connect)

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction."""
        return self._opened(self._engine.begin)

    @contextmanager
    def _opened(self, way: Callable[[], AbstractContextManager[Connection]]) -> Iterator[Connection]:
        try:
            if not self._is_made:
                create(self._engine, self._metadata)
                self._is_made = True
            with way() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise StoreError(f"{self._trouble}: {type(error).__name__}") from error


class Utc(TypeDecorator[datetime]):
    """A moment in UTC, also in databases that forget the offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    _write_ahead(connection)
    for pragma in ("synchronous=NORMAL", f"busy_timeout={BUSY_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any) -> None:
    """The first to open a new file changes its mode; SQLite refuses others meanwhile without any wait."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(AGAIN_S)
