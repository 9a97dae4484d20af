"""Did you mean ...? The one place that guesses what a designer wanted to write."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

SHOWN = 8
"""How many names a remedy lists at most."""


def remedy(wrong: str, known: Iterable[str], otherwise: str = "") -> str:
    """``Did you mean 'next'?`` where a known name is near; else what there is, or ``otherwise``."""
    names = list(dict.fromkeys(known))
    near = get_close_matches(wrong.lower()[:60], names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]!r}?"
    if otherwise:
        return otherwise
    more = ", ..." if len(names) > SHOWN else ""
    return f"There is: {', '.join(names[:SHOWN])}{more}." if names else "There is none yet."
