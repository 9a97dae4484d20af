"""A desk with scripted engines: the ear tells a sentence by the length of its sound and hears what it was told to."""

from __future__ import annotations

import asyncio
import io
import tarfile
import wave
from pathlib import Path

import numpy as np

from ivr import config
from ivr.actions import Expectation
from ivr.audio.noise import MARGIN_MS
from ivr.evaluation import digits
from ivr.evaluation.desk import SHORT, Desk
from ivr.evaluation.material import Material, Spoken
from ivr.events import Hypothesis
from ivr.flow.load import parse

ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "call_flows"
SITE = (ROOT / "ivr" / "evaluation" / "flows" / "site.yaml").read_text(encoding="utf-8")
MAIN = """
flow: main
start: menu
steps:
  menu:
    ask: How can I help?
    open: true
    choices:
      balance: { key: 1, phrases: [my balance, how much money do I have], next: done }
      parcel: { key: 2, phrases: [my parcel, track a package], next: done }
"""
BOOK = parse({"site.yaml": SITE.replace("entry: string", "entry: main"), "main.yaml": MAIN})
MARGIN = 2 * 16 * MARGIN_MS
FIRST, STEP = 3200, 320
"""Length in bytes of the first sentence's sound, and by how much each further one is longer."""
MATERIAL = Material(
    intents={"balance": ("my balance please", "what do I have"), "parcel": ("where is my parcel",)},
    near=("sell me a horse",),
    far=("it rains", "it snows"),
    yes=("yes",),
    no=("no",),
    menu=("sales", "support"),
    carriers=("{}",),
    upset=("I am furious with you", "fine"),
    calm=("good morning",),
    fields=(
        Spoken("money", "five pounds", "5.00"),
        Spoken("digits", "one two three four five six", "123456"),
    ),
)


class Voice:
    """A hum for each sentence, each as long as no other."""

    def __init__(self):
        self.texts = []

    async def __call__(self, text):
        if text not in self.texts:
            self.texts.append(text)
        size = FIRST + STEP * self.texts.index(text)
        return (4000 * np.sin(np.arange(size // 2) / 5)).astype("<i2").tobytes()


class Ears:
    """Hears every sentence as it was said, but for those of ``heard``; so surely."""

    engine, model, language = "scripted", "none", "en"

    def __init__(self, voice, heard=None, sure=0.9):
        self.voice, self.heard, self.sure = voice, heard or {}, sure
        self.warmed = []
        self.open_now = self.most_open = 0

    async def warm(self, expects):
        self.warmed += list(expects)

    async def unknown(self, words):
        return frozenset()

    async def open(self, expect: Expectation):
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        return Utterance(self)

    async def close(self):
        pass

    def describe(self):
        return "scripted ears"


class Utterance:
    def __init__(self, ears):
        self.ears, self.size = ears, 0

    async def feed(self, pcm):
        await asyncio.sleep(0)
        self.size += len(pcm)

    async def partial(self):
        return ""

    async def finish(self):
        self.ears.open_now -= 1
        said = self.ears.voice.texts[(self.size - MARGIN - FIRST) // STEP]
        text = self.ears.heard.get(said, said)
        return (Hypothesis(text=text, confidence=self.ears.sure),) if text else ()

    async def cancel(self):
        pass


def desk(tmp_path, heard=None, *, material=MATERIAL, sizes=SHORT, sure=0.9, data=None, book=None) -> Desk:
    voice = Voice()
    told = []
    return Desk(
        config.load(tmp_path, data={"folder": tmp_path}),
        book or BOOK,
        Ears(voice, heard, sure),
        voice,
        material,
        data,
        sizes,
        frozenset(),
        told.append,
    )


def values(report, name):
    """Hits and of how many, by condition."""
    return {figure.condition: (figure.hits, figure.of) for figure in report.figures if figure.name == name}


def archive(folder, speakers=("ann", "bob")):
    """Digits of two speakers, take 5 of which is none of the test split; every digit as long as no other."""
    folder.mkdir(exist_ok=True)
    with tarfile.open(folder / digits.ARCHIVE, "w:gz") as tar:
        for at, (speaker, digit, take) in enumerate(
            (s, d, t) for s in speakers for d in "0123456789" for t in (0, 5)
        ):
            sound = io.BytesIO()
            with wave.open(sound, "wb") as file:
                file.setparams((1, 2, 8000, 0, "NONE", ""))
                file.writeframes(np.full(800 + at, 500, "<i2").tobytes())
            info = tarfile.TarInfo(f"digits/{digit}_{speaker}_{take}.wav")
            info.size = sound.getbuffer().nbytes
            sound.seek(0)
            tar.addfile(info, sound)
    return folder
