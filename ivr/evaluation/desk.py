"""What every part of an evaluation works with: the ears, the callers' voice, the line between them, and the report.

Sound goes through noise, loss and mu-law to the recogniser of the settings, a tenth of a second at a time, and what
comes back through the understanding of the step: all as on a call, but for voice activity and the end of the turn,
which ``calls`` measures.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ivr.actions import Expectation
from ivr.audio import mulaw
from ivr.audio.frame import FRAME_SAMPLES
from ivr.audio.noise import MARGIN_MS, add_noise
from ivr.config import Config
from ivr.evaluation.figures import TEXT, Figure, Miss, Report, Trial
from ivr.evaluation.material import Material
from ivr.events import Hypothesis
from ivr.flow.site import Book
from ivr.nlu import values
from ivr.nlu.match import Meaning, understand
from ivr.proof.hearing import recognised
from ivr.rehearsal.handset import Condition
from ivr.speech.stt import Recogniser

CONDITIONS = (
    Condition(),
    *(Condition(noise_db=decibels) for decibels in (20, 15, 10)),
    *(Condition(loss_percent=percent) for percent in (1, 3, 5)),
)
Speaker = Callable[[str], Awaitable[bytes]]
"""A sentence to PCM16 8 kHz."""
Told = Callable[[str], None]
"""Tells a person what is going on."""
_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured; what is left out of it makes the intervals wider."""

    conditions: tuple[Condition, ...] = CONDITIONS
    sentences: int = 100
    """Most sentences of each kind of the material."""
    takes: int = 5
    """Recordings of each digit by each speaker."""
    strings: int = 15
    """Strings of digits by each speaker and condition."""
    questions: int = 1000
    """Questions of each public set of intents."""


FULL = Sizes()
ABLATED = Sizes(conditions=(CONDITIONS[0], CONDITIONS[2]), strings=10)
"""For what each part is worth: a clean line and 15 dB."""
SHORT = Sizes(conditions=CONDITIONS[:1], sentences=1, takes=1, strings=1, questions=60)


@dataclass(frozen=True, slots=True)
class Found:
    """One utterance as it was heard and understood."""

    hypotheses: tuple[Hypothesis, ...]
    meaning: Meaning

    @property
    def text(self) -> str:
        return self.hypotheses[0].text if self.hypotheses else ""

    @property
    def got(self) -> str:
        """The choice, the digits or the value, as its field keeps it, that it was taken for, or ``nothing``."""
        if self.meaning.kind == "values":
            return values.as_text(self.meaning.values[0].value)
        return self.meaning.value or "nothing"


@dataclass(frozen=True, slots=True)
class Desk:
    """One evaluation under way."""

    config: Config
    book: Book
    ear: Recogniser
    speak: Speaker
    material: Material
    data: Path | None
    """Public data (IVR_TEST_DATA); None where it is not here."""
    sizes: Sizes
    without: frozenset[str]
    """What is switched off, of ``switches.ABLATIONS``."""
    told: Told
    report: Report = field(default_factory=Report)
    at_once: int = 3
    """Utterances that are decoded at the same time: one more than there are cores, so that none waits for us."""

    async def each(self, work: Callable[[_T], Awaitable[_R]], items: Iterable[_T]) -> list[_R]:
        """Work on every item, some at the same time; the answers in order."""
        free = asyncio.Semaphore(self.at_once)

        async def one(item: _T) -> _R:
            async with free:
                return await work(item)

        return list(await asyncio.gather(*map(one, items)))

    async def hear(self, expect: Expectation, pcm: bytes, condition: Condition, seed: int = 0) -> Found:
        """What a sentence (PCM16 8 kHz) over a line of this condition is taken for at a step."""
        hypotheses = await recognised(self.ear, expect, carried(pcm, condition, seed))
        return Found(hypotheses, understand(expect, hypotheses))

    async def say(self, expect: Expectation, text: str, condition: Condition | None, seed: int = 0) -> Found:
        """What a sentence in the callers' voice is taken for at a step; no condition: without sound, as text."""
        if condition is None:
            return as_text(expect, text)
        return await self.hear(expect, await self.speak(text), condition, seed)

    def figure(
        self,
        part: str,
        name: str,
        condition: str,
        hits: int,
        of: int,
        note: str = "",
        *,
        is_spoken: bool = True,
    ) -> None:
        engine, model = (self.ear.engine, self.ear.model) if is_spoken else ("text", "no recogniser")
        self.report.figures.append(Figure(part, name, condition, hits, of, engine, model, note))

    def judge(
        self, part: str, condition: str, said: str, found: Found, wanted: str, got: str, kind: str = ""
    ) -> bool:
        """Keep one answer for the list of misses and, of a ``kind``, for the reliability curve. True: right."""
        is_right = wanted == got
        sure = found.meaning.confidence
        if kind and found.meaning.kind != "nothing":
            self.report.trials.append(Trial(kind, sure, is_right))
        if not is_right:
            miss = Miss(part, condition, said, found.text, wanted, got, round(sure, 2))
            self.report.misses.append(miss)
        return is_right


def as_text(expect: Expectation, text: str) -> Found:
    """What these words are taken for at a step, heard without a fault."""
    hypotheses = (Hypothesis(text=text, confidence=1.0),)
    return Found(hypotheses, understand(expect, hypotheses))


def name_of(condition: Condition | None) -> str:
    """Of a figure's condition; None: without sound."""
    return TEXT if condition is None else condition.name


def carried(pcm: bytes, condition: Condition, seed: int = 0) -> bytes:
    """Speech (PCM16 8 kHz) as it comes over a telephone line: a lost frame counts as silence, as in ``line``."""
    quiet = bytes(16 * MARGIN_MS)
    noise = condition.noise_db
    sound = quiet + pcm + quiet if noise is None else add_noise(pcm, noise, seed)
    samples = np.frombuffer(mulaw.decode(mulaw.encode(sound)), "<i2").copy()
    chance = random.Random(f"{seed}/{condition.loss_percent}")
    for start in range(0, len(samples), FRAME_SAMPLES):
        if chance.random() * 100 < condition.loss_percent:
            samples[start : start + FRAME_SAMPLES] = 0
    return samples.tobytes()


def levelled(samples: npt.NDArray[Any], peak: int) -> npt.NDArray[np.int16]:
    """The sound at 16 bits with this as its loudest sample."""
    loud = samples.astype(np.float64)
    return (loud * peak / max(1e-9, np.abs(loud).max())).astype("<i2")


def edits(wanted: Sequence[object], got: Sequence[object]) -> int:
    """Items put in, left out or changed."""
    before = list(range(len(wanted) + 1))
    for at, one in enumerate(got, start=1):
        now = [at]
        for index, other in enumerate(wanted, start=1):
            now.append(min(before[index] + 1, now[-1] + 1, before[index - 1] + (one != other)))
        before = now
    return before[-1]
