"""How far what was heard may be trusted: from how well it fits the sound to the chance that it is right.

One logistic curve for each kind of listening, fitted by ``scripts/fit-trust`` into ``trust.json`` beside this module.
Pure but for reading that file. What is done with a confidence is ``nlu``'s and the dialogue's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Protocol

from ivr.events import Hypothesis
from ivr.speech.stt import best_first

FEATURES = ("one", "loss", "lead", "agreement")
"""What a curve weighs, in this order; see ``Evidence``."""
SAME = 0.6
"""Agreement from which on two readings are of the same sentence."""
_FILE = "trust.json"
_WORST_LOSS, _MOST_LEAD, _MOST_LOGIT = -150.0, 100.0, 30.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a reading."""

    kind: str
    """Which curve judges it: the kind of grammar; after a second pass KIND/first for what the first had heard and
    KIND/second for what the second did."""
    loss: float
    """How much worse than any sounds of English it explains a frame of speech, in 1/10,000 of a natural logarithm."""
    lead: float = 0.0
    """How much likelier than the next reading it is, or, below zero, less likely than the best; natural logarithm."""
    agreement: float = 0.0
    """Share of words that the other pass heard too, 0 to 1; 0 without one."""

    def features(self) -> tuple[float, ...]:
        """As ``FEATURES``, each near one in size."""
        loss = max(self.loss, _WORST_LOSS) / 10
        return 1.0, loss, max(-_MOST_LEAD, min(self.lead, _MOST_LEAD)) / 10, self.agreement


class Judge(Protocol):
    """Turns evidence into a confidence."""

    def confidence(self, evidence: Evidence) -> float:
        """0..1: the chance that the reading is right."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The curves in force."""

    curves: Mapping[str, tuple[float, ...]]
    """Weights as ``FEATURES``, by kind."""

    def confidence(self, evidence: Evidence) -> float:
        """The chance that a reading means what was said. Raises KeyError for a kind without a curve."""
        weights = self.curves[evidence.kind]
        logit = sum(weight * value for weight, value in zip(weights, evidence.features(), strict=True))
        return round(1 / (1 + math.exp(-max(-_MOST_LOGIT, min(logit, _MOST_LOGIT)))), 3)


def load() -> Trust:
    """The curves that come with the program."""
    found = json.loads(resources.files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))
    return Trust({kind: tuple(weights) for kind, weights in found["curves"].items()})


def curve(kind: str, text: str) -> str:
    """Which curve judges a reading of this kind of grammar: one digit has ten rivals, a string of six a million."""
    return "digit" if kind == "digits" and " " not in text else kind


def agreement(one: str, other: str) -> float:
    """Share of the words of both texts that stand in both, in the same order (0 to 1)."""
    left, right = one.split(), other.split()
    if not left or not right:
        return 0.0
    row = [0] * (len(right) + 1)
    for word in left:
        above = row
        row = [0]
        for place, wanted in enumerate(right):
            row.append(above[place] + 1 if word == wanted else max(above[place + 1], row[place]))
    return 2 * row[-1] / (len(left) + len(right))


def together(
    own: tuple[Hypothesis, ...], general: tuple[Hypothesis, ...], most: int
) -> tuple[Hypothesis, ...]:
    """The readings of both passes, each text once, best first and no more than ``most``.

    A sentence that both heard, more or less, is told in the words of the pass that knows the step (``own``).
    """
    backing = [one.confidence for one in general if agreement(own[0].text, one.text) >= SAME]
    first = replace(own[0], confidence=max([own[0].confidence, *backing]))
    return best_first((first, *own[1:], *general), most)
