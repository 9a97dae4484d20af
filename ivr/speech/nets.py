"""Ways to say something as a small net: words in sequence, alternatives with weights, what may be left out, repeats.

A net becomes arcs of PocketSphinx's finite-state grammar, or example sentences by random walks. Pure: the same
net gives the same arcs, and the same seed the same sentences. Knows no language.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

EARLY = 0.1
"""Chance that a repeat stops before its least number: people pause and are cut short."""


@dataclass(frozen=True, slots=True)
class Seq:
    """One after the other."""

    parts: tuple[Net, ...]


@dataclass(frozen=True, slots=True)
class Alt:
    """One of them, by weight."""

    parts: tuple[tuple[Net, float], ...]


@dataclass(frozen=True, slots=True)
class Opt:
    """Said with this chance."""

    part: Net
    chance: float


@dataclass(frozen=True, slots=True)
class Times:
    """Said ``least`` to ``most`` times."""

    part: Net
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Again:
    """Said once or, with this chance each, again after a link."""

    part: Net
    link: Net
    chance: float


Net = str | Seq | Alt | Opt | Times | Again
"""A text is its words in sequence; an empty one says nothing."""


def seq(*parts: Net) -> Seq:
    return Seq(parts)


def alt(*parts: Net | tuple[Net, float]) -> Alt:
    """Alternatives, each with its weight or 1."""
    return Alt(tuple(part if isinstance(part, tuple) else (part, 1.0) for part in parts))


def words_in(net: Net) -> frozenset[str]:
    """Every word that may be said."""
    match net:
        case str():
            return frozenset(net.split())
        case Seq(parts):
            return frozenset[str]().union(*map(words_in, parts))
        case Alt(weighted):
            return frozenset[str]().union(*(words_in(part) for part, _ in weighted))
        case Opt(part) | Times(part):
            return words_in(part)
        case Again(part, link):
            return words_in(part) | words_in(link)
        case _:
            assert_never(net)


def walk(net: Net, chance: random.Random) -> Iterator[str]:
    """The words of one random way through the net."""
    match net:
        case str():
            yield from net.split()
        case Seq(parts):
            for part in parts:
                yield from walk(part, chance)
        case Alt(weighted):
            (part,) = chance.choices([part for part, _ in weighted], [weight for _, weight in weighted])
            yield from walk(part, chance)
        case Opt(part, share):
            if chance.random() < share:
                yield from walk(part, chance)
        case Times(part, least, most):
            for _ in range(chance.randint(least, most)):
                yield from walk(part, chance)
        case Again(part, link, share):
            yield from walk(part, chance)
            while chance.random() < share:
                yield from walk(link, chance)
                yield from walk(part, chance)
        case _:
            assert_never(net)


def ends(net: Net, words: Sequence[str], start: int = 0) -> frozenset[int]:
    """Where the net may end that begins at word ``start``: it says all the words where ``len(words)`` is in it."""
    match net:
        case str():
            said = net.split()
            is_said = list(words[start : start + len(said)]) == said
            return frozenset((start + len(said),) if is_said else ())
        case Seq(parts):
            here = frozenset((start,))
            for part in parts:
                here = _ends_of(part, words, here)
            return here
        case Alt(weighted):
            return frozenset[int]().union(*(ends(part, words, start) for part, _ in weighted))
        case Opt(part):
            return ends(part, words, start) | {start}
        case Times(part, _, most):
            here, found = frozenset((start,)), frozenset[int]()
            for _ in range(most):
                here = _ends_of(part, words, here)
                found |= here
            return found
        case Again(part, link):
            here = found = ends(part, words, start)
            while here := _ends_of(seq(link, part), words, here) - found:
                found |= here
            return found
        case _:
            assert_never(net)


def _ends_of(net: Net, words: Sequence[str], starts: frozenset[int]) -> frozenset[int]:
    return frozenset[int]().union(*(ends(net, words, start) for start in starts))


class Arcs:
    """The arcs of a finite-state grammar under construction, as PocketSphinx writes them."""

    def __init__(self, states: int) -> None:
        self.lines: list[str] = []
        self.states = states
        """So many are in use; the next one has this number."""

    def add(self, net: Net, start: int, end: int, chance: float = 1.0) -> None:
        """Ways from state ``start`` to state ``end`` that say the net; all together as likely as ``chance``."""
        match net:
            case str():
                self._words(net.split(), start, end, chance)
            case Seq(parts):
                path = [start, *(self._new() for _ in parts[1:]), end]
                for part, here, there in zip(parts, path, path[1:], strict=False):
                    self.add(part, here, there, chance if here == start else 1.0)
            case Alt(weighted):
                whole = sum(weight for _, weight in weighted)
                for part, weight in weighted:
                    self.add(part, start, end, chance * weight / whole)
            case Opt(part, share):
                self.add(part, start, end, chance * share)
                self._words([], start, end, chance * (1 - share))
            case Times(part, least, most):
                self._times(part, least, most, start, end, chance)
            case Again(part, link, share):
                first, last = self._new(), self._new()
                self._words([], start, first, chance)
                self.add(part, first, last)
                self.add(link, last, first, share)
                self._words([], last, end, 1 - share)
            case _:
                assert_never(net)

    def _times(self, part: Net, least: int, most: int, start: int, end: int, chance: float) -> None:
        here = start
        for count in range(1, most + 1):
            there = self._new()
            self.add(part, here, there, chance if here == start else 1.0)
            self._words([], there, end, 1.0 if count >= least else EARLY)
            here = there

    def _words(self, words: list[str], start: int, end: int, chance: float) -> None:
        path = [start, *(self._new() for _ in words[1:]), end]
        steps = zip(path, path[1:], words or [""], strict=False)
        for here, there, word in steps:
            self.lines.append(
                f"TRANSITION {here} {there} {chance if here == start else 1.0:.6g} {word}".rstrip()
            )

    def _new(self) -> int:
        self.states += 1
        return self.states - 1
