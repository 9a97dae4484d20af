"""What each caller said at a question with choices, what was made of it, and what the rest of the call says it meant.

A caller who is not understood tries again: what they take then is what they meant. A person who takes the call may
say that it was about something else, by a word of their own or by a code that is called as a choice is: then it was
that. Pure: calls and a book in, lessons out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from ivr.flow.model import Ask
from ivr.flow.site import Book
from ivr.mask import HIDDEN
from ivr.nlu.normalise import tokens
from ivr.records.answers import BEYOND, Answer, AnsweredCall

How = Literal["understood", "asked_back", "corrected", "unmatched"]
"""understood: taken, and nobody objected. asked_back: right, but only after a question. corrected: taken or asked
back, and wrong. unmatched: it fitted nothing."""
BACK = frozenset({"back", "restart"})
"""Commands by which a caller undoes what was taken."""
AWAY = BACK | {"agent"}
"""Commands after which what a caller takes next may be another wish."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One thing a caller said in their own words at a question with choices."""

    call_id: str
    at: datetime
    """When the call began."""
    step: str
    """The question, as ``flow.step``."""
    place: str
    """The question whose choices it may take, as ``flow.step``: another where the step has ``choices_of``."""
    language: str
    """Empty: the site's own."""
    text: str
    """Masked."""
    words: tuple[str, ...]
    """Canonical, without what was masked."""
    how: How
    took: str
    """The choice it was taken for; empty: none."""
    label: str
    """The choice that was meant; empty: unknown."""
    by: Literal["", "caller", "agent"]
    """Whose word the label is: what the caller took, or what a person noted."""
    is_beyond: bool
    """True where a person noted that no choice serves it."""
    queue: str
    """Where the call went to a person; empty: it did not."""
    codes: tuple[str, ...]
    """How persons noted the call's end."""

    @property
    def is_masked(self) -> bool:
        """Whether something of it was hidden: such a sentence is nobody's example."""
        return HIDDEN.search(self.text) is not None


def learn(book: Book, calls: Iterable[AnsweredCall]) -> list[Lesson]:
    """The lessons of all calls, in their order. Answers at steps that the book has no more are left out."""
    return [lesson for call in calls for lesson in _lessons(book, call)]


def ask_at(book: Book, step: str) -> Ask | None:
    """The question with choices called ``flow.step``; None where the book has none."""
    flow, _, name = step.rpartition(".")
    found = book.flows.get(flow)
    asked = found.steps.get(name) if found else None
    return asked if isinstance(asked, Ask) else None


def written_at(book: Book, step: str, choice: str) -> str:
    """The question in which a choice of this question is written, as ``flow.step``."""
    asked, flow = ask_at(book, step), step.rpartition(".")[0]
    if asked is None or asked.choices_of is None:
        return step
    other = f"{flow}.{asked.choices_of}"
    lender = ask_at(book, other)
    is_lent = lender is not None and lender.choices.get(choice) == asked.choices.get(choice)
    return other if is_lent else step


def _lessons(book: Book, call: AnsweredCall) -> list[Lesson]:
    answers = [answer for answer in call.answers if answer.how == "command" or ask_at(book, answer.step)]
    places = [_place(book, answer) for answer in answers]
    found = [
        _lesson(call, answers, places, index)
        for index, answer in enumerate(answers)
        if answer.text and answer.how in ("taken", "doubted", "unmatched")
    ]
    for each in call.wrap_ups:
        found = _noted(book, found, each.about or each.code.replace(" ", "_"))
    return [lesson for lesson in found if lesson.words]


def _place(book: Book, answer: Answer) -> str:
    asked, flow = ask_at(book, answer.step), answer.step.rpartition(".")[0]
    return f"{flow}.{asked.choices_of}" if asked and asked.choices_of else answer.step


def _lesson(call: AnsweredCall, answers: Sequence[Answer], places: Sequence[str], index: int) -> Lesson:
    answer, place = answers[index], places[index]
    took = answer.name if answer.how != "unmatched" else ""
    how, label = _meant(answer, took, list(_later(answers, places, index)))
    return Lesson(
        call_id=call.call_id,
        at=call.started_at,
        step=answer.step,
        place=place,
        language=answer.language,
        text=answer.text,
        words=tokens(HIDDEN.sub(" ", answer.text)),
        how=how,
        took=took,
        label=label,
        by="caller" if label else "",
        is_beyond=False,
        queue=call.queue,
        codes=tuple(each.code for each in call.wrap_ups if each.code),
    )


def _later(answers: Sequence[Answer], places: Sequence[str], index: int) -> Iterator[Answer]:
    """What came after at the same place, and the commands anywhere."""
    for answer, place in zip(answers[index + 1 :], places[index + 1 :], strict=True):
        if place == places[index] or answer.how == "command":
            yield answer


def _meant(answer: Answer, took: str, later: list[Answer]) -> tuple[How, str]:
    """What became of an answer in the end, and the choice that was meant."""
    settled = next((each for each in later if each.how in ("taken", "confirmed")), None)
    before = later[: later.index(settled)] if settled else later
    commands = {each.name for each in before if each.how == "command"}
    chosen = settled.name if settled and not commands & AWAY else ""
    match answer.how:
        case "unmatched":
            return "unmatched", chosen
        case "doubted":
            is_wrong = any(each.how == "denied" and each.name == took for each in before)
            if chosen == took and not is_wrong:
                return "asked_back", took
            return ("corrected", chosen) if is_wrong or chosen else ("asked_back", "")
        case _ if commands & BACK and "agent" not in commands:
            again = settled.name if settled else ""
            return ("understood", took) if again == took else ("corrected", again)
        case _:
            return "understood", took


def _noted(book: Book, found: list[Lesson], about: str) -> list[Lesson]:
    """What a person noted is of the caller's last request: what was taken last, and what was said before in vain."""
    own = [index for index, lesson in enumerate(found) if _may_mean(book, lesson, about)]
    last = own[-1:]
    for index in reversed(own[:-1]):
        if found[index].how != "unmatched" or found[index].place != found[last[0]].place:
            break
        last.insert(0, index)
    return [_corrected(lesson, about) if index in last else lesson for index, lesson in enumerate(found)]


def _may_mean(book: Book, lesson: Lesson, about: str) -> bool:
    """Whether what a person noted can be about this: a choice of the question, or none of an open one's."""
    asked = ask_at(book, lesson.step)
    return asked is not None and (asked.open if about == BEYOND else about in asked.choices)


def _corrected(lesson: Lesson, about: str) -> Lesson:
    how = "corrected" if lesson.took and lesson.took != about else lesson.how
    if about == BEYOND:
        return replace(lesson, how=how, label="", by="agent", is_beyond=True)
    return replace(lesson, how=how, label=about, by="agent")
