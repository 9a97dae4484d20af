"""Which of several names a sentence means, learnt from a few examples of each, and how likely that is.

Multinomial logistic regression over the likeness of sentences, half by meaning (``vectors``) and half by words
(``score``); by words alone where meanings are not wanted or have no vectors. Learnt in milliseconds without chance:
the same examples give the same answers. Exact phrases and commands are ``matcher``'s.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ivr.nlu.score import COMMON, Array, Words
from ivr.nlu.vectors import SIZE, embed

TRUST = 10.0
"""How much an example counts against the plainness of the answer; 10 to 100 measured alike."""
SHARP = 2.0
"""Of likeness by meaning: sentences half alike say less than half of what the same sentence says."""
MOST_ROUNDS, CLOSE = 60, 0.002
"""Rounds of learning, and the change of a round below which it is done."""
LEAST_DOUBT = 0.02
"""Of what an example tells of itself where it is left out; keeps sure examples from counting as none."""
KEPT, PULL, MOST_SHIFT = 0.05, 100, 1.0
"""The share of good requests that may be lost as too unsure; examples at which their own word on it counts for half;
and how far, in log odds, it is followed at most."""
REFUSED, TAKEN = math.log(0.4 / 0.6), math.log(0.8 / 0.2)
"""Log odds of ``match.REJECT`` and ``match.ACCEPT``."""
DOUBTED = 4.0
"""Per unit of lead over the next name: the log odds that no nearness exceeds. Without a lead it is either."""
RISE = 0.2
"""How much nearer than examples of different names those of one are, where no name has two."""
MOST_LIKE = 0.95
"""Likeness alone is never as sure as the phrase itself."""
EITHER = 0.5
"""The most where the nearest examples of two names have the same words in another order: asked back."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Logistic fit of "the likeliest name is the right one", by what is known of a sentence and of the examples.

    ``apart`` and ``alike`` were seen up and down to the bounds in 19 of 20 draws; beyond, they tell no more."""

    lead: float
    near: float
    apart: float
    alike: float
    base: float
    usual_apart: float
    """For a single name, which no other is near to."""
    most_apart: float
    least_alike: float


BY_MEANING = Fit(2.78, 8.32, -6.20, -5.15, 0.26, usual_apart=0.22, most_apart=0.32, least_alike=0.41)
BY_WORDS = Fit(3.13, 6.49, -10.07, -3.41, -0.73, usual_apart=0.08, most_apart=0.16, least_alike=0.19)
"""Fitted by ``scripts/measure-intents fit`` on CLINC150: 100 draws each of 2 to 20 intents with 1 to 16 examples,
even and uneven, two thirds of the sentences theirs, a sixth of other intents, a sixth of none."""


@dataclass(frozen=True, slots=True)
class Likely:
    """How likely one name is meant, and its nearest example as it was written."""

    name: str
    chance: float
    example: str


@dataclass(frozen=True, slots=True)
class Sign:
    """What the chance of one name rests on."""

    name: str
    lead: float
    """How far its score is above the best of all others; below zero for all but the likeliest."""
    near: float
    """How near its nearest example is, up to 1."""
    example: str
    words: frozenset[str]
    """Of that example."""


class Intents:
    """Some names with their examples, learnt. Immutable once built."""

    def __init__(self, examples: Iterable[tuple[str, str, tuple[str, ...]]], *, by_meaning: bool) -> None:
        """``examples``: (name, the phrase as written, its canonical words), at least one.

        ``by_meaning``: where most examples have vectors.
        """
        rows = tuple(examples)
        self._names = tuple(dict.fromkeys(name for name, _, _ in rows))
        self._phrases = tuple(phrase for _, phrase, _ in rows)
        self._contents = tuple(frozenset(words) for _, _, words in rows)
        self._owners = np.array([self._names.index(name) for name, _, _ in rows])
        self._own = [np.flatnonzero(self._owners == at) for at in range(len(self._names))]
        self._words = Words([words for _, _, words in rows])
        vectors = _stacked([words for _, _, words in rows]) if by_meaning else None
        has_vectors = vectors is not None and bool(vectors.any(axis=1).mean() > 0.5)
        self._vectors = vectors if has_vectors else None
        self._fit = BY_MEANING if has_vectors else BY_WORDS
        looks = [self._looks(words) for _, _, words in rows]
        near = np.stack([look[0] for look in looks])
        likeness = np.stack([look[1] for look in looks])
        is_own = self._owners[:, None] == np.arange(len(self._names))
        trust = _balanced(self._owners)
        self._weights = _learnt(likeness, is_own.astype(np.float32), trust)
        self._apart, self._alike = _spread(near, self._owners, self._fit)
        self._shift = self._bounded(near, _left_out(likeness, self._weights, is_own, trust))

    def rank(self, words: tuple[str, ...]) -> list[Likely]:
        """Every name, the likeliest first; none where the words share nothing with any example, or are function
        words alone."""
        if COMMON.issuperset(words):
            return []
        signs = self.signs(words)
        shared = Counter(sign.words for sign in signs)
        found = []
        for sign in signs:
            most = EITHER if shared[sign.words] > 1 else MOST_LIKE
            found.append(Likely(sign.name, min(most, self._chance(sign)), sign.example))
        return sorted(found, key=lambda one: -one.chance)

    def signs(self, words: tuple[str, ...]) -> list[Sign]:
        """Of each name that shares anything with the words."""
        near, likeness = self._looks(words)
        leads = _leads(likeness @ self._weights, near)
        found = []
        for name, own, lead in zip(self._names, self._own, leads, strict=True):
            nearest = own[near[own].argmax()]
            if near[nearest] > 0:
                sign = Sign(
                    name, float(lead), float(near[nearest]), self._phrases[nearest], self._contents[nearest]
                )
                found.append(sign)
        return found

    def odds(self, sign: Sign) -> float:
        """Log odds that the likeliest name is the right one, before the bar of these examples is minded."""
        return self._odds(sign.lead, sign.near)

    @property
    def spread(self) -> tuple[float, float]:
        """How near examples of different names are, and those of the same."""
        return self._apart, self._alike

    def _looks(self, words: tuple[str, ...]) -> tuple[Array, Array]:
        """How near a sentence is to each example, and the likeness that names are learnt by."""
        cosines = self._words.cosines(words)
        if self._vectors is None:
            return cosines, cosines
        vector = embed(words)
        meant = np.zeros(len(cosines), np.float32) if vector is None else self._vectors @ vector
        return meant, (np.exp(SHARP * (meant - 1)) + cosines) / 2

    def _chance(self, sign: Sign) -> float:
        odds = self.odds(sign)
        if odds < TAKEN:
            odds -= self._shift * min(1.0, (TAKEN - odds) / (TAKEN - REFUSED))
        return _logistic(min(odds, DOUBTED * sign.lead))

    def _odds(self, lead: float, near: float) -> float:
        fit = self._fit
        return (
            fit.lead * lead + fit.near * near + fit.apart * self._apart + fit.alike * self._alike + fit.base
        )

    def _bounded(self, near: Array, scores: Array) -> float:
        """How far the bar for strangers moves, so that about ``KEPT`` of good requests stay below it: by the odds of
        the examples themselves, each against all others."""
        odds = []
        for at, owner in enumerate(self._owners):
            own = self._own[owner]
            others = near[at, own[own != at]]
            if len(others):
                lead = float(_leads(scores[at], others)[owner])
                odds.append(self._odds(lead, float(others.max())))
        if not odds:
            return 0.0
        wanted = float(np.quantile(odds, KEPT)) - REFUSED
        weight = len(self._owners) / (len(self._owners) + PULL)
        return weight * min(MOST_SHIFT, max(0.0, wanted))


def _stacked(sentences: list[tuple[str, ...]]) -> Array:
    """The vectors of sentences, one a row; zeros for those that have none."""
    found = [embed(words) for words in sentences]
    return np.stack([np.zeros(SIZE, np.float32) if one is None else one for one in found])


def _balanced(owners: np.ndarray) -> Array:
    """How much each example counts: those of a name with many no more, together, than those of one with few."""
    sizes = np.bincount(owners)
    return (TRUST * len(owners) / len(sizes) / sizes[owners]).astype(np.float32)


def _learnt(likeness: Array, wanted: Array, trust: Array) -> Array:
    """Weights of the examples for each name: kernel logistic regression, by accelerated steps under the bound of the
    curvature (Boehning 1992, doi:10.1007/BF00048682), started anew where a step overshoots (O'Donoghue 2015)."""
    step = np.linalg.inv(np.eye(len(likeness), dtype=np.float32) + trust[:, None] / 2 * likeness)
    weights: Array = np.zeros_like(wanted)
    ahead, pace = weights, 1.0
    for _ in range(MOST_ROUNDS):
        slope = trust[:, None] * (_softmax(likeness @ ahead) - wanted) + ahead
        new: Array = np.subtract(ahead, step @ slope)
        change = new - weights
        faster = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        is_over = float(((ahead - new) * change).sum()) > 0
        ahead = new if is_over else new + np.float32((pace - 1) / faster) * change
        weights, pace = new, 1.0 if is_over else faster
        if float(np.abs(change).max()) < CLOSE * TRUST:
            break
    return weights


def _left_out(likeness: Array, weights: Array, is_own: np.ndarray, trust: Array) -> Array:
    """The scores of each example as if it had not been among them, by one Newton step (correlation with learning
    anew without it: 0.999)."""
    scores = likeness @ weights
    chances = _softmax(scores)
    sure = chances[is_own]
    doubt = trust * np.maximum(sure * (1 - sure), np.float32(LEAST_DOUBT))
    lean = np.linalg.inv(np.eye(len(likeness), dtype=np.float32) + doubt[:, None] * likeness)
    pull = np.einsum("ij,ji->i", likeness, lean)
    step = trust * pull / np.maximum(1 - doubt * pull, np.float32(LEAST_DOUBT))
    return scores - step[:, None] * (is_own - chances)


def _leads(scores: Array, near: Array) -> Array:
    """How far each score is above the best of all others, negative for all but the best; of a single name as far as
    its nearest example is from nothing."""
    if len(scores) == 1:
        return near.max(keepdims=True)
    second, first = np.partition(scores, -2)[-2:]
    leads = scores - first
    leads[scores.argmax()] = first - second
    return leads


def _spread(near: Array, owners: np.ndarray, fit: Fit) -> tuple[float, float]:
    """How near the nearest example of another name is, and that of the same, as medians over the examples."""
    is_same = owners[:, None] == owners
    apart = fit.usual_apart
    if not is_same.all():
        apart = min(fit.most_apart, float(np.median(np.where(is_same, 0, near).max(axis=1))))
    np.fill_diagonal(is_same, False)
    own = np.where(is_same, near, 0).max(axis=1)[is_same.any(axis=1)]
    return apart, max(fit.least_alike, float(np.median(own)) if len(own) else apart + RISE)


def _softmax(scores: Array) -> Array:
    powers: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
