"""The values of several slots in one sentence, with what the caller took back in it ("Tuesday, no, Wednesday").

The finders of each type say which words may be a value; here it is decided which of them count, for which slot,
and what is refused by bounds, lengths and check digits. Reads one sentence; several readings are ``match``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from ivr.actions import Expectation, Slot
from ivr.nlu import swaps
from ivr.nlu.normalise import POLITE
from ivr.nlu.places import AFTERWARDS, NAME_REACH, TAKE_BACK, Place, Why, chosen, fault, is_taken_back, places
from ivr.nlu.spans import Line, Value, as_text, line, starts, word_at

__all__ = ["Reading", "Refused", "Said", "as_text", "read"]

NOT_YET = frozenset((
    *("on", "at", "for", "the", "in", "of", "to", "from", "by", "and", "is", "my", "not", "a", "point", "plus"),
    *("or", "but", "next", "this"),
))  # fmt: skip
"""A sentence that ends so is not over."""
LINKS = POLITE | NOT_YET | {"it", "number", "i", "want"}
"""Words beside values that say nothing more."""
NOT_REACH = 2
"""A "not" so many words before a value denies it."""
OVERRUN = 0.7
"""Trust in the last of two values for one slot where nothing says that the first is taken back."""


@dataclass(frozen=True, slots=True)
class Said:
    """One value a caller said for one slot."""

    slot: str
    """The slot's name."""
    value: Value
    confidence: float
    """0..1: the recogniser's times the reading's; a value of two readings ("half past three") is never sure."""
    is_correction: bool = False
    """True where the caller took back another value for it: in the same sentence, or what is ``known``."""
    others: tuple[str, ...] = ()
    """Of digits: what else the string may have been, likeliest first."""
    heard: tuple[tuple[str, float], ...] = field(default=(), compare=False)
    """Of digits: the strings as they sounded, each with the chance that it is right."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A value was heard for a slot, and it cannot be."""

    slot: str
    why: Why
    heard: tuple[tuple[str, float], ...] = field(default=(), compare=False)
    """As ``Said.heard``."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one sentence says of the slots; confidences are the reading's alone."""

    said: tuple[Said, ...] = ()
    refused: tuple[Refused, ...] = ()
    is_denial: bool = False
    """True where nothing is said but that a known value is wrong: "not Tuesday"."""
    is_whole: bool = False
    """True where the values are all that was said."""
    may_go_on: Literal["no", "perhaps", "surely"] = "no"
    """Whether more words are to be expected of its last value."""


def read(expect: Expectation, text: str) -> Reading:
    """The values of ``expect.slots`` in a sentence; of several for one slot the one that counts."""
    sentence = line(text)
    if not sentence.words:
        return Reading()
    today = date.fromisoformat(expect.today) if expect.today else None
    found = [place for slot in expect.slots for place in places(sentence, slot, today, expect.language)]
    kept = chosen(found, sentence.words)
    taken, denials = _taken(expect.slots, kept, sentence)
    swapped = {} if any(place.value is not None for place in taken.values()) else _swapped(expect, sentence)
    said = [
        replace(one, is_correction=True) if one.slot in denials else one
        for one in (_said(slot, taken, kept, sentence) for slot in expect.slots)
        if one is not None
    ]
    said = list(swapped.values()) or said
    refused = [
        Refused(place.slot.name, place.why, _sounds(place))
        for place in taken.values()
        if place.why and not swapped
    ]
    return Reading(
        said=tuple(said),
        refused=tuple(refused),
        is_denial=bool(denials) and not said,
        is_whole=_is_whole(sentence, kept),
        may_go_on=_may_go_on(sentence, kept),
    )


def _taken(
    slots: tuple[Slot, ...], kept: list[list[Place]], sentence: Line
) -> tuple[dict[str, Place], set[str]]:
    """By slot the place that counts for it, and the slots of which a value was called wrong ("not Tuesday")."""
    taken: dict[str, Place] = {}
    denials: set[str] = set()
    end = 0
    for group in kept:
        start = group[0].found.start
        last = next((name for name in reversed(taken) if any(p.slot.name == name for p in group)), "")
        if _is_denied(sentence.words, end, start):
            denials.add(last or group[0].slot.name)
            if last and _is_same(taken[last], group):
                taken.pop(last)
        else:
            is_back = bool(last) and is_taken_back(sentence.words, end, start)
            place = _for(group, last if is_back else "", taken, slots, sentence)
            if place.slot.name in taken:
                before = taken.pop(place.slot.name)
                if is_back:
                    denials.add(place.slot.name)
                elif place.value is None or (before.value is not None and place.score < before.score / 2):
                    place = before
                elif before.value is not None:
                    place = replace(place, trust=place.trust * OVERRUN)
            taken[place.slot.name] = place
        end = group[0].found.end
    return taken, denials


def _is_same(place: Place, group: list[Place]) -> bool:
    """Whether what is called wrong is the value itself: "fifteen, not fifty" leaves fifteen."""
    return any(
        place.value is None or as_text(value) == as_text(place.value)
        for other in group
        for value, _ in other.found.readings
    )


def _for(
    group: list[Place], last: str, taken: dict[str, Place], slots: tuple[Slot, ...], sentence: Line
) -> Place:
    """Whose value it is: the slot called by name, the one taken back, else the first still empty, asked first."""
    order = {slot.name: at for at, slot in enumerate(slots)}
    return min(
        group,
        key=lambda place: (
            place.value is None,
            place.slot.name != last,
            not _is_called(place, sentence.words),
            place.slot.name in taken,
            bool(place.slot.known),
            not place.slot.is_asked,
            order[place.slot.name],
        ),
    )


def _is_called(place: Place, words: Sequence[str]) -> bool:
    called = place.slot.name.replace("_", " ").split()
    return not set(called).isdisjoint(words[max(0, place.found.start - NAME_REACH) : place.found.start])


def _said(slot: Slot, taken: dict[str, Place], kept: list[list[Place]], sentence: Line) -> Said | None:
    place = taken.get(slot.name)
    if place is None or place.value is None:
        return None
    is_new = bool(slot.known) and as_text(place.value) != slot.known
    return Said(slot.name, place.value, place.trust, is_new, heard=_sounds(place))


def _sounds(place: Place) -> tuple[tuple[str, float], ...]:
    """The strings of digits that the words at a place may stand for; none of other values."""
    if place.slot.type != "digits":
        return ()
    return tuple((str(value), trust) for value, trust in place.found.readings)


def _swapped(expect: Expectation, sentence: Line) -> dict[str, Said]:
    """A part of a known string put right: "not six, nine"."""
    for slot in expect.slots:
        for value in swaps.find(sentence, slot):
            if fault(slot, value, 1.0, slot.denied) is None and value != slot.known:
                return {slot.name: Said(slot.name, value, swaps.TRUST, is_correction=True)}
    return {}


def _is_denied(words: Sequence[str], start: int, end: int) -> bool:
    return "not" in words[max(start, end - NOT_REACH) : end] or (
        end >= 2 and starts(words, end - 2, ("不", "是"))
    )


def _is_whole(sentence: Line, kept: list[list[Place]]) -> bool:
    covered = {at for group in kept for at in range(group[0].found.start, group[0].found.end)}
    called = {word for group in kept for place in group for word in place.slot.name.split("_")}
    return bool(covered) and all(
        at in covered or word in LINKS or word in called for at, word in enumerate(sentence.words)
    )


def _may_go_on(sentence: Line, kept: list[list[Place]]) -> Literal["no", "perhaps", "surely"]:
    words = sentence.words
    last = kept[-1][0] if kept else None
    rest = words[last.found.end :] if last else words
    back = [phrase for phrase in TAKE_BACK if len(phrase) <= len(rest) and phrase not in AFTERWARDS]
    if any(starts(words, len(words) - len(phrase), phrase) for phrase in back):
        return "surely"
    if rest and word_at(words, len(words) - 1) in NOT_YET:
        return "surely"
    if last is None or not last.found.may_go_on:
        return "no"
    return "surely" if last.slot.type in ("digits", "letters", "phone") else "perhaps"
