"""How near a sentence is to the examples of several names: idf-weighted words and letter groups, by cosine.

Built once per set of examples and then only read. Few examples are enough (five to twenty a name); it has no
opinion on sentences that share nothing with any example.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ivr.nlu.normalise import content

WORD_WEIGHT = 1.0
PAIR_WEIGHT = 0.7
LETTER_WEIGHT = 0.35
"""Letter groups forgive inflection and half-heard words; measured in ``tests/nlu/test_score.py``."""
GROUP = 4
KNOWN = 0.4
"""What the words of all examples of a name together count, beside its nearest example."""
COMMON = frozenset((
    "a", "an", "the", "i", "my", "me", "is", "it", "to", "of", "do", "am", "are", "you", "your", "on",
    "in", "at", "for", "that", "this", "with", "can", "could", "would", "will", "be", "have", "has",
    "want", "like", "know", "need", "what", "and", "or",
))  # fmt: skip
COMMON_WEIGHT = 0.35
"""Function words say little about what is wanted, however rare they are in a handful of examples."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """The nearest example of one name and its cosine 0..1."""

    name: str
    cosine: float
    example: str


class Scorer:
    """Nearness of sentences to labelled examples. Immutable once built."""

    def __init__(self, examples: Iterable[tuple[str, str, tuple[str, ...]]]) -> None:
        """``examples``: (name, the phrase as written, its canonical words)."""
        examples = tuple(examples)
        self._examples = [(name, phrase) for name, phrase, _ in examples]
        bags = [_features(words) for _, _, words in examples]
        counts: dict[str, int] = defaultdict(int)
        for bag in bags:
            for feature in bag:
                counts[feature] += 1
        self._most = math.log(1 + len(bags)) + 1
        self._idf = {f: math.log((1 + len(bags)) / (1 + n)) + 1 for f, n in counts.items()}
        self._names: dict[str, set[str]] = defaultdict(set)
        self._posts: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for index, bag in enumerate(bags):
            norm = self._norm(bag)
            for feature, weight in bag.items():
                self._names[feature].add(self._examples[index][0])
                self._posts[feature].append((index, weight * self._idf[feature] / norm))

    def rank(self, words: tuple[str, ...]) -> list[Nearness]:
        """Every name that shares anything with the words, nearest first; none for function words alone."""
        if COMMON.issuperset(words):
            return []
        bag = _features(words)
        norm = self._norm(bag)
        cosines: dict[int, float] = defaultdict(float)
        for feature, weight in bag.items():
            for index, other in self._posts.get(feature, ()):
                cosines[index] += weight * self._idf[feature] / norm * other
        best: dict[str, tuple[float, int]] = {}
        for index, cosine in cosines.items():
            name = self._examples[index][0]
            if cosine > best.get(name, (0.0, 0))[0]:
                best[name] = (cosine, index)
        known = self._known(bag)
        found = [
            Nearness(name, min(1.0, (1 - KNOWN) * cosine + KNOWN * known[name]), self._examples[index][1])
            for name, (cosine, index) in best.items()
        ]
        return sorted(found, key=lambda near: -near.cosine)

    def _known(self, bag: dict[str, float]) -> dict[str, float]:
        """The share of the sentence's weight that each name's examples know, split among those that do."""
        shares: dict[str, float] = defaultdict(float)
        total = 0.0
        for feature, weight in bag.items():
            heft = weight * self._idf.get(feature, self._most)
            total += heft
            names = self._names.get(feature, ())
            for name in names:
                shares[name] += heft / len(names)
        return defaultdict(float, {name: share / total for name, share in shares.items()})

    def _norm(self, bag: dict[str, float]) -> float:
        return math.sqrt(sum((w * self._idf.get(f, self._most)) ** 2 for f, w in bag.items())) or 1.0


def _features(words: tuple[str, ...]) -> dict[str, float]:
    words = content(words)
    bag: dict[str, float] = defaultdict(float)
    for at, word in enumerate(words):
        weight = COMMON_WEIGHT if word in COMMON else WORD_WEIGHT
        bag[word] = max(bag[word], weight)
        if at:
            bag[f"{words[at - 1]} {word}"] = PAIR_WEIGHT * (COMMON_WEIGHT if word in COMMON else 1.0)
        if word not in COMMON and len(word) > 3:
            padded = f"^{word}$"
            groups = [padded[i : i + GROUP] for i in range(len(padded) - GROUP + 1)]
            for group in groups:
                bag[f"#{group}"] = LETTER_WEIGHT
    return dict(bag)
