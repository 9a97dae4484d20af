"""The thread that writes the event log, in batches, so that no call ever waits for a database.

A database that fails is tried again and again while entries wait in a bounded line; what does not fit is
dropped and counted. Decides nothing about what the entries say.
"""

from __future__ import annotations

import logging
import queue
import threading
import time

from sqlalchemy import Connection, Engine, insert, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from ivr.records import schema
from ivr.records.project import Add, Entry, Put, changes

WAITING = 20_000
"""Entries that may wait: minutes of a hundred calls."""
BATCH = 500
GATHER_S = 0.1
"""How long a batch waits for more entries."""
SHORTEST_REST_S = 0.25
LONGEST_REST_S = 30.0

_log = logging.getLogger(__name__)


class Writer:
    """Takes entries from any thread without blocking and writes them in the order they came."""

    def __init__(self, engine: Engine, *, waiting: int = WAITING) -> None:
        self._engine = engine
        self._waiting: queue.Queue[Entry] = queue.Queue(waiting)
        self._closing = threading.Event()
        self._dropped = 0
        self._is_made = False
        self._thread = threading.Thread(target=self._run, name="records", daemon=True)
        self._thread.start()

    def put(self, entry: Entry) -> None:
        """Take an entry; drops it, and says so at powers of ten, where the line is full. Never blocks."""
        try:
            self._waiting.put_nowait(entry)
        except queue.Full:
            self._dropped += 1
            if str(self._dropped).strip("0") == "1":
                _log.error(
                    "call records: %d entries dropped, the database is too slow or gone", self._dropped
                )

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until all that was taken is written; false where the time did not suffice."""
        until = time.monotonic() + timeout_s
        with self._waiting.all_tasks_done:
            while self._waiting.unfinished_tasks:
                left_s = until - time.monotonic()
                if left_s <= 0 or not self._thread.is_alive():
                    return False
                self._waiting.all_tasks_done.wait(left_s)
        return True

    def close(self, timeout_s: float = 5.0) -> bool:
        """Write what waits, then end; false where entries were left unwritten."""
        is_written = self.flush(timeout_s)
        self._closing.set()
        self._thread.join(1.0)
        return is_written

    def _run(self) -> None:
        while not self._closing.is_set():
            batch = self._gather()
            if batch:
                self._write_until_done(batch)
                for _ in batch:
                    self._waiting.task_done()

    def _gather(self) -> list[Entry]:
        batch: list[Entry] = []
        until = time.monotonic() + GATHER_S
        while len(batch) < BATCH and (left_s := until - time.monotonic()) > 0:
            try:
                batch.append(self._waiting.get(timeout=left_s))
            except queue.Empty:
                break
        return batch

    def _write_until_done(self, batch: list[Entry]) -> None:
        rest_s = SHORTEST_REST_S
        while not self._closing.is_set():
            try:
                self._write(batch)
            except Exception as error:
                if not _is_outage(error):
                    self._part(batch, error)
                    return
                if rest_s == SHORTEST_REST_S:
                    _log.error("call records cannot be written, will try again: %s", _why(error))
                self._closing.wait(rest_s)
                rest_s = min(rest_s * 2, LONGEST_REST_S)
            else:
                if rest_s > SHORTEST_REST_S:
                    _log.warning("call records are written again")
                return

    def _part(self, batch: list[Entry], error: Exception) -> None:
        """One bad entry must not take the others of its batch with it."""
        if len(batch) == 1:
            _log.error("call records: an entry of kind %s was refused: %s", batch[0].kind, _why(error))
            return
        for entry in batch:
            self._write_until_done([entry])

    def _write(self, batch: list[Entry]) -> None:
        if not self._is_made:
            schema.create(self._engine)
            self._is_made = True
        with self._engine.begin() as connection:
            for entry in batch:
                _write_entry(connection, entry)


def _write_entry(connection: Connection, entry: Entry) -> None:
    row = {
        "call_id": entry.call_id,
        "wall_at": entry.wall_at,
        "at_ms": entry.at_ms,
        "kind": entry.kind,
        "step": entry.step,
        "payload": entry.payload,
    }
    connection.execute(insert(schema.events), row)
    for change in changes(entry):
        match change:
            case Add(table, values):
                connection.execute(insert(table), values)
            case Put(table, key, values):
                where = [table.c[name] == value for name, value in key.items()]
                if connection.execute(update(table).where(*where).values(values)).rowcount == 0:
                    connection.execute(insert(table), key | values)


def _is_outage(error: Exception) -> bool:
    """Whether the database, not the entry, is at fault."""
    is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return is_lost or isinstance(error, OperationalError | InterfaceError)


def _why(error: Exception) -> str:
    """The database's own words, without the statement and its values."""
    return str(error.orig) if isinstance(error, DBAPIError) else repr(error)
