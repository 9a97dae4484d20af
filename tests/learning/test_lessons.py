"""What is concluded from the rest of a call about what a caller meant."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from learnkit import BOOK, ENGLISH, NOW, Callers

from ivr.flow.load import parse
from ivr.learning.lessons import Lesson, learn
from ivr.records.answers import BEYOND, Answer, AnsweredCall, WrapUp

IN_VAIN = "my purse was stolen on the bus"


def of(lessons: list[Lesson]) -> list[tuple[str, str, str, str, str]]:
    return [(each.text, each.how, each.took, each.label, each.by) for each in lessons]


def test_what_is_chosen_next_is_what_was_meant(callers: Callers) -> None:
    callers.call(IN_VAIN, "[2]", "no thanks")
    callers.call(IN_VAIN, "I lost my card", "no thanks")
    first, second = (
        (IN_VAIN, "unmatched", "", "lost_card", "caller"),
        ("I lost my card", "understood", "lost_card"),
    )
    assert of(callers.lessons()) == [
        first,
        ("no thanks", "understood", "finished", "finished", "caller"),
        first,
        (*second, "lost_card", "caller"),
        ("no thanks", "understood", "finished", "finished", "caller"),
    ]


def test_who_asks_for_a_person_has_not_said_what_they_meant(callers: Callers) -> None:
    callers.call(IN_VAIN, "a person please")
    [lesson] = callers.lessons()
    assert (lesson.label, lesson.by, lesson.queue) == ("", "", "desk")


def test_what_a_caller_wants_after_a_person_is_another_matter() -> None:
    """A person may hand them back, for whatever comes next."""
    taken = answer("taken", "parcel")
    for command, label in (("agent", ""), ("repeat", "parcel")):
        asks = answer("command", command)
        [lesson] = learn(BOOK, [call(answer("unmatched", "", text=IN_VAIN), asks, taken)])
        assert lesson.label == label


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ("lost_card", ("unmatched", "lost_card", "agent", False)),
        (BEYOND, ("unmatched", "", "agent", True)),
        ("", ("unmatched", "", "", False)),
        ("gone_since", ("unmatched", "", "", False)),
    ],
)
def test_a_person_who_takes_the_call_knows(callers: Callers, about: str, found: tuple[object, ...]) -> None:
    callers.call(IN_VAIN, "a person please", about=about)
    [lesson] = callers.lessons()
    assert (lesson.how, lesson.label, lesson.by, lesson.is_beyond) == found


def test_a_person_corrects_what_was_taken(callers: Callers) -> None:
    callers.call("where is my parcel", "[0]", about="invoice")
    callers.call("where is my parcel", "[0]", about="parcel")
    assert of(callers.lessons()) == [
        ("where is my parcel", "corrected", "parcel", "invoice", "agent"),
        ("where is my parcel", "understood", "parcel", "parcel", "agent"),
    ]


def test_what_is_asked_back_and_right_and_what_is_wrong(callers: Callers) -> None:
    callers.call("track my parcel", "yes", sure=0.55)
    callers.call("track my parcel", "no", "[3]", sure=0.55)
    callers.call("track my parcel", "no", sure=0.55)
    assert of(callers.lessons()) == [
        ("track my parcel", "asked_back", "parcel", "parcel", "caller"),
        ("track my parcel", "corrected", "parcel", "invoice", "caller"),
        ("track my parcel", "corrected", "parcel", "", ""),
    ]


def test_who_goes_back_and_takes_something_else_was_taken_wrong(callers: Callers) -> None:
    callers.call("track my parcel", "go back", "[3]")
    callers.call("track my parcel", "go back", "[1]")
    assert of(callers.lessons()) == [
        ("track my parcel", "corrected", "parcel", "invoice", "caller"),
        ("track my parcel", "understood", "parcel", "parcel", "caller"),
    ]


def test_questions_that_share_their_choices_are_one_place(callers: Callers) -> None:
    callers.call("[1]", IN_VAIN, "[2]")
    [lesson] = callers.lessons()
    assert (lesson.step, lesson.place, lesson.label) == ("main.more", "main.menu", "lost_card")


def test_numbers_are_hidden_before_anything_is_learnt(callers: Callers, path: Path) -> None:
    callers.call("my card 4929 1234 5678 9012 is gone", "[2]", about="lost_card")
    [lesson] = callers.lessons()
    assert lesson.is_masked and "gone" in lesson.words
    assert not any(char.isdigit() for word in lesson.words for char in word)
    kept = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert b"solved" in kept and b"9012" not in kept and b"40718264" not in kept


def test_what_the_book_has_no_more_teaches_nothing() -> None:
    gone, told = (
        answer("unmatched", "", text="hello there", step="main.gone"),
        [WrapUp("solved", "parcel")],
    )
    assert learn(BOOK, [call(gone)]) == learn(BOOK, [call(gone, notes=told)]) == []


def answer(how: str, name: str, *, text: str = "", step: str = "main.menu") -> Answer:
    return Answer(step, how, name, "", is_keyed=False, language="", text=text)


def call(*answers: Answer, notes: list[WrapUp] | None = None, at: datetime = NOW) -> AnsweredCall:
    return AnsweredCall("CA1", at, "", answers, tuple(notes or ()))


def test_what_a_person_notes_is_of_the_question_that_has_it(callers: Callers) -> None:
    """The caller was taken wrong at the first question and answered another one after it."""
    callers.book = parse({"site.yaml": ENGLISH, "main.yaml": TWO}, {})
    callers.call("where is my parcel", "red", "[0]", about="invoice")
    callers.call("where is my parcel", "red", "[0]", about=BEYOND)
    first, colour, second, _ = callers.lessons()
    assert (first.step, first.how, first.label) == ("main.menu", "corrected", "invoice")
    assert (colour.step, colour.how, colour.label) == ("main.colour", "understood", "red")
    assert (second.how, second.is_beyond) == ("corrected", True)


TWO = """
flow: main
start: menu
steps:
  menu:
    ask: How can I help?
    open: true
    choices:
      parcel: { phrases: [where is my parcel], next: colour }
      invoice: { phrases: [send me an invoice], next: done }
  colour:
    ask: Red or blue?
    choices:
      red: { phrases: [red], next: more }
      blue: { phrases: [blue], next: more }
  more: { confirm: Anything else?, yes: menu, no: done }
"""
