"""Makes a history that fails short: leaves parts out for as long as what is left still fails (delta debugging,
Zeller and Hildebrandt 2002)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Step = TypeVar("Step")


def shortest(steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool], patience_s: float) -> list[Step]:
    """A part of ``steps``, in their order, of which ``fails`` is true and which cannot do without any one of its
    steps, or what was reached when ``patience_s`` were over. ``fails(steps)`` must be true."""
    left = list(steps)
    until_s = time.monotonic() + patience_s
    size = max(len(left) // 2, 1)
    while time.monotonic() < until_s:
        at, has_shrunk = 0, False
        while at < len(left) and time.monotonic() < until_s:
            rest = left[:at] + left[at + size :]
            if rest and fails(rest):
                left, has_shrunk = rest, True
            else:
                at += size
        if size == 1 and not has_shrunk:
            break
        size = max(size // 2, 1)
    return left
