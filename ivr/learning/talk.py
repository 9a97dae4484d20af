"""The talk that goes with a change: the way to the question by the designers' own talks, then what callers said.

What must come of it is what comes of a phrase that the choice had before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ruamel.yaml import YAML

from ivr.actions import Enqueue
from ivr.dialogue.engine import where
from ivr.errors import IvrError
from ivr.events import CallEnded
from ivr.flow.site import Book
from ivr.rehearsal import read, text
from ivr.rehearsal.read import ENDING, Script
from ivr.rehearsal.record import added
from ivr.rehearsal.stage import OPENING, Beat, Moment, Stage, said

ACTS = ("caller", "keys", "silent", "hangs_up", "sure", "interrupts")
"""Keys of a turn that say what the caller does."""
_SENTENCE = re.compile(r".+?[.!?。！？](?=\s|$)")


@dataclass(frozen=True, slots=True)
class Way:
    """How a talk comes to a question: turns of the caller, in a file of talks."""

    file: str
    flow: str
    before: str
    """The text of the file so far; empty: there is none."""
    given: Any
    turns: tuple[Any, ...]

    def written(self, name: str, last: Any, book: Book) -> tuple[str, str]:
        """The file with a talk that goes this way and ends with one more turn, and the talk's name there."""
        turns = [*self.turns, last]
        talk = {"given": self.given, "turns": turns} if self.given else turns
        return added(self.before, self.file, self.flow, name, talk, book)

    def acted(self, last: Any, book: Book) -> Stage:
        """The call of such a talk."""
        return text.perform(self.script("a try", last, book), book)

    def script(self, name: str, last: Any, book: Book) -> Script:
        whole, named = self.written(name, last, book)
        return next(each for each in read.parse(whole, self.file, book) if each.name == named)


def way_to(book: Book, step: str, language: str, files: Mapping[str, str]) -> Way:
    """The shortest way to a question: the beginning of a flow, or as far as some talk goes.

    ``files``: the texts of the files of talks. Raises IvrError where no talk comes there, FlowError where a file has
    faults.
    """
    own, given = step.rpartition(".")[0], {"language": language} if language in book.translations else None
    for flow in dict.fromkeys((own, book.site.entry)):
        file = f"{flow}{ENDING}"
        way = Way(file, flow, files.get(file, ""), given, ())
        stage = way.acted({"hangs_up": True}, book)
        if any(beat.index == OPENING and _stands(stage, beat, step, language) for beat in stage.beats):
            return way
    ways = [way for file, whole in files.items() for way in _ways(book, step, language, file, whole)]
    if not ways:
        raise IvrError(f"no talk comes to the step {step} yet; write one that does, then it can be learnt")
    return min(ways, key=lambda way: (len(way.turns), way.file))


def outcome(book: Book, way: Way, act: dict[str, Any]) -> dict[str, Any]:
    """What comes of a turn of the caller at the end of a way, as a talk expects it."""
    stage = way.acted(act, book)
    moments = _moments(stage, stage.beats[-1])
    state = moments[-1].state if moments else stage.state
    tickets = [action.ticket for each in moments for action in each.actions if isinstance(action, Enqueue)]
    expected: dict[str, Any] = {}
    if spoken := _first_sentence(moments):
        expected["bot"] = spoken
    if tickets:
        expected["transfer"] = {"queue": tickets[-1].queue}
        if tickets[-1].intent:
            expected["transfer"]["intent"] = tickets[-1].intent
    elif state.phase == "over":
        expected["ends"] = state.outcome
    else:
        expected["step"] = where(state).removeprefix(f"{way.flow}.")
    return expected


def _ways(book: Book, step: str, language: str, file: str, whole: str) -> Iterator[Way]:
    """How the talks of a file come to a question."""
    written = YAML(typ="rt", pure=True).load(whole)["talks"]
    for script in read.parse(whole, file, book):
        stage = text.perform(script, book)
        beat = next((each for each in stage.beats if _stands(stage, each, step, language)), None)
        if beat is not None:
            body = written[script.name]
            turns = body if isinstance(body, list) else body["turns"]
            acts = ({key: turn[key] for key in ACTS if key in turn} for turn in turns[: beat.index + 1])
            given = None if isinstance(body, list) else body.get("given")
            yield Way(file, script.flow, whole, given, tuple(filter(None, acts)))


def _stands(stage: Stage, beat: Beat, step: str, language: str) -> bool:
    """Whether the call waits at a question, in a language, after what the caller did."""
    moments = _moments(stage, beat)
    if not moments:
        return False
    state = moments[-1].state
    is_asking = state.phase == "asking" and not state.visit.doubt
    return is_asking and where(state) == step and state.language == language


def _moments(stage: Stage, beat: Beat) -> list[Moment]:
    """What came of a turn, without the caller's hanging up where the talk has no more turns."""
    ends = CallEnded(at_ms=0, reason="caller_hung_up")
    return [each for each in stage.moments_of(beat) if replace(each.event, at_ms=0) != ends]


def _first_sentence(moments: list[Moment]) -> str:
    """What is said first, as far as the first full stop: enough to tell one answer from another."""
    spoken = next((each for each in said(moments) if each), "")
    found = _SENTENCE.match(spoken)
    return found[0] if found else spoken
