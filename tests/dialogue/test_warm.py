"""What any call may need, known before the first."""

from __future__ import annotations

from pathlib import Path

from ivr.dialogue.warm import fixed_phrases, questions
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
