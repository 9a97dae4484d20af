"""Which steps and ways of the flows the talks went through, and which none did, with file and line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ivr.events import Event, HandFailed, LookedUp, Pressed, Silent
from ivr.flow.faults import place_of
from ivr.flow.graph import ways
from ivr.flow.model import DONE, Ask, LookUp, Run
from ivr.flow.site import Book
from ivr.rehearsal.stage import Moment, Stage

Step = tuple[str, str]
"""Flow and step."""
Way = tuple[str, str, str]
"""Flow, step and the key that leads on, as ``flow.graph.ways`` names it."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A step that no talk came to, or a way that none took."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(slots=True)
class Coverage:
    """What the talks covered so far of the flows that are looked at."""

    book: Book
    flows: tuple[str, ...]
    steps: set[Step] = field(default_factory=set)
    ways: set[Way] = field(default_factory=set)

    def add(self, stage: Stage) -> None:
        before = None
        for moment in stage.moments:
            at = before.stack[-1] if before is not None and before.stack else None
            for frame, to in moment.path:
                if to != DONE:
                    self.steps.add((frame.flow, to))
                if frame.step != to or frame == at:
                    self.ways.update(self._taken(frame.flow, frame.step, to, moment))
            before = moment.state

    def all_steps(self) -> set[Step]:
        return {(flow, step) for flow in self.flows for step in self.book.flows[flow].steps}

    def all_ways(self) -> set[Way]:
        return {
            (flow, name, key)
            for flow in self.flows
            for name, step in self.book.flows[flow].steps.items()
            for key in ways(step)
            if not (isinstance(step, Run) and key == "next" and not self._can_be_done(step.run))
        }

    def _can_be_done(self, flow: str) -> bool:
        """Whether a flow can come back to the one that ran it: one that always ends the call cannot."""
        return any(DONE in ways(step).values() for step in self.book.flows[flow].steps.values())

    def missed(self) -> list[Missed]:
        """In the order of the files."""
        steps = [self._missed(flow, f"steps/{name}", f"the step {flow}.{name}: no talk comes here")
                 for flow, name in self.all_steps() - self.steps]  # fmt: skip
        left = [
            self._missed(flow, f"steps/{name}/{key}", f"the way '{key}' of {flow}.{name}: no talk takes it")
            for flow, name, key in self.all_ways() - self.ways
            if (flow, name) in self.steps
        ]
        return sorted((*steps, *left), key=lambda each: (each.file, each.line, each.what))

    def shares(self) -> tuple[float, float]:
        """Steps and ways covered, in per cent."""
        return (
            _percent(len(self.steps & self.all_steps()), len(self.all_steps())),
            _percent(len(self.ways & self.all_ways()), len(self.all_ways())),
        )

    def _missed(self, flow: str, path: str, what: str) -> Missed:
        found = self.book.flows[flow]
        return Missed(found.file, place_of(found.places, path)[0], what)

    def _taken(self, flow: str, name: str, to: str, moment: Moment) -> Iterable[Way]:
        """The ways of a step that lead there; of several, those that the event speaks for."""
        step = self.book.flows[flow].steps.get(name)
        if step is None:
            return ()
        keys = [key for key, target in ways(step).items() if target == to]
        narrow = _narrowed(step, keys, moment.event)
        return [(flow, name, key) for key in narrow or keys]


def _narrowed(step: object, keys: list[str], event: Event) -> list[str]:
    match event:
        case LookedUp(is_found=is_found) if isinstance(step, LookUp):
            wanted = "found" if is_found else "not_found" if step.not_found is not None else "failed"
            return [key for key in keys if key == wanted]
        case HandFailed() if isinstance(step, LookUp):
            return [key for key in keys if key == "failed"]
        case Silent():
            return [key for key in keys if key == "if_silent"]
        case Pressed(key=pressed) if isinstance(step, Ask):
            names = [name for name, choice in step.choices.items() if choice.key == pressed]
            return [key for key in keys if key.split("/")[1:2] and key.split("/")[1] in names]
    return [key for key in keys if key not in ("if_silent", "if_refused")]


def _percent(part: int, whole: int) -> float:
    return 100.0 if not whole else 100.0 * part / whole
