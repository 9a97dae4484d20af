"""Which sentences end up together, on sentences of people, and on few and strange ones."""

from __future__ import annotations

import csv
import os
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ivr.learning.likeness import groups, likeness
from ivr.nlu.normalise import tokens

DATA = Path(os.environ.get("IVR_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
BANKING = DATA / "intents" / "banking77-train.csv"


def grouped(*sentences: str) -> list[list[str]]:
    found = groups(likeness([tokens(each) for each in sentences]))
    return [[sentences[index] for index in members] for members in found]


def test_what_is_about_the_same_is_one_group() -> None:
    cards = ["my card is gone", "I can't find my card", "my bank card was stolen"]
    vouchers = ["do you sell gift vouchers", "can I buy a gift voucher"]
    assert grouped(cards[0], vouchers[0], cards[1], vouchers[1], cards[2]) == [cards, vouchers]


def test_words_without_meaning_in_the_table_are_alike_by_their_letters() -> None:
    assert grouped("我的卡丢了", "几点开门", "我的银行卡丢了") == [
        ["我的卡丢了", "我的银行卡丢了"],
        ["几点开门"],
    ]


@pytest.mark.parametrize("sentences", [(), ("hello",), ("", ""), ("hello", "hello")])
def test_next_to_nothing_can_be_grouped(sentences: tuple[str, ...]) -> None:
    assert sorted(each for members in grouped(*sentences) for each in members) == sorted(sentences)


def test_groups_do_not_depend_on_the_order_of_sentences() -> None:
    alike = np.random.default_rng(0).random((60, 60)).astype(np.float32)
    alike = (alike + alike.T) / 2
    order = np.random.default_rng(1).permutation(60)
    first = {frozenset(members) for members in groups(alike, 0.55)}
    second = {frozenset(order[members].tolist()) for members in groups(alike[np.ix_(order, order)], 0.55)}
    assert first == second and 1 < len(first) < 60


def test_every_group_is_as_alike_as_was_asked() -> None:
    """The chains give average linkage: two groups that are left are less alike than that."""
    alike = np.random.default_rng(2).random((80, 80)).astype(np.float32)
    alike = (alike + alike.T) / 2
    found = groups(alike, 0.55)
    for index, one in enumerate(found):
        for other in found[index + 1 :]:
            assert alike[np.ix_(one, other)].mean() < 0.55


@pytest.mark.skipif(not BANKING.exists(), reason="the questions of bank customers are not here")
def test_groups_of_customers_questions_are_mostly_of_one_intent() -> None:
    """Intents that the threshold was not chosen on; ten at a time, twenty sentences each."""
    by_intent: dict[str, list[str]] = {}
    for text, intent in list(csv.reader(BANKING.open(encoding="utf-8")))[1:]:
        by_intent.setdefault(intent, []).append(text)
    pure, placed = [], []
    for seed in range(4):
        chance = random.Random(seed)
        intents = chance.sample(sorted(by_intent)[1::2], 10)
        said = [(tokens(text), each) for each in intents for text in chance.sample(by_intent[each], 20)]
        found = [members for members in groups(likeness([words for words, _ in said])) if len(members) > 2]
        inside = sum(map(len, found))
        pure.append(sum(max(Counter(said[i][1] for i in each).values()) for each in found) / inside)
        placed.append(inside / len(said))
    assert np.mean(pure) > 0.84 and np.mean(placed) > 0.84, (pure, placed)
