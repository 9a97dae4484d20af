"""Ears for a site that speaks several languages: each question is heard by the engine of its language.

A language without a speech model hears nothing; its callers answer by keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ivr.actions import Expectation
from ivr.events import Hypothesis
from ivr.speech.stt import Recogniser, Utterance


class Tongues:
    """A recogniser made of one for each language."""

    def __init__(self, main: Recogniser, others: Mapping[str, Recogniser | None]) -> None:
        """``others``: by language; None where no model for it is here. Any other language is ``main``'s."""
        self.engine, self.model, self.language = main.engine, main.model, main.language
        self._main = main
        self._others = others

    def describe(self) -> str:
        told = [self._main.describe()]
        for language, ears in self._others.items():
            told.append(ears.describe() if ears else f"no model for {language!r}: keys only")
        return "; ".join(told)

    async def warm(self, expects: Iterable[Expectation]) -> None:
        expects = tuple(expects)
        for ears in (self._main, *self._others.values()):
            own = tuple(expect for expect in expects if self._of(expect) is ears)
            if ears is not None and own:
                await ears.warm(own)

    async def unknown(self, words: Iterable[str]) -> frozenset[str]:
        return await self._main.unknown(words)

    async def open(self, expect: Expectation) -> Utterance:
        ears = self._of(expect)
        return _Unheard() if ears is None else await ears.open(expect)

    async def close(self) -> None:
        for ears in (self._main, *self._others.values()):
            if ears is not None:
                await ears.close()

    def _of(self, expect: Expectation) -> Recogniser | None:
        return self._others.get(expect.language, self._main)


class _Unheard:
    """An utterance in a language that nobody here understands."""

    async def feed(self, pcm: bytes) -> None:
        pass

    async def partial(self) -> str:
        return ""

    async def finish(self) -> tuple[Hypothesis, ...]:
        return ()

    async def cancel(self) -> None:
        pass
