"""Which choice or command the readings of an utterance speak for together, and how sure that is.

Knows readings and likeness; what is made of it at a step is ``match``'s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ivr.actions import Expectation
from ivr.events import Hypothesis
from ivr.nlu.answers import is_turned, is_undecided
from ivr.nlu.matcher import Score, matcher

ANSWERS = ("yes", "no")
AGREED, APART = 0.60, -1.3
"""How much it counts, in log odds, by how far the other readings mean the same, and what counts where they half do.
Fitted by ``scripts/fit-trust``."""
_LEAST, _MOST = 0.02, 0.98

Said = list[tuple[Hypothesis, tuple[str, ...]]]
"""Readings with their canonical words, at least one."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What was likeliest meant."""

    score: Score
    """By the words of the reading that speaks for it most."""
    reading: Hypothesis
    others: float | None
    """How far the other readings mean the same, 0..1, each by its confidence; None where there are none."""

    @property
    def product(self) -> float:
        """The chance that it is right by that reading alone."""
        return self.reading.confidence * self.score.value

    @property
    def chance(self) -> float:
        """The chance that it is right by all readings: where they mean the same it hardly was misheard."""
        if self.others is None:
            return self.product
        odds = _odds(self.reading.confidence) + AGREED * _odds(self.others) + APART
        return self.score.value / (1 + math.exp(-odds))


def likeliest(expect: Expectation, said: Said) -> Vote | None:
    """The option or command that all readings together speak for; None where none is like any."""
    known = matcher(expect.options, expect.commands, expect.is_open)
    has_answers = {option.name for option in expect.options}.issuperset(ANSWERS)
    votes: dict[tuple[str, str], float] = {}
    best: dict[tuple[str, str], tuple[float, Score, Hypothesis]] = {}
    for h, words in said:
        for score in known.scores(words):
            if has_answers and (is_turned(score, words) or (score.name in ANSWERS and is_undecided(words))):
                continue
            key = (score.kind, score.name)
            product = h.confidence * score.value
            votes[key] = votes.get(key, 0.0) + product
            if product > best.get(key, (-1.0,))[0]:
                best[key] = (product, score, h)
    if not votes:
        return None
    first = max(votes, key=lambda k: (votes[k], k[0] == "option"))
    product, score, reading = best[first]
    rest = sum(h.confidence for h, _ in said) - reading.confidence
    return Vote(score, reading, (votes[first] - product) / rest if rest > 0 else None)


def _odds(chance: float) -> float:
    """In logarithms, within bounds: nothing is surer than that."""
    chance = min(max(chance, _LEAST), _MOST)
    return math.log(chance / (1 - chance))
