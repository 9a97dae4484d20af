"""The ears' Protocols: a recogniser shared by all calls of a process, and one utterance being decoded.

Says what every engine must do, and cuts phrases into words the way all of them want. No engine here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from ivr.actions import Expectation, Option
from ivr.events import Hypothesis

FEED_MS = 100
"""Sound is decoded in pieces of this length: at 20 ms decoding costs twice as much (measured with Vosk)."""
FEED_BYTES = FEED_MS * 8 * 2
AGAIN_MS = 250
"""A second pass that takes longer is given up: the caller waits meanwhile, and so do others of the same worker."""
MOST_GRAMMARS = 1_000
"""Grammars that an engine keeps made: a site has some hundred questions, and files that are changed bring others."""
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "oh")
"""Words of a spoken digit string in English; the place of a word is its digit, ``oh`` is another zero."""

_WORD = re.compile(r"\d|[^\W\d_]+(?:'[^\W\d_]+)*")


class Utterance(Protocol):
    """One utterance being decoded. Every method may be called once more after ``finish``; it then does
    nothing."""

    async def feed(self, pcm: bytes) -> None:
        """PCM16LE 8 kHz mono, any whole number of samples; usually 100 ms."""

    async def partial(self) -> str:
        """The words so far; '' when none."""

    async def finish(self) -> tuple[Hypothesis, ...]:
        """Best first, word times in ms from the first fed sample; () for noise or a failed engine."""

    async def cancel(self) -> None:
        """Forget this utterance."""


class Recogniser(Protocol):
    """An engine with its model, shared by all calls of a process."""

    engine: str
    model: str
    language: str

    async def warm(self, expects: Iterable[Expectation]) -> None:
        """Build grammars and language models ahead, so that the first caller does not wait for them."""

    async def unknown(self, words: Iterable[str]) -> frozenset[str]:
        """Those of the words (as ``words_of`` cuts them) that the engine does not know: it never hears them, or by a
        guess at how they sound."""

    async def open(self, expect: Expectation) -> Utterance:
        """Begin an utterance of what ``expect`` allows. Raises SpeechError when closed or out of order."""

    async def close(self) -> None:
        """Free everything; open utterances answer ()."""

    def describe(self) -> str:
        """One sentence for a person: which engine, which model, and why where that needs saying."""


def best_first(found: Iterable[Hypothesis], most: int) -> tuple[Hypothesis, ...]:
    """Readings of one utterance, the surest of each text once; the first given wins where two are as sure."""
    once: dict[str, Hypothesis] = {}
    for hypothesis in sorted(found, key=lambda hypothesis: -hypothesis.confidence):
        once.setdefault(hypothesis.text, hypothesis)
    return tuple(once.values())[:most]


def words_of(phrase: str) -> tuple[str, ...]:
    """The words of a phrase as engines know them: lower case, no punctuation, a numeral as its digits'
    names."""
    return tuple(DIGITS[int(word)] if word.isdigit() else word for word in _WORD.findall(phrase.lower()))


def phrases_of(options: Iterable[Option]) -> tuple[tuple[str, ...], ...]:
    """All different phrases of the options, each as its words, in a stable order."""
    found = {words_of(phrase): None for option in options for phrase in option.phrases}
    return tuple(words for words in found if words)
