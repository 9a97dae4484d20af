"""Scripted engines: a voice of even pace, and ears that hear what the test says of what the voice said last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ivr.actions import Expectation
from ivr.events import Hypothesis
from ivr.flow.load import parse
from ivr.flow.site import Book
from ivr.speech.tts import LINE_HZ, Voice

GOOD = Path(__file__).parents[1] / "flows" / "good"


@dataclass
class ScriptedVoice:
    """``letter_s`` seconds a letter."""

    letter_s: float = 0.05
    has: tuple[Voice, ...] = (Voice("us", "American", "en-us"), Voice("sit/cmn", "Mandarin", "cmn"))
    engine: str = "scripted"
    said: list[tuple[str, str]] = field(default_factory=list)

    async def render(self, text: str, voice: str = "") -> bytes:
        self.said.append((text, voice))
        return b"\xff" * round(len(text) * self.letter_s * LINE_HZ)

    async def voices(self) -> tuple[Voice, ...]:
        return self.has

    async def close(self) -> None:
        pass

    def describe(self) -> str:
        return "a scripted voice"


@dataclass
class ScriptedEars:
    """Hears what was said, or what ``instead`` says of it; ``lost`` are words it does not know."""

    voice: ScriptedVoice
    instead: Mapping[str, str] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    engine: str = "scripted"
    model: str = "scripted"
    language: str = "en"

    async def warm(self, expects: Iterable[Expectation]) -> None:
        pass

    async def unknown(self, words: Iterable[str]) -> frozenset[str]:
        return self.lost & frozenset(words)

    async def open(self, expect: Expectation) -> ScriptedEars:
        return self

    async def feed(self, pcm: bytes) -> None:
        pass

    async def finish(self) -> tuple[Hypothesis, ...]:
        said = self.voice.said[-1][0]
        text = self.instead.get(said, said)
        return (Hypothesis(text=text, confidence=0.9),) if text else ()

    async def close(self) -> None:
        pass

    def describe(self) -> str:
        return "scripted ears"


def book_of(steps: str, more: str = "", **files: str) -> Book:
    """A site of one flow with these steps. ``more``: keys of site.yaml besides; ``files``: others, by name without
    ``.yaml``, ``__`` for a dot."""
    site = (GOOD / "site.yaml").read_text(encoding="utf-8").replace('numbers: { "+441632960001": other }', "")
    flow = f"flow: main\nstart: first\nsteps:\n{steps}"
    others = {name.replace("__", ".") + ".yaml": text for name, text in files.items()}
    return parse({"site.yaml": f"{site}\n{more}", "main.yaml": flow, **others})
