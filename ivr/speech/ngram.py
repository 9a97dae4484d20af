"""Trigram language models from a handful of example phrases (Witten-Bell, interpolated), as ARPA text.

Pure: the same phrases give the same text. Reads and writes no file, knows no engine.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

START, END = "<s>", "</s>"
_ORDER = 3
_NEVER = -99.0
"""How ARPA writes log10 of zero; ``<s>`` is never predicted."""

Gram = tuple[str, ...]


def arpa(phrases: Iterable[tuple[Gram, float]]) -> str:
    """The model of phrases, each (its words, its weight > 0), in ARPA format.

    Weights are counts: a phrase of weight 2 counts as if it stood there twice. Raises ValueError for no
    phrase.
    """
    counts, followers = _count(phrases)
    if not counts:
        raise ValueError("a language model needs at least one phrase")
    vocabulary = sorted({gram[0] for gram in counts if len(gram) == 1} | {START})
    probability = _probabilities(counts, followers, len(vocabulary) - 1)
    lines = ["\\data\\"]
    grams = {order: sorted(gram for gram in counts if len(gram) == order) for order in range(1, _ORDER + 1)}
    grams[1] = [(word,) for word in vocabulary]
    lines += [f"ngram {order}={len(grams[order])}" for order in grams]
    for order, of_order in grams.items():
        lines.append(f"\n\\{order}-grams:")
        for gram in of_order:
            chance = math.log10(probability[gram]) if gram != (START,) else _NEVER
            line = f"{chance:.4f} {' '.join(gram)}"
            if order < _ORDER:
                line += f" {_backoff(gram, counts, followers):.4f}"
            lines.append(line)
    return "\n".join([*lines, "", "\\end\\", ""])


def _count(phrases: Iterable[tuple[Gram, float]]) -> tuple[Counter[Gram], dict[Gram, set[str]]]:
    """Weighted counts of all grams that end in a predicted word, and the different words after each
    history."""
    counts: Counter[Gram] = Counter()
    followers: dict[Gram, set[str]] = defaultdict(set)
    for words, weight in phrases:
        padded = (START, *words, END)
        for end in range(2, len(padded) + 1):
            for order in range(1, min(_ORDER, end) + 1):
                gram = padded[end - order : end]
                counts[gram] += weight  # type: ignore[assignment]
                followers[gram[:-1]].add(gram[-1])
    return counts, followers


def _total(history: Gram, counts: Counter[Gram], followers: dict[Gram, set[str]]) -> float:
    return sum(counts[(*history, word)] for word in followers[history])


def _probabilities(
    counts: Counter[Gram], followers: dict[Gram, set[str]], vocabulary_size: int
) -> dict[Gram, float]:
    """P(last word | the words before it) of every gram seen, shorter histories mixed in by Witten and
    Bell."""
    probability: dict[Gram, float] = {(): 1 / vocabulary_size}
    for history in sorted(followers, key=len):
        total, kinds = _total(history, counts, followers), len(followers[history])
        for word in followers[history]:
            gram = (*history, word)
            shorter = probability[gram[1:]]
            probability[gram] = (counts[gram] + kinds * shorter) / (total + kinds)
    return probability


def _backoff(history: Gram, counts: Counter[Gram], followers: dict[Gram, set[str]]) -> float:
    """log10 of the share that Witten and Bell leave to the shorter history."""
    if history not in followers:
        return 0.0
    kinds = len(followers[history])
    return math.log10(kinds / (_total(history, counts, followers) + kinds))
