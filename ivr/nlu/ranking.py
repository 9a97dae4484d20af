"""What a string of digits may have been: every string near what was heard, by the recogniser's confusions, the wanted
length, the check digit, what was called wrong and what was heard of the same string before.

Knows sounds and shapes alone. Whether a string exists is the company's data to say, which the dialogue asks.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, combinations_with_replacement, islice
from typing import Literal

from ivr.checkdigit import Kind, is_valid
from ivr.nlu.confusions import DIGITS, LOST, SAID_WHEN_HEARD

MOST_TRIED = 400
"""Strings looked at for all readings of one utterance: about 5 ms."""
MOST_NAMED = 8
"""Strings that are worth naming."""
LEAST = 0.01
"""Chance below which a string is not worth naming."""
LEAST_SURE, MOST_SURE = 0.02, 0.99
"""What a confidence of 0 or 1 amounts to at most."""
MOST_DOUBT = 2.0
"""How many times as doubtful as usual a digit may be: what is hardly heard is no surer to be what it is taken for."""
OFF = 2
"""A reading may be so many digits too short or too long."""
WRONG_LENGTH = 0.2
"""Weight of a reading of a wrong length beside others: the recogniser was told the right one."""
SAME = 0.9
"""Chance that a caller who is asked again says the same string."""
ONE_IN_TEN = 0.1
"""Strings that pass a check digit by chance."""
MISREAD = 0.01
"""Callers who read out a string that cannot be, or one they have just called wrong: it was heard right then."""
IN_LIST, RANK = 0.25, 0.7
"""Chance that a further hypothesis is right where the first is not, and how much less likely each is than the one
before it. On takes 5 and later of the Free Spoken Digit Dataset 20 % and 0.3 to 0.8."""
LATER = 0.9
"""Each further reading of the same words is so much less likely."""
LIKELY = 0.3
"""Chance below which a string is not asked back: a yes or no takes a third of the time of saying all of it again."""
NOT_HEARD = 0.8
"""Chance that a string is given at most which no reading has: it is read back."""
LONGEST = 12
"""Longer strings are taken as they were heard: telephone numbers, which nothing is known of but their length."""

Options = tuple[tuple[str, float], ...]
"""What may have been said at one place, likeliest first, with the logarithm of its chance."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a string must be."""

    shortest: int
    longest: int
    check: Literal["", Kind] = ""
    denied: tuple[str, ...] = ()

    def is_long(self, digits: str) -> bool:
        return self.shortest <= len(digits) <= self.longest

    def fits(self, digits: str) -> bool:
        if not self.is_long(digits) or digits in self.denied:
            return False
        return not self.check or is_valid(self.check, digits)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A string that may have been said."""

    digits: str
    chance: float
    """That it was, given all that is known."""
    is_possible: bool = True
    """False where its length or check digit is not right."""


def shares(confidences: Sequence[float]) -> list[float]:
    """The chances of the hypotheses of one utterance, best first, from the confidence in the first: each is about as
    sure of itself as the first, and at most one of them is right."""
    if not confidences:
        return []
    first = min(max(confidences[0], 0.0), 1.0)
    ranks = [RANK**at for at in range(len(confidences) - 1)]
    rest = [(1 - first) * IN_LIST * rank / sum(ranks) for rank in ranks]
    return [first, *map(min, rest, confidences[1:])]


def sounds(strings: Sequence[str], confidence: float, wanted: Wanted) -> list[tuple[str, float]]:
    """The strings that the words of one hypothesis may stand for, each with its chance; those of a right length
    where there are any."""
    found = [digits for digits in strings if wanted.is_long(digits)] or list(strings)
    weights = [LATER**rank for rank in range(len(found))]
    return [
        (digits, confidence * weight / sum(weights)) for digits, weight in zip(found, weights, strict=True)
    ]


def chosen(
    heard: Sequence[tuple[str, float]],
    wanted: Wanted,
    before: Sequence[tuple[str, float]] = (),
    *,
    is_in_data: bool = False,
    is_reranked: bool = True,
) -> tuple[Candidate | None, tuple[str, ...]]:
    """The string that is taken, and what else it may have been, likeliest first.

    One that is too short is taken as it was heard, for the caller to go on; so is one that cannot be, where none that
    can be is likely. One that nobody heard so is never sure.
    """
    plain = _as_heard(heard, wanted)
    if not is_reranked or wanted.longest > LONGEST:
        return plain, ()
    found = ranked(heard, wanted, before)
    if plain is not None and len(plain.digits) < wanted.shortest:
        return plain, tuple(one.digits for one in found) if is_in_data else ()
    if not found or (found[0].chance < LIKELY and not is_in_data):
        return plain, tuple(one.digits for one in found if plain is None or one.digits != plain.digits)
    best = found[0]
    if best.digits not in {digits for digits, _ in (*heard, *before)}:
        best = replace(best, chance=min(best.chance, NOT_HEARD))
    return best, tuple(one.digits for one in found[1:])


def _as_heard(heard: Sequence[tuple[str, float]], wanted: Wanted) -> Candidate | None:
    """The surest string as it was heard, one that can be before one that cannot."""
    votes: dict[str, float] = {}
    for digits, confidence in heard:
        votes[digits] = votes.get(digits, 0.0) + confidence
    whole = max(1.0, sum(votes.values()))
    known = [(digits, chance / whole) for digits, chance in votes.items() if digits not in wanted.denied]
    if not known:
        return None
    digits, chance = max(known, key=lambda pair: (wanted.is_long(pair[0]), pair[1]))
    is_possible = wanted.fits(digits)
    if is_possible and wanted.check:
        chance /= chance + (1 - chance) * ONE_IN_TEN
    return Candidate(digits, chance, is_possible)


def ranked(
    heard: Sequence[tuple[str, float]], wanted: Wanted, before: Sequence[tuple[str, float]] = ()
) -> tuple[Candidate, ...]:
    """The strings that may have been said, likeliest first. ``heard`` and ``before`` are readings of this utterance
    and of one before it, each with the chance that it is right."""
    now, rest = _near(heard, wanted)
    if not now:
        return ()
    misread = {digits: 0.0 for digits, _ in heard if wanted.is_long(digits) and not wanted.fits(digits)}
    for digits, chance in heard:
        if digits in misread:
            misread[digits] += MISREAD * chance
    rest *= ONE_IN_TEN if wanted.check else 1.0
    if before:
        then, _ = _near(before, wanted)
        then |= {digits: chance for digits, chance in before if digits in misread}
        even = 10.0**-wanted.shortest / (ONE_IN_TEN if wanted.check else 1.0)
        now, misread = (
            {text: chance * (SAME * then.get(text, 0.0) + (1 - SAME) * even) for text, chance in each.items()}
            for each in (now, misread)
        )
        rest *= even
    known = (sum(now.values()) + sum(misread.values()) + rest) / _trust(heard)
    best = heapq.nlargest(MOST_NAMED, now.items(), key=lambda pair: pair[1])
    return tuple(Candidate(text, chance / known) for text, chance in best if chance / known >= LEAST)


def _near(heard: Sequence[tuple[str, float]], wanted: Wanted) -> tuple[dict[str, float], float]:
    """Strings that fit, with their chance, and the chance of all that was not looked at."""
    heard = [(digits, confidence) for digits, confidence in heard if digits and confidence > 0]
    sure = sum(confidence for _, confidence in heard)
    scale, rest = min(max(LEAST_SURE, sure, _least(heard)), MOST_SURE), 1.0
    weights = [confidence * (1.0 if wanted.is_long(digits) else WRONG_LENGTH) for digits, confidence in heard]
    found: dict[str, float] = {}
    for (digits, _), weight in zip(heard, weights, strict=True):
        share = weight / sum(weights)
        for text, chance in islice(_variants(digits, scale, wanted), max(1, round(MOST_TRIED * share))):
            rest -= share * chance
            if wanted.fits(text):
                found[text] = found.get(text, 0.0) + share * chance
    return found, max(rest, 0.0)


def _least(heard: Sequence[tuple[str, float]]) -> float:
    """Chance that the first reading is right though it was hardly heard: what sounds alike is then still the same."""
    digits = next((digits for digits, _ in heard if digits), "")
    return math.prod(_row(digit)[DIGITS.index(digit)] for digit in digits) ** MOST_DOUBT


def _trust(heard: Sequence[tuple[str, float]]) -> float:
    """How far it can be that a string was said at all, where the recogniser is less sure than ``_least``."""
    sure = sum(chance for _, chance in heard)
    return min(1.0, max(sure, LEAST_SURE) / max(_least(heard), LEAST_SURE))


def _variants(digits: str, sure: float, wanted: Wanted) -> Iterator[tuple[str, float]]:
    """Strings of a right length that may have been said, with their chance, likeliest first. One place more or
    less than was heard means that one digit was lost or put in."""
    places = [_options(digit, round(_blame(digits, sure), 2)) for digit in digits]
    size = len(digits)
    if size < wanted.shortest:
        gaps = combinations_with_replacement(range(size + 1), wanted.shortest - size)
        rows = [_with_lost(places, gap) for gap in gaps] if wanted.shortest - size <= OFF else []
    elif size > wanted.longest:
        kept = combinations(range(size), wanted.longest)
        rows = [[places[at] for at in one] for one in kept] if size - wanted.longest <= OFF else []
    else:
        rows = [places]
    return _likeliest(rows)


def _with_lost(places: list[Options], gaps: tuple[int, ...]) -> list[Options]:
    """The places with one more at each gap."""
    row = list(places)
    for gap in reversed(gaps):
        row.insert(gap, _LOST)
    return row


def _likeliest(rows: list[list[Options]]) -> Iterator[tuple[str, float]]:
    """Strings with one option of each place, likeliest first over all rows, each of which is as likely as the others.

    From each choice of options the next are those with one option further down at the last place that is not at its
    first, or at one after it: so every choice comes once.
    """
    heap: list[tuple[float, int, tuple[int, ...], int]] = []
    for number, row in enumerate(rows):
        cost = math.log(len(rows)) - sum(options[0][1] for options in row)
        heap.append((cost, number, (0,) * len(row), 0))
    heapq.heapify(heap)
    while heap:
        cost, number, ranks, last = heapq.heappop(heap)
        row = rows[number]
        yield "".join(options[rank][0] for options, rank in zip(row, ranks, strict=True)), math.exp(-cost)
        for at in range(last, len(row)):
            rank = ranks[at] + 1
            if rank < len(row[at]):
                more = cost + row[at][rank - 1][1] - row[at][rank][1]
                heapq.heappush(heap, (more, number, (*ranks[:at], rank, *ranks[at + 1 :]), at))


def _blame(digits: str, sure: float) -> float:
    """The power to which every digit's chance of being right is put, so that together they make ``sure``."""
    usual = sum(math.log(_row(digit)[DIGITS.index(digit)]) for digit in digits)
    return math.log(sure) / usual if usual else 1.0


@lru_cache(maxsize=2048)
def _options(digit: str, blame: float) -> Options:
    """The ten digits that may have been said where one was heard."""
    row = _row(digit)
    own = DIGITS.index(digit)
    right = row[own] ** blame
    others = (1 - right) / (1 - row[own])
    chances = [right if at == own else chance * others for at, chance in enumerate(row)]
    found = zip(DIGITS, (math.log(max(chance, 1e-9)) for chance in chances), strict=True)
    return tuple(sorted(found, key=lambda pair: -pair[1]))


@lru_cache(maxsize=16)
def _row(digit: str) -> tuple[float, ...]:
    """How often each of the ten was said where one was heard, if any was."""
    row = SAID_WHEN_HEARD[digit][:10]
    return tuple(chance / sum(row) for chance in row)


_LOST: Options = tuple(
    sorted(
        ((digit, math.log(chance / sum(LOST))) for digit, chance in zip(DIGITS, LOST, strict=True)),
        key=lambda pair: -pair[1],
    )
)
"""The ten digits that may have been said where none was heard."""
