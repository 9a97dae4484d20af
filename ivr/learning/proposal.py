"""What a group teaches: phrases for the choice that its callers meant, and which sentences are never taught."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ivr.errors import IvrError
from ivr.flow.site import Book
from ivr.learning.grouping import Group, Sentence
from ivr.learning.lessons import Lesson, ask_at, written_at
from ivr.learning.likeness import likeness
from ivr.learning.patch import listed, with_choice, with_phrases
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
    """The choice; empty: a person noted that none serves it, so none must be taken without asking back."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Phrases to be added to a choice, or a new choice with these, which leads to a person."""

    file: str
    """Of the flow, or of its words in the callers' language."""
    step: str
    """The question in which the choice is written, as ``flow.step``."""
    choice: str
    phrases: tuple[str, ...]
    queue: str = ""
    """Of a new choice, where it leads; empty: the choice is there already."""

    @property
    def reason(self) -> str:
        """What the person reads of a new choice's caller."""
        return f"About {self.choice.replace('_', ' ')}."

    def made(self, text: str) -> str:
        """The file's text with it. Raises IvrError where it cannot be written there."""
        step = self.step.rpartition(".")[2]
        if not self.queue:
            return with_phrases(text, step, self.choice, self.phrases)
        label = self.choice.replace("_", " ")
        keys = {"label": label, "next": self.choice, "phrases": listed(self.phrases)}
        return with_choice(text, step, self.choice, keys, {"transfer": self.queue, "reason": self.reason})


def is_held_out(words: tuple[str, ...]) -> bool:
    """Whether a sentence is set aside: by its words, so that it is for ever and for every caller."""
    digest = hashlib.sha256(" ".join(words).encode()).digest()
    return digest[0] % HELD_OUT == 0


def held_out(lessons: Iterable[Lesson]) -> list[Example]:
    """The sentences set aside of which it is known what they mean, each once at a question.

    What went wrong with a sentence tells more than that nobody objected; where callers differ, most of them count.
    """
    found = defaultdict[tuple[str, str, tuple[str, ...]], list[Lesson]](list)
    for lesson in lessons:
        if (lesson.label or lesson.is_beyond) and not lesson.is_masked and is_held_out(lesson.words):
            found[lesson.step, lesson.language, lesson.words].append(lesson)
    return [_example(same) for same in found.values()]


def _example(same: list[Lesson]) -> Example:
    telling = [lesson for lesson in same if lesson.how != "understood"] or same
    label = Counter(lesson.label for lesson in telling).most_common(1)[0][0]
    return Example(same[0].step, same[0].language, same[0].text, label)


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


def decide(book: Book, group: Group, name: str) -> Proposal | None:
    """The change where a designer says what is meant: a choice there is, or a new one that leads to a person.

    None where no sentence can be an example. Raises IvrError where something else has that name.
    """
    asked = ask_at(book, group.place)
    if asked is not None and name in asked.choices:
        return propose(book, replace(group, label=name, step=written_at(book, group.place, name)))
    flow = book.flows[group.place.rpartition(".")[0]]
    if name in flow.steps:
        raise IvrError(f"{name} is a step of the flow {flow.flow} already; choose another name")
    if group.language in book.translations:
        raise IvrError(
            f"a new choice begins in {flow.file}; add it there, then its words in {group.language}"
        )
    queues = Counter(lesson.queue for lesson in group.lessons if lesson.queue in book.site.queues)
    queue = queues.most_common(1)[0][0] if queues else book.site.agent_queue
    phrases = tuple(each.text for each in _chosen(teachable(group)))
    return Proposal(flow.file, group.place, name, phrases, queue) if phrases else None


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
