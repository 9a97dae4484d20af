"""Did you mean ...? The one place that guesses what a designer wanted to write."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from difflib import get_close_matches

MANY = 100
"""Names that are all compared with."""
AROUND = 10
"""Of more names, so many on either side."""
THOUSANDS = 2_000
"""Of more names, only those that begin alike are looked at."""
SHOWN = 8
"""How many names a remedy lists at most."""

MEANT = {
    **dict.fromkeys(("goto", "go_to", "then_go", "to", "target"), "next"),
    **dict.fromkeys(("end", "exit", "stop", "finish", "finished", "return"), "done"),
    **dict.fromkeys(("speak", "play", "tell", "prompt", "text"), "say"),
    **dict.fromkeys(("gather", "input", "read"), "collect"),
    **dict.fromkeys(("menu", "question"), "ask"),
    **dict.fromkeys(("hangup", "goodbye"), "hang_up"),
    **dict.fromkeys(("dial", "forward", "agent", "connect"), "transfer"),
    **dict.fromkeys(("lookup", "query", "fetch"), "look_up"),
    "true": "yes",
    "false": "no",
    "options": "choices",
    "reprompt": "no_match",
}
"""What other tools, and people, call the words of this language."""


def remedy(wrong: str, known: Iterable[str], otherwise: str = "") -> str:
    """``Did you mean 'next'?`` where a known name is near; else what there is, or ``otherwise``."""
    names = list(dict.fromkeys(known))
    if close := _closest(wrong, names):
        return f"Did you mean {close[0]!r}?"
    if otherwise:
        return otherwise
    more = ", ..." if len(names) > SHOWN else ""
    return f"There is: {', '.join(names[:SHOWN])}{more}." if names else "There is none yet."


def among(wrong: str, known: Iterable[str]) -> str:
    """All known names, for a sentence that goes on after a semicolon, with the one that is near."""
    names = list(known)
    close = _closest(wrong, names)
    return f"there is: {', '.join(names)}." + (f" Did you mean {close[0]!r}?" if close else "")


def is_near(wrong: str, known: Iterable[str]) -> bool:
    """Whether ``wrong`` looks like one of the known names."""
    return bool(_closest(wrong, list(known)))


def _closest(wrong: str, names: list[str]) -> list[str]:
    written = wrong.lower()[:60]
    if MEANT.get(written) in names:
        return [MEANT[written]]
    return get_close_matches(
        written, _around(written, names) if len(names) > MANY else names, n=1, cutoff=0.6
    )


def _around(written: str, names: list[str]) -> list[str]:
    """Of many names those that begin or end most alike: comparing with all of them would take too long."""
    ends = sorted(name[::-1] for name in names) if len(names) <= THOUSANDS else []
    return [*_neighbours(written, sorted(names)), *(name[::-1] for name in _neighbours(written[::-1], ends))]


def _neighbours(written: str, names: list[str]) -> list[str]:
    at = bisect(names, written)
    return names[max(0, at - AROUND) : at + AROUND]
