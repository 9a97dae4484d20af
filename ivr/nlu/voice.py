"""Whether a caller's voice is raised, against the same caller's own beginning on the same line.

A rule made by hand, not trained: no recordings of upset callers that may train what ships could be had. Louder,
higher, sharper and faster are what raised voices are known by (vocal effort rises some 6 dB from "normal" to
"raised", ANSI S3.5, the pitch with it and the upper band more than the lower); joy and haste sound so too. So it
only ever adds to words (``mood``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from ivr.events import Voice

LEAST_MS = 500
"""So much voice an utterance must have to be compared: a "yes" is too short to tell."""
BEGINNING = 3
"""So many of the first utterances are the caller's own beginning, together."""
LOUDER_DB, HIGHER_ST, SHARPER_DB, FASTER = 5.0, 2.5, 3.0, 1.3
"""From such a change on a sign is there; of calm speech hardly an utterance has two (docs/measurements.md)."""
ENOUGH, ALL = 2, 4
"""Signs that make a raised voice, loudness or height among them, and all there are."""


@dataclass(frozen=True, slots=True)
class Raised:
    """How far a voice is raised: 0 not at all .. 1 by every sign, and those signs as one says them."""

    strength: float = 0.0
    signs: tuple[str, ...] = ()


CALM = Raised()


def is_usable(voice: Voice | None) -> bool:
    return voice is not None and voice.voiced_ms >= LEAST_MS


def beginning(voices: Iterable[Voice]) -> Voice | None:
    """The first utterances as one; None where there is none yet."""
    found = tuple(voices)
    if not found:
        return None
    return Voice(
        voiced_ms=sum(each.voiced_ms for each in found),
        level_db=fmean(each.level_db for each in found),
        pitch_hz=math.exp(fmean(math.log(each.pitch_hz) for each in found)),
        spread_st=fmean(each.spread_st for each in found),
        tilt_db=fmean(each.tilt_db for each in found),
        pace_hz=fmean(each.pace_hz for each in found),
    )


def compare(voice: Voice | None, first: Voice | None) -> Raised:
    """How far ``voice`` is raised against ``first`` (``beginning``)."""
    if voice is None or first is None or not is_usable(voice):
        return CALM
    louder = voice.level_db - first.level_db
    higher = 12 * math.log2(voice.pitch_hz / first.pitch_hz)
    sharper = voice.tilt_db - first.tilt_db
    faster = voice.pace_hz / max(1.0, first.pace_hz)
    is_louder, is_higher = louder >= LOUDER_DB, higher >= HIGHER_ST
    signs = tuple(
        sign
        for sign, is_there in (
            (f"louder by {louder:.0f} dB", is_louder),
            (f"higher by {higher:.0f} semitones", is_higher),
            ("a sharper voice", sharper >= SHARPER_DB),
            ("speaks faster", faster >= FASTER),
        )
        if is_there
    )
    if not (is_louder or is_higher) or len(signs) < ENOUGH:
        return CALM
    return Raised(len(signs) / ALL, signs)
