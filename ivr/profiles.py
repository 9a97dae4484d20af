"""What callers have agreed to have kept of them from one call to the next, such as name, language and pace.

Stands in the database of the records. A telephone number is kept only as a keyed hash: who sees the table learns
no number, and who has the number and the key finds its row. A withheld number is never kept.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import secrets
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Engine,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ivr import database
from ivr.dialogue.number import is_number
from ivr.errors import StoreError

log = logging.getLogger(__name__)

KEY = "profiles.key"
"""File of the key, in the data folder."""
METADATA = MetaData()
PROFILES = Table(
    "profiles",
    METADATA,
    Column("mark", String(64), primary_key=True),  # keyed hash of the number
    Column("profile", JSON, nullable=False),
    Column("agreed_at", database.Utc, nullable=False),  # when the caller said that it may be kept
    Column("kept_at", database.Utc, nullable=False, index=True),  # of their last call
)


def secret_in(folder: Path) -> bytes:
    """The installation's key of the hashes, made where there is none yet; for its owner's eyes only.

    Several processes may ask at the same moment. Raises OSError.
    """
    path = folder / KEY
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        os.unlink(made)
    return path.read_bytes()


class Profiles:
    """The profiles of an installation; one per process, usable from any thread."""

    def __init__(
        self,
        engine: Engine,
        *,
        secret: bytes,
        keep_days: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``secret``: key of the hashes. ``keep_days``: after a caller's last call, until all is deleted."""
        self._tables = database.Tables(engine, METADATA, "the profiles of callers cannot be reached")
        self._secret = secret
        self._age = timedelta(days=keep_days)
        self._now = now

    def find(self, caller: str) -> dict[str, Any]:
        """What is kept of a caller (E.164); empty for nothing, and where the database does not answer."""
        if not is_number(caller):
            return {}
        fresh = (PROFILES.c.mark == self._mark(caller)) & (PROFILES.c.kept_at >= self._now() - self._age)
        try:
            with self._tables.reading() as connection:
                found = connection.execute(select(PROFILES.c.profile).where(fresh)).scalar_one_or_none()
        except StoreError as error:
            log.warning("%s", error)
            return {}
        return found if isinstance(found, dict) else {}

    def keep(self, caller: str, profile: dict[str, Any]) -> None:
        """Keep this in place of what was kept; an empty profile forgets all. Raises StoreError."""
        if not profile:
            self.forget(caller)
        elif is_number(caller):
            now, mark = self._now(), self._mark(caller)
            row = {"profile": profile, "kept_at": now}
            changed = update(PROFILES).where(PROFILES.c.mark == mark).values(row)
            with self._tables.writing() as connection:
                connection.execute(delete(PROFILES).where(PROFILES.c.kept_at < now - self._age))
                if connection.execute(changed).rowcount:
                    return
            try:
                with self._tables.writing() as connection:
                    connection.execute(insert(PROFILES), row | {"mark": mark, "agreed_at": now})
            except IntegrityError:  # another call of theirs ended at the same moment
                with self._tables.writing() as connection:
                    connection.execute(changed)

    def forget(self, caller: str) -> None:
        """Delete what is kept of a caller. Raises StoreError."""
        with self._tables.writing() as connection:
            connection.execute(delete(PROFILES).where(PROFILES.c.mark == self._mark(caller)))

    def _mark(self, caller: str) -> str:
        return hmac.digest(self._secret, b"profile:" + caller.encode(), "sha256").hex()
