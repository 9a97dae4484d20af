"""What Vosk's results say: readings with their words, times and confidences, as the ears' Protocol has them.

Pure: JSON of Vosk's in, hypotheses out. Decoding is ``vosk``'s.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

from ivr.events import Hypothesis, Word
from ivr.nlu.match import ACCEPT

UNKNOWN = "[unk]"
"""Vosk's word for anything that is not of the grammar."""
ALTERNATIVES = 5
"""Readings of one utterance at most."""


def is_unsure(parts: list[dict[str, Any]], found: tuple[Hypothesis, ...]) -> bool:
    """Whether something was said that the grammar does not hold, or hardly; not where nothing was."""
    if found and found[0].confidence <= ACCEPT:
        return True
    return any(not _is_known(word) for part in parts for word in part.get("result", ()))


def read(part: dict[str, Any], began_s: float) -> list[Hypothesis]:
    """The readings of one of Vosk's results, best first; none where it heard nothing it knows."""
    if "alternatives" not in part:
        words = tuple(
            _word(word, word["conf"], began_s) for word in part.get("result", ()) if _is_known(word)
        )
        trust = sum(word.confidence for word in words) / len(words) if words else 0.0
        return [_hypothesis(words, trust)] if words else []
    scores = [alternative["confidence"] for alternative in part["alternatives"]]
    shares = [math.exp(score - max(scores)) for score in scores]
    found: dict[str, Hypothesis] = {}
    for alternative, share in zip(part["alternatives"], shares, strict=True):
        trust = share / sum(shares)
        words = tuple(
            _word(word, trust, began_s) for word in alternative.get("result", ()) if _is_known(word)
        )
        if words:
            reading = _hypothesis(words, trust)
            found.setdefault(reading.text, reading)
    return list(found.values())


def joined(parts: list[dict[str, Any]], began_s: float) -> tuple[Hypothesis, ...]:
    """Readings of the whole utterance from those of its parts."""
    heard = [found for part in parts if (found := read(part, began_s))]
    if not heard:
        return ()
    joined = []
    for choice in itertools.islice(itertools.product(*heard), ALTERNATIVES**2):
        words = tuple(word for reading in choice for word in reading.words)
        trust = sum(reading.confidence * len(reading.words) for reading in choice) / len(words)
        joined.append(_hypothesis(words, trust))
    return tuple(sorted(joined, key=lambda reading: -reading.confidence)[:ALTERNATIVES])


def _hypothesis(words: tuple[Word, ...], confidence: float) -> Hypothesis:
    return Hypothesis(text=" ".join(word.text for word in words), confidence=confidence, words=words)


def named(hypothesis: Hypothesis, alike: dict[tuple[str, ...], str]) -> Hypothesis:
    """With the words that stand for others replaced by those."""
    words = list(hypothesis.words)
    for said, meant in alike.items():
        size = len(said)
        for at in range(len(words) - size, -1, -1):
            piece = words[at : at + size]
            if tuple(word.text for word in piece) == said:
                trust = min(word.confidence for word in piece)
                span = {"start_ms": piece[0].start_ms, "end_ms": piece[-1].end_ms}
                words[at : at + size] = [Word(text=meant, confidence=trust, **span)]
    return _hypothesis(tuple(words), hypothesis.confidence)


def _is_known(word: dict[str, Any]) -> bool:
    return bool(word["word"] != UNKNOWN)


def _word(word: dict[str, Any], confidence: float, began_s: float) -> Word:
    start_ms, end_ms = (max(0, round((word[edge] - began_s) * 1000)) for edge in ("start", "end"))
    return Word(text=word["word"], confidence=min(confidence, 1.0), start_ms=start_ms, end_ms=end_ms)
