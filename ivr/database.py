"""Opening a database by URL, SQLite or PostgreSQL, with the settings both kinds of data want.

SQLite runs in write-ahead mode, so that several processes may read while one writes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine, event

BUSY_MS = 5000
"""How long SQLite waits for another writer."""


def connect(url: str) -> Engine:
    """An engine for a SQLAlchemy URL; nothing is opened before its first use."""
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
