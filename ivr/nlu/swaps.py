"""A part of a string put right against the string that is known: "not six, nine", "a nine, not a six"."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.actions import Slot
from ivr.nlu import letters, runs
from ivr.nlu.spans import Found, Line, word_at

TRUST = 0.85
"""Trust in a string of which a part was replaced."""


def find(line: Line, slot: Slot) -> Iterator[str]:
    """The known strings as the caller corrects them; none where the sentence does not, or the part is not in it
    exactly once."""
    if slot.type not in ("digits", "letters", "phone") or not slot.known or "not" not in line.words:
        return
    for wrong, right in _pairs(line, slot):
        if wrong and right and slot.known.count(wrong) == 1:
            yield slot.known.replace(wrong, right)


def _pairs(line: Line, slot: Slot) -> Iterator[tuple[str, str]]:
    """What is wrong and what is right in its place."""
    found = _signs(line, slot)
    for at, (place, text) in enumerate(found):
        is_denied = "not" in (word_at(line.words, place.start - 1), word_at(line.words, place.start - 2))
        if not is_denied:
            continue
        if at + 1 < len(found):
            yield text, found[at + 1][1]
        elif at:
            yield text, found[at - 1][1]
        elif text != slot.known and len(text) % 2 == 0:
            yield text[: len(text) // 2], text[len(text) // 2 :]


def _signs(line: Line, slot: Slot) -> list[tuple[Found, str]]:
    if slot.type == "letters":
        found = letters.find(line, Slot(name="", type="letters"))
    else:
        found = runs.find_digits(line, Slot(name="", type="digits"))
    return [(place, str(place.readings[0][0])) for place in found]
