"""A sentence as the finders of values see it, and what a finder answers: places that may be a value.

What was written (typed calls, scripts) is put as it would be said: "£5.20", "17:30", "3pm", "+44". Which of the
places count is decided in ``values``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.nlu.normalise import WORD, tokens

MOST_WORDS = 120
"""Nobody says more in the 20 s a turn may last; what comes after is not read for values."""
MOST_CHARS = 2_000

Value = str | int | float | bool
"""As ``flow.model.FieldType`` says: digits, letters, choice, name and phone a text, number an int or float, money
"105.20", date "2026-12-03", time "17:30", yes_no true or false."""
Readings = tuple[tuple[Value, float], ...]
"""What the same words may stand for, likeliest first, each with how far it can be trusted (0..1)."""

_WRITTEN = (
    (re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), ""),
    (re.compile(r"([£$€])\s?(\d+)(?:\.(\d\d))?(?!\d)"), r" \2 \1 \3 "),
    (re.compile(r"£"), " pounds "),
    (re.compile(r"\$"), " dollars "),
    (re.compile(r"€"), " euros "),
    (re.compile(r"(?<=\d)\.(?=\d)"), " point "),
    (re.compile(r"\+(?=\s?\d)"), " plus "),
    (re.compile(r"(?<![\w-])-(?=\d)"), " minus "),
    (re.compile(r"(?<=\d)(?=[ap]\.?m\b)", re.IGNORECASE), " "),
    (re.compile(r"(?<=\d)p\b"), " pence "),
)


@dataclass(frozen=True, slots=True)
class Line:
    """The words of a sentence in canonical form, and each as it stood in the text."""

    words: tuple[str, ...]
    raw: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The words from ``start`` up to ``end`` may be a value of these readings."""

    start: int
    end: int
    readings: Readings
    may_go_on: bool = False
    """True where more words may still belong to it: "twenty" may become "twenty five"."""


def line(text: str) -> Line:
    """A text as a ``Line``, fillers dropped, cut at ``MOST_WORDS``."""
    text = unicodedata.normalize("NFKC", text[:MOST_CHARS])
    for pattern, said in _WRITTEN:
        text = pattern.sub(said, text)
    pairs = [(word, raw) for raw in WORD.findall(text.replace("’", "'")) for word in tokens(raw)][:MOST_WORDS]
    return Line(tuple(word for word, _ in pairs), tuple(raw for _, raw in pairs))


def as_text(value: Value) -> str:
    """A value as ``Slot.known``, ``Slot.denied`` and the bounds hold it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def starts(words: Sequence[str], at: int, phrase: Sequence[str]) -> bool:
    """True where the phrase stands at ``at``."""
    return tuple(words[at : at + len(phrase)]) == tuple(phrase)


def word_at(words: Sequence[str], at: int) -> str:
    """The word at ``at``; empty before the first and after the last."""
    return words[at] if 0 <= at < len(words) else ""
