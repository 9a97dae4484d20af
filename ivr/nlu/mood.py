"""How upset a caller's words are: a score, and the words it rests on.

A lexicon with negation (``temper``) and a small network on what the words mean (``vectors``) and what the lexicon
finds, trained by ``scripts/train-mood``; the more upset of the two counts. Then what has gone before on the call,
and the voice (``voice``), which only ever add to words that are there. English only.

The score is a rarity: of calm requests one in 20 reaches 0.5, one in 100 reaches 0.6 (``mood.json``: ``sums`` and
``scores``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.nlu.normalise import content, is_number, tokens
from ivr.nlu.temper import DENIED, GOOD, STRONGER, VERY, WEIGHTS, is_denied
from ivr.nlu.vectors import SIZE, embed
from ivr.nlu.voice import Raised

FILE = Path(__file__).with_name("mood.json")
"""The network as ``scripts/train-mood`` wrote it."""
STRETCH, STEP = 8, 2
"""Words that are looked at together, and how far one look is from the next: of a long sentence the worst part
counts, for its plain words would drown a short curse."""
LEAST_WORDS = 3
"""Fewer are judged by the lexicon alone: a bare "no" means nothing more."""
MOST_WORDS = 120
"""Of an endless utterance its end is read."""
MASS = 3.0
"""Most that the lexicon says of a stretch, as a feature: the negative logarithm of its calm."""
FEATURES = SIZE + 3
MEANING = 8.0
"""What the numbers of a meaning are multiplied by: each is about a sixteenth."""
THERE = 0.4
"""Score from which on something upset was said, so that what has gone before and the voice may add to it."""
AGAIN, MOST_AGAIN = 0.12, 0.36
"""For each time the caller has said much the same before."""
MISSED, MOST_MISSED = 0.04, 0.16
"""For each time the machine has not understood."""
LOOPED, MOST_LOOPED = 0.04, 0.12
"""For each time the machine has asked just this before."""
TENSE, MOST_TENSE = 0.12, 0.24
"""For each of the last utterances that was upset too."""
RAISED = 0.25
"""For a voice that is raised by every sign there is."""
ALIKE = 0.6
"""Share of words in common from which on two sentences are the same request."""


@dataclass(frozen=True, slots=True)
class Mood:
    """0 calm .. 1 as upset as can be, and what weighed, heaviest first."""

    score: float
    words: tuple[str, ...] = ()
    said: float = 0.0
    """The score of the words alone."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a mood is read from: all of it, but where the worth of a part is measured."""

    lexicon: bool = True
    model: bool = True
    voice: bool = True


@dataclass(frozen=True, slots=True)
class Past:
    """What has gone before on the call."""

    said: tuple[str, ...] = ()
    """The caller's utterances."""
    scores: tuple[float, ...] = ()
    """How upset the words of the last of them were (``Mood.said``)."""
    misses: int = 0
    """How often the machine has not understood."""
    loops: int = 0
    """How often the machine has asked the same before."""


EVERYTHING = Sources()
NOTHING = Past()


def read(
    text: str, past: Past = NOTHING, raised: Raised | None = None, sources: Sources = EVERYTHING
) -> Mood:
    """The mood of one utterance.

    Being asked again, or a raised voice, alone never makes anybody upset: they add to words that are there.
    """
    words = tokens(text)[-MOST_WORDS:]
    said, named = _said(words, sources)
    if said < THERE and not named:
        return Mood(said, (), said)
    calm, signs = _signs(words, past, raised if sources.voice else None)
    return Mood(round(1 - (1 - said) * calm, 2), tuple(dict.fromkeys((*named, *signs))), said)


def _said(words: tuple[str, ...], sources: Sources) -> tuple[float, list[str]]:
    """The score of the words alone, and those it rests on."""
    hits = _hits(words) if sources.lexicon else []
    by_lexicon = 1 - _calm(hits)
    named = [phrase for phrase, _ in sorted(hits, key=lambda hit: -hit[1])]
    model = _model() if sources.model and len(words) >= LEAST_WORDS else None
    found = model.worst(words, has_lexicon=sources.lexicon) if model is not None else None
    by_meaning, stretch = found or (0.0, ())
    if by_meaning >= THERE and not named:
        named += filter(None, [" ".join(word for word in stretch if not is_number(word))])
    return round(max(by_lexicon, by_meaning), 2), named


def _signs(words: tuple[str, ...], past: Past, raised: Raised | None) -> tuple[float, list[str]]:
    """What is left of calm by all that is not in the words themselves, and what that is."""
    calm, signs = 1.0, []
    repeats = sum(_is_alike(words, tokens(each)) for each in past.said)
    tense = sum(score >= THERE for score in past.scores)
    for name, count, weight, most in (
        ("said before", repeats, AGAIN, MOST_AGAIN),
        ("upset before", tense, TENSE, MOST_TENSE),
        ("not understood", past.misses, MISSED, MOST_MISSED),
        ("goes round in a circle", past.loops, LOOPED, MOST_LOOPED),
    ):
        if count:
            calm *= 1 - min(most, count * weight)
            signs.append(name)
    if raised is not None and raised.strength:
        calm *= 1 - RAISED * raised.strength
        signs += raised.signs
    return calm, signs


def _hits(words: tuple[str, ...]) -> list[tuple[str, float]]:
    """Phrases of the lexicon in the words, longest first at each place, with their weights here."""
    hits: list[tuple[str, float]] = []
    for at, part in _parts(words):
        weight = _weight(words, at, _PHRASES[part]) if part in _PHRASES else 0.0
        if weight:
            denied = "not " if weight == DENIED else ""
            hits.append((denied + " ".join(part), weight))
    return hits


def _affirmed(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without denied phrases of anger: a mean of meanings knows no "not"."""
    kept: list[str] = []
    for at, part in _parts(words):
        if not _PHRASES.get(part) or _weight(words, at, _PHRASES[part]):
            kept += part
    return tuple(kept)


def _parts(words: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The words, parted where phrases of the lexicon begin: at each place the longest, else one word."""
    at = 0
    while at < len(words):
        size = next((size for size in range(_LONGEST, 0, -1) if words[at : at + size] in _PHRASES), 1)
        yield at, words[at : at + size]
        at += size


def _calm(hits: Sequence[tuple[str, float]]) -> float:
    calm = 1.0
    for _, weight in hits:
        calm *= 1 - weight
    return calm


def _weight(words: tuple[str, ...], at: int, weight: float) -> float:
    """What a hit at ``at`` weighs; a good word has weight 0 of its own, and counts where it is denied."""
    if weight == 0:
        return DENIED if is_denied(words, at) else 0.0
    if is_denied(words, at):
        return 0.0
    return min(0.9, weight * STRONGER) if at and words[at - 1] in VERY else weight


def _is_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    first, second = set(content(one)), set(content(other))
    return len(first) > 1 and len(first & second) >= ALIKE * len(first | second)


def stretches(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The words in overlapping stretches; all of them where they are few."""
    starts = range(0, max(1, len(words) - STRETCH + STEP), STEP)
    return [words[start : start + STRETCH] for start in starts]


def features(words: tuple[str, ...], *, has_lexicon: bool = True) -> NDArray[np.float64] | None:
    """What the network sees of a stretch: what it means without what is denied, how much the lexicon finds and
    whether it finds anything. None where the words have no vector."""
    meaning = embed(_affirmed(words))
    if meaning is None:
        return None
    hits = _hits(words) if has_lexicon else []
    mass = min(MASS, -float(np.log(max(1e-9, _calm(hits)))))
    return np.concatenate([MEANING * meaning, [mass, float(bool(hits)), 1.0]])


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A line and a few bends: a weight for each feature, and hidden units with theirs."""

    weights: NDArray[np.float64]
    """``FEATURES``."""
    hidden: NDArray[np.float64]
    """``FEATURES`` by units."""
    out: NDArray[np.float64]
    """A weight for each unit."""
    sums: NDArray[np.float64] = field(default_factory=lambda: np.array([-99.0, 99.0]))
    scores: NDArray[np.float64] = field(default_factory=lambda: np.array([0.0, 1.0]))
    """Which score each sum means: knots."""

    def weigh(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """How upset stretches are, on a scale of its own; ``rows`` of ``features``."""
        found: NDArray[np.float64] = rows @ self.weights + np.tanh(rows @ self.hidden) @ self.out
        return found

    def worst(self, words: tuple[str, ...], *, has_lexicon: bool = True) -> tuple[float, tuple[str, ...]]:
        """The score of the most upset stretch, and its words without those at its ends that say nothing."""
        most, stretch = max((self._sum(each, has_lexicon=has_lexicon), each) for each in stretches(words))
        score = round(float(np.interp(most, self.sums, self.scores)), 2)
        if score < THERE:
            return score, ()
        for end in (slice(1, None), slice(None, -1)):
            while len(stretch) > 1 and self._sum(stretch[end], has_lexicon=has_lexicon) >= most:
                stretch = stretch[end]
        return score, stretch

    def _sum(self, words: tuple[str, ...], *, has_lexicon: bool) -> float:
        """The lowest there is where the words have no vector."""
        found = features(words, has_lexicon=has_lexicon)
        return float(self.sums[0]) if found is None else float(self.weigh(found[None])[0])


@cache
def _model() -> Model | None:
    """None where words have no vectors here: the lexicon is all there is then."""
    if embed(("hello",)) is None:
        return None
    kept = {name: np.array(value) for name, value in json.loads(FILE.read_text(encoding="utf-8")).items()}
    assert kept["hidden"].shape == (FEATURES, len(kept["out"])) and len(kept["weights"]) == FEATURES
    return Model(kept["weights"], kept["hidden"], kept["out"], kept["sums"], kept["scores"])


_PHRASES: dict[tuple[str, ...], float] = {
    tokens(phrase): weight for phrase, weight in (*WEIGHTS.items(), *((good, 0.0) for good in GOOD))
}
_LONGEST = max(map(len, _PHRASES))
