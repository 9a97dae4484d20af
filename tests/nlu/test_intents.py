"""Names learnt from a few examples: what is right is sure, what is not is not, whatever the examples are like."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.actions import Expectation, Option
from ivr.events import Hypothesis
from ivr.nlu.intents import Intents, _balanced
from ivr.nlu.match import ACCEPT, REJECT, learn, understand
from ivr.nlu.matcher import matcher
from ivr.nlu.normalise import tokens

BANK = {
    "lost_card": ["I lost my card", "my card was stolen", "block my card", "I can't find my debit card"],
    "balance": ["what is my balance", "how much money do I have", "what's left on my account"],
    "hours": ["when are you open", "what are your opening hours", "are you open on Sunday"],
}
CHINESE = {
    "balance": ["查余额", "我的余额是多少", "我账户里还有多少钱"],
    "parcel": ["我的包裹在哪里", "查包裹", "快递什么时候到"],
    "complaint": ["我要投诉", "服务太差了", "我很不满意"],
}


def intents(examples: dict[str, list[str]], *, by_meaning: bool = True) -> Intents:
    rows = ((name, text, tokens(text)) for name, texts in examples.items() for text in texts)
    return Intents(rows, by_meaning=by_meaning)


def step(examples: dict[str, list[str]], *, is_open: bool = True) -> Expectation:
    options = tuple(Option(name=name, phrases=tuple(texts)) for name, texts in examples.items())
    return Expectation(kind="choice", options=options, is_open=is_open)


def meant(expect: Expectation, text: str) -> tuple[str, float]:
    meaning = understand(expect, (Hypothesis(text=text, confidence=1.0),))
    return meaning.value, meaning.confidence


def test_a_sentence_without_a_word_of_the_examples_is_understood_by_its_meaning() -> None:
    text = "somebody took the visa from our wallet"
    assert not set(tokens(text)) & {word for phrase in BANK["lost_card"] for word in tokens(phrase)}
    first = intents(BANK).rank(tokens(text))[0]
    assert first.name == "lost_card"
    assert not any(
        likely.name == "lost_card" for likely in intents(BANK, by_meaning=False).rank(tokens(text))
    )


def test_the_same_examples_give_the_same_answers() -> None:
    words = tokens("I think my card is gone")
    assert intents(BANK).rank(words) == intents(BANK).rank(words)


def test_the_examples_of_every_name_count_alike_together() -> None:
    trust = _balanced(np.array([0, 1, 1, 1, 1, 2, 2]))
    assert trust[0] == pytest.approx(trust[1:5].sum()) == pytest.approx(trust[5:].sum())


@pytest.mark.parametrize("is_open", [True, False])
def test_one_name_with_one_example(is_open: bool) -> None:
    one = step({"parcel": ["where is my parcel"]}, is_open=is_open)
    assert meant(one, "where is my parcel") == ("parcel", 1.0)
    assert meant(one, "so where is that parcel of mine")[0] == "parcel"
    assert meant(one, "purple elephants dance")[0] == ""


@pytest.mark.parametrize("is_open", [True, False])
def test_names_that_share_a_phrase_are_never_taken_by_it(is_open: bool) -> None:
    twins = step({"shop": ["I want to order"], "bank": ["I want to order"]}, is_open=is_open)
    for text in ("I want to order", "I'd like to order please", "order"):
        assert meant(twins, text)[1] < ACCEPT


@pytest.mark.parametrize("is_open", [True, False])
def test_names_that_share_all_their_words_are_told_apart_by_the_phrase_alone(is_open: bool) -> None:
    shuffled = step(
        {"card_for_account": ["a card for the account"], "account_for_card": ["an account for the card"]},
        is_open=is_open,
    )
    assert meant(shuffled, "a card for the account") == ("card_for_account", 1.0)
    assert meant(shuffled, "the card the account")[1] < ACCEPT
    assert meant(shuffled, "account and card")[1] < ACCEPT


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("text", ["my bill", "bill my pay", "stop card", "could I pay the bill"])
def test_examples_of_the_same_words_in_another_order_are_asked_back(is_open: bool, text: str) -> None:
    twisted = step(
        {
            "pay": ["pay my bill", "change my bill", "stop my card"],
            "bill": ["my bill pay", "my bill change", "my card stop"],
        },
        is_open=is_open,
    )
    assert meant(twisted, text)[1] < ACCEPT
    assert meant(twisted, "my card stop") == ("bill", 1.0)


def test_a_name_without_a_word_is_no_trouble() -> None:
    odd = step({"silent": ["..."], "balance": BANK["balance"]})
    assert meant(odd, "what's my balance")[0] == "balance"
    assert meant(step({"silent": ["!?"]}), "anything at all") == ("", 0.0)


def test_very_long_speech_has_an_answer_and_no_sure_one() -> None:
    story = "well it all began last winter when my neighbour's dog ran into the garden and then " * 40
    _, confidence = meant(step(BANK), story)
    assert confidence < ACCEPT
    assert meant(step(BANK), "a" * 5_000)[0] == ""
    assert meant(step(BANK), "card " * 5_000)[1] <= 1.0


@pytest.mark.parametrize("texts", [(), ("",), ("...",), ("", "um", "?")])
def test_empty_hypotheses_mean_nothing(texts: tuple[str, ...]) -> None:
    said = tuple(Hypothesis(text=text, confidence=0.9) for text in texts)
    meaning = understand(step(BANK), said)
    assert (meaning.kind, meaning.confidence) == ("nothing", 0.0)


def test_hypotheses_without_any_trust_mean_nothing() -> None:
    said = (Hypothesis(text="what is my balance", confidence=0.0),) * 2
    assert understand(step(BANK), said).kind == "nothing"


def test_what_most_readings_mean_counts_and_not_the_likeliest_reading_alone() -> None:
    said = (
        Hypothesis(text="when are you open", confidence=0.9),
        Hypothesis(text="I lost my car", confidence=0.85),
        Hypothesis(text="I lost my card", confidence=0.85),
    )
    assert understand(step(BANK), said).value == "lost_card"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("帮我查一下余额", "balance"),
        ("我的快递到哪里了", "parcel"),
        ("你们的服务真差，我要投诉", "complaint"),
    ],
)
def test_chinese_is_understood_by_its_characters(text: str, name: str) -> None:
    assert meant(step(CHINESE), text)[0] == name


@pytest.mark.parametrize("text", ["今天下雨", "明天去北京", "what is my balance"])
def test_chinese_strangers_are_no_request(text: str) -> None:
    assert meant(step(CHINESE), text)[1] < REJECT


def test_a_phrase_in_another_script_does_not_switch_meaning_off() -> None:
    mixed = BANK | {"chinese": ["中文", "普通话"]}
    assert intents(mixed).rank(tokens("somebody took the visa from our wallet"))[0].name == "lost_card"
    assert meant(step(mixed), "中文") == ("chinese", 1.0)


@pytest.mark.usefixtures("no_table")
def test_without_the_table_words_still_count() -> None:
    known = intents(BANK)
    assert known.rank(tokens("please block the card"))[0].name == "lost_card"
    assert not known.rank(tokens("somebody took the visa"))


def test_a_yes_is_not_taken_for_what_means_alike() -> None:
    closed = step(
        {"yes": ["yes", "yes please", "that is right"], "no": ["no", "no thanks", "that is wrong"]},
        is_open=False,
    )
    assert meant(closed, "left")[0] == "" and meant(closed, "perhaps another time")[0] == ""


def test_what_is_learnt_ahead_is_not_learnt_again() -> None:
    expect = step({"a": ["a phrase of this test alone"], "b": ["another one of it"]})
    learn(expect)
    assert "intents" in vars(matcher(expect.options, expect.commands, True))


def test_each_example_is_judged_as_if_it_were_not_one() -> None:
    """Examples that are all alone in their name leave nothing to set a bar by; alike ones raise it."""
    alike = {
        name: [f"{text} {more}" for text in texts for more in ("", "please", "now")]
        for name, texts in BANK.items()
    }
    assert intents(BANK)._shift < intents(alike)._shift
    assert intents({name: texts[:1] for name, texts in BANK.items()})._shift == 0
