"""Hold music of our own making: soft plucked chords over a quiet pad, computed, never recorded.

The same bytes on every run; owes nobody a licence. Made for a telephone: its partials lie between 200 and
2,600 Hz, quiet enough to talk over, and its end rings on into its beginning, so that it loops without a seam.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ivr.audio.frame import RATE_HZ

HOLD_DBFS = -20.0
"""RMS of the clip."""
BEAT_MS = 500
"""120 beats a minute; each chord lasts six."""

_CHORDS = (
    (50, 57, 62, 66, 69, 73),
    (47, 57, 62, 66, 69, 74),
    (55, 59, 62, 66, 71, 74),
    (52, 59, 62, 67, 71, 76),
    (54, 57, 61, 66, 69, 73),
    (47, 57, 62, 66, 69, 74),
    (55, 59, 62, 66, 71, 74),
    (57, 61, 64, 67, 69, 76),
)
"""Each chord as MIDI notes, lowest first: D maj7, B m7, G maj7, E m7, F sharp m, B m7, G maj7, A 7."""
_PATTERN = (1, 3, 4, 5, 4, 3)
"""Which note of its chord each beat plucks."""
_LOWEST_HZ = 200.0
_HIGHEST_HZ = 2600.0

Signal = npt.NDArray[np.float64]


def hold_clip() -> bytes:
    """One turn of the hold music, 24 s of PCM16LE mono 8 kHz, to be played over and over."""
    beat = RATE_HZ * BEAT_MS // 1000
    clip = np.zeros(beat * len(_PATTERN) * len(_CHORDS))
    for index, chord in enumerate(_CHORDS):
        at = index * len(_PATTERN) * beat
        _add(clip, at, _pad(chord, len(_PATTERN) * beat))
        for step, place in enumerate(_PATTERN):
            _add(clip, at + step * beat, _pluck(chord[place]))
    clip *= 32768 * 10 ** (HOLD_DBFS / 20) / np.sqrt(np.mean(clip**2))
    return np.rint(clip).astype("<i2").tobytes()


def _add(clip: Signal, at: int, sound: Signal) -> None:
    """Mix ``sound`` in from ``at`` on, round the end into the beginning."""
    np.add.at(clip, (at + np.arange(len(sound))) % len(clip), sound)


def _pluck(note: int) -> Signal:
    """A plucked string, 2.5 s until it is gone: higher partials are weaker and die sooner."""
    at = np.arange(int(2.5 * RATE_HZ)) / RATE_HZ
    sound = sum(
        (
            np.sin(2 * np.pi * hz * at) * np.exp(-at * (1.6 + 0.9 * n)) / n**1.4
            for n, hz in _partials(note, 6)
        ),
        np.zeros_like(at),
    )
    return _soften(sound, attack_ms=8, release_ms=200)


def _pad(chord: tuple[int, ...], length: int) -> Signal:
    """The chord held softly, swelling in and fading out over its neighbours."""
    swell = RATE_HZ
    at = np.arange(length + swell) / RATE_HZ
    sound = sum(
        (np.sin(2 * np.pi * hz * at) / n**2 for note in chord[1:5] for n, hz in _partials(note, 3)),
        np.zeros_like(at),
    )
    return 0.12 * _soften(sound, attack_ms=1000, release_ms=1000)


def _partials(note: int, count: int) -> list[tuple[int, float]]:
    """Number and frequency of the note's partials that the telephone carries."""
    root_hz = 440 * 2 ** ((note - 69) / 12)
    return [(n, n * root_hz) for n in range(1, count + 1) if _LOWEST_HZ <= n * root_hz <= _HIGHEST_HZ]


def _soften(sound: Signal, *, attack_ms: int, release_ms: int) -> Signal:
    """Raised-cosine edges, so that nothing begins or ends with a click."""
    attack, release = RATE_HZ * attack_ms // 1000, RATE_HZ * release_ms // 1000
    sound[:attack] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(attack) / attack)
    sound[-release:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, release + 1) / release)
    return sound
