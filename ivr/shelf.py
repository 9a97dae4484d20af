"""The book in force, which follows the designers' files as they are saved, and the books running calls began with.

Files at rest and sound become the book in force for new calls; broken ones are told once, and the book in force
stays. The texts of every book in force are kept in Redis for longer than a call can last, so that any process, one
started anew too, goes on with a call under the book it began with. What a book says is not judged here.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import redis

from ivr.errors import Fault, FlowError, IvrError, StoreError
from ivr.flow import load
from ivr.flow.lookups import Signature
from ivr.flow.site import Book
from ivr.trouble import redis_as

log = logging.getLogger(__name__)

LOOK_S = 0.1
"""Between two looks at the folder. Files are taken once two looks in a row saw the same: no save is half written."""
BESIDE_S = 0.4
"""The same for a process that begins no calls: those that do come first."""
TEXTS_S = 2 * 24 * 3600
"""How long Redis keeps the texts of a book that is no longer in force; a call's state lives for a day."""
IN_FORCE_S = 60
"""How long the book in force is known as such after the last process that used it."""
RENEW_S = 20.0
"""Between two renewals of what Redis keeps."""
MEMORY = 8
"""Books held in memory besides those that running calls hold."""
TOLD = 20
"""Faults of broken files that the log names."""
IN_FORCE = "ivr:book"

Signs = tuple[tuple[str, int, int, int], ...]
"""Name, time of change, size and inode of every file of a folder."""


class Shelf:
    """The books of one folder. Thread-safe; one per process."""

    def __init__(
        self, folder: Path, client: redis.Redis, lookups: Mapping[str, Signature] | None = None
    ) -> None:
        """``client`` as made by ``store.connect``. ``lookups``: those in code; None: not checked."""
        self._folder = Path(folder)
        self._redis = client
        self._lookups = lookups
        self._books: OrderedDict[str, Book] = OrderedDict()
        self._lock = threading.Lock()
        self._prepare: list[Callable[[Book], None]] = []
        self._seen: Signs = ()
        self._taken: Signs = ()
        self._book: Book | None = None
        self._texts: dict[str, str] = {}
        self._faults: tuple[Fault, ...] = ()

    @property
    def book(self) -> Book:
        """The book in force, for new calls."""
        assert self._book is not None, "open the shelf first"
        return self._book

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What keeps the files as they stand now from becoming the book in force; none where they are it."""
        return self._faults

    def open(self, *, or_last: bool = False) -> Book:
        """Take the folder's files. Blocking; call it once, first.

        ``or_last``: where they are broken, go on with the book in force of the processes that share this Redis.
        Raises FlowError.
        """
        self._taken = self._seen = self._signs()
        try:
            self._take()
        except FlowError as error:
            last = self._last() if or_last else None
            if last is None:
                raise
            self._tell(error)
            self._book, self._texts = last
        self._renew()
        return self.book

    def of(self, version: str) -> Book:
        """The book of a version; the one in force where ``version`` is empty or no longer known. Blocking."""
        if not version or version == self.book.version:
            return self.book
        with self._lock:
            if version in self._books:
                self._books.move_to_end(version)
                return self._books[version]
        try:
            texts = self._stored(version)
            if texts is not None:
                return self._remember(load.parse(texts))
            log.error(
                "flows %s are gone; a call that began with them goes on with %s", version, self.book.version
            )
        except IvrError as error:
            log.error("a call goes on with flows %s, not %s: %s", self.book.version, version, error)
        return self.book

    def refresh(self) -> bool:
        """Look at the folder once; whether another book is in force now. Blocking; never raises."""
        signs = self._signs()
        is_at_rest, self._seen = signs == self._seen, signs
        if not is_at_rest or signs == self._taken:
            return False
        self._taken = signs
        before = self.book.version
        try:
            self._take()
        except FlowError as error:
            self._tell(error)
        if self.book.version == before:
            return False
        log.info("flows %s are live for new calls", self.book.version)
        self._renew()
        return True

    def follow(self, prepare: Callable[[Book], None]) -> None:
        """Call ``prepare`` with every further book just before it is in force, in the thread that watches."""
        self._prepare.append(prepare)

    @contextmanager
    def watching(self, look_s: float = LOOK_S) -> Iterator[None]:
        """Follow the files in a thread of its own."""
        is_over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(is_over, look_s), name="shelf", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            is_over.set()
            watcher.join()

    def _watch(self, is_over: threading.Event, look_s: float) -> None:
        due_s = time.monotonic() + RENEW_S
        while not is_over.wait(look_s):
            self.refresh()
            if time.monotonic() > due_s:
                self._renew()
                due_s += RENEW_S

    def _take(self) -> None:
        """Makes the files the book in force. Raises FlowError."""
        texts, unread = load.texts(self._folder)
        book = load.parse(texts, self._lookups, unread)
        self._faults = ()
        if self._book is not None and book.version == self._book.version:
            return
        if self._book is not None:
            for prepare in self._prepare:
                prepare(book)
        self._book, self._texts = self._remember(book), texts

    def _remember(self, book: Book) -> Book:
        with self._lock:
            self._books[book.version] = book
            self._books.move_to_end(book.version)
            while len(self._books) > MEMORY:
                self._books.popitem(last=False)
        return book

    def _tell(self, error: FlowError) -> None:
        """Notes why the files are not taken; of all processes that share this Redis one tells it."""
        self._faults = error.faults
        key = f"{IN_FORCE}:told:{hashlib.sha256(repr(self._taken).encode()).hexdigest()[:16]}"
        try:
            with redis_as(StoreError):
                is_first = bool(self._redis.set(key, "1", nx=True, ex=TEXTS_S))
        except StoreError:
            is_first = True
        if is_first:
            more = f"\n... and {len(error.faults) - TOLD} more" if len(error.faults) > TOLD else ""
            said = "\n".join(str(fault) for fault in error.faults[:TOLD]) + more
            log.error(
                "the flows as they are saved now are broken, and new calls go on with the last sound ones:\n%s",
                said,
            )

    # what Redis keeps

    def _renew(self) -> None:
        """Keeps the book in force for all processes."""
        key = f"{IN_FORCE}:{self.book.version}"
        try:
            with redis_as(StoreError):
                if not self._redis.expire(key, TEXTS_S):
                    self._redis.set(key, json.dumps(self._texts), ex=TEXTS_S)
                self._redis.set(IN_FORCE, self.book.version, ex=IN_FORCE_S)
        except StoreError as error:
            log.error("flows %s are not kept for other processes yet: %s", self.book.version, error)

    def _stored(self, version: str) -> dict[str, str] | None:
        with redis_as(StoreError):
            text = self._redis.get(f"{IN_FORCE}:{version}")
        return json.loads(str(text)) if text else None

    def _last(self) -> tuple[Book, dict[str, str]] | None:
        """The book in force of other processes."""
        try:
            with redis_as(StoreError):
                version = self._redis.get(IN_FORCE)
            texts = self._stored(str(version)) if version else None
            return (self._remember(load.parse(texts, self._lookups)), texts) if texts else None
        except IvrError as error:
            log.error("the flows of other processes cannot be had: %s", error)
            return None

    def _signs(self) -> Signs:
        try:
            with os.scandir(self._folder) as entries:
                return tuple(sorted(_sign(entry) for entry in entries if _is_ours(entry.name)))
        except OSError:
            return ()


def _is_ours(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) and not name.startswith(".") and not load.is_talks(name)


def _sign(entry: os.DirEntry[str]) -> tuple[str, int, int, int]:
    try:
        found = entry.stat()
    except OSError:
        return entry.name, 0, 0, 0
    return entry.name, found.st_mtime_ns, found.st_size, found.st_ino
