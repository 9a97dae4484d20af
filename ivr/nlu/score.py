"""How alike sentences are by their words: idf-weighted words, pairs of words and groups of letters, by cosine.

Built once of some examples and then only read. A Chinese word is its ideographs (``normalise.tokens``), so that pairs
of them are what pairs of letters are elsewhere. What the examples stand for is ``intents``'.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ivr.nlu.normalise import content

Array = NDArray[np.float32]
WORD_WEIGHT = 1.0
PAIR_WEIGHT = 0.7
LETTER_WEIGHT = 0.35
"""Letter groups forgive inflection and half-heard words."""
GROUP = 4
COMMON = frozenset((
    "a", "an", "the", "i", "my", "me", "is", "it", "to", "of", "do", "am", "are", "you", "your", "on",
    "in", "at", "for", "that", "this", "with", "can", "could", "would", "will", "be", "have", "has",
    "want", "like", "know", "need", "what", "and", "or",
    "我", "你", "您", "的", "了", "是", "在", "吗", "呢", "吧", "啊", "请", "想", "要",
))  # fmt: skip
COMMON_WEIGHT = 0.35
"""Function words say little about what is wanted, however rare they are in a handful of examples."""


class Words:
    """The words of some examples. Immutable once built."""

    def __init__(self, examples: Sequence[tuple[str, ...]]) -> None:
        """``examples``: canonical words of each."""
        self.size = len(examples)
        bags = [_features(words) for words in examples]
        counts = Counter(feature for bag in bags for feature in bag)
        self._most = math.log(1 + len(bags)) + 1
        self._idf = {f: math.log((1 + len(bags)) / (1 + n)) + 1 for f, n in counts.items()}
        posts: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for index, bag in enumerate(bags):
            for feature, weight in self._weighed(bag).items():
                posts[feature].append((index, weight))
        self._posts = {
            feature: (np.array([index for index, _ in rows]), np.array([w for _, w in rows], np.float32))
            for feature, rows in posts.items()
        }

    def cosines(self, words: tuple[str, ...]) -> Array:
        """The likeness of a sentence to each example, 0..1."""
        found = np.zeros(self.size, np.float32)
        for feature, weight in self._weighed(_features(words)).items():
            if post := self._posts.get(feature):
                found[post[0]] += weight * post[1]
        return found

    def _weighed(self, bag: dict[str, float]) -> dict[str, float]:
        """A bag by rarity, of length 1."""
        heavy = {feature: weight * self._idf.get(feature, self._most) for feature, weight in bag.items()}
        norm = math.sqrt(sum(weight * weight for weight in heavy.values())) or 1.0
        return {feature: weight / norm for feature, weight in heavy.items()}


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
