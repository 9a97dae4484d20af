"""Sounds that no flow was written for, and a call of the sample in which the caller makes one of them."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ivr.app.gateway import dictation
from ivr.audio import mulaw
from ivr.audio.frame import RATE_HZ
from ivr.audio.music import hold_clip
from ivr.audio.noise import pink
from ivr.audio.vad import HarmonicDetector
from ivr.config import Config
from ivr.flow.site import Book
from ivr.line.audio import Sound
from ivr.rehearsal import read
from ivr.rehearsal.call import Call
from ivr.rehearsal.handset import Condition
from ivr.rehearsal.stage import Stage
from ivr.rehearsal.telephone import Telephone
from ivr.speech import engines

PACED_S = 8
"""From this length on the frames of a sound come no faster than the recogniser can follow."""
FRAME_S = 0.008
Speak = Callable[..., Awaitable[bytes]]
"""Text, and the name of a voice (without one Piper's), to PCM16 8 kHz."""
LEVEL = 6_000
"""Peak of a caller's sound."""
POWER = LEVEL**2 / 20


def pcm(samples: npt.NDArray[np.float64], level: int = LEVEL) -> bytes:
    peak = float(np.abs(samples).max()) or 1.0
    return (samples * level / peak).astype("<i2").tobytes()


def samples(sound: bytes) -> npt.NDArray[np.float64]:
    return np.frombuffer(sound, "<i2").astype(np.float64)


def silence(seconds: float) -> bytes:
    return b"\0" * (2 * round(RATE_HZ * seconds))


def music(seconds: float) -> bytes:
    """What waiting callers hear, as from a radio beside the telephone."""
    return pcm(np.resize(samples(hold_clip()), round(RATE_HZ * seconds)))


def noise(seconds: float, *, is_sharp: bool = False) -> bytes:
    """Pink, as of a street; or white, as of a tap."""
    count = round(RATE_HZ * seconds)
    white = np.random.default_rng(1).standard_normal(count)
    return pcm(white if is_sharp else pink(count, 1))


def baby(cries: int) -> bytes:
    """Cries of about a second: 420 to 560 Hz rising and falling, rich in harmonics, with breath between them."""
    chance = np.random.default_rng(2)
    parts = []
    for _ in range(cries):
        seconds = chance.uniform(0.7, 1.3)
        at = np.arange(round(RATE_HZ * seconds)) / RATE_HZ
        arc = np.sin(np.pi * at / seconds)
        pitch_hz = chance.uniform(400, 440) + chance.uniform(90, 130) * arc + 9 * np.sin(2 * np.pi * 6 * at)
        phase = 2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
        cry = sum(weight * np.sin(n * phase) for n, weight in enumerate((1, 0.8, 0.9, 0.5, 0.4, 0.2), 1))
        parts += [cry * np.sqrt(arc), np.zeros(round(RATE_HZ * chance.uniform(0.25, 0.5)))]
    return pcm(np.concatenate(parts))


def together(one: bytes, other: bytes) -> bytes:
    """Two who speak at the same time, equally loud, the second a moment later."""
    late = np.concatenate([np.zeros(RATE_HZ // 5), samples(other)])
    both = np.zeros(max(len(late), len(one) // 2))
    both[: len(one) // 2] += samples(one)
    both[: len(late)] += late
    return pcm(both)


def endless(sound: bytes, seconds: float) -> bytes:
    """A voice without a pause: its own pauses cut out, over and over."""
    spoken = samples(sound)
    frames = spoken[: len(spoken) // 160 * 160].reshape(-1, 160)
    loud = frames[np.abs(frames).mean(axis=1) > 300]
    return pcm(np.resize(loud.ravel(), round(RATE_HZ * seconds)))


class Paced(Telephone):
    """A telephone whose frames take their time while the caller speaks."""

    async def receive(self) -> str | None:
        if self.handset.is_speaking:
            await asyncio.sleep(FRAME_S)
        return await super().receive()


@dataclass(frozen=True)
class Desk:
    """The real engines, and voices for callers."""

    book: Book
    sound: Sound
    speak: Speak

    async def call(self, *sounds: bytes) -> Stage:
        """A call in which the caller makes these sounds, whenever it is their turn, and then is silent."""
        turns = [f"{{ caller: sound {number} }}" for number in range(len(sounds))] + ["{ silent: 12s }"]
        lines = "\n".join(f"    - {turn}" for turn in turns)
        text = f"given: {{ look_ups: {{ likely: not found }} }}\ntalks:\n  strange:\n{lines}\n"
        (script,) = read.parse(text, "main.talks.yaml", self.book)
        stage = Stage.of(script, self.book)
        voices = {f"sound {number}": sound for number, sound in enumerate(sounds)}
        is_long = max(map(len, sounds)) > 2 * RATE_HZ * PACED_S
        call = Call(stage, Condition(), self.sound, voices, POWER, Paced if is_long else Telephone)
        await asyncio.wait_for(call.run(), 240)
        return stage


@asynccontextmanager
async def desk(config: Config, book: Book) -> AsyncIterator[Desk]:
    recogniser, voice = engines.ears(config, book.site.languages), engines.voice(config)
    piper = engines.voice(
        config.model_copy(update={"voice": config.voice.model_copy(update={"engine": "piper"})})
    )

    async def speak(text: str, name: str = "") -> bytes:
        sound = await (voice.render(text, name) if name else piper.render(text))
        return pcm(samples(mulaw.decode(sound)))

    clips = {"hold": mulaw.encode(hold_clip())}
    try:
        with tempfile.TemporaryDirectory() as folder:
            sound = Sound(recogniser, voice, HarmonicDetector, clips, Path(folder), dictation(book))
            yield Desk(book, sound, speak)
    finally:
        for each in (recogniser, voice, piper):
            await each.close()
