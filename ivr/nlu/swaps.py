"""A part of a string put right against the string that is known: "not six, nine", "a nine, not a six", "the last one
is a six", "it ends in seven eight".
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.actions import Slot
from ivr.nlu import letters, runs
from ivr.nlu.spans import Found, Line, starts, word_at

TRUST = 0.85
"""Trust in a string of which a part was replaced."""
ORDER = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
SIGN_WORDS = frozenset(("one", "digit", "number", "letter", "figure"))
"""What callers call one sign of a string."""
LEADS = (("is",), ("should", "be"), ("was",), ("must", "be"), ("ought", "to", "be"))
ENDS = (("ends", "in"), ("ends", "with"), ("end", "in"), ("ending", "in"), ("finishes", "with"))
BEGINNINGS = (("begins", "with"), ("starts", "with"), ("start", "with"), ("starting", "with"))


def find(line: Line, slot: Slot) -> Iterator[str]:
    """The known strings as the caller corrects them; none where the sentence does not, or the part is not in it
    exactly once."""
    if slot.type not in ("digits", "letters", "phone") or not slot.known:
        return
    yield from _placed(line, slot)
    if "not" not in line.words:
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


def _placed(line: Line, slot: Slot) -> Iterator[str]:
    """The known string with other signs at a place that is named."""
    words, known = line.words, slot.known
    for at in range(len(words)):
        end = next((at + len(lead) for lead in ENDS if starts(words, at, lead)), 0)
        begin = next((at + len(lead) for lead in BEGINNINGS if starts(words, at, lead)), 0)
        signs = _after(line, slot, end or begin) if end or begin else ""
        if signs and len(signs) < len(known):
            yield known[: -len(signs)] + signs if end else signs + known[len(signs) :]
        place = _place(words[at], len(known))
        here = at + 1 + (word_at(words, at + 1) in SIGN_WORDS)
        lead = next((lead for lead in LEADS if starts(words, here, lead)), ())
        if place is None or not lead:
            continue
        here += len(lead)
        here += word_at(words, here) in ("a", "an")
        sign = _after(line, slot, here)
        if len(sign) == 1:
            yield known[:place] + sign + known[place + 1 :]


def _place(word: str, size: int) -> int | None:
    if word == "last":
        return size - 1
    return ORDER.index(word) if word in ORDER and ORDER.index(word) < size else None


def _after(line: Line, slot: Slot, at: int) -> str:
    """The signs that are said from a place on."""
    rest = Line(line.words[at:], line.raw[at:])
    found = _signs(rest, slot)
    return found[0][1] if found and found[0][0].start == 0 else ""


def _signs(line: Line, slot: Slot) -> list[tuple[Found, str]]:
    if slot.type == "letters":
        found = letters.find(line, Slot(name="", type="letters"))
    else:
        found = runs.find_digits(line, Slot(name="", type="digits"))
    return [(place, str(place.readings[0][0])) for place in found]
