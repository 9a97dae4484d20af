"""Opening a database by URL, SQLite or PostgreSQL, with the settings both kinds of data want.

SQLite runs in write-ahead mode, so that several processes may read while one writes.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Engine, create_engine, event

BUSY_MS = 5000
"""How long SQLite waits for another writer."""
AGAIN_S = 0.01


def connect(url: str) -> Engine:
    """An engine for a SQLAlchemy URL; nothing is opened before its first use."""
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


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
