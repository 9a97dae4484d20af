"""What was not understood, in groups of sentences that are about the same, each with what it most likely means."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from ivr.actions import Expectation
from ivr.dialogue.warm import first_question
from ivr.events import Hypothesis
from ivr.flow.site import Book
from ivr.learning.lessons import Lesson, ask_at, written_at
from ivr.learning.likeness import groups, likeness
from ivr.nlu.match import ACCEPT, Meaning, understand
from ivr.nlu.normalise import tokens
from ivr.nlu.phrases import own

LEAST_VOTES = 2
"""Callers who must have shown what they meant before a group has a meaning."""
MAJORITY = 0.6
"""Of those who have shown it."""
MOST = 3_000
"""Different sentences compared at one place, the commonest first; each needs a row of as many numbers."""
NUMBERS = 900
FIRST = 100
"""Groups are numbered by what they hold, 100 to 999 and on only where there are more, so that a number means the same
when new calls have come."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """The same words, said by several callers."""

    text: str
    words: tuple[str, ...]
    count: int
    is_masked: bool


@dataclass(frozen=True, slots=True)
class Group:
    """What callers said about one thing at one place."""

    number: int
    place: str
    language: str
    sentences: tuple[Sentence, ...]
    """Those that are most like all others first."""
    lessons: tuple[Lesson, ...]
    label: str
    """The choice that was meant, by vote; empty: nobody knows, or callers differ."""
    votes: tuple[tuple[str, int], ...]
    """How many callers meant what, as far as that is known."""
    step: str
    """The question in which the meant choice is written; without one, the place."""

    @property
    def calls(self) -> int:
        return len({lesson.call_id for lesson in self.lessons})

    @property
    def beyond(self) -> int:
        """Calls of which a person noted that no choice serves them."""
        return len({lesson.call_id for lesson in self.lessons if lesson.is_beyond})

    @property
    def to_a_person(self) -> int:
        """Calls that went to a person in the end."""
        return len({lesson.call_id for lesson in self.lessons if lesson.queue})


def meaning(book: Book, lesson_step: str, language: str, text: str) -> Meaning | None:
    """What the book makes of perfectly heard words at a question; None where it has no such question."""
    return _meant(_expect(book, lesson_step, language), text)


def unlearnt(book: Book, lessons: Iterable[Lesson]) -> list[Lesson]:
    """What the book does not do right by itself: words that went wrong, and still would if they were heard well.

    A bare yes or no, said to a question that has no such answer, tells of nothing.
    """
    wrong = [lesson for lesson in lessons if lesson.how != "understood"]
    expect = cache(partial(_expect, book))

    @cache
    def read(step: str, language: str, text: str) -> Meaning | None:
        return _meant(expect(step, language), text)

    return [
        lesson
        for lesson in wrong
        if not (_is_bare(book, lesson) or _is_learnt(lesson, read(lesson.step, lesson.language, lesson.text)))
    ]


def gather(book: Book, lessons: Iterable[Lesson], least: int) -> list[Group]:
    """The groups of at least so many calls, biggest first."""
    places = defaultdict[tuple[str, str], list[Lesson]](list)
    for lesson in lessons:
        places[lesson.place, lesson.language].append(lesson)
    found = [group for each in places.values() for group in _grouped(book, each) if group.calls >= least]
    return _numbered(sorted(found, key=lambda group: (-group.calls, group.place, group.sentences[0].text)))


def _is_bare(book: Book, lesson: Lesson) -> bool:
    said = own(lesson.language or book.site.language)
    return lesson.words in {tokens(phrase) for phrase in (*said.yes, *said.no)}


def _is_learnt(lesson: Lesson, found: Meaning | None) -> bool:
    if found is None or lesson.is_beyond or found.confidence <= ACCEPT:
        return found is None
    return not lesson.label or (found.kind, found.value) == ("option", lesson.label)


def _meant(expect: Expectation | None, text: str) -> Meaning | None:
    return understand(expect, (Hypothesis(text=text, confidence=1.0),)) if expect else None


def _expect(book: Book, step: str, language: str) -> Expectation | None:
    """What is listened for at a question."""
    flow, _, name = step.rpartition(".")
    return first_question(book.speaking(language), flow, name) if ask_at(book, step) else None


def _grouped(book: Book, lessons: Sequence[Lesson]) -> list[Group]:
    """The lessons of one place and language."""
    by_words = defaultdict[tuple[str, ...], list[Lesson]](list)
    for lesson in lessons:
        by_words[lesson.words].append(lesson)
    common = sorted(by_words, key=lambda words: (-len(by_words[words]), words))[:MOST]
    alike = likeness(common)
    return [
        _group(book, [common[index] for index in members], alike[np.ix_(members, members)], by_words)
        for members in groups(alike)
    ]


def _group(
    book: Book,
    members: list[tuple[str, ...]],
    alike: np.ndarray,
    by_words: dict[tuple[str, ...], list[Lesson]],
) -> Group:
    counts = np.array([len(by_words[words]) for words in members], dtype=np.float64)
    central = alike @ counts
    order = sorted(range(len(members)), key=lambda index: (-central[index], members[index]))
    sentences = tuple(_sentence(by_words[members[index]]) for index in order)
    lessons = tuple(lesson for index in order for lesson in by_words[members[index]])
    votes = {(each.call_id, each.label) for each in lessons if each.label}
    counted = Counter(label for _, label in sorted(votes)).most_common()
    label = _elected(book, lessons, counted)
    steps = Counter(written_at(book, each.step, label) for each in lessons if each.label == label)
    place, language = lessons[0].place, lessons[0].language
    step = steps.most_common(1)[0][0] if label else place
    return Group(0, place, language, sentences, lessons, label, tuple(counted), step)


def _elected(book: Book, lessons: Sequence[Lesson], counted: list[tuple[str, int]]) -> str:
    """The choice that callers meant by a clear majority; none where most were told that we cannot serve them."""
    beyond = len({lesson.call_id for lesson in lessons if lesson.is_beyond})
    total = sum(count for _, count in counted) + beyond
    label, count = counted[0] if counted else ("", 0)
    known = any(label in asked.choices for each in lessons if (asked := ask_at(book, each.step)))
    return label if known and count >= LEAST_VOTES and count >= MAJORITY * total else ""


def _sentence(lessons: list[Lesson]) -> Sentence:
    """The spelling that most callers' words came in."""
    text = Counter(lesson.text for lesson in lessons).most_common(1)[0][0]
    return Sentence(text, lessons[0].words, len(lessons), any(lesson.is_masked for lesson in lessons))


def _numbered(found: list[Group]) -> list[Group]:
    taken: set[int] = set()
    numbered, size = [], max(NUMBERS, len(found))
    for group in found:
        key = f"{group.place}|{group.language}|{' '.join(group.sentences[0].words)}"
        number = int(hashlib.sha256(key.encode()).hexdigest(), 16) % NUMBERS
        while number in taken:
            number = (number + 1) % size
        taken.add(number)
        numbered.append(replace(group, number=FIRST + number))
    return numbered
