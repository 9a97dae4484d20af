"""The built-in ear on a synthesised caller and on recorded people, in its real worker processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import psutil
import pytest

from ivr.actions import Expectation, Option
from ivr.errors import SpeechError
from ivr.nlu.match import ACCEPT, understand
from ivr.speech import sphinx
from ivr.speech.grammar import Grammar
from ivr.speech.sphinx import Sphinx, SphinxUtterance
from ivr.speech.stt import DIGITS, FEED_BYTES

MENU = Expectation(
    kind="choice",
    options=(
        Option(name="parcel", phrases=("track my parcel", "parcel")),
        Option(name="balance", phrases=("account balance", "what is my balance", "balance")),
        Option(name="hours", phrases=("opening hours", "when do you open")),
    ),
    commands=(Option(name="agent", phrases=("agent", "speak to a person")),),
)
OPEN = Expectation(kind="choice", options=MENU.options, commands=MENU.commands, is_open=True)
SIX = Expectation(kind="digits", min_digits=6, max_digits=6, commands=MENU.commands)


async def hear(recogniser, expect, pcm):
    utterance = await recogniser.open(expect)
    for start in range(0, len(pcm), FEED_BYTES):
        await utterance.feed(pcm[start : start + FEED_BYTES])
    return await utterance.finish()


def with_sphinx(scenario):
    async def run():
        recogniser = Sphinx(workers=1)
        try:
            return await scenario(recogniser)
        finally:
            await recogniser.close()

    return asyncio.run(run())


@pytest.mark.parametrize("expect", [MENU, OPEN])
def test_a_caller_is_understood_with_words_times_and_confidences(piper_says, expect):
    pcm = piper_says("what is my balance")
    heard, *_ = with_sphinx(lambda ear: hear(ear, expect, pcm))
    assert heard.text == "what is my balance"
    assert [word.text for word in heard.words] == heard.text.split()
    assert all(0.0 <= word.confidence <= 1.0 for word in heard.words)
    assert 0.6 < heard.confidence <= 1.0
    assert 200 <= heard.words[0].start_ms < heard.words[-1].end_ms <= len(pcm) // 16


def test_several_readings_come_best_first_each_once(piper_says):
    heard = with_sphinx(lambda ear: hear(ear, OPEN, piper_says("what is my balance")))
    assert 1 < len(heard) <= 8
    assert [one.confidence for one in heard] == sorted((one.confidence for one in heard), reverse=True)
    assert len({one.text for one in heard}) == len(heard)


def test_a_second_pass_hears_words_that_neither_the_step_nor_the_common_words_have(piper_says, monkeypatch):
    monkeypatch.setattr(sphinx, "AGAIN_MS", 30_000)  # this machine may be busy
    sentence = piper_says("the professor admired the painting")

    async def scenario(**switches):
        ear = Sphinx(workers=1, **switches)
        try:
            return {word for one in await hear(ear, OPEN, sentence) for word in one.text.split()}
        finally:
            await ear.close()

    assert "professor" in asyncio.run(scenario())
    assert "professor" not in asyncio.run(scenario(has_second_pass=False))


def test_without_the_domain_model_general_english_is_heard(piper_says):
    sentence = piper_says("the elephant crossed the river")

    async def scenario(general):
        try:
            return await hear(general, OPEN, sentence), await hear(general, MENU, sentence)
        finally:
            await general.close()

    heard = asyncio.run(scenario(Sphinx(workers=1, has_domain_model=False)))
    assert all("river" in " ".join(one.text for one in readings) for readings in heard)


def test_what_the_step_does_not_allow_is_not_taken_for_one_of_its_phrases(piper_says):
    async def scenario(ear):
        right = await hear(ear, MENU, piper_says("opening hours"))
        wrong = await hear(ear, MENU, piper_says("nobody likes wet umbrellas"))
        return right, wrong

    right, wrong = with_sphinx(scenario)
    assert right[0].text == "opening hours"
    assert right[0].confidence > ACCEPT
    assert understand(MENU, wrong).kind == "nothing"


def test_recorded_people_say_digits(recorded_digits):
    strings = ("314159", "271828", "609374", "855201")

    async def scenario(ear):
        return [await hear(ear, SIX, recorded_digits("lucas", string)) for string in strings]

    right = 0
    for string, heard in zip(strings, with_sphinx(scenario), strict=True):
        words = heard[0].text.split() if heard else []
        digits = "".join(str(DIGITS.index(word) % 10) for word in words if word in DIGITS)
        right += sum(
            block.size for block in SequenceMatcher(None, string, digits, False).get_matching_blocks()
        )
    assert right >= 21, f"{right} of 24 digits right"


def test_utterances_side_by_side_do_not_mix_and_partials_come(piper_says):
    async def scenario(ear):
        first, second = await ear.open(MENU), await ear.open(OPEN)
        one, two = piper_says("opening hours"), piper_says("what is my balance")
        partials = []
        for start in range(0, max(len(one), len(two)), FEED_BYTES):
            await first.feed(one[start : start + FEED_BYTES])
            await second.feed(two[start : start + FEED_BYTES])
            partials.append(await first.partial())
        return await first.finish(), await second.finish(), partials

    first, second, partials = with_sphinx(scenario)
    assert first[0].text == "opening hours"
    assert second[0].text == "what is my balance"
    assert partials[0] == "" and "opening hours" in partials


def test_an_odd_number_of_samples_a_time_hears_the_same(piper_says):
    pcm = piper_says("opening hours")

    async def scenario(ear):
        utterance = await ear.open(MENU)
        for start in range(0, len(pcm), 1234):
            await utterance.feed(pcm[start : start + 1234])
        return await utterance.finish()

    assert with_sphinx(scenario)[0].text == "opening hours"


def test_silence_and_nothing_to_listen_for_are_heard_as_nothing():
    async def scenario(ear):
        silence = np.zeros(8000, "<i2").tobytes()
        return await hear(ear, MENU, silence), await hear(ear, Expectation(kind="commands"), silence)

    assert with_sphinx(scenario) == ((), ())


def test_a_cancelled_utterance_leaves_the_worker_well(piper_says):
    async def scenario(ear):
        utterance = await ear.open(MENU)
        await utterance.feed(piper_says("opening hours"))
        await utterance.cancel()
        return await utterance.finish(), await hear(ear, MENU, piper_says("opening hours"))

    cancelled, after = with_sphinx(scenario)
    assert cancelled == ()
    assert after[0].text == "opening hours"


def test_a_dead_worker_costs_its_utterances_and_one_line_of_log(piper_says, caplog):
    async def scenario(ear):
        lost = [await ear.open(MENU), await ear.open(OPEN)]
        (worker,) = [
            child for child in psutil.Process().children() if "ivr.speech.decoder" in child.cmdline()
        ]
        worker.kill()
        for utterance in lost:
            await utterance.feed(bytes(1600))
        answers = [await utterance.finish() for utterance in lost]
        return answers, await hear(ear, MENU, piper_says("opening hours"))

    answers, after = with_sphinx(scenario)
    assert answers == [(), ()]
    assert after[0].text == "opening hours"
    assert len([record for record in caplog.records if "died" in record.getMessage()]) == 1


class DiesHearingAgain:
    """A worker that answers once."""

    def __init__(self):
        self.asked = []

    async def tell(self, message):
        self.asked.append(message["op"])

    async def ask(self, message):
        self.asked.append(message["op"])
        if message["op"] == "again":
            raise SpeechError("the worker died")
        return {"readings": [{"text": "opening hours", "loss": -10.0, "lead": 0.0, "words": []}]}, b""


@pytest.mark.parametrize(
    ("options", "asked"), [(OPEN.options[:1], ["finish", "again"]), (OPEN.options, ["finish", "end"])]
)
def test_only_what_means_nothing_is_heard_again_and_a_worker_that_dies_of_it_costs_no_words(options, asked):
    worker = DiesHearingAgain()

    async def scenario(ear):
        built = Grammar(kind="open", text="", dictionary="", key="k")
        return await SphinxUtterance(worker, 1, ear, 0, built, replace(OPEN, options=options)).finish()

    (heard,) = with_sphinx(scenario)
    assert heard.text == "opening hours" and worker.asked == asked


def test_a_worker_ends_with_its_parent():
    program = (
        "import asyncio, time\n"
        "from ivr.actions import Expectation, Option\n"
        "from ivr.speech.sphinx import Sphinx\n"
        "async def main():\n"
        "    e = Expectation(kind='choice', options=(Option(name='a', phrases=('yes',)),))\n"
        "    await Sphinx(workers=1).warm([e])\n"
        "    print('up', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b"up\n"
        (worker,) = psutil.Process(parent.pid).children()
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


def test_a_closed_recogniser_says_so():
    async def scenario(ear):
        utterance = await ear.open(MENU)
        await ear.close()
        await utterance.feed(bytes(1600))
        assert (await utterance.partial(), await utterance.finish()) == ("", ())
        with pytest.raises(SpeechError, match="closed"):
            await ear.open(MENU)

    with_sphinx(scenario)


def test_a_grammar_that_the_engine_refuses_costs_only_its_own_utterance(piper_says):
    async def scenario(ear):
        other = await ear.open(MENU)
        await ear.warm([OPEN])
        folder = Path(ear._folder.name)
        for file in folder.glob("*.dict"):
            file.write_text("odd AA\n")
        refused = await hear(ear, MENU, piper_says("opening hours"))
        await other.feed(piper_says("opening hours"))
        return refused, await other.finish()

    refused, other = with_sphinx(scenario)
    assert refused == ()
    assert other[0].text == "opening hours"


def test_grammars_of_books_that_are_gone_do_not_pile_up(monkeypatch):
    monkeypatch.setattr(sphinx, "MOST_GRAMMARS", 3)
    words = ("one", "two", "three", "four", "five", "six")
    questions = [Expectation(kind="choice", options=(Option(name=word, phrases=(word,)),)) for word in words]

    async def listen() -> Sphinx:
        ears = Sphinx(workers=1)
        for question in questions:
            await ears._need(question)
        return ears

    kept = asyncio.run(listen())._grammars
    assert list(kept) == questions[-3:]
    assert not any(grammar.text or grammar.dictionary for grammar in kept.values()), "they are in files"
