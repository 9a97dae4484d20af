"""A call that was walked in words, written down as a talk that passes: its turns, what came, and what was given.

What the company's data answered stands in the talk, so that it goes the same way tomorrow. Whatever does not come
again in the same way (a place in line, say) is left out. It holds what the caller said and keyed, secrets too.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML

from ivr.actions import Action, Enqueue, Lookup, Say, SetTimer
from ivr.dialogue.state import State
from ivr.errors import IvrError
from ivr.events import (
    CallStarted,
    Event,
    HandFailed,
    Heard,
    LookedUp,
    Pressed,
    QueuePlaced,
    Recorded,
    Silent,
)
from ivr.flow import tree
from ivr.flow.site import Book
from ivr.rehearsal import read, text
from ivr.rehearsal.judge import judge

WIDTH = 120
"""Of the lines written."""
QUEUE_NEWS = ("queue_placed", "overflowed", "agent_offered", "agent_refused")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT")
TRIES = 20
"""Expectations that may be left out before the talk counts as one that cannot be kept."""


@dataclass(slots=True)
class Recording:
    """One call as it happens; ``watch`` it, then ask for its ``talk``."""

    moments: list[tuple[State, Event, tuple[Action, ...]]] = field(default_factory=list)

    def watch(self, state: State, event: Event, actions: tuple[Action, ...]) -> None:
        self.moments.append((state, event, actions))

    def talk(self) -> dict[str, Any]:
        """The call as a file of talks writes it: ``given`` and ``turns``."""
        turns = list(self._turns())
        state = self.moments[-1][0]
        if turns and state.outcome != "caller_hung_up":
            turns[-1]["ends"] = state.outcome
        return {"given": self._given(), "turns": turns}

    @property
    def flow(self) -> str:
        """The flow in which the call began."""
        return next((state.stack[0].flow for state, _, _ in self.moments if state.stack), "")

    def _turns(self) -> Iterator[dict[str, Any]]:
        turn: dict[str, Any] = {}
        pause_ms = 0
        for _, event, actions in self.moments:
            act = _act(event, turn, pause_ms)
            if act is not None:
                if turn:
                    yield turn
                turn = act
            elif isinstance(event, Pressed):
                turn["keys"] += event.key
            _expect(turn, event, actions)
            for action in actions:
                if isinstance(action, SetTimer) and action.timer == "no_input":
                    pause_ms = action.after_ms
        if turn:
            yield turn

    def _given(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for _, event, _ in self.moments:
            match event:
                case CallStarted():
                    given["at"] = event.started_at[:16].replace("T", " ")
                    given["caller"], given["called"] = event.caller, event.called
                    if event.profile:
                        given["profile"] = event.profile
                case QueuePlaced(has_agents=False):
                    given["agents"] = "none"
                case QueuePlaced(position=position) if position > 1:
                    given["ahead"] = position - 1
        if answers := self._answers():
            given["look_ups"] = answers
        return given

    def _answers(self) -> dict[str, list[dict[str, Any]]]:
        """What each look-up answered, by its parameters, in the order in which it was asked."""
        asked = {a.lookup_id: a for _, _, actions in self.moments for a in actions if isinstance(a, Lookup)}
        found: dict[str, list[dict[str, Any]]] = {}
        for _, event, _ in self.moments:
            match event:
                case LookedUp(lookup_id=ref, is_found=is_found, fields=fields):
                    gives: Any = (fields or "found") if is_found else "not found"
                case HandFailed(action="lookup", ref=ref):
                    gives = "failed"
                case _:
                    continue
            if (action := asked.get(ref)) is not None:
                cases = found.setdefault(action.name, [])
                cases.append({"with": dict(action.parameters), "gives": gives})
        return {name: _in_order(cases) for name, cases in found.items()}


def written(before: str, file: str, name: str, recording: Recording, book: Book) -> str:
    """The text of a file of talks with one more talk at its end, which passes. ``before``: the file so far, or empty.

    Raises FlowError where the file so far has faults, IvrError where its talks are not its last part.
    """
    talk = recording.talk()
    for _ in range(TRIES):
        whole, named = added(before, file, recording.flow, name, talk, book)
        script = next(each for each in read.parse(whole, file, book) if each.name == named)
        failures = judge(text.perform(script, book))
        if not failures:
            break
        for failure in failures:
            talk["turns"][max(failure.index, 0)].pop(failure.key, None)
        talk["turns"] = [turn for turn in talk["turns"] if turn]
    return whole


def added(before: str, file: str, flow: str, name: str, talk: Any, book: Book) -> tuple[str, str]:
    """The text of a file of talks with one more at its end, and the name it has there, which no other talk has.

    Raises as ``written`` does.
    """
    name = _free(name, _names(before, file, book) if before else ())
    head = f"{before.rstrip()}\n\n" if before else f"flow: {flow}\n\ntalks:\n"
    return head + textwrap.indent(_dumped({name: talk}), "  "), name


def _names(before: str, file: str, book: Book) -> tuple[str, ...]:
    """The talks of a file that one more can be added to."""
    scripts = read.parse(before, file, book)
    root, _ = tree.read(before, file)
    if isinstance(root, tree.Mapping) and list(root.entries)[-1] != "talks":
        raise IvrError(
            f"{file}: found {list(root.entries)[-1]!r} after the talks; move 'talks:' to the end of the file"
        )
    return tuple(script.name for script in scripts)


def _dumped(value: Any) -> str:
    yaml = YAML()
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(value, out)
    return out.getvalue()


def _act(event: Event, turn: dict[str, Any], pause_ms: int) -> dict[str, Any] | None:
    """A new turn where the caller has done something; None where the event belongs to the turn before."""
    match event:
        case CallStarted():
            return {}
        case Heard(hypotheses=hypotheses):
            return {"caller": hypotheses[0].text if hypotheses else ""}
        case Recorded(text=words):
            return {"caller": words}
        case Pressed(key=key) if "keys" not in turn or "bot" in turn:
            return {"keys": key}
        case Silent(timer="no_input"):
            return {"silent": f"{pause_ms // 1000 + 1}s"}
    return None


def _expect(turn: dict[str, Any], event: Event, actions: tuple[Action, ...]) -> None:
    for action in actions:
        match action:
            case Say() if event.type not in QUEUE_NEWS:
                turn.setdefault("bot", []).append(" ".join(action.phrases))
            case Lookup():
                names = turn.setdefault("looks_up", [])
                if action.name not in names:
                    names.append(action.name)
            case Enqueue():
                turn["transfer"] = {"queue": action.ticket.queue, "reason": action.ticket.reason}


def _in_order(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each answer once, with the parameters that tell it from the others; times of the call are never such.

    Where the same question had several answers, each but the last is given once.
    """
    asked = [case["with"] for case in cases]
    telling = {
        name for each in asked for name, value in each.items()
        if not _TIME.match(str(value)) and any(other.get(name) != value for other in asked)
    }  # fmt: skip
    kept: list[dict[str, Any]] = []
    for case in cases:
        wanted = {name: value for name, value in case["with"].items() if name in telling}
        same = [each for each in kept if each.get("with", {}) == wanted]
        if same and same[-1]["gives"] == case["gives"]:
            continue
        for each in same[-1:]:
            each["times"] = 1
        kept.append({**({"with": wanted} if wanted else {}), "gives": case["gives"]})
    return kept


def _free(name: str, taken: tuple[str, ...]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free
