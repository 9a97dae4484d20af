"""Where in a sentence values of slots may stand, each judged by its slot, and which of those that overlap count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, assert_never

from ivr.actions import Slot
from ivr.checkdigit import is_valid
from ivr.nlu import amounts, clock, days, letters, mandarin, names, runs
from ivr.nlu.answers import find_answers, find_choices
from ivr.nlu.normalise import is_number
from ivr.nlu.spans import Found, Line, Value, as_text, starts, word_at

Why = Literal["too_little", "too_much", "too_short", "too_long", "check", "denied", "unclear", "unsure"]
"""Below or above the bounds; too few or too many digits or letters; a false check digit; what the caller has
called wrong before; no such value (a telephone number that cannot be); hardly heard."""

TAKE_BACK = (
    ("i", "mean"), ("i", "meant"), ("make", "that"), ("make", "it"), ("or", "rather"), ("scratch", "that"),
    ("change", "that", "to"), ("change", "it", "to"), ("that", "is", "wrong"), ("not", "right"), ("i", "said"),
    ("no",), ("nope",), ("nah",), ("sorry",), ("actually",), ("rather",), ("correction",), ("wait",), ("wrong",),
    ("instead",), ("incorrect",), ("change",), *mandarin.TAKE_BACK,
)  # fmt: skip
"""What stands before the value that counts, in place of one before it."""
AFTERWARDS = (("instead",), ("rather",))
ONE_OF_TWO = 0.95
"""Trust where bounds leave one of several readings."""
BARELY = 0.35
"""A reading trusted less than this is not made sure by bounds."""
NAME_REACH = 4
"""A slot's name so many words before a value says whose it is."""
ASKED, NAMED, REFUSED, ANY_WORDS = 0.5, 1.0, 0.3, 0.5
"""Which of overlapping places counts: more for what is asked for or called by its name, less for what is refused
and for a name, which any words could be."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the sentence that may be a value of a slot; ``value`` None where it is refused."""

    slot: Slot
    found: Found
    value: Value | None
    trust: float
    why: Why | None
    score: float


def places(sentence: Line, slot: Slot, today: date | None, language: str) -> list[Place]:
    """Where values of a slot may stand, judged by its bounds."""
    called = frozenset(slot.name.replace("_", " ").split())
    found_places = []
    for found in _find(sentence, slot, today, language):
        is_back = bool(slot.known) and is_taken_back(sentence.words, 0, found.start)
        value, trust, why = _judged(slot, found, (*slot.denied, slot.known) if is_back else slot.denied)
        before = sentence.words[max(0, found.start - NAME_REACH) : found.start]
        score = (found.end - found.start) * (REFUSED if value is None else trust)
        score *= ANY_WORDS if slot.type == "name" and trust <= names.PLAIN else 1.0
        score += ASKED * slot.is_asked + NAMED * (not called.isdisjoint(before))
        found_places.append(Place(slot, found, value, trust, why, score))
    return found_places


def chosen(found: list[Place], words: Sequence[str]) -> list[list[Place]]:
    """The places that count, from left to right; of each the slots of one type it may be for."""
    kept: list[list[Place]] = []
    for place in sorted(
        found, key=lambda place: (place.slot.type == "yes_no", -place.score, place.found.start)
    ):
        here = [group for group in kept if _overlap(group[0].found, place.found)]
        if not here:
            if place.slot.type != "yes_no" or not _is_between(kept, place.found):
                kept.append([place])
        elif (
            len(here) == 1
            and here[0][0].slot.type == place.slot.type
            and _same(here[0][0].found, place.found)
        ):
            here[0].append(place)
    return _unbroken(sorted(kept, key=lambda group: group[0].found.start), words)


def is_taken_back(words: Sequence[str], start: int, end: int) -> bool:
    """True where words between two places take the first one back."""
    if any(starts(words, at, phrase) for phrase in TAKE_BACK for at in range(start, end)):
        return True
    return any(starts(words, len(words) - len(phrase), phrase) for phrase in AFTERWARDS if len(words) > end)


def fault(slot: Slot, value: Value, trust: float, denied: tuple[str, ...]) -> Why | None:
    """Why a value cannot be the slot's; None where it can."""
    if as_text(value) in denied:
        return "denied"
    if trust <= 0:
        return "unclear"
    if slot.type in ("digits", "letters"):
        size = len(str(value))
        if not slot.min_length <= size <= slot.max_length:
            return "too_short" if size < slot.min_length else "too_long"
        return "check" if slot.check and not is_valid(slot.check, str(value)) else None
    if slot.at_least and _is_below(slot, value, slot.at_least):
        return "too_little"
    if slot.at_most and _is_below(slot, slot.at_most, as_text(value)):
        return "too_much"
    return None


def _judged(slot: Slot, found: Found, denied: tuple[str, ...]) -> tuple[Value | None, float, Why | None]:
    """The likeliest reading that is allowed, its trust, and why there is none."""
    faults = [(value, trust, fault(slot, value, trust, denied)) for value, trust in found.readings]
    allowed = [(value, trust) for value, trust, why in faults if why is None]
    if not allowed:
        return None, 0.0, faults[0][2] if faults else "unclear"
    value, trust = allowed[0]
    is_bounded = len(allowed) == 1 and any(why in ("too_little", "too_much") for *_, why in faults)
    return value, max(trust, ONE_OF_TWO) if is_bounded and trust >= BARELY else trust, None


def _is_below(slot: Slot, value: Value, bound: str) -> bool:
    if slot.type in ("number", "money"):
        return float(value) < float(bound)
    return as_text(value) < bound


def _find(sentence: Line, slot: Slot, today: date | None, language: str) -> list[Found]:
    is_mandarin = language == mandarin.LANGUAGE
    match slot.type:
        case "digits":
            return runs.find_digits(sentence, slot)
        case "phone":
            return runs.find_phones(sentence, slot)
        case "number":
            return (mandarin if is_mandarin else amounts).find_numbers(sentence, slot)
        case "money":
            return (mandarin if is_mandarin else amounts).find_money(sentence, slot)
        case "date":
            return (
                _days(sentence, slot, today, mandarin.find_days if is_mandarin else days.find)
                if today
                else []
            )
        case "time":
            return mandarin.find_times(sentence) if is_mandarin else clock.find(sentence)
        case "letters":
            return letters.find(sentence, slot)
        case "name":
            return names.find(sentence, slot)
        case "choice":
            return find_choices(sentence, slot)
        case "yes_no":
            return find_answers(sentence, slot, language)
        case _:
            assert_never(slot.type)


def _days(sentence: Line, slot: Slot, today: date, find: Callable[[Line, date], list[Found]]) -> list[Found]:
    """Days that are not past, unless the words say so or the slot holds only such."""
    if slot.at_most and slot.at_most <= today.isoformat():
        return find(sentence, today)
    return [
        replace(found, readings=tuple(pair for pair in found.readings if str(pair[0]) >= today.isoformat()))
        if str(found.readings[0][0]) >= today.isoformat()
        else found
        for found in find(sentence, today)
    ]


def _unbroken(kept: list[list[Place]], words: Sequence[str]) -> list[list[Place]]:
    """A part of a longer run of digits is a value only where the rest of the run is another one."""
    covered = {at for group in kept for at in range(group[0].found.start, group[0].found.end)}

    def whole(place: Place) -> Place:
        rest = {place.found.start - 1, place.found.end} - covered
        if place.slot.type == "digits" and any(is_number(word_at(words, at)) for at in rest):
            return replace(place, value=None, why="too_long")
        return place

    return [[whole(place) for place in group] for group in kept]


def _is_between(kept: list[list[Place]], found: Found) -> bool:
    """True for a "no" between two values of one type: it takes the first one back."""
    before = {group[0].slot.type for group in kept if group[0].found.end <= found.start}
    after = {group[0].slot.type for group in kept if group[0].found.start >= found.end}
    return not before.isdisjoint(after)


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def _same(one: Found, other: Found) -> bool:
    return (one.start, one.end) == (other.start, other.end)
