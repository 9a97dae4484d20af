"""Pronunciations for PocketSphinx: the dictionary in its wheel, letters to sounds for words missing there.

English only, like the engine's model. Reads the dictionary file, nothing else.
"""

from __future__ import annotations

import copy
import itertools
import logging
import re
from collections.abc import Iterable
from pathlib import Path

from pocketsphinx import get_model_path

from ivr.speech.stt import words_of

_LOG = logging.getLogger(__name__)
_VARIANT = re.compile(r"\(\d+\)$")

_SOUNDS = (
    ("tion", "SH AH N"), ("sion", "ZH AH N"), ("ough", "AO"), ("igh", "AY"), ("tch", "CH"), ("ing", "IH NG"),
    ("ch", "CH"), ("sh", "SH"), ("th", "TH"), ("ph", "F"), ("wh", "W"), ("ck", "K"), ("ng", "NG"),
    ("qu", "K W"),
    ("ee", "IY"), ("ea", "IY"), ("oo", "UW"), ("ou", "AW"), ("ow", "OW"), ("oa", "OW"), ("oi", "OY"),
    ("oy", "OY"), ("ai", "EY"), ("ay", "EY"), ("au", "AO"), ("aw", "AO"), ("ie", "IY"), ("ei", "EY"),
    ("ey", "IY"), ("ue", "UW"), ("er", "ER"), ("ir", "ER"), ("ur", "ER"), ("ar", "AA R"), ("or", "AO R"),
    ("bb", "B"), ("cc", "K"), ("dd", "D"), ("ff", "F"), ("gg", "G"), ("ll", "L"), ("mm", "M"), ("nn", "N"),
    ("pp", "P"), ("rr", "R"), ("ss", "S"), ("tt", "T"), ("zz", "Z"), ("ce", "S"), ("ci", "S IH"),
    ("cy", "S IY"),
    ("a", "AE"), ("b", "B"), ("c", "K"), ("d", "D"), ("e", "EH"), ("f", "F"), ("g", "G"), ("h", "HH"),
    ("i", "IH"), ("j", "JH"), ("k", "K"), ("l", "L"), ("m", "M"), ("n", "N"), ("o", "AA"), ("p", "P"),
    ("q", "K"), ("r", "R"), ("s", "S"), ("t", "T"), ("u", "AH"), ("v", "V"), ("w", "W"), ("x", "K S"),
    ("y", "IY"), ("z", "Z"),
)  # fmt: skip
"""Letters to ARPAbet, the longest first: rough English, better than not being able to hear a product's
name."""
_SILENT_E = re.compile(r"(?<=[^aeiou])e$")
_WAYS = 4
"""Most pronunciations of a word that is said like several others."""
_PLAIN = re.compile(r"[a-z']+")


class Lexicon:
    """How words are said. Keeps only the words it was asked for: the whole dictionary is 134,000 of them."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or Path(get_model_path("en-us/cmudict-en-us.dict"))
        self._known: dict[str, tuple[str, ...]] = {}
        self._guessed: set[str] = set()
        self._alike: dict[str, tuple[str, ...]] = {}

    def taught(self, words: Iterable[tuple[str, str]]) -> Lexicon:
        """This lexicon for whom some words sound as other words do; what either learns both know."""
        told = copy.copy(self)
        told._alike = {word: words_of(like) for word, like in words if words_of(like)}
        return told

    def learn(self, words: Iterable[str]) -> None:
        """Look up words not asked for before, in one pass over the file (60 ms); warn of those not in it."""
        if guessed := self._look_up(words):
            _LOG.warning("not in the English dictionary, pronunciation guessed: %s", ", ".join(guessed))

    def _look_up(self, words: Iterable[str]) -> list[str]:
        """As ``learn``; gives the words not asked for before that are not in the file."""
        asked = {part for word in words for part in self._alike.get(word, (word,))}
        missing = {word for word in asked if word not in self._known}
        if not missing:
            return []
        found: dict[str, list[str]] = {word: [] for word in missing}
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                entry, _, sounds = line.rstrip("\n").partition(" ")
                word = _VARIANT.sub("", entry) if entry.endswith(")") else entry
                if word in missing:
                    found[word].append(sounds)
        for word, sounds_found in found.items():
            self._known[word] = tuple(sounds_found) or guess(word)
        guessed = sorted(word for word in missing if not found[word])
        self._guessed.update(guessed)
        return guessed

    def guessed(self, words: Iterable[str]) -> frozenset[str]:
        """Those of the words that the dictionary does not hold. Reads it for words not asked for before."""
        words = frozenset(words)
        self._look_up(words)
        return words & self._guessed

    def sounds(self, word: str) -> tuple[str, ...]:
        """Every pronunciation of a word given to ``learn``, as ARPAbet; () when it cannot be said in
        English."""
        if word not in self._alike:
            return self._known[word]
        ways = itertools.product(*(self._known[part] for part in self._alike[word]))
        return tuple(dict.fromkeys(" ".join(way) for way in itertools.islice(ways, _WAYS)))


def guess(word: str) -> tuple[str, ...]:
    """A pronunciation by letter-to-sound rules; () for a word with letters outside a-z."""
    if not _PLAIN.fullmatch(word):
        return ()
    rest, sounds = _SILENT_E.sub("", word.replace("'", "")), []
    while rest:
        letters, sound = next(rule for rule in _SOUNDS if rest.startswith(rule[0]))
        sounds.append(sound)
        rest = rest.removeprefix(letters)
    return (" ".join(sounds),) if sounds else ()
