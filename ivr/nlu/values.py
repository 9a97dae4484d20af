"""The values of several slots in one sentence, with what the caller took back in it ("Tuesday, no, Wednesday").

The finders of each type say which words may be a value; here it is decided which of them count, for which slot,
and what is refused by bounds, lengths and check digits. Reads one sentence; several readings are ``match``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, assert_never

from ivr.actions import Expectation, Option, Slot
from ivr.checkdigit import is_valid
from ivr.nlu import amounts, clock, days, letters, names, runs, swaps
from ivr.nlu.matcher import matcher
from ivr.nlu.normalise import POLITE, content, is_number
from ivr.nlu.phrases import NO, YES
from ivr.nlu.spans import Found, Line, Value, line, starts, word_at

Why = Literal["too_little", "too_much", "too_short", "too_long", "check", "denied", "unclear"]
"""Below or above the bounds; too few or too many digits or letters; a false check digit; what the caller has
called wrong before; no such value (a telephone number that cannot be)."""

TAKE_BACK = (
    ("i", "mean"), ("i", "meant"), ("make", "that"), ("make", "it"), ("or", "rather"), ("scratch", "that"),
    ("change", "that", "to"), ("change", "it", "to"), ("that", "is", "wrong"), ("not", "right"), ("i", "said"),
    ("no",), ("nope",), ("nah",), ("sorry",), ("actually",), ("rather",), ("correction",), ("wait",), ("wrong",),
    ("instead",), ("incorrect",), ("change",),
)  # fmt: skip
"""What stands before the value that counts, in place of one before it."""
AFTERWARDS = (("instead",), ("rather",))
NOT_YET = frozenset((
    *("on", "at", "for", "the", "in", "of", "to", "from", "by", "and", "is", "my", "not", "a", "point", "plus"),
    *("or", "but", "next", "this"),
))  # fmt: skip
"""A sentence that ends so is not over."""
YES_NO = (Option(name="yes", phrases=YES), Option(name="no", phrases=NO))
_YES_WORDS = frozenset(("yes", "yeah", "yep", "yup", "no", "nope", "nah"))

ONE_OF_TWO = 0.95
"""Trust where bounds leave one of several readings."""
OVERRUN = 0.7
"""Trust in the last of two values for one slot where nothing says that the first is taken back."""
WITHIN = 0.92
"""Trust in the phrase of a choice within more words."""
LEAST = 0.4
"""Likeness below which no option of a choice is meant."""
NAME_REACH = 4
"""A slot's name so many words before a value says whose it is."""
NOT_REACH = 2
ASKED, NAMED, REFUSED, ANY_WORDS = 0.5, 1.0, 0.3, 0.5
"""Which of overlapping places counts: more for what is asked for or called by its name, less for what is refused
and for a name, which any words could be."""


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


@dataclass(frozen=True, slots=True)
class Refused:
    """A value was heard for a slot, and it cannot be."""

    slot: str
    why: Why


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


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in the sentence that may be a value of a slot; ``value`` None where it is refused."""

    slot: Slot
    found: Found
    value: Value | None
    trust: float
    why: Why | None
    score: float


def as_text(value: Value) -> str:
    """A value as ``Slot.known``, ``Slot.denied`` and the bounds hold it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def read(expect: Expectation, text: str) -> Reading:
    """The values of ``expect.slots`` in a sentence; of several for one slot the one that counts."""
    sentence = line(text)
    if not sentence.words:
        return Reading()
    today = date.fromisoformat(expect.today) if expect.today else None
    places = [place for slot in expect.slots for place in _places(sentence, slot, today)]
    chosen = _unbroken(_chosen(places), sentence.words)
    taken, denials = _taken(expect.slots, chosen, sentence)
    swapped = {} if any(place.value is not None for place in taken.values()) else _swapped(expect, sentence)
    said = [
        replace(one, is_correction=True) if one.slot in denials else one
        for one in (_said(slot, taken, chosen, sentence) for slot in expect.slots)
        if one is not None
    ]
    said = list(swapped.values()) or said
    refused = [Refused(place.slot.name, place.why) for place in taken.values() if place.why and not swapped]
    return Reading(
        said=tuple(said),
        refused=tuple(refused),
        is_denial=bool(denials) and not said,
        is_whole=_is_whole(sentence, chosen),
        may_go_on=_may_go_on(sentence, chosen),
    )


def _find(sentence: Line, slot: Slot, today: date | None) -> list[Found]:
    match slot.type:
        case "digits":
            return runs.find_digits(sentence, slot)
        case "phone":
            return runs.find_phones(sentence, slot)
        case "number":
            return amounts.find_numbers(sentence, slot)
        case "money":
            return amounts.find_money(sentence, slot)
        case "date":
            return days.find(sentence, today) if today else []
        case "time":
            return clock.find(sentence)
        case "letters":
            return letters.find(sentence, slot)
        case "name":
            return names.find(sentence, slot)
        case "choice":
            return _choices(sentence, slot)
        case "yes_no":
            return _answers(sentence, slot)
        case _:
            assert_never(slot.type)


def _places(sentence: Line, slot: Slot, today: date | None) -> list[_Place]:
    """Where values of a slot may stand, judged by its bounds."""
    called = frozenset(slot.name.replace("_", " ").split())
    places = []
    for found in _find(sentence, slot, today):
        is_taken_back = bool(slot.known) and _is_taken_back(sentence.words, 0, found.start)
        value, trust, why = _judged(slot, found, (*slot.denied, slot.known) if is_taken_back else slot.denied)
        before = sentence.words[max(0, found.start - NAME_REACH) : found.start]
        score = (found.end - found.start) * (REFUSED if value is None else trust)
        score *= ANY_WORDS if slot.type == "name" and trust <= names.PLAIN else 1.0
        score += ASKED * slot.is_asked + NAMED * (not called.isdisjoint(before))
        places.append(_Place(slot, found, value, trust, why, score))
    return places


def _judged(slot: Slot, found: Found, denied: tuple[str, ...]) -> tuple[Value | None, float, Why | None]:
    """The likeliest reading that is allowed, its trust, and why there is none."""
    faults = [(value, trust, _fault(slot, value, trust, denied)) for value, trust in found.readings]
    allowed = [(value, trust) for value, trust, why in faults if why is None]
    if not allowed:
        return None, 0.0, faults[0][2] if faults else "unclear"
    value, trust = allowed[0]
    is_bounded = len(allowed) == 1 and any(why in ("too_little", "too_much") for *_, why in faults)
    return value, max(trust, ONE_OF_TWO) if is_bounded and trust >= OVERRUN / 2 else trust, None


def _fault(slot: Slot, value: Value, trust: float, denied: tuple[str, ...]) -> Why | None:
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


def _is_below(slot: Slot, value: Value, bound: str) -> bool:
    if slot.type in ("number", "money"):
        return float(value) < float(bound)
    return as_text(value) < bound


def _chosen(places: list[_Place]) -> list[list[_Place]]:
    """The places that count, from left to right; of each the slots of one type it may be for."""
    chosen: list[list[_Place]] = []
    for place in sorted(
        places, key=lambda place: (place.slot.type == "yes_no", -place.score, place.found.start)
    ):
        here = [group for group in chosen if _overlap(group[0].found, place.found)]
        if not here:
            if place.slot.type != "yes_no" or not _is_between(chosen, place.found):
                chosen.append([place])
        elif (
            len(here) == 1
            and here[0][0].slot.type == place.slot.type
            and _same(here[0][0].found, place.found)
        ):
            here[0].append(place)
    return sorted(chosen, key=lambda group: group[0].found.start)


def _unbroken(chosen: list[list[_Place]], words: Sequence[str]) -> list[list[_Place]]:
    """A part of a longer run of digits is a value only where the rest of the run is another one."""
    covered = {at for group in chosen for at in range(group[0].found.start, group[0].found.end)}

    def whole(place: _Place) -> _Place:
        rest = {place.found.start - 1, place.found.end} - covered
        if place.slot.type == "digits" and any(is_number(word_at(words, at)) for at in rest):
            return replace(place, value=None, why="too_long")
        return place

    return [[whole(place) for place in group] for group in chosen]


def _is_between(chosen: list[list[_Place]], found: Found) -> bool:
    """True for a "no" between two values of one type: it takes the first one back."""
    before = {group[0].slot.type for group in chosen if group[0].found.end <= found.start}
    after = {group[0].slot.type for group in chosen if group[0].found.start >= found.end}
    return not before.isdisjoint(after)


def _taken(
    slots: tuple[Slot, ...], chosen: list[list[_Place]], sentence: Line
) -> tuple[dict[str, _Place], set[str]]:
    """By slot the place that counts for it, and the slots of which a value was called wrong ("not Tuesday")."""
    taken: dict[str, _Place] = {}
    denials: set[str] = set()
    end = 0
    for group in chosen:
        start = group[0].found.start
        last = next((name for name in reversed(taken) if any(p.slot.name == name for p in group)), "")
        if _is_denied(sentence.words, end, start):
            denials.add(last or group[0].slot.name)
            taken.pop(last, None)
        else:
            is_back = bool(last) and _is_taken_back(sentence.words, end, start)
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


def _for(
    group: list[_Place], last: str, taken: dict[str, _Place], slots: tuple[Slot, ...], sentence: Line
) -> _Place:
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


def _is_called(place: _Place, words: Sequence[str]) -> bool:
    called = place.slot.name.replace("_", " ").split()
    return not set(called).isdisjoint(words[max(0, place.found.start - NAME_REACH) : place.found.start])


def _said(slot: Slot, taken: dict[str, _Place], chosen: list[list[_Place]], sentence: Line) -> Said | None:
    place = taken.get(slot.name)
    if place is None or place.value is None:
        return None
    is_new = bool(slot.known) and as_text(place.value) != slot.known
    return Said(slot.name, place.value, place.trust, is_new)


def _swapped(expect: Expectation, sentence: Line) -> dict[str, Said]:
    """A part of a known string put right: "not six, nine"."""
    for slot in expect.slots:
        for value in swaps.find(sentence, slot):
            if _fault(slot, value, 1.0, slot.denied) is None and value != slot.known:
                return {slot.name: Said(slot.name, value, swaps.TRUST, is_correction=True)}
    return {}


def _is_taken_back(words: Sequence[str], start: int, end: int) -> bool:
    """True where words between two places take the first one back."""
    if any(starts(words, at, phrase) for phrase in TAKE_BACK for at in range(start, end)):
        return True
    return any(starts(words, len(words) - len(phrase), phrase) for phrase in AFTERWARDS if len(words) > end)


def _is_denied(words: Sequence[str], start: int, end: int) -> bool:
    return "not" in words[max(start, end - NOT_REACH) : end]


def _is_whole(sentence: Line, chosen: list[list[_Place]]) -> bool:
    covered = {at for group in chosen for at in range(group[0].found.start, group[0].found.end)}
    return bool(covered) and all(at in covered or word in POLITE for at, word in enumerate(sentence.words))


def _may_go_on(sentence: Line, chosen: list[list[_Place]]) -> Literal["no", "perhaps", "surely"]:
    words = sentence.words
    last = chosen[-1][0] if chosen else None
    rest = words[last.found.end :] if last else words
    back = [phrase for phrase in TAKE_BACK if len(phrase) <= len(rest) and phrase not in AFTERWARDS]
    if any(starts(words, len(words) - len(phrase), phrase) for phrase in back):
        return "surely"
    if rest and word_at(words, len(words) - 1) in NOT_YET:
        return "surely"
    if last is None or not last.found.may_go_on:
        return "no"
    return "surely" if last.slot.type in ("digits", "letters", "phone") else "perhaps"


def _choices(sentence: Line, slot: Slot) -> list[Found]:
    """The options of a choice by their phrases; where none is held, the one the whole sentence is like."""
    known = matcher(slot.options, ())
    said = content(sentence.words)
    found = []
    for name, _, phrase in known.options:
        core = content(phrase)
        for at in range(len(sentence.words) - len(core) + 1):
            if core and sentence.words[at : at + len(core)] == core:
                trust = 1.0 if core == said else WITHIN
                found.append(Found(at, at + len(core), ((name, trust),)))
    if found or not slot.is_asked:
        return found
    scores = [score for score in known.scores(sentence.words) if score.value >= LEAST]
    return [Found(0, len(sentence.words), ((scores[0].name, scores[0].value),))] if scores else []


def _answers(sentence: Line, slot: Slot) -> list[Found]:
    """Yes and no, as words at the beginning of something or as the whole sentence."""
    if not slot.is_asked:
        return []
    scores = matcher(YES_NO, ()).scores(sentence.words)
    if scores and scores[0].value >= OVERRUN:
        return [Found(0, len(sentence.words), ((scores[0].name == "yes", scores[0].value),))]
    return [
        Found(at, at + 1, ((word in ("yes", "yeah", "yep", "yup"), WITHIN),))
        for at, word in enumerate(sentence.words)
        if word in _YES_WORDS
    ]


def _overlap(one: Found, other: Found) -> bool:
    return one.start < other.end and other.start < one.end


def _same(one: Found, other: Found) -> bool:
    return (one.start, one.end) == (other.start, other.end)
