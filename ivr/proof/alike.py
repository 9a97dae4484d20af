"""How far apart two phrases sound, by the sounds an English dictionary gives them.

A weighted edit distance over ARPAbet: sounds that a telephone line hardly tells apart (F and S, M and N, P and T)
cost less than others. Suspects only: whether they are told apart is for the recogniser to say.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from functools import lru_cache

from ivr.speech.lexicon import Lexicon
from ivr.speech.stt import words_of

SUSPECT = 0.45
"""Phrases nearer than this, as a share of the longer one, are tried on the recogniser: beyond it, none was taken for
the other (docs/measurements.md)."""
SUSPECT_SOUNDS = 2.0
"""And no farther apart than so many whole sounds: a phrase that has another word is not taken for it."""
_VARIANTS = 4
"""Most pronunciations of one phrase that are compared."""

Sounds = tuple[str, ...]

_CONSONANTS = {
    "P": (0, "stop", 0), "B": (0, "stop", 1), "T": (2, "stop", 0), "D": (2, "stop", 1), "K": (4, "stop", 0),
    "G": (4, "stop", 1), "CH": (3, "affricate", 0), "JH": (3, "affricate", 1), "F": (0, "fricative", 0),
    "V": (0, "fricative", 1), "TH": (1, "fricative", 0), "DH": (1, "fricative", 1), "S": (2, "fricative", 0),
    "Z": (2, "fricative", 1), "SH": (3, "fricative", 0), "ZH": (3, "fricative", 1), "HH": (5, "fricative", 0),
    "M": (0, "nasal", 1), "N": (2, "nasal", 1), "NG": (4, "nasal", 1), "L": (2, "glide", 1),
    "R": (3, "glide", 1), "W": (0, "glide", 1), "Y": (3, "glide", 1),
}  # fmt: skip
"""Place (lips 0 to throat 5), manner, voice."""
_VOWELS = {
    "IY": (1.0, 0.0), "IH": (0.8, 0.1), "EY": (0.7, 0.0), "EH": (0.5, 0.1), "AE": (0.2, 0.1), "AA": (0.0, 0.8),
    "AO": (0.2, 1.0), "AH": (0.4, 0.5), "ER": (0.5, 0.5), "UH": (0.8, 0.9), "UW": (1.0, 1.0), "OW": (0.6, 1.0),
    "AY": (0.3, 0.3), "AW": (0.2, 0.6), "OY": (0.5, 0.7),
}  # fmt: skip
"""Height and backness, 0 to 1; of a diphthong about its middle."""
_NEAR = {frozenset(pair): 0.3 for pair in (("Y", "IY"), ("W", "UW"), ("R", "ER"), ("L", "OW"))}
"""A consonant and the vowel that is made nearly alike."""
_VOICE, _PLACE, _MANNER = 0.2, 0.25, 0.5
"""What a difference of each costs; place is carried by frequencies of which a telephone cuts off most."""
_ADDED = {"HH": 0.3, "T": 0.4, "D": 0.4, "AH": 0.4, "IH": 0.5}
"""Cost of a sound more or less: those often swallowed. Any other: _ADDED_CONSONANT or _ADDED_VOWEL."""
_ADDED_CONSONANT, _ADDED_VOWEL = 0.6, 0.9


class Ear:
    """Pronunciations of phrases, learned once, and their distances."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """Reads the dictionary once, for all words of ``phrases``."""
        self._lexicon = Lexicon()
        self._phrases = {phrase: words_of(phrase) for phrase in phrases}
        self._lexicon.learn(word for words in self._phrases.values() for word in words)
        self._sounds = {phrase: self._said(words) for phrase, words in self._phrases.items()}

    def distance(self, one: str, other: str, limit: float = 1.0) -> float:
        """How far apart two of the phrases sound, as a share of the longer.

        1.0 above ``limit``, and where one of them has no English sounds.
        """
        pairs = itertools.product(self._sounds[one], self._sounds[other])
        return min((apart(left, right, limit) for left, right in pairs), default=1.0)

    def is_suspect(self, one: str, other: str) -> bool:
        """True for two of the phrases that sound so near that they must be tried."""
        return any(
            apart(left, right, SUSPECT, SUSPECT_SOUNDS) < SUSPECT
            for left, right in itertools.product(self._sounds[one], self._sounds[other])
        )

    def _said(self, words: tuple[str, ...]) -> tuple[Sounds, ...]:
        ways = itertools.islice(itertools.product(*map(self._lexicon.sounds, words)), _VARIANTS)
        return tuple(dict.fromkeys(tuple(" ".join(way).split()) for way in ways)) if words else ()


def apart(one: Sounds, other: Sounds, limit: float = 1.0, limit_sounds: float = math.inf) -> float:
    """Weighted edit distance as a share of the longer phrase: 0 the same, 1 nothing in common.

    1.0 as soon as it is above ``limit``, or above so many whole sounds.
    """
    longer = max(len(one), len(other)) or 1
    most = min(limit * longer, limit_sounds)
    if abs(len(one) - len(other)) * min(_ADDED.values()) > most:
        return 1.0
    row = list(itertools.accumulate((_added(sound) for sound in other), initial=0.0))
    for sound in one:
        above, added = row, _added(sound)
        row = [above[0] + added]
        for place, wanted in enumerate(other):
            row.append(
                min(
                    above[place] + _differ(sound, wanted),
                    above[place + 1] + added,
                    row[place] + _added(wanted),
                )
            )
        if min(row) > most:
            return 1.0
    return min(1.0, row[-1] / longer) if row[-1] <= most else 1.0


@lru_cache(maxsize=2048)
def _differ(one: str, other: str) -> float:
    """What it costs to take one sound for another."""
    if one == other:
        return 0.0
    if one in _CONSONANTS and other in _CONSONANTS:
        (place, manner, voice), (its_place, its_manner, its_voice) = _CONSONANTS[one], _CONSONANTS[other]
        cost = (
            _VOICE * (voice != its_voice) + _PLACE * (place != its_place) + _MANNER * (manner != its_manner)
        )
        return min(1.0, cost)
    if one in _VOWELS and other in _VOWELS:
        (height, back), (its_height, its_back) = _VOWELS[one], _VOWELS[other]
        return min(1.0, 0.15 + 0.7 * abs(height - its_height) + 0.5 * abs(back - its_back))
    return _NEAR.get(frozenset((one, other)), 1.0)


def _added(sound: str) -> float:
    return _ADDED.get(sound, _ADDED_VOWEL if sound in _VOWELS else _ADDED_CONSONANT)
