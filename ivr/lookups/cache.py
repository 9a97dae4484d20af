"""What is kept by key in memory, never more than a limit: the least lately used goes first. Thread-safe."""

from __future__ import annotations

import copy
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")

MOST_ANSWERS = 500
"""Answers kept at one time; each is 64 kB at most and a few hundred bytes mostly."""


class Shelf(Generic[Thing]):
    """Things made where they are first asked for."""

    def __init__(self, most: int, make: Callable[[], Thing]) -> None:
        self._most = most
        self._make = make
        self._lock = threading.Lock()
        self._things: OrderedDict[Hashable, Thing] = OrderedDict()

    def get(self, key: Hashable) -> Thing:
        with self._lock:
            if key not in self._things:
                self._things[key] = self._make()
            self._things.move_to_end(key)
            while len(self._things) > self._most:
                self._things.popitem(last=False)
            return self._things[key]


class Cache(Generic[Thing]):
    """Things that may be given again until their time is over, each time as a copy of its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST_ANSWERS) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, Thing]] = OrderedDict()

    def get(self, key: Hashable) -> Thing | None:
        with self._lock:
            until_s, thing = self._kept.get(key, (0.0, None))
            if thing is None or self._clock() >= until_s:
                self._kept.pop(key, None)
                return None
            self._kept.move_to_end(key)
            return copy.deepcopy(thing)

    def put(self, key: Hashable, thing: Thing, keep_s: float) -> None:
        with self._lock:
            self._kept[key] = (self._clock() + keep_s, copy.deepcopy(thing))
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
