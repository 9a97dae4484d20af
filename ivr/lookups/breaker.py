"""A circuit breaker: after failures in a row nobody asks any more, until one try after a rest succeeds.

Knows nothing of what it protects. Thread-safe; its clock is handed in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FAILURES = 5
REST_S = 10.0


class Breaker:
    """Closed: every try allowed. Open: none. Half-open after ``rest_s``: one, whose end decides."""

    def __init__(
        self, failures: int = FAILURES, rest_s: float = REST_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._rest_s = rest_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._resting_until = 0.0

    def is_allowed(self) -> bool:
        """Whether to try now; say afterwards ``succeeded`` or ``failed``, or nothing where the try was given
        up.

        Half-open, it allows one try in each ``rest_s``, so a try that never reports cannot keep it shut.
        """
        with self._lock:
            if self._failed < self._limit:
                return True
            if self._clock() < self._resting_until:
                return False
            self._resting_until = self._clock() + self._rest_s
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        with self._lock:
            self._failed += 1
            if self._failed >= self._limit:
                self._resting_until = self._clock() + self._rest_s
