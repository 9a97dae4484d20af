"""PocketSphinx behind the ears' Protocol: worker processes (one a core) that each decode many utterances at
once.

The built-in engine, English only: needs no model but the one in its wheel, and listens only for what the step
expects. A worker that died is replaced at the next utterance; the utterances it had answer ().
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ivr.actions import Expectation
from ivr.errors import SpeechError
from ivr.events import Hypothesis, Word
from ivr.speech.child import Child
from ivr.speech.grammar import Grammar, grammar
from ivr.speech.lexicon import Lexicon
from ivr.speech.pipe import Head
from ivr.speech.sayings import heard_as
from ivr.speech.stt import MOST_GRAMMARS

_LOG = logging.getLogger(__name__)
_WORKER = "ivr.speech.decoder"


class Sphinx:
    """The built-in recogniser. ``workers`` processes, 0 for one a core; started with the first need of them.

    Confidences compare the words with any sounds at all: how much worse they explain what was said, through
    a logistic curve fitted for each kind of grammar, so that 0.8 is right about eight times in ten.
    """

    engine = "pocketsphinx"
    model = "en-us"
    language = "en"

    def __init__(self, *, workers: int = 0, note: str = "") -> None:
        self._note = note
        self._children: list[Child | None] = [None] * (workers or os.cpu_count() or 1)
        self._locks = [asyncio.Lock() for _ in self._children]
        self._loads = [0] * len(self._children)
        self._numbers = itertools.count()
        self._lexicon = Lexicon()
        self._grammars: dict[Expectation, Grammar | None] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="ivr-grammars-", ignore_cleanup_errors=True)
        self._is_closed = False

    def describe(self) -> str:
        sentence = (
            f"PocketSphinx ({self.model}, {len(self._children)} processes) listens for the flow's own phrases"
        )
        return f"{sentence}; {self._note}" if self._note else sentence

    async def warm(self, expects: Iterable[Expectation]) -> None:
        needs = [need for need in [await self._need(expect) for expect in expects] if need is not None]
        for worker in range(len(self._children)):
            child = await self._child(worker)
            for need in needs:
                await child.ask({"op": "warm", **need})

    async def unknown(self, words: Iterable[str]) -> frozenset[str]:
        return await asyncio.to_thread(self._lexicon.guessed, tuple(words))

    async def open(self, expect: Expectation) -> SphinxUtterance:
        if self._is_closed:
            raise SpeechError("the recogniser is closed")
        need = await self._need(expect)
        built = await self._grammar(expect)
        if need is None or built is None:
            return SphinxUtterance(None, 0, self, -1, built)
        worker = min(range(len(self._loads)), key=self._loads.__getitem__)
        self._loads[worker] += 1
        try:
            child = await self._child(worker)
            number = next(self._numbers)
            await child.tell({"op": "open", "id": number, **need})
        except BaseException:
            self._loads[worker] -= 1
            raise
        return SphinxUtterance(child, number, self, worker, built)

    async def close(self) -> None:
        self._is_closed = True
        children, self._children = self._children, [None] * len(self._children)
        await asyncio.gather(*(child.stop() for child in children if child is not None))
        self._folder.cleanup()

    def release(self, worker: int) -> None:
        """An utterance of that worker has ended."""
        self._loads[worker] -= 1

    async def _child(self, worker: int) -> Child:
        async with self._locks[worker]:
            child = self._children[worker]
            if child is None or not child.is_alive:
                if child is not None:
                    _LOG.error(
                        "recognition worker %d died; its utterances are lost, another one starts", child.pid
                    )
                    await child.kill()
                child = self._children[worker] = await Child.start(_WORKER)
            return child

    async def _need(self, expect: Expectation) -> Head | None:
        """What a worker must know to listen for an expectation; its files are written once."""
        built = await self._grammar(expect)
        if built is None:
            return None
        folder = Path(self._folder.name)
        return {
            "key": built.key,
            "kind": built.kind,
            "grammar": str(folder / f"{built.key}.{built.kind}"),
            "dictionary": str(folder / f"{built.key}.dict"),
        }

    async def _grammar(self, expect: Expectation) -> Grammar | None:
        """What is listened for; made once for all expectations that sound the same."""
        expect = heard_as(expect)
        if expect in self._grammars:
            return self._grammars[expect]
        built = self._grammars[expect] = await asyncio.to_thread(self._build, expect)
        if len(self._grammars) > MOST_GRAMMARS:
            del self._grammars[next(iter(self._grammars))]
        return built

    def _build(self, expect: Expectation) -> Grammar | None:
        """The grammar, whose texts are in files and no longer in memory."""
        built = grammar(expect, self._lexicon)
        if built is None:
            return None
        folder = Path(self._folder.name)
        (folder / f"{built.key}.dict").write_text(built.dictionary, encoding="utf-8")
        (folder / f"{built.key}.{built.kind}").write_text(built.text, encoding="utf-8")
        return replace(built, text="", dictionary="")


class SphinxUtterance:
    """One utterance in a worker; without one (nothing to listen for) it hears nothing."""

    def __init__(
        self, child: Child | None, number: int, owner: Sphinx, worker: int, built: Grammar | None
    ) -> None:
        self._child, self._number = child, number
        self._owner, self._worker = owner, worker
        self._built = built

    async def feed(self, pcm: bytes) -> None:
        if self._child is not None:
            await self._child.tell({"op": "feed", "id": self._number}, pcm)

    async def partial(self) -> str:
        if self._child is None:
            return ""
        try:
            head, _ = await self._child.ask({"op": "partial", "id": self._number})
        except SpeechError:
            return ""
        return str(head["text"])

    async def finish(self) -> tuple[Hypothesis, ...]:
        child = self._end()
        if child is None or self._built is None:
            return ()
        try:
            head, _ = await child.ask({"op": "finish", "id": self._number})
        except SpeechError:
            return ()
        words = tuple(Word(**word) for word in head["words"])
        if not words:
            return ()
        text = " ".join(word.text for word in words)
        confidence = min(head["confidence"], self._built.most_trust(text))
        return (Hypothesis(text=text, confidence=confidence, words=words),)

    async def cancel(self) -> None:
        child = self._end()
        if child is not None:
            await child.tell({"op": "cancel", "id": self._number})

    def _end(self) -> Child | None:
        """The worker, once; from now on this utterance does nothing."""
        child, self._child = self._child, None
        if child is not None:
            self._owner.release(self._worker)
        return child
