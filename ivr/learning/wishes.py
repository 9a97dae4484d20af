"""What callers wanted that no choice serves, with how many wanted it in a month and in the one before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ivr.flow.site import Book
from ivr.learning.grouping import Group, gather, unlearnt
from ivr.learning.lessons import Lesson


@dataclass(frozen=True, slots=True)
class Wish:
    """Calls about one thing that the machine cannot do."""

    group: Group
    calls: int
    """Of the month."""
    before: int
    """Of the month before."""
    noted: int
    """Of the month's: a person noted that no choice serves it."""
    to_a_person: int
    """Of the month's: went to a person."""


def wishes(book: Book, lessons: Iterable[Lesson], first: datetime, least: int) -> list[Wish]:
    """The wishes of the month that begins at ``first``, most wanted first; ``lessons``: of the month before, too.

    What a person has noted counts however few wanted it; all else from ``least`` calls in the month.
    """
    found = [
        _wish(group, first) for group in gather(book, unlearnt(book, lessons), least=1) if not group.label
    ]
    told = [wish for wish in found if wish.calls >= (1 if wish.noted else least)]
    return sorted(told, key=lambda wish: (-wish.calls, -wish.before, wish.group.number))


def _wish(group: Group, first: datetime) -> Wish:
    now = [lesson for lesson in group.lessons if lesson.at >= first]
    return Wish(
        group=group,
        calls=_calls(now),
        before=_calls(lesson for lesson in group.lessons if lesson.at < first),
        noted=_calls(lesson for lesson in now if lesson.is_beyond),
        to_a_person=_calls(lesson for lesson in now if lesson.queue),
    )


def _calls(lessons: Iterable[Lesson]) -> int:
    return len({lesson.call_id for lesson in lessons})
