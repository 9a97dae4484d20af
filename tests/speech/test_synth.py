"""The voices in their real worker processes: sound, level, limits, restart."""

from __future__ import annotations

import asyncio
import math
import re
import subprocess
import sys
import threading
import wave

import numpy as np
import psutil
import pytest

from ivr.audio import level, mulaw
from ivr.errors import SpeechError
from ivr.speech import pyttsx, synth, tts


def with_voice(scenario, **settings):
    async def run():
        voice = synth.pyttsx3(**settings)
        try:
            return await scenario(voice)
        finally:
            await voice.close()

    return asyncio.run(run())


def worker() -> psutil.Process:
    (found,) = [child for child in psutil.Process().children() if "ivr.speech.pyttsx" in child.cmdline()]
    return found


def seconds(sound: bytes) -> float:
    return len(sound) / 8000


def test_speech_has_the_lines_level_and_no_long_silence():
    sound = with_voice(lambda voice: voice.render("Welcome to the front desk. How can I help you?"))
    pcm = mulaw.decode(sound)
    samples = np.abs(np.frombuffer(pcm, "<i2").astype(float)) / 32768
    assert 2 < seconds(sound) < 5
    assert -23 < level.rms_dbfs(pcm) < -18
    assert 20 * math.log10(samples.max()) < -2.7
    assert samples[:800].max() > 0.01 and samples[-1600:].max() > 0.01, "long silence at an end"


FRESH = """
import sys
import threading
import wave
from pathlib import Path
from ivr.speech.pyttsx import Mouth, start_engine
engine, runs = start_engine(), []
run = engine.runAndWait
engine.runAndWait = lambda: (runs.append(1), run())
pcm, _ = Mouth(engine, Path(sys.argv[1])).render("A parcel was left in the rain. " * 60, "", 165)
print("runs", len(runs), "bytes", len(pcm))
"""


def test_the_first_text_of_a_fresh_engine_is_waited_for(tmp_path):
    command = [sys.executable, "-c", FRESH, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
    runs, count = re.search("runs ([0-9]+) bytes ([0-9]+)", told).groups()
    assert (int(runs), int(count) > 22050 * 2 * 60) == (1, True)


class LateEngine:
    """pyttsx3 on a busy machine: the sound is there long after ``runAndWait`` has returned."""

    def __init__(self, late_s):
        self.late_s, self.said = late_s, []

    def getProperty(self, name):
        return []

    def setProperty(self, name, value):
        pass

    def connect(self, topic, told):
        self.told = told

    def save_to_file(self, text, path):
        self.said.append(path)

    def runAndWait(self):
        threading.Timer(self.late_s, self._end).start()

    def _end(self):
        with wave.open(self.said[-1], "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(22050)
            file.writeframes(bytes(44))
        self.told(None, True)


def test_a_text_is_not_said_again_amid_itself_however_late_its_end_comes(tmp_path):
    late = LateEngine(2.5)
    assert pyttsx.Mouth(late, tmp_path).render("good morning", "", 165) == (bytes(44), 22050)
    assert len(late.said) == 1


@pytest.mark.parametrize("pace", [0.85, 0.7])
def test_a_slower_pace_takes_longer(pace):
    async def scenario(voice):
        return await voice.render("one two three four five six seven eight", "", pace)

    async def usual(voice):
        return await voice.render("one two three four five six seven eight")

    assert seconds(with_voice(scenario)) > 0.9 / pace * seconds(with_voice(usual))


def test_rate_and_voice_are_followed():
    async def scenario(voice):
        return await voice.render("one two three four"), await voice.render("one two three four", "de")

    english, german = with_voice(scenario, rate_wpm=120)
    fast, _ = with_voice(scenario, rate_wpm=240)
    assert seconds(english) > 1.4 * seconds(fast)
    assert german != english


def test_a_voice_that_is_not_there_is_named_and_the_worker_lives_on():
    async def scenario(voice):
        await voice.render("hello")
        before = worker().pid
        with pytest.raises(SpeechError, match="no voice 'klingon-2'"):
            await voice.render("hello", "klingon-2")
        return before, worker().pid, await voice.voices()

    before, after, voices = with_voice(scenario)
    assert before == after
    assert "en-us" in {voice.language for voice in voices}


def test_a_hanging_worker_is_replaced_and_the_text_still_spoken(caplog):
    async def scenario(voice):
        await voice.render("hello")
        stuck = worker()
        stuck.suspend()
        sound = await voice.render("good morning")
        return stuck.is_running() and stuck.status() != psutil.STATUS_ZOMBIE, sound

    is_stuck_alive, sound = with_voice(scenario, timeout_s=0.5)
    assert not is_stuck_alive
    assert seconds(sound) > 0.3
    assert "hung for 0.5 s" in caplog.text


def test_a_dead_worker_is_replaced():
    async def scenario(voice):
        await voice.render("hello")
        worker().kill()
        return await voice.render("hello again")

    assert seconds(with_voice(scenario)) > 0.3


def test_two_failures_are_an_error_with_its_remedy():
    async def scenario(voice):
        with pytest.raises(SpeechError, match=r"gave no sound within 0\.001 s, twice.*render_timeout_s"):
            await voice.render("this takes longer than a millisecond")

    with_voice(scenario, timeout_s=0.001)


def test_a_text_without_words_is_no_sound_and_no_work():
    assert with_voice(lambda voice: voice.render(" ... ")) == b""


def test_more_texts_than_workers_wait_their_turn():
    async def scenario(voice):
        return await asyncio.gather(*(voice.render(f"number {n}") for n in range(12)))

    sounds = with_voice(scenario, workers=2)
    assert len(set(sounds)) == 12 and all(sounds)


@pytest.mark.parametrize("renders", [60, pytest.param(500, marks=pytest.mark.slow)])
def test_one_worker_survives_many_renders(renders):
    async def scenario(voice):
        await voice.render("warm")
        before = worker().pid
        for n in range(renders):
            assert await voice.render(f"Your balance is {n} dollars.")
        return before, worker().pid

    before, after = with_voice(scenario)
    assert before == after


def test_piper_speaks(piper_says):
    pcm = piper_says("hello, this is a test")
    assert 0.8 < len(pcm) / 16000 - 0.6 < 4


def test_piper_without_its_model_says_what_to_do():
    with pytest.raises(SpeechError, match=r"absent\.onnx is not there"):
        synth.piper(voice="absent.onnx")


def test_silence_becomes_nothing_and_a_whisper_is_lifted():
    assert tts.telephone(bytes(16000), 16000) == b""
    tone = (80 * np.sin(np.arange(16000) * 0.2)).astype("<i2").tobytes()
    assert tts.telephone(tone, 16000) == b""
    tone = (800 * np.sin(np.arange(16000) * 0.2)).astype("<i2").tobytes()
    assert level.rms_dbfs(mulaw.decode(tts.telephone(tone, 16000))) == pytest.approx(-20, abs=1)
