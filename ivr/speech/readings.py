"""What PocketSphinx decoders made of an utterance: readings, best first, with what speaks for each.

Runs in the worker; knows a decoder's results and no audio. How far they may be trusted is ``trust``'s.
"""

from __future__ import annotations

import itertools
import math
import time
from typing import Any

import numpy as np
import numpy.typing as npt

FRAME_MS = 10
MOST = 8
"""Readings of one utterance."""
_MOST_PATHS = 60
"""Ways through the lattice that are looked at: many differ only in pauses and pronunciations."""
_MOST_S = 0.05
"""And so long."""
_SCALE = 1024
"""PocketSphinx gives 1/1024 of the logarithm of its scores (it keeps them shifted by ten bits)."""
_ALONE = 1e3
"""Lead of a reading that has no other beside it."""
_NO_SPEECH = frozenset(("SIL", "+SPN+", "+NSN+"))

Scores = npt.NDArray[np.float64]


def readings(decoder: Any, sounds: Any, *, is_one: bool = False) -> list[dict[str, Any]]:
    """[{text, words: [{text, loss, start_ms, end_ms}], loss, lead}], best first; [] where only noise was heard.

    Words of the first alone. ``is_one``: only that one. ``sounds`` has decoded the same by any sounds. The loss is of
    the whole utterance, also of speech taken for silence, by frame of speech: who said more than was heard, meant
    something else.
    """
    heard, any_sounds = _segments(decoder), _segments(sounds)
    words = [segment for segment in heard if segment.word[0] not in "<[("]
    speech = sum(_length(segment) for segment in any_sounds if segment.word not in _NO_SPEECH)
    if not words or not speech:
        return []
    scores, best = _scores(heard), _scores(any_sounds)
    size = min(len(scores), len(best))
    losses = scores[:size] - best[:size]
    text = " ".join(_plain(word.word) for word in words)
    loss = float(losses.sum()) / speech
    others = [] if is_one else _others(decoder, text)
    lead = -others[0][1] if others else _ALONE
    first = {"text": text, "words": [_word(word, losses) for word in words], "loss": loss, "lead": lead}
    rest = [
        {"text": other, "words": [], "loss": loss, "lead": behind} for other, behind in others[: MOST - 1]
    ]
    return [first, *rest]


def _others(decoder: Any, text: str) -> list[tuple[str, float]]:
    """Other readings with their distance to the best one in natural logarithms (0 or less), best first."""
    found: dict[str, float] = {}
    until = time.monotonic() + _MOST_S
    for path in itertools.islice(decoder.nbest() or (), _MOST_PATHS):
        if time.monotonic() > until:
            break
        if path is None or not path.hypstr:  # a way of silence and noise alone
            continue
        other = " ".join(map(_plain, path.hypstr.split()))
        found.setdefault(other, _SCALE * math.log(max(path.score, 1e-300)))
    best = max(found.values(), default=0.0)
    top = found.pop(text, best)
    return sorted(((other, min(0.0, score - top)) for other, score in found.items()), key=lambda one: -one[1])


def _word(segment: Any, losses: Scores) -> dict[str, Any]:
    own = losses[segment.start_frame : segment.end_frame + 1]
    return {
        "text": _plain(segment.word),
        "loss": float(own.mean()) if len(own) else -1e9,
        "start_ms": segment.start_frame * FRAME_MS,
        "end_ms": (segment.end_frame + 1) * FRAME_MS,
    }


def _plain(word: str) -> str:
    """Without the number of its pronunciation."""
    return word.partition("(")[0]


def _segments(decoder: Any) -> list[Any]:
    return list(decoder.seg()) if decoder.hyp() is not None else []


def _length(segment: Any) -> int:
    return int(segment.end_frame - segment.start_frame + 1)


def _scores(segments: list[Any]) -> Scores:
    """Acoustic score by frame, in 1/10,000 of a natural logarithm (PocketSphinx's unit)."""
    found = [
        np.full(_length(segment), 1e4 * math.log(max(segment.ascore, 1e-300)) / _length(segment))
        for segment in segments
        if _length(segment) > 0
    ]
    return np.concatenate(found) if found else np.zeros(0)
