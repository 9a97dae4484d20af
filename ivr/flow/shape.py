"""Trees to models: a site, a flow and its steps, each fault as a sentence for a designer.

Only shape is judged here (keys, types, verbs); whether names exist and ways lead on is ``check``'s business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ivr.errors import Fault
from ivr.flow import near
from ivr.flow.connectors import Connector
from ivr.flow.faults import place_of
from ivr.flow.kinds import OURS, Name, Shape
from ivr.flow.misfits import EXAMPLES, NAMES, as_name, misfits, shown, unknown
from ivr.flow.model import DONE, VERBS, AnyStep, Ask, Flow, Places
from ivr.flow.objections import objections
from ivr.flow.site import Site
from ivr.flow.tree import Listing, Mapping, Node, plain

Model = TypeVar("Model", bound=BaseModel)

PAIRS = {
    frozenset({"collect", "ask"}),
    frozenset({"collect", "ask", "confirm"}),
    frozenset({"form", "ask"}),
    frozenset({"form", "confirm"}),
    frozenset({"form", "ask", "confirm"}),
    frozenset({"transfer", "say"}),
}
"""Verbs that stand together: the first does the work, the second is what the caller hears."""


class LookUps(Shape):
    """``look_ups.yaml``: the company's data, each look-up by its name."""

    look_ups: dict[Name, Connector]


@dataclass(slots=True)
class Sheet:
    """One file being shaped: where everything stands, and the faults found so far."""

    file: str
    root: Mapping
    places: Places = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.places[""] = self.root.place
        self._note(self.root, "")

    def _note(self, node: Node, path: str) -> None:
        match node:
            case Mapping():
                for key, value in node.entries.items():
                    self.places[f"{path}{key}"] = node.keys[key]
                    self._note(value, f"{path}{key}/")
            case Listing():
                for index, item in enumerate(node.items):
                    self.places[f"{path}{index}"] = item.place
                    self._note(item, f"{path}{index}/")

    def fault(self, path: str, found: str, wanted: str, remedy: str, code: str) -> None:
        """Notes a fault at ``path``, or at the nearest thing around it that was written."""
        line, column = place_of(self.places, path)
        self.faults.append(Fault(self.file, line, found, wanted, remedy, code, column))


def site(sheet: Sheet) -> Site | None:
    """The site of a ``site.yaml``; None where faults were noted."""
    shaped = model_of(Site, plain(sheet.root), "", sheet, "the site")
    return shaped and shaped.model_copy(update={"file": sheet.file, "places": sheet.places})


def look_ups(sheet: Sheet) -> dict[str, Connector] | None:
    """The look-ups of a ``look_ups.yaml``; None where faults were noted."""
    found = model_of(LookUps, plain(sheet.root), "", sheet, "the look-ups")
    if found is None:
        return None
    for name, connector in found.look_ups.items():
        for said in objections(connector):
            path = f"look_ups/{name}/{said.path}".rstrip("/")
            sheet.fault(path, said.found, said.wanted, said.remedy, said.code)
    return {name: _placed(connector, name, sheet) for name, connector in found.look_ups.items()}


def _placed(connector: Connector, name: str, sheet: Sheet) -> Connector:
    """A look-up that knows its file and where in it its own keys stand; "" is the look-up itself."""
    start = f"look_ups/{name}"
    places = {
        path.removeprefix(start).removeprefix("/"): place
        for path, place in sheet.places.items()
        if path == start or path.startswith(f"{start}/")
    }
    return connector.model_copy(update={"file": sheet.file, "places": places})


def flow(sheet: Sheet) -> tuple[Flow | None, frozenset[str]]:
    """The flow of a file, and the names of its ill-shaped steps.

    An ill-shaped step stands in the flow as far as it could be read, its missing keys made up, or not at
    all. None where even the flow's own keys are at fault.
    """
    content = plain(sheet.root)
    steps = content.get("steps")
    if "steps" in content and not isinstance(steps, dict):
        sheet.fault(
            "steps", shown(steps), "steps, each with a name", "Indent the steps below 'steps:'.", "type"
        )
    elif steps == {}:
        sheet.fault("steps", "no step", "at least one", "Write a step below 'steps:'.", "missing-key")
    steps = steps if isinstance(steps, dict) else {}
    shaped_steps: dict[str, AnyStep] = {}
    broken: set[str] = set()
    for name, value in steps.items():
        faults_before = len(sheet.faults)
        step = _step(name, value, sheet)
        if step is not None:
            shaped_steps[name] = step
        if len(sheet.faults) > faults_before:
            broken.add(name)
    head = {**content, "steps": {}} if "steps" in content else content
    shaped = model_of(Flow, head, "", sheet, "the flow")
    if shaped is None:
        return None, frozenset()
    whole = {name: _with_choices_of(step, shaped_steps) for name, step in shaped_steps.items()}
    found = shaped.model_copy(update={"steps": whole, "file": sheet.file, "places": sheet.places})
    return found, frozenset(broken)


def _with_choices_of(step: AnyStep, steps: dict[str, AnyStep]) -> AnyStep:
    """A step whose ``choices_of`` names another asking step, with that step's choices copied in."""
    other = steps.get(step.choices_of) if isinstance(step, Ask) and step.choices_of else None
    if not isinstance(step, Ask) or not isinstance(other, Ask):
        return step
    return step.model_copy(update={"choices": {**step.choices, **other.choices, **step.choices}})


def _step(name: str, content: Any, sheet: Sheet) -> AnyStep | None:
    path = f"steps/{name}"
    if not isinstance(content, dict):
        sheet.fault(path, shown(content), "a step", f"Indent the step's keys below '{name}:'.", "type")
        return None
    if not _is_name(name, path, sheet):
        return None
    said = [verb for verb in VERBS if verb in content]
    if not said:
        found = f"the step {name!r} without a verb"
        wanted = f"one of {', '.join(VERBS)}"
        guesses = [key for key in content if near.is_near(key, VERBS)]
        remedy = (
            near.remedy(guesses[0], VERBS) if guesses else f"Add what it does, such as '{EXAMPLES['ask']}'."
        )
        sheet.fault(f"{path}/{guesses[0]}" if guesses else path, found, wanted, remedy, "no-verb")
        return None
    if len(said) > 1 and frozenset(said) not in PAIRS:
        found = f"{len(said)} verbs in the step {name!r}: {', '.join(said)}"
        last = max(said, key=lambda verb: place_of(sheet.places, f"{path}/{verb}"))
        sheet.fault(f"{path}/{last}", found, "one", "Make a step of each, joined by 'next'.", "two-verbs")
        return None
    kind = VERBS[said[0]]
    return model_of(kind, content, path, sheet, f"the step {name!r}") or _draft(kind, content)


def _draft(kind: type[AnyStep], content: dict[str, Any]) -> AnyStep | None:
    """What can be read of an ill-shaped step, so that the rest of it is judged in the same round."""
    draft = {key: value for key, value in content.items() if key not in OURS}
    try:
        return kind.model_validate(draft)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            loc = each["loc"]
            if each["type"] == "missing" and len(loc) == 1:
                draft[str(loc[0])] = DONE
            else:
                draft.pop(str(loc[0]), None)
    try:
        return kind.model_validate(draft)
    except ValidationError:
        return None


def _is_name(name: str, path: str, sheet: Sheet) -> bool:
    if name == "done":
        remedy = "Call the step something else; 'done' is where a flow ends."
        sheet.fault(path, "a step called 'done'", "another name", remedy, "name")
        return False
    try:
        Flow.model_validate({"flow": name, "start": name, "steps": {}})
    except ValidationError:
        sheet.fault(path, f"the name {name[:60]!r}", NAMES, f"Write {as_name(name)!r}.", "name")
        return False
    return True


def model_of(kind: type[Model], content: Any, path: str, sheet: Sheet, what: str) -> Model | None:
    """``content`` as a ``kind``; faults are noted in the sheet."""
    faults_before = len(sheet.faults)
    for key in OURS & content.keys():
        sheet.fault(*unknown(kind, f"{path}/{key}".lstrip("/"), key, what))
    try:
        shaped = kind.model_validate({key: value for key, value in content.items() if key not in OURS})
    except ValidationError as error:
        for misfit in misfits(kind, error, path, what):
            sheet.fault(*misfit)
        return None
    return shaped if len(sheet.faults) == faults_before else None
