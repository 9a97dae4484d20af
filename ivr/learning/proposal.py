"""What a group teaches: phrases for the choice that its callers meant, and which sentences are never taught."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ivr.flow.site import Book
from ivr.learning.grouping import Group, Sentence
from ivr.learning.lessons import Lesson, ask_at
from ivr.learning.likeness import likeness
from ivr.nlu.normalise import content, tokens

MOST_PHRASES = 4
"""Of one change: a handful is looked at one by one."""
MOST_WORDS = 12
"""Longer sentences are stories, no examples."""
TOO_ALIKE = 0.85
"""A phrase so like another one of the change teaches nothing more."""
HELD_OUT = 5
"""One sentence in so many is set aside for trying changes."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that no change may contain, with what it means: changes are tried on these."""

    step: str
    language: str
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Phrases to be added to a choice."""

    file: str
    """Of the flow, or of its words in the callers' language."""
    step: str
    """The question in which the choice is written, as ``flow.step``."""
    choice: str
    phrases: tuple[str, ...]


def is_held_out(words: tuple[str, ...]) -> bool:
    """Whether a sentence is set aside: by its words, so that it is for ever and for every caller."""
    digest = hashlib.sha256(" ".join(words).encode()).digest()
    return digest[0] % HELD_OUT == 0


def held_out(lessons: Iterable[Lesson]) -> list[Example]:
    """The sentences set aside of which it is known what they mean, each once at a question."""
    found = {
        (lesson.step, lesson.language, lesson.words): Example(
            lesson.step, lesson.language, lesson.text, lesson.label
        )
        for lesson in lessons
        if lesson.label and not lesson.is_masked and is_held_out(lesson.words)
    }
    return list(found.values())


def propose(book: Book, group: Group) -> Proposal | None:
    """The change that a group calls for; None where nobody knows what it means, or no sentence can be an example."""
    asked = ask_at(book.speaking(group.language), group.step)
    if not group.label or asked is None or group.label not in asked.choices:
        return None
    known = {tokens(phrase) for phrase in asked.choices[group.label].phrases}
    phrases = _chosen([each for each in teachable(group) if each.words not in known])
    if not phrases:
        return None
    file = book.flows[group.step.rpartition(".")[0]].file
    is_main = group.language not in book.translations
    named = file if is_main else f"{file.removesuffix('.yaml')}.{group.language}.yaml"
    return Proposal(named, group.step, group.label, tuple(each.text for each in phrases))


def teachable(group: Group) -> list[Sentence]:
    """The sentences that may be examples of what the group means, most central first."""
    labels: dict[tuple[str, ...], set[str]] = {}
    for lesson in group.lessons:
        labels.setdefault(lesson.words, set()).add(lesson.label)
    return [
        each
        for each in group.sentences
        if labels[each.words] <= {"", group.label}
        and not (each.is_masked or is_held_out(each.words))
        and len(each.words) <= MOST_WORDS
        and content(each.words)
    ]


def _chosen(sentences: Sequence[Sentence]) -> list[Sentence]:
    """A few that are not each other's echo."""
    alike = likeness([each.words for each in sentences]) if sentences else None
    chosen: list[int] = []
    for index in range(len(sentences)):
        if alike is not None and all(alike[index, other] < TOO_ALIKE for other in chosen):
            chosen.append(index)
        if len(chosen) == MOST_PHRASES:
            break
    return [sentences[index] for index in chosen]
