"""What is no answer: silence, hiss, music, a baby, another language, two voices at once, a voice without end. The
built-in ear gives a defined answer to each, and never a sure and wrong one."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ivr.audio import mulaw
from ivr.dialogue.warm import questions
from ivr.flow.load import load
from ivr.nlu.match import ACCEPT, understand
from ivr.speech import synth
from ivr.speech.sphinx import Sphinx
from ivr.speech.stt import FEED_BYTES

CALL_FLOWS = Path(__file__).parents[2] / "call_flows"
LINE_HZ = 8000
SECONDS = 3
FOREIGN = {
    "de": "Guten Tag, wo bleibt denn meine Bestellung, ich warte schon seit Tagen",
    "fr-fr": "Bonjour, le temps est magnifique aujourd'hui et je voudrais dormir",
}


@pytest.fixture(scope="module")
def steps():
    """An open question, a yes or no, and a number of six digits, of the sample."""
    every = questions(load(CALL_FLOWS))
    opened = max((e for e in every if e.is_open), key=lambda expect: len(expect.options))
    answer = next(e for e in every if not e.is_open and {o.name for o in e.options} == {"yes", "no"})
    number = next(e for e in every if e.kind == "digits" and e.max_digits == 6)
    return opened, answer, number


@pytest.fixture(scope="module")
def foreign():
    async def render(language, text):
        voice = synth.pyttsx3(voice=language, rate_wpm=150)
        try:
            return mulaw.decode(await voice.render(text))
        finally:
            await voice.close()

    def say(language):
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(lambda: asyncio.run(render(language, FOREIGN[language]))).result()

    return say


def sound(name):
    """Three seconds, PCM16 8 kHz."""
    chance, at_s = np.random.default_rng(1), np.arange(SECONDS * LINE_HZ) / LINE_HZ
    match name:
        case "hiss":
            wave = chance.standard_normal(len(at_s)) * 1500
        case "hum":
            wave = 3000 * np.sin(2 * np.pi * 100 * at_s)
        case "music":
            notes = np.array([262, 330, 392, 523, 392, 330])[(at_s * 4).astype(int) % 6]
            phase = 2 * np.pi * np.cumsum(notes) / LINE_HZ
            wave = 3000 * (np.sin(phase) + 0.5 * np.sin(2 * phase) + 0.3 * np.sin(3 * phase))
        case "baby":
            pitch = 450 + 120 * np.sin(2 * np.pi * 0.8 * at_s) + 10 * np.sin(2 * np.pi * 6 * at_s)
            phase = 2 * np.pi * np.cumsum(pitch) / LINE_HZ
            cry = sum(np.sin(harmonic * phase) / harmonic for harmonic in range(1, 8))
            wave = 4000 * cry * np.clip(np.sin(2 * np.pi * 0.8 * at_s), 0, 1)
        case "clipped":
            wave = np.sign(chance.standard_normal(len(at_s))) * 32767
        case _:
            wave = np.zeros(len(at_s))
    return np.clip(wave, -32768, 32767).astype("<i2").tobytes()


def both(one, other):
    """Two voices at the same time, as loud as each other."""
    left, right = (np.frombuffer(pcm, "<i2").astype(float) for pcm in (one, other))
    size = min(len(left), len(right))
    return np.clip(left[:size] + right[:size], -32768, 32767).astype("<i2").tobytes()


def meanings(pieces):
    """What each (expectation, PCM) is understood as."""

    async def run():
        ear = Sphinx(workers=1)
        try:
            found = []
            for expect, pcm in pieces:
                utterance = await ear.open(expect)
                for start in range(0, len(pcm), FEED_BYTES):
                    await utterance.feed(pcm[start : start + FEED_BYTES])
                found.append(understand(expect, await utterance.finish()))
            return found
        finally:
            await ear.close()

    return asyncio.run(run())


@pytest.mark.parametrize("name", ["silence", "hiss", "hum", "music", "baby", "clipped"])
def test_sounds_that_are_no_speech_are_not_taken_for_an_answer(steps, name):
    found = meanings([(expect, sound(name)) for expect in steps])
    assert all(meaning.kind == "nothing" or meaning.confidence <= ACCEPT for meaning in found), found


@pytest.mark.parametrize("language", sorted(FOREIGN))
def test_another_language_is_not_taken_for_an_answer(steps, foreign, language):
    found = meanings([(expect, foreign(language)) for expect in steps])
    assert all(meaning.kind == "nothing" or meaning.confidence <= ACCEPT for meaning in found), found


def test_two_voices_at_once_are_one_of_them_or_not_sure(steps, piper_says):
    mixed = both(piper_says("what is my balance"), piper_says("are you open on Sunday"))
    (meaning,) = meanings([(steps[0], mixed)])
    assert meaning.confidence <= ACCEPT or meaning.value in ("balance", "hours")


def test_a_voice_without_end_is_answered_soon_after_it_was_cut(steps, piper_says):
    endless = piper_says("the children went to the garden and the rain did not stop at all") * 5
    ear = Sphinx(workers=1)

    async def run():
        utterance = await ear.open(replace(steps[0], max_speech_ms=20_000))
        for start in range(0, len(endless), FEED_BYTES):
            await utterance.feed(endless[start : start + FEED_BYTES])
        await utterance.partial()
        began = time.monotonic()
        heard = await utterance.finish()
        took_s = time.monotonic() - began
        await ear.close()
        return heard, took_s

    heard, took_s = asyncio.run(run())
    meaning = understand(steps[0], heard)
    assert meaning.kind == "nothing" or meaning.confidence <= ACCEPT
    assert took_s < 3.0, "the line's own limit"
