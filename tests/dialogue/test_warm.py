"""What any call may need, known before the first."""

from __future__ import annotations

from pathlib import Path

from sitekit import book

from ivr.dialogue.warm import all_questions, first_phrases, fixed_phrases, fixed_speech, questions
from ivr.flow.load import load

BOOK = load(Path(__file__).parents[2] / "call_flows")


def test_words_that_name_a_choice_are_made_ready():
    phrases = fixed_phrases(BOOK)
    assert "How can I help you today?" in phrases
    assert "I understood: our opening hours." in phrases
    assert not [phrase for phrase in phrases if "{" in phrase]


def test_words_around_people_are_made_ready():
    phrases = fixed_phrases(BOOK)
    for said in (
        "It should take two to five minutes.", "I've found someone.", "Shall we call you back instead?",
        "Just now nobody is at their desk for customer care.", "Please say your message now.",
    ):  # fmt: skip
        assert said in phrases


def test_every_question_is_asked_once_the_entry_flow_first():
    expects = questions(BOOK)
    assert expects[0].is_open and len(expects) == len(set(expects))
    assert {expect.kind for expect in expects} == {"choice", "digits", "values", "commands"}


FLOW = """
flow: main
start: hello
steps:
  hello:
    say: "{% if profile.name %}Hello, {{ profile.name }}.{% else %}Hello, this is {{ company }}.{% endif %}"
    voice: loud
    next: ask
  ask:
    ask: Well?
    choices: { one: { key: 1, phrases: ["yes"], next: done } }
"""


def test_each_language_has_its_words_by_its_voices():
    zh = "steps:\n  hello: { say: 您好。 }\n  ask: { ask: 好吗？, choices: { one: { phrases: [好] } } }\n"
    site = book(FLOW, site="languages: { zh: { voice: cmn } }\n", main_zh=zh)
    speech = fixed_speech(site)
    assert speech["loud"] == ("Hello, this is Little & Co.",), "as who calls for the first time hears it"
    assert "Well?" in speech[""] and {"您好。", "好吗？"} <= set(speech["cmn"])
    assert set(fixed_phrases(site)) == {*speech["loud"], *speech[""]}
    assert {expect.language for expect in all_questions(site)} == {"en", "zh"}


def test_the_first_phrases_are_those_of_all() -> None:
    assert first_phrases(BOOK, 3) == fixed_phrases(BOOK)[:3]
    assert first_phrases(BOOK, 10_000) == fixed_phrases(BOOK)
