"""How callers say values: whatever the recognisers listen for is understood, and real speech is heard by it."""

from __future__ import annotations

import asyncio
import random

import pytest

from ivr.actions import Expectation, Option, Slot
from ivr.events import Hypothesis
from ivr.nlu.match import understand
from ivr.nlu.phrases import NO, YES
from ivr.speech.grammar import grammar
from ivr.speech.lexicon import Lexicon
from ivr.speech.nets import walk
from ivr.speech.sayings import examples, heard_as, saying, sentence
from ivr.speech.sphinx import Sphinx
from ivr.speech.stt import FEED_BYTES

MONDAY = "2026-11-23"
ORDER = Slot(name="order", type="digits", min_length=4, max_length=4)
DAY = Slot(name="day", type="date")
TIME = Slot(name="when", type="time")
MONEY = Slot(name="amount", type="money", currency="GBP")
NUMBER = Slot(name="guests", type="number")
CODE = Slot(name="code", type="letters", min_length=4, max_length=6)
NAME = Slot(name="name", type="name")
SIZES = (Option(name="small", phrases=("small", "a small one")), Option(name="large", phrases=("large",)))
SIZE = Slot(name="size", type="choice", options=SIZES)
PHONE = Slot(name="phone", type="phone", country="+44")
AGREED = Slot(name="agreed", type="yes_no")
YES_NO = (Option(name="yes", phrases=YES), Option(name="no", phrases=NO))
EVERY = (ORDER, DAY, TIME, MONEY, NUMBER, CODE, NAME, SIZE, PHONE, AGREED)


def expects(*slots, **more):
    return Expectation(kind="values", slots=slots, today=MONDAY, **more)


@pytest.mark.parametrize("slot", EVERY, ids=lambda slot: slot.type)
def test_what_is_listened_for_is_understood(slot):
    chance = random.Random(3)
    deaf = []
    for _ in range(200):
        text = " ".join(walk(saying(slot), chance))
        meaning = understand(expects(slot), (Hypothesis(text=text, confidence=1.0),))
        if not meaning.values and not meaning.refused:
            deaf.append(text)
    allowed = 6 if slot.type == "date" else 0  # the thirty-first of a month without one
    assert len(deaf) <= allowed, deaf


def test_a_slot_makes_a_finite_state_grammar_beside_options_and_commands():
    stop = (Option(name="help", phrases=("help",)),)
    made = grammar(expects(ORDER, DAY, options=YES_NO, commands=stop), Lexicon())
    assert made.kind == "values"
    lines = made.text.splitlines()
    assert lines[:4] == [
        "FSG_BEGIN step",
        f"NUM_STATES {lines[1].split()[1]}",
        "START_STATE 0",
        "FINAL_STATE 1",
    ]
    used = {int(state) for line in lines if line.startswith("TRANSITION") for state in line.split()[1:3]}
    assert used == set(range(int(lines[1].split()[1])))
    words = {line.split()[4] for line in lines if line.startswith("TRANSITION") and len(line.split()) == 5}
    assert {"seven", "wednesday", "december", "yes", "help", "order"} <= words
    assert all(f"\n{word} " in f"\n{made.dictionary}" for word in words)


def test_what_changes_from_call_to_call_makes_no_new_grammar():
    today = expects(ORDER, DAY)
    known = Slot(name="day", type="date", known="2026-11-24", denied=("2026-11-25",), at_least=MONDAY)
    later = Expectation(kind="values", slots=(ORDER, known), today="2027-01-01", denied=("1",))
    assert heard_as(today) == heard_as(later)
    assert heard_as(expects(DAY)) != heard_as(expects(ORDER))


def test_a_choice_that_cannot_be_said_in_english_is_left_out(caplog):
    odd = Slot(name="colour", type="choice", options=(Option(name="green", phrases=("größe",)),))
    made = grammar(expects(ORDER, odd), Lexicon())
    assert "größe" not in made.text
    assert grammar(expects(odd), Lexicon()) is None


def test_other_words_are_hardly_trusted():
    made = grammar(expects(NAME), Lexicon())
    assert made.most_trust("my name is ada lovelace") == 1.0
    assert made.most_trust("my dog got very well") == 0.5


def test_examples_are_always_the_same_and_hold_every_word():
    first, again = examples((ORDER, DAY, NAME)), examples((ORDER, DAY, NAME))
    assert first == again
    assert {word for words in first for word in words} >= {"double", "wednesday", "lovelace"}
    assert len(first) < 2_000


def test_values_in_one_sentence_come_up():
    chance = random.Random(1)
    said = [" ".join(walk(sentence((ORDER, DAY)), chance)) for _ in range(400)]
    meanings = [understand(expects(ORDER, DAY), (Hypothesis(text=text, confidence=1.0),)) for text in said]
    assert sum(len(meaning.values) == 2 for meaning in meanings) >= 10
    assert sum(any(one.is_correction for one in meaning.values) for meaning in meanings) >= 5


@pytest.mark.parametrize(
    ("slots", "text", "values"),
    [
        ((ORDER, DAY), "one two three four, for Tuesday, no, Wednesday", {"order": "1234", "day": "2026-11-25"}),
        ((DAY,), "the third of March", {"day": "2027-03-03"}),
        ((TIME,), "at nine in the morning", {"when": "09:00"}),
        ((MONEY,), "two hundred and fifty pounds", {"amount": "250.00"}),
        ((CODE,), "bravo charlie seven nine", {"code": "BC79"}),
        ((SIZE,), "the large one please", {"size": "large"}),
    ],
)  # fmt: skip
def test_a_synthesised_caller_is_understood_by_the_built_in_engine(piper_says, slots, text, values):
    expect = expects(*slots)

    async def scenario():
        ear = Sphinx(workers=1)
        utterance = await ear.open(expect)
        pcm = piper_says(text)
        for start in range(0, len(pcm), FEED_BYTES):
            await utterance.feed(pcm[start : start + FEED_BYTES])
        heard = await utterance.finish()
        await ear.close()
        return heard

    heard = asyncio.run(scenario())
    meaning = understand(expect, heard)
    assert {one.slot: one.value for one in meaning.values} == values, heard[0].text
