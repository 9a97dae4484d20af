"""PocketSphinx behind the ears' Protocol: worker processes (one a core) that each decode many utterances at
once.

The built-in engine, English only: needs no model but the one in its wheel, and listens only for what the step
expects; what means nothing there it hears again as general English. A worker that died is replaced at the next
utterance; the utterances it had answer ().
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ivr.actions import Expectation
from ivr.errors import SpeechError
from ivr.events import Hypothesis, Word
from ivr.nlu.match import understand
from ivr.speech import restore, trust
from ivr.speech.child import Child
from ivr.speech.grammar import Grammar, grammar
from ivr.speech.lexicon import Lexicon
from ivr.speech.pipe import Head
from ivr.speech.readings import MOST
from ivr.speech.sayings import heard_as
from ivr.speech.stt import AGAIN_MS, MOST_GRAMMARS
from ivr.speech.trust import Evidence, Judge, agreement

_LOG = logging.getLogger(__name__)
_WORKER = "ivr.speech.decoder"
_GENERAL = "general"
TWICE = frozenset(("open",))
"""Kinds of grammar where a second pass helps: of phrases it changes nothing, values it makes worse."""


class Sphinx:
    """The built-in recogniser. ``workers`` processes, 0 for one a core; started with the first need of them.

    Several readings, best first, each with the chance that it means what was said (``trust``), so that 0.8 is right
    about eight times in ten. Without ``has_domain_model`` every step is heard as general English; without
    ``has_second_pass`` what is unsure stays so. ``judge``: in place of the fitted curves.
    """

    engine = "pocketsphinx"
    model = "en-us"
    language = "en"

    def __init__(
        self,
        *,
        workers: int = 0,
        note: str = "",
        has_domain_model: bool = True,
        has_second_pass: bool = True,
        judge: Judge | None = None,
    ) -> None:
        """Raises SpeechError where the network of the ear is not there."""
        if not restore.NET.is_file():
            raise SpeechError(
                f"{restore.NET}: not there; restore it from the project, or run scripts/train-ear"
            )
        self._note = note
        self._has_domain_model = has_domain_model
        self._has_second_pass = has_second_pass and has_domain_model
        self.judge = judge or trust.load()
        self._children: list[Child | None] = [None] * (workers or os.cpu_count() or 1)
        self._locks = [asyncio.Lock() for _ in self._children]
        self._loads = [0] * len(self._children)
        self._numbers = itertools.count()
        self._lexicon = Lexicon()
        self._grammars: dict[Expectation, Grammar | None] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="ivr-grammars-", ignore_cleanup_errors=True)
        self._is_closed = False

    def describe(self) -> str:
        count = f"{len(self._children)} process{'es' if len(self._children) > 1 else ''}"
        sentence = f"PocketSphinx ({self.model}, {count}) listens for the flow's own phrases"
        return f"{sentence}; {self._note}" if self._note else sentence

    async def warm(self, expects: Iterable[Expectation]) -> None:
        needs = [need for need in [await self._need(expect) for expect in expects] if need is not None]
        if self._has_second_pass and needs:
            needs.append({"key": _GENERAL, "kind": _GENERAL})
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
            return SphinxUtterance(None, 0, self, -1, built, expect)
        worker = min(range(len(self._loads)), key=self._loads.__getitem__)
        self._loads[worker] += 1
        try:
            child = await self._child(worker)
            number = next(self._numbers)
            await child.tell({"op": "open", "id": number, **need})
        except BaseException:
            self._loads[worker] -= 1
            raise
        return SphinxUtterance(child, number, self, worker, built, expect)

    async def close(self) -> None:
        self._is_closed = True
        children, self._children = self._children, [None] * len(self._children)
        await asyncio.gather(*(child.stop() for child in children if child is not None))
        self._folder.cleanup()

    def is_heard_again(self, kind: str, expect: Expectation, found: tuple[Hypothesis, ...]) -> bool:
        """Whether a second pass is worth the wait: where the first means nothing at the step. What it understood,
        even unsurely, a second one spoils more than it mends (docs/measurements.md)."""
        is_possible = self._has_second_pass and kind in TWICE and bool(found)
        return is_possible and understand(expect, found).kind == "nothing"

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
        if not self._has_domain_model:
            return Grammar(kind="general", text="", dictionary="", key=_GENERAL)
        folder = Path(self._folder.name)
        (folder / f"{built.key}.dict").write_text(built.dictionary, encoding="utf-8")
        (folder / f"{built.key}.{built.kind}").write_text(built.text, encoding="utf-8")
        return replace(built, text="", dictionary="")


class SphinxUtterance:
    """One utterance in a worker; without one (nothing to listen for) it hears nothing."""

    def __init__(
        self,
        child: Child | None,
        number: int,
        owner: Sphinx,
        worker: int,
        built: Grammar | None,
        expect: Expectation,
    ) -> None:
        self._child, self._number = child, number
        self._owner, self._worker = owner, worker
        self._built, self._expect = built, expect

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
        child, built = self._end(), self._built
        if child is None or built is None:
            return ()
        found: tuple[Hypothesis, ...] = ()
        with suppress(SpeechError):
            first = await self._readings(child, "finish")
            found = self._judged(first, built.kind)
            if self._owner.is_heard_again(built.kind, self._expect, found):
                second = await self._readings(child, "again", limit_ms=AGAIN_MS)
                found = self._together(first, second, built.kind) if second else found
            await child.tell({"op": "end", "id": self._number})
        return found

    async def cancel(self) -> None:
        child = self._end()
        if child is not None:
            await child.tell({"op": "end", "id": self._number})

    async def _readings(self, child: Child, op: str, **more: float) -> list[dict[str, Any]]:
        head, _ = await child.ask({"op": op, "id": self._number, **more})
        return list(head["readings"])

    def _together(
        self, first: list[dict[str, Any]], second: list[dict[str, Any]], kind: str
    ) -> tuple[Hypothesis, ...]:
        """The readings of both passes, each judged beside the other."""
        own = self._judged(first, f"{kind}/first", second[0]["text"])
        general = self._judged(second, f"{kind}/second", first[0]["text"])
        return trust.together(own, general, MOST)

    def _judged(self, readings: list[dict[str, Any]], kind: str, other: str = "") -> tuple[Hypothesis, ...]:
        """``other``: what the other pass heard best."""
        found = [self._hypothesis(reading, kind, other) for reading in readings]
        return tuple(sorted(found, key=lambda hypothesis: -hypothesis.confidence))

    def _hypothesis(self, reading: dict[str, Any], kind: str, other: str) -> Hypothesis:
        text, judge = reading["text"], self._owner.judge
        most = self._built.most_trust(text) if self._built else 1.0
        evidence = Evidence(trust.curve(kind, text), reading["loss"], reading["lead"], agreement(text, other))
        words = tuple(
            Word(
                text=word["text"],
                confidence=judge.confidence(replace(evidence, loss=word["loss"])),
                start_ms=word["start_ms"],
                end_ms=word["end_ms"],
            )
            for word in reading["words"]
        )
        return Hypothesis(text=text, confidence=min(most, judge.confidence(evidence)), words=words)

    def _end(self) -> Child | None:
        """The worker, once; from now on this utterance does nothing."""
        child, self._child = self._child, None
        if child is not None:
            self._owner.release(self._worker)
        return child
