"""What several readings of an utterance add up to."""

from __future__ import annotations

import pytest

from ivr.actions import Expectation, Option
from ivr.events import Hypothesis
from ivr.nlu.match import understand
from ivr.nlu.normalise import tokens
from ivr.nlu.votes import likeliest

OPTIONS = (
    Option(name="hours", phrases=("opening hours", "when are you open")),
    Option(name="card", phrases=("I lost my card", "my card is gone")),
)
OPEN = Expectation(kind="choice", options=OPTIONS, is_open=True)
CLOSED = Expectation(kind="choice", options=OPTIONS)
SURE = 0.7


def vote(expect, *texts, confidence=SURE):
    return likeliest(expect, [(Hypothesis(text=text, confidence=confidence), tokens(text)) for text in texts])


def test_one_reading_is_as_sure_as_it_was_heard_and_is_like():
    alone = vote(OPEN, "when do you open")
    assert alone.others is None
    assert alone.chance == alone.product == SURE * alone.score.value < SURE


def test_readings_that_mean_the_same_make_it_surer_and_those_that_mean_something_else_less_sure():
    agreed = vote(OPEN, "opening hours", "when are you open", "the opening hours")
    half = vote(OPEN, "opening hours", "purple elephants dance", "opening hours of")
    apart = vote(OPEN, "opening hours", "purple elephants dance", "the music plays")
    assert [one.score.name for one in (agreed, half, apart)] == ["hours"] * 3
    assert agreed.chance > SURE > apart.chance
    assert agreed.chance > half.chance > apart.chance


def test_no_agreement_makes_it_surer_than_its_words_are_like():
    same = vote(OPEN, *["when do you open"] * 8, confidence=0.99)
    assert same.others == pytest.approx(same.score.value) and same.chance < same.score.value


def test_at_a_question_for_given_phrases_the_best_reading_counts_alone():
    readings = tuple(
        Hypothesis(text=text, confidence=SURE) for text in ("opening hours", "when are you open")
    )
    assert understand(CLOSED, readings).confidence == SURE < understand(OPEN, readings).confidence
