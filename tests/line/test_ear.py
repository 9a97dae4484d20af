"""The ear with the real detector and end of turn, on a hum, and a recogniser that knows what was said or fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from linekit import QUIET, ScriptedRecogniser, ScriptedUtterance, voiced

from ivr.actions import Expectation, Option
from ivr.audio.frame import FRAME_MS, FRAME_SAMPLES, Frame
from ivr.audio.vad import HarmonicDetector
from ivr.errors import SpeechError
from ivr.events import Event, Heard, SpeechStarted
from ivr.line import ear as ear_module
from ivr.line.ear import PREROLL_MS, Ear

YES_NO = Expectation(
    kind="choice", options=(Option(name="yes", phrases=("yes",)), Option(name="no", phrases=("no",)))
)


class Listening:
    """One ear and the frames it has taken."""

    def __init__(self, *utterances: ScriptedUtterance) -> None:
        self.recogniser = ScriptedRecogniser(list(utterances))
        self.events: list[Event] = []
        self.ear = Ear(self.recogniser, HarmonicDetector(), self.events.append)
        self.at_ms = 1_000

    async def begin(self, expect: Expectation) -> None:
        """Listen, and learn how quiet the line is."""
        self.ear.listen(expect)
        await self.quiet(600)

    async def hear(self, pcm: bytes, *, is_playing: bool = False) -> None:
        for start in range(0, len(pcm) - 2 * FRAME_SAMPLES + 1, 2 * FRAME_SAMPLES):
            frame = Frame(self.at_ms, pcm[start : start + 2 * FRAME_SAMPLES])
            self.ear.push(frame, is_playing=is_playing)
            self.at_ms += FRAME_MS
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def quiet(self, ms: int) -> None:
        await self.hear(QUIET * (ms // FRAME_MS))

    async def heard(self) -> Heard:
        async with asyncio.timeout(2):
            while not (found := [event for event in self.events if isinstance(event, Heard)]):
                await asyncio.sleep(0)
        return found[-1]


def test_a_word_is_heard_with_its_place_on_the_clock_of_the_call() -> None:
    async def scene() -> None:
        listening = Listening(ScriptedUtterance("yes"))
        await listening.begin(YES_NO)
        spoke_ms = listening.at_ms
        await listening.hear(voiced(500))
        ended_ms = listening.at_ms
        await listening.quiet(1_500)
        heard = await listening.heard()
        (started,) = [event for event in listening.events if isinstance(event, SpeechStarted)]
        assert spoke_ms < started.at_ms <= spoke_ms + 300
        assert heard.hypotheses[0].text == "yes" and heard.engine == "scripted"
        assert abs(heard.ended_ms - ended_ms) <= 100
        assert heard.at_ms - heard.ended_ms == pytest.approx(YES_NO.complete_ms, abs=40)
        (utterance,) = listening.recogniser.opened
        lead_ms = len(utterance.pcm) / 16 - (heard.at_ms - spoke_ms)
        assert PREROLL_MS - 60 <= lead_ms <= PREROLL_MS + 100, "soft beginnings come before the voice"
        (word,) = heard.hypotheses[0].words
        assert word.start_ms == pytest.approx(heard.began_ms, abs=60)

    asyncio.run(scene())


def test_what_is_not_complete_is_given_more_time() -> None:
    async def scene() -> None:
        listening = Listening(ScriptedUtterance("well"))
        await listening.begin(YES_NO)
        await listening.hear(voiced(500))
        await listening.quiet(2_000)
        heard = await listening.heard()
        assert heard.at_ms - heard.ended_ms == pytest.approx(YES_NO.incomplete_ms, abs=40)

    asyncio.run(scene())


@pytest.mark.parametrize("place", ["open", "feed", "finish"])
@pytest.mark.parametrize(
    "fault",
    [lambda: SpeechError("dead"), lambda: ValueError("a bug"), lambda: None],
    ids=["error", "bug", "hang"],
)
def test_a_recogniser_that_fails_costs_its_turn_and_the_next_is_heard(
    place: str, fault: Callable[[], Exception | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ear_module, "FINISH_S", 0.05)

    async def scene() -> None:
        listening = Listening(ScriptedUtterance("yes", place, fault()), ScriptedUtterance("no"))
        await listening.begin(YES_NO)
        await listening.hear(voiced(500))
        await listening.quiet(1_500)
        assert (await listening.heard()).hypotheses == ()
        listening.events.clear()
        await listening.hear(voiced(500))
        await listening.quiet(1_500)
        assert (await listening.heard()).hypotheses[0].text == "no"

    asyncio.run(scene())


def test_another_question_drops_the_turn_and_frees_its_decoder() -> None:
    async def scene() -> None:
        listening = Listening(ScriptedUtterance("yes"), ScriptedUtterance("no"))
        await listening.begin(YES_NO)
        await listening.hear(voiced(500))
        listening.ear.listen(Expectation(kind="digits", min_digits=4, max_digits=4))
        await listening.quiet(3_000)
        assert not [event for event in listening.events if isinstance(event, Heard)]
        assert listening.recogniser.opened[0].is_cancelled

    asyncio.run(scene())


def test_the_same_question_again_and_a_closed_ear() -> None:
    async def scene() -> None:
        listening = Listening(ScriptedUtterance("yes"))
        await listening.begin(YES_NO)
        await listening.hear(voiced(300))
        listening.ear.listen(YES_NO)
        await listening.quiet(1_500)
        assert (await listening.heard()).hypotheses[0].text == "yes"
        listening.ear.close()
        listening.events.clear()
        await listening.hear(voiced(600))
        assert listening.events == []

    asyncio.run(scene())


@pytest.mark.parametrize(("gain", "is_heard"), [(1.0, True), (0.1, False)])
def test_a_soft_voice_is_our_own_echo_only_while_we_are_heard(gain: float, is_heard: bool) -> None:
    """The hum is at -19 dBFS, about as loud as a prompt, and a tenth of it is its echo, 20 dB weaker."""
    sound = (np.frombuffer(voiced(600), "<i2") * gain).astype("<i2").tobytes()

    async def scene(*, is_playing: bool) -> list[Event]:
        listening = Listening(ScriptedUtterance("yes"))
        await listening.begin(YES_NO)
        await listening.hear(sound, is_playing=is_playing)
        return [event for event in listening.events if isinstance(event, SpeechStarted)]

    assert bool(asyncio.run(scene(is_playing=True))) == is_heard
    assert asyncio.run(scene(is_playing=False))


@pytest.mark.parametrize("is_heard", [True, False])
def test_the_voice_is_measured_only_where_it_is_asked_for(is_heard: bool) -> None:
    async def scene() -> None:
        listening = Listening(ScriptedUtterance("yes"))
        await listening.begin(replace(YES_NO, is_mood_heard=is_heard))
        await listening.hear(voiced(800))
        await listening.quiet(1_500)
        voice = (await listening.heard()).voice
        assert (voice is not None) == is_heard
        if voice is not None:
            assert voice.pitch_hz == pytest.approx(120, rel=0.02)
            assert 700 <= voice.voiced_ms <= 900, "the wait at the end is no part of it"

    asyncio.run(scene())


def test_a_voice_too_short_to_measure_is_heard_all_the_same() -> None:
    async def scene() -> None:
        listening = Listening(ScriptedUtterance("yes"))
        await listening.begin(replace(YES_NO, is_mood_heard=True))
        await listening.hear(voiced(180))
        await listening.quiet(1_500)
        heard = await listening.heard()
        assert heard.voice is None and heard.hypotheses

    asyncio.run(scene())


def test_a_voice_that_cannot_be_measured_costs_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(pcm: bytes) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(ear_module, "measure", fail)

    async def scene() -> None:
        listening = Listening(ScriptedUtterance("yes"))
        await listening.begin(replace(YES_NO, is_mood_heard=True))
        await listening.hear(voiced(500))
        await listening.quiet(1_500)
        heard = await listening.heard()
        assert heard.voice is None and heard.hypotheses[0].text == "yes"

    asyncio.run(scene())
