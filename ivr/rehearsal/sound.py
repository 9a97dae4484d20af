"""Talks acted as sound: a synthetic caller on a telephone line, through the real ear, mouth and recogniser.

Voice activity, end of turn, recognition, understanding and the machine's voice are those of a live call; the
telephone is ``telephone``'s or, in real time, ``exchange``'s; look-ups and people are the talk's. With ``telephone``
the frames are the clock: while an engine works no time passes, so a talk takes as long as this machine needs for it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from ivr.app.gateway import dictation
from ivr.app.voices import caller_voice
from ivr.audio import mulaw
from ivr.audio.music import hold_clip
from ivr.audio.vad import HarmonicDetector
from ivr.config import Config
from ivr.dialogue.warm import questions
from ivr.flow.site import Book
from ivr.line.audio import Sound
from ivr.rehearsal.call import Call
from ivr.rehearsal.exchange import Dialled
from ivr.rehearsal.handset import Condition, Dial
from ivr.rehearsal.judge import judge
from ivr.rehearsal.read import Script
from ivr.rehearsal.report import Result
from ivr.rehearsal.stage import Stage
from ivr.rehearsal.telephone import Telephone
from ivr.rehearsal.words import DENSE
from ivr.speech import engines

Speaker = Callable[[str], Awaitable[bytes]]
"""A sentence to PCM16 8 kHz."""


async def rehearse(
    config: Config,
    book: Book,
    scripts: Sequence[Script],
    conditions: Sequence[Condition],
    voice: str,
    at_once: int,
    on_result: Callable[[Result], None] = lambda result: None,
    *,
    is_dialled: bool = False,
) -> list[Result]:
    """Every talk under every condition, some at the same time.

    ``is_dialled``: as calls on the exchange. Raises SpeechError where an engine is not here, CarrierError.
    """
    dial: Dial = Dialled if is_dialled else Telephone
    is_spoken = any(texts_of(script) for script in scripts)
    free = asyncio.Semaphore(max(1, at_once))
    async with caller_voice(config, voice, is_spoken) as speak, _sound(config, book) as sound:

        async def one(script: Script, condition: Condition) -> Result:
            async with free:
                result = await _acted(script, book, condition, sound, speak, dial)
            on_result(result)
            return result

        acts = (one(script, condition) for condition in conditions for script in scripts)
        return list(await asyncio.gather(*acts))


def is_speakable(script: Script, book: Book) -> bool:
    """Whether the callers' voices can speak this talk: they know the site's main language only."""
    given = script.talk.given
    language = given.language or given.profile.get("language") or book.site.language
    is_known = language == book.site.language and not any(DENSE.search(text) for text in texts_of(script))
    return is_known or not texts_of(script)


def texts_of(script: Script) -> tuple[str, ...]:
    """What the caller says in a talk."""
    said = [cue.caller for cue in script.talk.turns] + [each.caller for each in script.talk.whenever]
    return tuple(dict.fromkeys(text for text in said if text))


async def _acted(
    script: Script, book: Book, condition: Condition, sound: Sound, speak: Speaker, dial: Dial
) -> Result:
    given = script.talk.given.noise
    own = condition if given is None or condition.noise_db is not None else replace(condition, noise_db=given)
    voices = {text: await speak(text) for text in texts_of(script)}
    began_s = time.monotonic()
    stage = Stage.of(script, book)
    await Call(stage, own, sound, voices, power_of(voices.values()), dial).run()
    return Result(script, condition.name, stage, judge(stage), time.monotonic() - began_s)


def power_of(voices: Iterable[bytes]) -> float:
    """The mean square of a caller's voice where it sounds."""
    samples = np.concatenate([np.zeros(0), *(np.frombuffer(pcm, "<i2").astype(np.float64) for pcm in voices)])
    return float(np.mean(np.square(samples))) if len(samples) else 1000.0**2


@asynccontextmanager
async def _sound(config: Config, book: Book) -> AsyncIterator[Sound]:
    """The engines of a gateway, for calls that need no gateway."""
    recogniser, voice = engines.ears(config, book.site.languages), engines.voice(config)
    wanted = dictation(book)
    try:
        await recogniser.warm((*questions(book), wanted))
        clips = {"hold": mulaw.encode(hold_clip())}
        with tempfile.TemporaryDirectory(prefix="ivr-messages-") as folder:
            yield Sound(recogniser, voice, HarmonicDetector, clips, Path(folder), wanted)
    finally:
        await recogniser.close()
        await voice.close()
