"""What a caller meant: options, commands, digits, and how complete half a sentence is."""

from __future__ import annotations

import pytest

from ivr import checkdigit
from ivr.actions import Expectation, Option
from ivr.audio.endpoint import Completeness
from ivr.events import Hypothesis
from ivr.nlu.match import ACCEPT, REJECT, completeness, understand
from ivr.nlu.phrases import NO, YES

COMMANDS = (
    Option(name="help", phrases=("help", "what can I say")),
    Option(name="repeat", phrases=("repeat", "say that again", "one more time")),
    Option(name="back", phrases=("back", "go back")),
    Option(name="restart", phrases=("start over", "main menu")),
    Option(name="agent", phrases=("agent", "operator", "I want to talk to someone", "customer service")),
)
MENU = Expectation(
    kind="choice",
    is_open=True,
    commands=COMMANDS,
    options=(
        Option(
            name="balance",
            key="1",
            phrases=(
                "what is my balance",
                "how much is in my account",
                "account balance",
                "how much money do I have",
            ),
        ),
        Option(
            name="parcel",
            phrases=(
                "where is my parcel",
                "track my package",
                "when will my delivery come",
                "my parcel is late",
            ),
        ),
        Option(name="order", phrases=("where is my order", "order status", "has my order been shipped")),
        Option(name="hours", phrases=("opening hours", "when are you open", "are you open on Sunday")),
    ),
)
YES_NO = Expectation(
    kind="choice", commands=COMMANDS, options=(Option(name="yes", phrases=YES), Option(name="no", phrases=NO))
)
PLACES = Expectation(
    kind="choice",
    commands=COMMANDS,
    options=(
        Option(name="bank", phrases=("bank", "the bank")),
        Option(name="bank_holiday", phrases=("bank holiday",)),
        Option(name="service", phrases=("customer service",)),
    ),
)
ORDER = Expectation(kind="digits", commands=COMMANDS, min_digits=6, max_digits=6)
ACCOUNT = Expectation(kind="digits", commands=COMMANDS, min_digits=8, max_digits=8, check="luhn")
NUMBER = checkdigit.append("luhn", "4471229")
SPOKEN = ["oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def meant(expect, *texts, confidence=0.95):
    meaning = understand(expect, tuple(Hypothesis(text=text, confidence=confidence) for text in texts))
    return meaning.kind, meaning.value


def spoken(digits):
    return " ".join(SPOKEN[int(digit)] for digit in digits)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("what's my balance", "balance"),
        ("um balance please", "balance"),
        ("could you tell me how much I have got in my account", "balance"),
        ("where is my package", "parcel"),
        ("I am still waiting for my parcel", "parcel"),
        ("the status of my order", "order"),
        ("when do you open on Sundays", "hours"),
    ],
)
def test_options_in_words_of_the_callers_own(text, name):
    assert meant(MENU, text) == ("option", name)


@pytest.mark.parametrize(
    "text",
    ["purple elephants dance", "my brother plays the guitar", "we went back home from the main road", "is"],
)
def test_nothing_is_made_of_nothing(text):
    assert meant(MENU, text) == ("nothing", "")


def test_what_is_like_half_a_phrase_is_asked_back_at_most():
    said = (Hypothesis(text="what is the weather in Paris", confidence=0.95),)
    assert understand(MENU, said).confidence < ACCEPT


@pytest.mark.parametrize("expect", [MENU, YES_NO, PLACES, ORDER, ACCOUNT])
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("help", "help"),
        ("say that again please", "repeat"),
        ("one more time", "repeat"),
        ("um go back", "back"),
        ("start over", "restart"),
        ("operator", "agent"),
        ("I want to speak to a real person", "agent"),
        ("no I would rather have a human being on the line now", "agent"),
    ],
)
def test_commands_work_at_every_question(expect, text, name):
    assert meant(expect, text) == ("command", name)


def test_a_one_word_command_does_not_fire_inside_a_sentence():
    for text in ("can you help my mother with her parcel", "I sent the parcel back to you on Monday"):
        assert meant(MENU, text)[0] != "command"


def test_the_steps_own_option_wins_over_a_command():
    assert meant(PLACES, "customer service") == ("option", "service")


@pytest.mark.parametrize(
    "text", ["yes", "yeah", "yep that's right", "correct", "okay", "sure", "yes please", "Yes!"]
)
def test_yes(text):
    assert meant(YES_NO, text) == ("option", "yes")


@pytest.mark.parametrize("text", ["no", "nope", "no it isn't", "that's wrong", "no thank you", "not at all"])
def test_no(text):
    assert meant(YES_NO, text) == ("option", "no")


@pytest.mark.parametrize(
    "text",
    ["how do you spell necessary", "can you hear me now", "no I'm fine thanks", "nope that one is right"],
)
def test_a_yes_is_not_made_of_a_word_that_is_in_any_sentence_nor_of_what_begins_with_a_no(text):
    assert meant(YES_NO, text) != ("option", "yes")


def test_confidence_is_the_recognisers_times_the_likeness():
    sure = understand(MENU, (Hypothesis(text="opening hours", confidence=0.95),))
    doubtful = understand(MENU, (Hypothesis(text="opening hours", confidence=0.6),))
    poor = understand(MENU, (Hypothesis(text="opening hours", confidence=0.3),))
    assert sure.confidence > ACCEPT > doubtful.confidence >= REJECT > poor.confidence
    assert poor.kind == "nothing" and poor.text == "opening hours"


def test_readings_that_agree_outweigh_the_first():
    readings = (
        Hypothesis(text="when is my order", confidence=0.90),
        Hypothesis(text="when are you open", confidence=0.89),
        Hypothesis(text="are you open", confidence=0.88),
    )
    assert understand(MENU, readings).value == "hours"


def test_other_languages_are_matched_by_the_same_code():
    orders, balance = (
        Option(name="order", phrases=("주문 조회", "주문")),
        Option(name="balance", phrases=("잔액 조회",)),
    )
    expect = Expectation(kind="choice", options=(orders, balance), language="ko")
    assert meant(expect, "잔액 조회") == ("option", "balance")
    assert completeness(expect, "주문 조회") is Completeness.COMPLETE


def test_noise_has_no_text():
    for hypotheses in (
        (),
        (Hypothesis(text="", confidence=1.0),),
        (Hypothesis(text="uh mhm", confidence=1.0),),
    ):
        meaning = understand(MENU, hypotheses)
        assert (meaning.kind, meaning.text) == ("nothing", "")


def test_digits_of_the_right_length_and_check_digit_win():
    wrong = NUMBER[:-1] + str((int(NUMBER[-1]) + 5) % 10)
    readings = (
        Hypothesis(text=spoken(wrong), confidence=0.7),
        Hypothesis(text=spoken(NUMBER[:-1]), confidence=0.69),
        Hypothesis(text="it is " + spoken(NUMBER), confidence=0.5),
    )
    meaning = understand(ACCOUNT, readings)
    assert (meaning.kind, meaning.value) == ("digits", NUMBER)
    assert REJECT < meaning.confidence < ACCEPT, "likelier than any other, and asked back"


def test_a_sigh_before_the_number():
    assert meant(ORDER, "oh four four seven one two nine") == ("digits", "447129")


def test_denied_digits_are_not_understood_again():
    expect = Expectation(kind="digits", min_digits=6, max_digits=6, denied=("447129",))
    assert meant(expect, spoken("447129"), spoken("447125"))[1] != "447129"
    assert meant(expect, spoken("447125"), spoken("447129")) == ("digits", "447125")
    assert meant(expect, spoken("447129"))[0] == "nothing"


def test_digits_are_not_words_at_a_choice():
    assert meant(MENU, "four four seven")[0] == "nothing"


@pytest.mark.parametrize(
    ("expect", "text", "wanted"),
    [
        (MENU, "", Completeness.NOTHING),
        (MENU, "um", Completeness.NOTHING),
        (MENU, "what is", Completeness.INCOMPLETE),
        (MENU, "opening hours", Completeness.COMPLETE),
        (MENU, "opening hours please", Completeness.COMPLETE),
        (MENU, "I'd like to know when you are open", Completeness.CONFIDENT),
        (MENU, "purple elephants", Completeness.INCOMPLETE),
        (YES_NO, "yes", Completeness.COMPLETE),
        (YES_NO, "no", Completeness.COMPLETE),
        (PLACES, "bank", Completeness.CONFIDENT),
        (PLACES, "bank holiday", Completeness.COMPLETE),
        (PLACES, "operator", Completeness.COMPLETE),
        (ORDER, "four four seven", Completeness.INCOMPLETE),
        (ORDER, "four four seven one two double", Completeness.INCOMPLETE),
        (ORDER, "four four seven one two nine", Completeness.COMPLETE),
        (ORDER, "my number", Completeness.INCOMPLETE),
        (ORDER, "go back", Completeness.COMPLETE),
        (ACCOUNT, spoken(NUMBER), Completeness.COMPLETE),
        (ACCOUNT, spoken(NUMBER[:-1] + "0"), Completeness.INCOMPLETE),
    ],
)
def test_completeness(expect, text, wanted):
    assert completeness(expect, text) is wanted
