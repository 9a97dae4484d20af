"""What a drawing of a flow, or of a whole site, shows: boxes with a few words, and labelled ways between them.

Decides what is seen; how it is written down is ``draw``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, assert_never

from ivr.flow.graph import reachable, ways
from ivr.flow.model import (
    DONE,
    AnyStep,
    Ask,
    Collect,
    Confirm,
    Flow,
    Form,
    HangUp,
    If,
    Language,
    LookUp,
    Question,
    Remember,
    Run,
    Say,
    Set,
    Transfer,
)
from ivr.flow.plain import kept, plain, quoted
from ivr.flow.site import Book

Kind = Literal[
    "begin", "say", "question", "decision", "data", "flow", "keep", "person", "end", "done", "join"
]
"""What a box stands for; each has a shape and a colour of its own."""
Line = Literal["plain", "back", "missed"]
"""A way onward; one back to where the call has been; one taken when something failed or nothing was understood."""

_MISSED = {
    "failed": "failed",
    "if_silent": "silent",
    "if_unclear": "not understood",
    "if_refused": "not identified",
}
_DEFAULTS = "A caller who stays silent or is not understood where no way says so gets a person."
_NAMED = {"yes": "yes", "no": "no", "then": "yes", "else": "no", "found": "found", "not_found": "not found"}


@dataclass(frozen=True, slots=True)
class Box:
    """One thing in the drawing."""

    id: str
    kind: Kind
    title: str
    verb: str = ""
    text: str = ""
    """What it says, asks or does; may be long."""
    note: str = ""
    """A second, quieter line."""


@dataclass(frozen=True, slots=True)
class Way:
    """An arrow."""

    start: str
    end: str
    label: tuple[str, ...] = ()
    """One line each."""
    line: Line = "plain"


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes and arrows, in reading order."""

    title: str
    about: str
    note: str
    """What the drawing leaves out, in a sentence."""
    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]
    is_across: bool = False
    """Read from left to right rather than down: for many boxes side by side."""


@dataclass(slots=True)
class _Sketch:
    """A picture being made."""

    boxes: dict[str, Box] = field(default_factory=dict)
    arrows: dict[tuple[str, str, Line], list[str]] = field(default_factory=dict)

    def box(self, box: Box) -> str:
        self.boxes.setdefault(box.id, box)
        return box.id

    def arrow(self, start: str, end: str, label: str = "", line: Line = "plain") -> None:
        labels = self.arrows.setdefault((start, end, line), [])
        if label and label not in labels:
            labels.append(label)

    def picture(self, title: str, about: str, note: str) -> Picture:
        arrows = (Way(start, end, tuple(label), line) for (start, end, line), label in self.arrows.items())
        return Picture(title, about, note, tuple(self.boxes.values()), tuple(arrows))


def of_flow(book: Book, flow: Flow) -> Picture:
    """The steps of one flow and every way between them."""
    sketch = _Sketch()
    sketch.box(Box("/begin", "begin", f"{flow.flow} begins"))
    sketch.arrow("/begin", flow.start)
    for name, step in flow.steps.items():
        sketch.box(_step(book, name, step))
    back = _back(flow)
    _borrowed(flow, back, sketch)
    for name, step in flow.steps.items():
        for path, to in ways(step).items():
            start = _starts(flow, name, step, path)
            if start is not None:
                end = sketch.box(Box(f"{name}/done", "done", DONE)) if to == DONE else to
                sketch.arrow(start, end, label_of(step, path), _line(name, path, to, back))
    return sketch.picture(
        flow.flow,
        flow.about,
        _DEFAULTS if any(isinstance(step, Question) for step in flow.steps.values()) else "",
    )


def of_site(book: Book) -> Picture:
    """Every flow of a site, who runs whom, and which lines of people each may lead to."""
    site, sketch = book.site, _Sketch()
    sketch.box(Box("calls", "begin", "calls"))
    for flow in _entry_first(book):
        steps = "1 step" if len(flow.steps) == 1 else f"{len(flow.steps)} steps"
        sketch.box(Box(f"flow/{flow.flow}", "flow", flow.flow, "flow", flow.about, steps))
    for flow_name, label in ((site.entry, ""), *((flow, number) for number, flow in site.numbers.items())):
        sketch.arrow("calls", f"flow/{flow_name}", label)
    for flow in _entry_first(book):
        for step in flow.steps.values():
            if isinstance(step, Run):
                sketch.arrow(f"flow/{flow.flow}", f"flow/{step.run}")
            elif isinstance(step, Transfer):
                sketch.arrow(f"flow/{flow.flow}", _queue(book, step.transfer, sketch))
    _beside(book, sketch)
    ends = {end for _, end, _ in sketch.arrows} | {start for start, _, _ in sketch.arrows}
    sketch.boxes = {name: box for name, box in sketch.boxes.items() if name in ends or box.kind == "flow"}
    sketch.arrows = {
        (start, end, line): label
        for (start, end, line), label in sketch.arrows.items()
        if end in sketch.boxes
    }
    return replace(sketch.picture(site.company, "", ""), is_across=True)


def _beside(book: Book, sketch: _Sketch) -> None:
    """The flows that no other runs: patterns, identification, and what comes after a person."""
    site = book.site
    sketch.box(Box("always", "begin", "on every call"))
    for pattern, flow in site.patterns.items():
        sketch.arrow("always", f"flow/{flow}", pattern.replace("_", " "), "missed")
    for level, flow in site.identify.items():
        sketch.arrow("always", f"flow/{flow}", f"needs {level}", "missed")
    for name, queue in site.queues.items():
        if queue.then is not None:
            sketch.arrow(_queue(book, name, sketch), f"flow/{queue.then}", "afterwards", "missed")
    if site.hand_back:
        sketch.box(Box("agents", "person", "a person", "hands back"))
    for name, flow in site.hand_back.items():
        label = f"for {name.replace('_', ' ')}" if name != flow else ""
        sketch.arrow("agents", f"flow/{flow}", label, "missed")


def _queue(book: Book, name: str, sketch: _Sketch) -> str:
    queue = book.site.queues.get(name)
    return sketch.box(Box(f"queue/{name}", "person", queue.name if queue else name, "person"))


def _entry_first(book: Book) -> list[Flow]:
    return sorted(book.flows.values(), key=lambda flow: flow.flow != book.site.entry)


def _step(book: Book, name: str, step: AnyStep) -> Box:
    kind, text, note = _content(book, step)
    if step.needs != "none":
        note = "; ".join(part for part in (note, f"needs {step.needs.replace('_', ' ')}") if part)
    return Box(name, kind, name, step.verb.replace("_", " "), text, note)


def _content(book: Book, step: AnyStep) -> tuple[Kind, str, str]:
    """Kind, text and note of a step."""
    match step:
        case Say():
            return "say", quoted(step.say), ""
        case Ask():
            return "question", quoted(step.ask), f"kept as {step.into}" if step.into else ""
        case Collect():
            return "question", quoted(step.ask), f"fills {step.collect}: {kept(step)}"
        case Form():
            fields = ", ".join(f"{name} ({kept(value)})" for name, value in step.form.items())
            return "question", quoted(step.ask or next(iter(step.form.values())).ask), f"fills {fields}"
        case Confirm():
            return "question", quoted(step.confirm), f"about {step.of}" if step.of else ""
        case LookUp():
            given = ", ".join(step.with_)
            note = "changes data" if step.changes else ""
            return "data", f"{step.look_up} ({given})" if given else step.look_up, note
        case If():
            return "decision", f"{step.if_}?", ""
        case Run():
            return "flow", f"the flow {step.run}", ""
        case Transfer():
            queue = book.site.queues.get(step.transfer)
            return "person", f"to {queue.name if queue else step.transfer}", plain(step.reason)
        case Set():
            return "keep", ", ".join(f"{name} = {plain(value)}" for name, value in step.set_.items()), ""
        case Language():
            return "keep", f"go on in {step.language}", ""
        case Remember():
            kept_on = f"keep {', '.join(step.remember)} of the caller"
            return "keep", kept_on if step.remember else "forget what is kept of the caller", ""
        case HangUp():
            return "end", quoted(step.hang_up) if step.hang_up else "the site's goodbye", step.outcome
    assert_never(step)


def _borrowed(flow: Flow, back: frozenset[tuple[str, str]], sketch: _Sketch) -> None:
    """A box for choices that several steps share, so that each is drawn once."""
    for name, step in flow.steps.items():
        if isinstance(step, Ask) and step.choices_of and _shared(flow, step):
            join = sketch.box(Box(f"{step.choices_of}/choices", "join", f"choices of {step.choices_of}"))
            sketch.arrow(step.choices_of, join)
            sketch.arrow(name, join, line="back" if (name, step.choices_of) in back else "plain")


def _shared(flow: Flow, step: Ask) -> frozenset[str]:
    """Names of a step's choices that it has from the step it borrows from."""
    other = flow.steps.get(step.choices_of or "")
    if not isinstance(other, Ask):
        return frozenset()
    return frozenset(name for name, choice in step.choices.items() if other.choices.get(name) == choice)


def _starts(flow: Flow, name: str, step: AnyStep, path: str) -> str | None:
    """The box where a way starts: the step itself, or the box of its choices where other steps share them. None for
    a borrowed choice, which is drawn where it was written."""
    if not isinstance(step, Ask) or not path.startswith("choices/"):
        return name
    choice = path.split("/")[1]
    if choice in _shared(flow, step):
        return None
    is_shared = any(
        isinstance(other, Ask) and other.choices_of == name and choice in _shared(flow, other)
        for other in flow.steps.values()
    )
    return f"{name}/choices" if is_shared else name


def label_of(step: AnyStep, path: str) -> str:
    """What makes a call take one of a step's ways, by the path of its key; empty for the only one."""
    parts = path.split("/")
    if isinstance(step, Ask) and parts[0] == "choices":
        key = step.choices[parts[1]].key
        return f"{key}  {step.named(parts[1])}" if key else step.named(parts[1])
    return _MISSED.get(path) or _NAMED.get(path, "")


def _line(step: str, path: str, to: str, back: frozenset[tuple[str, str]]) -> Line:
    if path in _MISSED:
        return "missed"
    return "back" if (step, to) in back else "plain"


def _back(flow: Flow) -> frozenset[tuple[str, str]]:
    """The ways of a loop that lead to a step written earlier, or to its choices, as step and step."""
    order = {name: place for place, name in enumerate(flow.steps)}
    found = set()
    for name, step in flow.steps.items():
        onward = {*ways(step).values(), getattr(step, "choices_of", None) or ""}
        earlier = {to for to in onward if order.get(to, len(order)) <= order[name]}
        found |= {(name, to) for to in earlier if name in _from(flow, to)}
    return frozenset(found)


def _from(flow: Flow, begun: str) -> frozenset[str]:
    """Everything that a step may lead to, itself included."""
    return reachable(flow.model_copy(update={"start": begun}))
