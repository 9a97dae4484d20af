"""Which sentences are about the same: by the meaning of their words where that is known, and by the words.

Average linkage, so that one sentence between two matters does not make one of them. Deterministic; knows nothing of
calls and flows.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ivr.nlu.normalise import content
from ivr.nlu.vectors import embed

Words = tuple[str, ...]
Matrix = NDArray[np.float32]

SAME = 0.35
"""Sentences of one group are as alike as this on average. Chosen on half of BANKING77's intents; of the other
half, ten at a time with 20 sentences each, 87 % come into groups of three and more, and 94 % of these are of their
group's intent (means of 4 draws; held to it by ``tests/learning/test_likeness.py``)."""
MEANING = 0.7
"""What meaning counts beside the words themselves, where both sentences have one."""


def likeness(sentences: Sequence[Words]) -> Matrix:
    """How alike each two of the sentences (canonical words) are, 0..1."""
    words = _bags(sentences)
    same = words @ words.T
    vectors = [embed(content(sentence)) for sentence in sentences]
    known = np.array([vector is not None for vector in vectors])
    if known.any():
        table = np.array([vector for vector in vectors if vector is not None], dtype=np.float32)
        meant = np.zeros_like(same)
        meant[np.ix_(known, known)] = table @ table.T
        both = np.outer(known, known)
        same = np.where(both, MEANING * meant + (1 - MEANING) * same, same)
    return np.clip(same, 0.0, 1.0).astype(np.float32)


def groups(alike: Matrix, least: float = SAME) -> list[list[int]]:
    """The sentences by number, in groups whose members are ``least`` alike on average; biggest first.

    Chains of nearest neighbours (Murtagh 1983): every merge of average linkage, in time that grows with the square.
    """
    size = len(alike)
    near = alike.astype(np.float64)
    np.fill_diagonal(near, -1.0)
    members = [[index] for index in range(size)]
    alive = np.ones(size, dtype=bool)
    chain: list[int] = []
    while alive.any():
        if not chain:
            chain.append(int(np.argmax(alive)))
        last = chain[-1]
        best = int(np.argmax(near[last]))
        if len(chain) > 1 and near[last, chain[-2]] >= near[last, best]:
            best = chain[-2]
        if near[last, best] < least:
            alive[last] = False
            chain = []
        elif len(chain) > 1 and best == chain[-2]:
            chain = chain[:-2]
            _merge(near, members, alive, best, last)
        else:
            chain.append(best)
    return sorted((sorted(each) for each in members if each), key=lambda each: (-len(each), each))


def _merge(
    near: NDArray[np.float64], members: list[list[int]], alive: NDArray[np.bool_], one: int, other: int
) -> None:
    """``other`` joins ``one``: its likeness to each of the rest is that of all members, on average."""
    a, b = len(members[one]), len(members[other])
    row = (a * near[one] + b * near[other]) / (a + b)
    members[one] += members[other]
    members[other] = []
    near[one], near[:, one] = row, row
    near[other], near[:, other] = -1.0, -1.0
    near[one, one] = -1.0
    alive[other] = False


def _bags(sentences: Sequence[Words]) -> Matrix:
    """Words and neighbouring words of each sentence, weighted by how rare they are, as rows of length 1."""
    bags = [Counter((*said, *map(" ".join, itertools.pairwise(said)))) for said in map(content, sentences)]
    held = Counter(feature for bag in bags for feature in bag)
    place = {feature: index for index, feature in enumerate(sorted(held))}
    rows = np.zeros((len(bags), len(place)), dtype=np.float32)
    for index, bag in enumerate(bags):
        for feature, count in bag.items():
            rows[index, place[feature]] = count * (1 + math.log(len(bags) / held[feature]))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths, lengths, 1.0)).astype(np.float32)
