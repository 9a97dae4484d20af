"""Trees to models: a site, a flow and its steps, each fault as a sentence for a designer.

Only shape is judged here (keys, types, verbs); whether names exist and ways lead on is ``check``'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ivr.errors import Fault
from ivr.flow import near
from ivr.flow.connectors import Connector
from ivr.flow.faults import MOST, place_of
from ivr.flow.kinds import Name, Shape
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
OURS = frozenset({"file", "places"})
"""Fields of the models that loading fills in; no designer writes them."""

UNIONS = ("dict[", "constrained-str")
"""How pydantic names, within a place, the kinds that a value may be of."""
TIMES = frozenset({"ring", "wrap_up", "silent", "interrupts", "answers", "talks_for", "slow"})
"""Keys outside ``timers`` that hold a time."""
PAUSES = frozenset({"relax", "after"})
"""Keys that hold a time or ``never``."""
MOST_SHOWN = 20
"""Known keys that a sentence lists."""
NAMES = "a name of small letters, digits and _, beginning with a letter, at most 40 long"
KEY_PATTERN = r"^[0-9*#]$"
LANGUAGE_PATTERN = r"^[a-z]{2}$"
"""The model's patterns for keys of the phone and for languages; every other is the one for names."""

WANTED = {
    "string_type": "a text",
    "tuple_type": "a text or a list of texts",
    "dict_type": "keys with values, indented below it",
    "model_type": "keys with values, indented below it",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "float_type": "a number",
    "float_parsing": "a number",
}
"""What pydantic wanted, in a designer's words."""

EXAMPLES = {
    "next": "next: done",
    "ask": "ask: How can I help?",
    "choices": 'choices: { yes: { phrases: ["yes"], next: done } }',
    "collect": "collect: account",
    "yes": "yes: done",
    "no": "no: done",
    "found": "found: tell",
    "failed": "failed: sorry",
    "then": "then: done",
    "else": "else: done",
    "reason": "reason: Wants to talk about an order.",
    "flow": "flow: main",
    "start": "start: welcome",
    "steps": "steps:",
}


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
            "steps", _shown(steps), "steps, each with a name", "Indent the steps below 'steps:'.", "type"
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
        sheet.fault(path, _shown(content), "a step", f"Indent the step's keys below '{name}:'.", "type")
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
        sheet.fault(path, f"the name {name[:60]!r}", NAMES, f"Write {_as_name(name)!r}.", "name")
        return False
    return True


def _as_name(text: str) -> str:
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in text.strip().lower())
    kept = kept.strip("_")[:40] or "name"
    return kept if kept[0].isalpha() else f"n{kept}"[:40]


def model_of(kind: type[Model], content: Any, path: str, sheet: Sheet, what: str) -> Model | None:
    """``content`` as a ``kind``; faults are noted in the sheet."""
    faults_before = len(sheet.faults)
    for key in OURS & content.keys():
        _unknown(kind, f"{path}/{key}".lstrip("/"), key, sheet, what)
    try:
        shaped = kind.model_validate({key: value for key, value in content.items() if key not in OURS})
    except ValidationError as error:
        for each in islice(_without_echoes(error), MOST + 1):
            _note(kind, each, path, sheet, what)
        return None
    return shaped if len(sheet.faults) == faults_before else None


def _without_echoes(error: ValidationError) -> Iterator[dict[str, Any]]:
    """The errors, less each missing key that is there under a mistyped name and so reported already."""
    errors = _of_one_kind([dict(each) for each in error.errors(include_url=False)])
    extra: dict[tuple[Any, ...], list[str]] = {}
    for each in errors:
        if each["type"] == "extra_forbidden":
            extra.setdefault(each["loc"][:-1], []).append(str(each["loc"][-1]))
    for each in errors:
        *owner, key = each["loc"] or ("",)
        if each["type"] != "missing" or not any(
            near.is_near(other, [str(key)]) for other in extra.get(tuple(owner), [])[:MOST]
        ):
            yield each


def _of_one_kind(errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The errors, where a value may be keys or a name only those of the kind that was written, without its tag."""
    kept = []
    for each in errors:
        tags = [index for index, part in enumerate(each["loc"]) if str(part).startswith(UNIONS)]
        if not tags:
            kept.append(each)
        elif each["type"] not in ("dict_type", "string_type") or len(each["loc"]) > tags[0] + 1:
            loc = tuple(part for index, part in enumerate(each["loc"]) if index not in tags)
            kept.append(each | {"loc": loc})
        elif each["type"] == "dict_type" and not isinstance(each["input"], str):
            kept.append(each | {"loc": each["loc"][: tags[0]]})
    return kept


def _note(kind: type[BaseModel], error: dict[str, Any], base: str, sheet: Sheet, what: str) -> None:
    """Notes one of pydantic's errors as a sentence of ours."""
    loc = [str(part) for part in error["loc"]]
    is_key = bool(loc) and loc[-1] == "[key]"
    loc = loc[:-1] if is_key else loc
    path = "/".join(([base] if base else []) + loc)
    key = next((part for part in reversed(loc) if not part.isdigit()), "")
    owner = f"{what}, {'/'.join(loc[:-1])}" if len(loc) > 1 else what
    if error["type"] == "extra_forbidden":
        _unknown(_owner(kind, loc[:-1]), path, key, sheet, owner)
    elif error["type"] == "missing":
        remedy = f"Add '{EXAMPLES.get(key, key + ': ...')}'."
        sheet.fault(path, f"{owner} without {key!r}", "that key", remedy, "missing-key")
    elif error["input"] is None:
        remedy = 'Write it after the colon, in quotes where it begins with # or is empty on purpose ("").'
        sheet.fault(path, f"nothing after '{key}:'", WANTED.get(error["type"], "a value"), remedy, "empty")
    else:
        sheet.fault(path, *_value(error, key, is_key=is_key, is_time=key in TIMES or "timers" in loc))


def _value(error: dict[str, Any], key: str, *, is_key: bool, is_time: bool) -> tuple[str, str, str, str]:
    """What was found, what is wanted, the remedy and the code, for a value that does not fit."""
    given, code, context = error["input"], error["type"], error.get("ctx", {})
    if is_time:
        return f"{_shown(given)} for {key!r}", "a time from 0s to 600s", "Write it as 5s or 300ms.", "type"
    if key in PAUSES:
        return f"{_shown(given)} for {key!r}", "a time up to 3600s, or never", "Write it as 90s.", "type"
    match code:
        case "string_pattern_mismatch" if context["pattern"] == KEY_PATTERN and not is_key:
            remedy = 'Use one key of the phone, such as 1 or "*".'
            return f"the key {_shown(given)}", "one of 0 to 9, * and #", remedy, "key"
        case "string_pattern_mismatch" if context["pattern"] == LANGUAGE_PATTERN:
            return f"the language {_shown(given)}", "two letters", "Write its code, such as en or zh.", "name"
        case "string_pattern_mismatch" | "string_too_long":
            return f"the name {_shown(given)}", NAMES, f"Write {_as_name(str(given))!r}.", "name"
        case "literal_error":
            known = re.findall(r"'([^']*)'", context["expected"])
            found = f"the key {_shown(given)}" if is_key else f"{_shown(given)} for {key!r}"
            wanted = ", ".join(each or '""' for each in known)
            return found, f"one of {wanted}", near.remedy(str(given), known), "value"
        case "greater_than":
            return (
                f"{str(given)[:60]} for {key!r}",
                f"more than {context['gt']}",
                "Choose a larger number.",
                "value",
            )
        case "greater_than_equal":
            return (
                f"{str(given)[:60]} for {key!r}",
                f"at least {context['ge']}",
                "Choose a larger number.",
                "value",
            )
        case "less_than_equal":
            return (
                f"{str(given)[:60]} for {key!r}",
                f"at most {context['le']}",
                "Choose a smaller number.",
                "value",
            )
        case "too_long":
            return (
                f"{len(given):,} under {key!r}",
                f"at most {context['max_length']}",
                "Leave some out.",
                "too-big",
            )
        case "too_short":
            return f"{key!r} with nothing in it", "at least one", f"Write one below '{key}:'.", "missing-key"
    remedy = "Correct it."
    if isinstance(given, list) and code in ("dict_type", "model_type"):
        remedy = "Remove the dashes, and give each entry a name of its own and a colon."
    elif isinstance(given, dict | list):
        remedy = "Put a text that begins with { or [ in quotes; write one value where one is wanted."
    return f"{_shown(given)} for {key!r}", WANTED.get(code, "another kind of value"), remedy, "type"


def _unknown(kind: type[BaseModel] | None, path: str, key: str, sheet: Sheet, what: str) -> None:
    fields = kind.model_fields if kind else {}
    known = [each.alias or name for name, each in fields.items() if name not in OURS]
    shown = [*known[:MOST_SHOWN], "..."] if len(known) > MOST_SHOWN else known
    found, wanted = f"the unknown key {key[:60]!r} in {what}", f"one of {', '.join(shown)}"
    sheet.fault(path, found, wanted, near.remedy(key, known, "Remove it."), "unknown-key")


def _owner(kind: type[BaseModel], loc: list[str]) -> type[BaseModel] | None:
    """The model that stands at ``loc`` inside ``kind``."""
    owner: type[BaseModel] | None = kind
    for part in loc:
        fields = owner.model_fields if owner else {}
        if part in fields:
            owner = _model_in(fields[part].annotation)
    return owner


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The first model inside a type such as ``dict[Name, Choice]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        if (found := _model_in(part)) is not None:
            return found
    return None


def _shown(value: Any) -> str:
    """What was written, shortly, for a sentence."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "keys with values"
        case list():
            return "a list"
    text = str(value)
    return repr(text if len(text) <= 60 else text[:57] + "...")
