"""What engines find wrong with a book, with scripted engines; and once with the real ones."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from proofkit import ScriptedEars, ScriptedVoice, book_of

from ivr.errors import Fault
from ivr.flow.site import Book
from ivr.line.mouth import BYTES_PER_MS, GAP
from ivr.proof import findings, lengths
from ivr.speech.cache import Cache
from ivr.speech.sphinx import Sphinx
from ivr.speech.synth import piper
from ivr.speech.tts import Voice

MENU = """
  first:
    ask: Which?
    choices:
      card: {{ phrases: [my card, {card}], key: 1, next: done }}
      cart: {{ phrases: [{cart}], key: 2, next: done }}
"""
QUIET = 0.001
"""Seconds a letter of a voice whose prompts are never too long."""


def found_in(book: Book, voice: ScriptedVoice, ears: Mapping[str, ScriptedEars]) -> list[Fault]:
    found = asyncio.run(findings(book, voice, ears))
    assert all(fault.is_warning for fault in found)
    return list(found)


def codes(found: list[Fault]) -> list[str]:
    return [fault.code for fault in found]


def test_a_sound_book_has_no_findings() -> None:
    voice = ScriptedVoice(QUIET)
    assert (
        found_in(book_of("  first: { say: Hello., next: done }\n"), voice, {"en": ScriptedEars(voice)}) == []
    )


@pytest.mark.parametrize(("letters", "is_found"), [(200, False), (201, True)])
def test_a_prompt_is_too_long_above_twenty_seconds(letters: int, is_found: bool) -> None:
    voice = ScriptedVoice(0.1)
    book = book_of(f"  first:\n    say: {'a' * letters}\n    next: done\n")
    found = [
        fault for fault in found_in(book, voice, {"en": ScriptedEars(voice)}) if fault.file == "main.yaml"
    ]
    assert codes(found) == ["prompt-too-long"] * is_found
    if is_found:
        assert (found[0].line, found[0].column) == (5, 5)
        assert found[0].found == "a prompt of 20 s as spoken"


def test_the_longest_way_of_a_prompt_counts_with_the_pauses_between_phrases() -> None:
    voice = ScriptedVoice(0.05)
    text = "Short.{% if company %} " + "A sentence of words. " * 20 + "{% endif %}"
    book = book_of(f'  first: {{ say: "{text}", next: done }}\n')
    (prompt, *_) = [one for one in lengths.prompts(book) if one.step == "first"]
    seconds, said = asyncio.run(lengths.longest(voice, prompt))
    letters = len("Short.") + 20 * len("A sentence of words.")
    assert seconds == pytest.approx(0.05 * letters + 0.12 * 20, abs=0.01)
    assert said.startswith("Short. A sentence")


def test_the_pause_between_phrases_is_that_of_a_call() -> None:
    assert len(GAP) // BYTES_PER_MS == lengths.GAP_MS


ZH = "languages: {{ zh: {{ {voice} }} }}\n"


def languages_of(tongue: str, voice: ScriptedVoice, *heard: str) -> list[Fault]:
    book = book_of("  first: { say: Hello., next: done }\n", ZH.format(voice=tongue))
    return found_in(book, voice, {language: ScriptedEars(voice) for language in heard})


def test_a_language_that_nothing_hears() -> None:
    (found,) = languages_of("voice: sit/cmn", ScriptedVoice(QUIET), "en")
    assert found.code == "no-ears-for-language" and "'zh'" in found.found
    assert found.file == "site.yaml" and "ivr models list" in found.remedy


@pytest.mark.parametrize(
    ("tongue", "found"),
    [
        ("", "no voice named for the language 'zh'"),
        ("voice: us", "the voice 'us', which does not speak the language 'zh'"),
        ("voice: nobody", "the voice 'nobody', which does not speak the language 'zh'"),
    ],
)
def test_a_language_that_nothing_speaks(tongue: str, found: str) -> None:
    (fault,) = languages_of(tongue, ScriptedVoice(QUIET), "en", "zh")
    assert (fault.code, fault.found) == ("no-voice-for-language", found)
    assert fault.remedy == "Write 'voice: sit/cmn'."


def test_a_language_that_no_voice_of_the_engine_speaks() -> None:
    english_only = ScriptedVoice(QUIET, has=(Voice("us", "American", "en-us"),))
    (fault,) = languages_of("voice: us", english_only, "en", "zh")
    assert "scripted" in fault.remedy and "voice.engine" in fault.remedy


def test_a_voice_that_the_engine_does_not_have_is_told_once_a_file() -> None:
    voice = ScriptedVoice(QUIET)
    step = "{{ say: Hello., voice: nobody, next: {} }}\n"
    steps = f"  first: {step.format('second')}  second: {step.format('done')}"
    (fault,) = found_in(book_of(steps), voice, {"en": ScriptedEars(voice)})
    assert (fault.code, fault.file, fault.line) == ("no-voice-for-language", "main.yaml", 4)
    assert fault.found == "the voice 'nobody', which scripted does not have"


def test_phrases_that_sound_near_and_are_taken_for_each_other() -> None:
    voice = ScriptedVoice(QUIET)
    book = book_of(MENU.format(card="card", cart="cart"))
    (fault,) = found_in(book, voice, {"en": ScriptedEars(voice, {"cart": "card"})})
    assert fault.code == "sounds-alike"
    assert "'cart' (cart), heard as 'card' (card) in 2 of 2 tries" in fault.found
    assert (fault.file, fault.line) == ("main.yaml", 9)


def test_phrases_that_sound_near_but_are_told_apart() -> None:
    voice = ScriptedVoice(QUIET)
    assert found_in(book_of(MENU.format(card="card", cart="cart")), voice, {"en": ScriptedEars(voice)}) == []


def test_phrases_that_sound_far_apart_are_not_even_tried() -> None:
    voice = ScriptedVoice(QUIET)
    book = book_of(MENU.format(card="bank", cart="parcel"))
    assert found_in(book, voice, {"en": ScriptedEars(voice, {"bank": "parcel"})}) == []
    assert "bank" not in [text for text, _ in voice.said]


def test_a_choice_that_sounds_like_a_command() -> None:
    voice = ScriptedVoice(QUIET)
    book = book_of(MENU.format(card="repair", cart="cart"))
    (fault,) = found_in(book, voice, {"en": ScriptedEars(voice, {"repair": "repeat"})})
    assert (fault.code, fault.line) == ("sounds-alike", 8)
    assert fault.found == "'repair' (card), heard as 'repeat' (repeat) in 2 of 2 tries at main.first"


def test_a_command_that_is_taken_for_a_choice_is_told_at_the_choice() -> None:
    voice = ScriptedVoice(QUIET)
    book = book_of(MENU.format(card="repair", cart="parcel"))
    (fault,) = found_in(book, voice, {"en": ScriptedEars(voice, {"repeat": "repair"})})
    assert (fault.file, fault.line) == ("main.yaml", 8)
    assert fault.found.startswith("'repeat' (repeat), heard as 'repair' (card)")


def test_a_phrase_of_unknown_words_that_is_not_heard() -> None:
    voice = ScriptedVoice(QUIET)
    ears = ScriptedEars(voice, {"zyxtrq": ""}, lost=frozenset({"zyxtrq"}))
    fault, unknown = found_in(book_of(MENU.format(card="zyxtrq", cart="parcel")), voice, {"en": ears})
    assert unknown.code == "unknown-word"
    assert (fault.code, fault.file, fault.line) == ("cannot-be-heard", "main.yaml", 8)
    assert fault.found == "'zyxtrq', of which scripted does not know 'zyxtrq' and heard nothing"


def test_a_phrase_of_unknown_words_that_is_heard_all_the_same() -> None:
    voice = ScriptedVoice(QUIET)
    ears = ScriptedEars(voice, lost=frozenset({"fernhill"}))
    found = found_in(book_of(MENU.format(card="fernhill", cart="parcel")), voice, {"en": ears})
    assert "cannot-be-heard" not in codes(found)


def test_an_unknown_word_is_told_with_how_it_may_sound() -> None:
    voice = ScriptedVoice(QUIET)
    strange = {"fernhill"[:at] for at in range(1, 8)} | {"fernhill"[at:] for at in range(1, 8)}
    ears = ScriptedEars(voice, lost=frozenset({"fernhill"} | strange - {"fern", "hill", "fe"}))
    (fault,) = found_in(book_of(MENU.format(card="fernhill", cart="parcel")), voice, {"en": ears})
    assert (fault.code, fault.file, fault.line) == ("unknown-word", "main.yaml", 8)
    assert fault.found == "'fernhill', which scripted does not know; by its letters it sounds F ER N HH IH L"
    assert fault.remedy.endswith("how it sounds in ordinary words: 'fernhill': fern hill.")


def test_where_no_two_words_make_up_the_unknown_one_the_designer_finds_some() -> None:
    voice = ScriptedVoice(QUIET)
    parts = {part for at in range(1, 8) for part in ("fernhill"[:at], "fernhill"[at:])}
    ears = ScriptedEars(voice, lost=frozenset({"fernhill"} | parts))
    (fault,) = found_in(book_of(MENU.format(card="fernhill", cart="parcel")), voice, {"en": ears})
    assert fault.remedy.endswith("in ordinary words: 'fernhill', a colon, and words that sound like it.")


def test_a_word_of_the_vocabulary_is_not_told() -> None:
    voice = ScriptedVoice(QUIET)
    ears = ScriptedEars(voice, lost=frozenset({"fernhill"}))
    book = book_of(MENU.format(card="fernhill", cart="parcel"), "vocabulary: { Fernhill: fern hill }\n")
    assert found_in(book, voice, {"en": ears}) == []


def test_unknown_words_of_a_language_that_nobody_can_try_are_told() -> None:
    voice = ScriptedVoice(QUIET)
    book = book_of(MENU.format(card="tarjeta", cart="cesta"), "language: es\n").model_copy()
    ears = replace(ScriptedEars(voice), lost=frozenset({"tarjeta"}))
    assert "cannot-be-heard" in codes(found_in(book, voice, {"es": ears}))


@pytest.mark.slow
def test_real_engines_take_a_card_for_a_cart_but_not_a_bank_for_a_shop(tmp_path: Path) -> None:
    pytest.importorskip("piper", reason="needs the extra [callers]")
    logging.disable(logging.WARNING)

    async def run(card: str, cart: str) -> tuple[Fault, ...]:
        caller, ears = Cache(piper(timeout_s=30), tmp_path, "piper"), Sphinx(workers=1)
        try:
            book = book_of(MENU.format(card=card, cart=cart))
            return await findings(book, ScriptedVoice(QUIET), {"en": ears}, caller)
        finally:
            logging.disable(logging.NOTSET)
            await caller.close()
            await ears.close()

    (found,) = asyncio.run(run("card", "cart"))
    assert found.code == "sounds-alike"
    assert asyncio.run(run("bank", "shop")) == ()
