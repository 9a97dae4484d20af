"""What is said in an evaluation is complete, and was not seen before."""

from __future__ import annotations

import re

import pytest
from evaluationkit import FLOWS, ROOT

from ivr.dialogue.warm import questions
from ivr.evaluation.material import shipped
from ivr.evaluation.sentences import known, menu, unseen
from ivr.flow.load import load
from ivr.nlu.normalise import tokens
from ivr.nlu.temper import CURSES, SAYINGS
from ivr.speech.stt import words_of

MATERIAL = shipped()
INTENTS = {
    *("balance", "parcel", "order", "hours", "complaint", "legal_medical", "lost_card", "new_address"),
    *("send_back", "fees", "appointment", "password"),
}


def test_there_is_enough_of_everything():
    assert set(MATERIAL.intents) == INTENTS
    assert all(len(set(texts)) >= 5 for texts in MATERIAL.intents.values())
    assert len(set(MATERIAL.near + MATERIAL.far)) == 60
    assert (len(set(MATERIAL.upset)), len(set(MATERIAL.calm))) == (60, 60)
    assert len(MATERIAL.menu) == 5 and len(set(MATERIAL.yes + MATERIAL.no)) == 80


def test_the_sample_has_every_intent_at_its_first_question():
    book = load(FLOWS)
    expect = menu(book, frozenset(MATERIAL.intents))
    assert expect == questions(book)[0]
    assert known(expect, frozenset(MATERIAL.intents)) == INTENTS


def test_hardly_a_sentence_is_an_example_of_the_sample():
    """Those that have become one are left out of the measuring."""
    expect = questions(load(FLOWS))[0]
    for name, texts in MATERIAL.intents.items():
        assert len(unseen(expect, [(name, text) for text in texts])) >= 5, name
    examples = {words_of(phrase) for option in expect.options for phrase in option.phrases}
    assert [text for text in (*MATERIAL.near, *MATERIAL.far) if words_of(text) in examples] == []


def test_no_sentence_trains_what_hears_moods():
    folder = ROOT / "scripts" / "mood"
    if not folder.is_dir():
        pytest.skip("nothing is trained here")
    learnt = {
        tokens(line)
        for path in folder.rglob("*")
        if path.is_file()
        for line in re.split(r"[\n\t]", path.read_text())
    }
    learnt |= {tokens(saying) for saying in (*SAYINGS, *CURSES)}
    assert [text for text in MATERIAL.upset + MATERIAL.calm if tokens(text) in learnt] == []


def test_a_short_form_has_some_of_each():
    short = MATERIAL.short(2)
    assert {len(texts) for texts in short.intents.values()} == {2}
    assert len({one.type for one in short.fields}) == 5 and len(short.fields) == 10
    assert len(short.menu) == 5 and len(short.carriers) == 2
