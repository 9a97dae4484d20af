"""What people say around a short answer: every word can be heard, and a net takes just the sentences it says."""

from __future__ import annotations

import random

import pytest

from ivr.actions import Expectation, Option
from ivr.events import Hypothesis
from ivr.nlu.match import understand
from ivr.nlu.phrases import NO, YES
from ivr.speech.carriers import answers, around
from ivr.speech.lexicon import Lexicon
from ivr.speech.nets import ends, walk, words_in

ANSWER = Expectation(kind="choice", options=(Option(name="yes", phrases=YES), Option(name="no", phrases=NO)))


def test_the_engine_knows_every_word():
    nets = (around(""), answers("yes"), answers("no"))
    assert Lexicon().guessed(frozenset().union(*map(words_in, nets))) == frozenset()


def test_only_yes_and_no_have_more_forms():
    assert answers("balance") is None


@pytest.mark.parametrize("name", ["yes", "no"])
def test_what_is_listened_for_as_a_yes_or_no_means_it(name):
    chance = random.Random(1)
    wrong = []
    for _ in range(300):
        text = " ".join(walk(answers(name), chance))
        meaning = understand(ANSWER, (Hypothesis(text=text, confidence=1.0),))
        if meaning.value not in (name, ""):
            wrong.append((text, meaning.value))
    assert wrong == []


def test_a_net_takes_what_it_says_and_nothing_besides():
    chance = random.Random(2)
    net = around("billing")
    for _ in range(50):
        words = list(walk(net, chance))
        assert len(words) in ends(net, words)
        assert len(words) + 1 not in ends(net, [*words, "window"])
    assert ends(net, ["window"]) == frozenset()
