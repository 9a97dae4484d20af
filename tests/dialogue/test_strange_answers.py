"""Flows and words that give understanding next to nothing to hold on to: an answer always, a wrong request never."""

from __future__ import annotations

import pytest
from sitekit import book
from talkkit import Talk

from ivr.dialogue.engine import where
from ivr.events import Heard, Hypothesis, SpeechStarted
from ivr.flow.site import Book

FLOW = """
flow: main
start: menu
steps:
  menu:
    ask: How can I help?
    open: true
    choices:
{choices}
  one: {{ say: The first., next: again }}
{more}  again: {{ ask: Anything else?, choices: {{ bye: {{ phrases: [goodbye], next: done }} }} }}
"""
ONE = "      one: { label: the first, phrases: [I want to renew my library card], next: one }"
SHARED = """\
      one: { label: the first, phrases: [move money from savings to current], next: one }
      two: { label: the second, phrases: [move money from current to savings], next: two }"""
MOST_SOUNDS = 40
SWORN = "you stupid bastards I am furious you are idiots I have had enough of this bloody useless machine "


def flow(choices: str) -> Book:
    more = "  two: { say: The second., next: again }\n" if "next: two" in choices else ""
    return book(FLOW.format(choices=choices, more=more))


def meant(site: Book, *texts: str, sure: float = 0.95) -> str:
    """What the flow went on with: ``one``, ``two``, ``asked`` where it asked back, ``nothing``."""
    talk = Talk(site)
    talk.hears()
    talk.says(*texts, confidence=sure)
    if where(talk.state) != "main.menu":
        return talk.state.intent
    return "asked" if talk.state.visit.doubt else "nothing"


class TestOneExample:
    """Nobody trained anything: one sentence is all there is."""

    @pytest.mark.parametrize(
        "said", ["I want to renew my library card", "I'd like to renew my library card please"]
    )
    def test_it_is_known(self, said: str) -> None:
        assert meant(flow(ONE), said) == "one"

    @pytest.mark.parametrize(
        "said",
        [
            "book me a flight to paris",
            "the football was on yesterday",
            "I want to speak about the garden",
            "hello there how are you",
            "the",
            "want to",
        ],
    )
    def test_what_is_something_else_is_not(self, said: str) -> None:
        assert meant(flow(ONE), said) in ("asked", "nothing")


class TestSharedWords:
    """Two requests with the very same words."""

    @pytest.mark.parametrize(
        ("said", "name"),
        [
            ("move money from savings to current", "one"),
            ("move money from current to savings", "two"),
        ],
    )
    def test_the_order_decides(self, said: str, name: str) -> None:
        assert meant(flow(SHARED), said) == name

    @pytest.mark.parametrize(
        "said", ["move money", "savings and current", "my savings", "money current savings move"]
    )
    def test_the_words_alone_never_decide(self, said: str) -> None:
        assert meant(flow(SHARED), said) in ("asked", "nothing")


@pytest.mark.parametrize(
    "hypotheses",
    [
        (),
        (("", 0.9),),
        (("", 0.0), ("", 0.0)),
        (("   ", 1.0), ("...", 1.0)),
        (("\x00\ud800", 1.0),),
        (("I want to renew my library card", 0.0),),
        (("I want to renew my library card", -1.0),),
        (("I want to renew my library card", float("nan")),),
        (("renew " * 2_000, 0.1),),
    ],
    ids=[
        "none",
        "empty",
        "two empty",
        "no words",
        "no text",
        "no trust",
        "less than none",
        "no number",
        "endless",
    ],
)
def test_whatever_comes_from_the_recogniser_is_answered(hypotheses: tuple[tuple[str, float], ...]) -> None:
    talk = Talk(flow(ONE))
    talk.hears()
    for _ in range(MOST_SOUNDS):
        talk.emit(SpeechStarted(at_ms=talk.at_ms))
        heard = tuple(Hypothesis(text=text, confidence=sure) for text, sure in hypotheses)
        talk.emit(Heard(at_ms=talk.at_ms, hypotheses=heard))
        talk.hears()
    assert talk.state.phase == "waiting", "a person, after so many misses"
    assert talk.state.intent == ""


def test_who_swears_for_half_a_minute_gets_a_person_with_the_evidence() -> None:
    talk = Talk(flow(ONE))
    talk.hears()
    talk.says(SWORN * 6, confidence=0.9)
    assert talk.state.phase == "waiting" and talk.state.intent == ""
    assert talk.state.mood is not None and talk.state.mood.words


@pytest.mark.parametrize(("sure", "intent"), [(0.95, "one"), (0.5, "")])
def test_what_an_upset_caller_wants_is_told_only_where_it_was_understood(sure: float, intent: str) -> None:
    talk = Talk(flow(ONE))
    talk.hears()
    talk.says("I want to renew my library card you bloody idiots", confidence=sure)
    assert talk.state.phase == "waiting" and talk.state.intent == intent
