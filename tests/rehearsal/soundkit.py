"""Scripted engines, and a talk acted with them as sound."""

from __future__ import annotations

import asyncio

import numpy as np
from playkit import BOOK, GIVEN, turns

from ivr.actions import Expectation
from ivr.audio import mulaw
from ivr.audio.vad import HarmonicDetector
from ivr.events import Hypothesis
from ivr.line.audio import Sound
from ivr.rehearsal.call import Call, mumble
from ivr.rehearsal.handset import Condition
from ivr.rehearsal.judge import judge
from ivr.rehearsal.stage import Stage
from ivr.rehearsal.telephone import Telephone

VOICE = mumble()
POWER = float(np.mean(np.square(np.frombuffer(VOICE, "<i2").astype(float))))


class Ears:
    """Understands, utterance after utterance, what it was told to; it takes its time for it."""

    engine = "scripted"

    def __init__(self, *texts):
        self.texts = list(texts)
        self.heard = []

    async def open(self, expect):
        await asyncio.sleep(0.002)
        return Utterance(self, self.texts.pop(0) if self.texts else "")


class Utterance:
    def __init__(self, ears, text):
        self.ears, self.text, self.pcm = ears, text, b""

    async def feed(self, pcm):
        await asyncio.sleep(0.001)
        self.pcm += pcm

    async def partial(self):
        await asyncio.sleep(0.001)
        return self.text

    async def finish(self):
        await asyncio.sleep(0.005)
        self.ears.heard.append(self.pcm)
        return (Hypothesis(text=self.text, confidence=0.9),) if self.text else ()

    async def cancel(self):
        pass


class Mouth:
    """A tone as long as the words."""

    async def render(self, text, voice="", *more):
        await asyncio.sleep(0.003)
        samples = 8 * 20 * max(1, len(text))
        tone = 3000 * np.sin(2 * np.pi * 300 * np.arange(samples) / 8000)
        return mulaw.encode(tone.astype("<i2").tobytes())


async def spoken(folder, body, *texts, given=GIVEN, condition=Condition(), dial=Telephone):  # noqa: B008
    """A talk as sound: its body, the texts that are understood, the line."""
    script, ears = turns(body, given), Ears(*texts)
    sound = Sound(
        ears, Mouth(), HarmonicDetector, {"hold": b"\xff" * 16_000}, folder, Expectation(kind="commands")
    )
    stage = Stage.of(script, BOOK)
    said = [cue.caller for cue in script.talk.turns] + [each.caller for each in script.talk.whenever]
    call = Call(stage, condition, sound, {text: VOICE for text in said if text}, POWER, dial)
    await asyncio.wait_for(call.run(), 60)
    return stage, judge(stage), ears
