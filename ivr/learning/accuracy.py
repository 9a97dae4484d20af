"""How often values are heard right, told by callers themselves: what they confirmed and what they denied.

No labels, no recordings, no values: only what became of each. Values nobody was asked about are counted apart, for
they are the surer ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ivr.records.answers import Answer, AnsweredCall
from ivr.tables import wilson


@dataclass(slots=True)
class Accuracy:
    """One field, by voice or by keys."""

    field: str
    """As ``flow.field``."""
    is_keyed: bool
    asked_back: int = 0
    asked_right: int = 0
    """Of those asked back, confirmed."""
    asked_wrong: int = 0
    taken: int = 0
    """Without asking."""
    taken_right: int = 0
    """Of those, confirmed later, such as when all was read back."""
    taken_wrong: int = 0
    """Of those, called wrong later."""
    unmatched: int = 0
    """Answers that were no value at all; by voice only."""

    @property
    def right(self) -> int:
        return self.asked_right + self.taken_right

    @property
    def judged(self) -> int:
        """Values that callers confirmed or denied."""
        return self.right + self.asked_wrong + self.taken_wrong

    @property
    def interval(self) -> tuple[float, float]:
        """Between what shares of the judged values are right, 0..1; all that can be where none is."""
        return wilson(self.right, self.judged)


def accuracies(calls: Iterable[AnsweredCall]) -> list[Accuracy]:
    """Every field that a value was heard for, in the order of its name."""
    found: dict[tuple[str, bool], Accuracy] = {}
    for call in calls:
        _count(call.answers, found)
    return [found[key] for key in sorted(found)]


def _count(answers: Iterable[Answer], found: dict[tuple[str, bool], Accuracy]) -> None:
    """The values of one call: each from when it was heard to when it was judged, or another took its place."""
    heard: dict[str, Answer] = {}
    for answer in answers:
        if not answer.field:
            continue
        name = f"{answer.step.rpartition('.')[0]}.{answer.field}"
        match answer.how:
            case "taken" | "doubted":
                heard[name] = answer
                own = _of(found, name, is_keyed=answer.is_keyed)
                own.taken += answer.how == "taken"
                own.asked_back += answer.how == "doubted"
            case "confirmed" | "denied" if name in heard:
                value = heard.pop(name)
                _judge(
                    _of(found, name, is_keyed=value.is_keyed), value.how, is_right=answer.how == "confirmed"
                )
            case "unmatched" if answer.text:
                _of(found, name, is_keyed=False).unmatched += 1


def _of(found: dict[tuple[str, bool], Accuracy], name: str, *, is_keyed: bool) -> Accuracy:
    return found.setdefault((name, is_keyed), Accuracy(name, is_keyed))


def _judge(own: Accuracy, how: str, *, is_right: bool) -> None:
    if how == "doubted":
        own.asked_right += is_right
        own.asked_wrong += not is_right
    else:
        own.taken_right += is_right
        own.taken_wrong += not is_right
