"""Trees to models: a site, a flow and its steps, each fault as a sentence for a designer.

Only shape is judged here (keys, types, verbs); whether names exist and ways lead on is ``check``'s business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ivr.errors import Fault
from ivr.flow import near
from ivr.flow.faults import place_of
from ivr.flow.model import VERBS, AnyStep, Ask, Flow, Places, Site
from ivr.flow.tree import Listing, Mapping, Node, plain

Model = TypeVar("Model", bound=BaseModel)

PAIRS = {frozenset({"collect", "ask"}), frozenset({"transfer", "say"})}
"""Verbs that stand together: the first does the work, the second is what the caller hears."""
OURS = frozenset({"file", "places"})
"""Fields of the models that loading fills in; no designer writes them."""

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


@dataclass(slots=True)
class Sheet:
    """One file being shaped: where everything stands, and the faults found so far."""

    file: str
    root: Mapping
    places: Places = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
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
    shaped = _shaped(Site, plain(sheet.root), "", sheet, "the site")
    return shaped and shaped.model_copy(update={"file": sheet.file, "places": sheet.places})


def flow(sheet: Sheet) -> tuple[Flow | None, frozenset[str]]:
    """The flow of a file with its well-shaped steps, and the names of the others.

    None where even the flow's own keys are at fault.
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
    written = {name: _step(name, value, sheet) for name, value in steps.items()}
    good = {name: step for name, step in written.items() if step is not None}
    head = {**content, "steps": {}} if "steps" in content else content
    shaped = _shaped(Flow, head, "", sheet, "the flow")
    if shaped is None:
        return None, frozenset()
    broken = frozenset(written) - frozenset(good)
    whole = {name: _with_choices_of(step, good) for name, step in good.items()}
    return shaped.model_copy(update={"steps": whole, "file": sheet.file, "places": sheet.places}), broken


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
        guesses = [key for key in content if near.remedy(key, VERBS, "no") != "no"]
        remedy = (
            near.remedy(guesses[0], VERBS)
            if guesses
            else f"Add what the step does, such as '{EXAMPLES['ask']}'."
        )
        sheet.fault(path, found, wanted, remedy, "no-verb")
        return None
    if len(said) > 1 and frozenset(said) not in PAIRS:
        found = f"{len(said)} verbs in the step {name!r}: {', '.join(said)}"
        sheet.fault(path, found, "one", "Make a step of each, joined by 'next'.", "two-verbs")
        return None
    return _shaped(VERBS[said[0]], content, path, sheet, f"the step {name!r}")


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


NAMES = "a name of small letters, digits and _, beginning with a letter, at most 40 long"


def _as_name(text: str) -> str:
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in text.strip().lower())
    kept = kept.strip("_")[:40] or "name"
    return kept if kept[0].isalpha() else f"n{kept}"[:40]


def _shaped(kind: type[Model], content: Any, path: str, sheet: Sheet, what: str) -> Model | None:
    """``content`` as a ``kind``; faults are noted in the sheet."""
    faults_before = len(sheet.faults)
    for key in OURS & content.keys():
        _unknown(kind, f"{path}/{key}".lstrip("/"), key, sheet, what)
    try:
        shaped = kind.model_validate({key: value for key, value in content.items() if key not in OURS})
    except ValidationError as error:
        for each in error.errors():
            _sentence(kind, dict(each), path, sheet, what)
        return None
    return shaped if len(sheet.faults) == faults_before else None


def _sentence(kind: type[BaseModel], error: dict[str, Any], base: str, sheet: Sheet, what: str) -> None:
    """Notes one of pydantic's errors as a sentence of ours."""
    loc = [str(part) for part in error["loc"]]
    is_key = bool(loc) and loc[-1] == "[key]"
    loc = loc[:-1] if is_key else loc
    path = "/".join(([base] if base else []) + loc)
    key, given, code = loc[-1] if loc else "", error.get("input"), error["type"]
    owner = f"{what}, {'/'.join(loc[:-1])}" if len(loc) > 1 else what
    context = error.get("ctx", {})
    if code == "missing":
        sheet.fault(
            path,
            f"{owner} without {key!r}",
            "it",
            f"Add '{EXAMPLES.get(key, key + ': ...')}'.",
            "missing-key",
        )
    elif code == "extra_forbidden":
        _unknown(_owner(kind, loc[:-1]), path, key, sheet, owner)
    elif given is None:
        remedy = 'Write it after the colon, in quotes if it begins with # or is empty on purpose (""), or remove the key.'
        sheet.fault(path, f"nothing after '{key}:'", WANTED.get(code, "a value"), remedy, "empty")
    elif code in ("string_pattern_mismatch", "string_too_long") and (
        is_key or context.get("pattern") != r"^[0-9*#]$"
    ):
        sheet.fault(path, f"the name {str(given)[:60]!r}", NAMES, f"Write {_as_name(str(given))!r}.", "name")
    elif code == "string_pattern_mismatch":
        remedy = 'Use one key of the phone, such as key: 1 or key: "*".'
        sheet.fault(path, f"the key {str(given)[:20]!r}", "one of 0 to 9, * and #", remedy, "key")
    elif code == "literal_error":
        known = [word.strip("'") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
        sheet.fault(
            path, f"{str(given)[:60]!r} for {key!r}", _one_of(known), near.remedy(str(given), known), "value"
        )
    elif code in ("greater_than_equal", "less_than_equal"):
        is_time = key in ("no_input", "between_keys", "complete", "confident", "incomplete", "max_speech")
        least, most = context.get("ge"), context.get("le")
        limit = "0s to 600s" if is_time else (f"at least {least}" if least is not None else f"at most {most}")
        sheet.fault(path, f"{given} for {key!r}", limit, "Choose a number in these bounds.", "value")
    elif code == "too_short":
        sheet.fault(
            path, f"{key!r} with nothing in it", "at least one", f"Write one below '{key}:'.", "missing-key"
        )
    elif "timers" in loc or (code in ("int_parsing", "int_type") and "timers" in base):
        sheet.fault(
            path,
            f"{_shown(given)} for {key!r}",
            "a time such as 5s or 300ms",
            "Write a number with s or ms.",
            "type",
        )
    else:
        remedy = (
            "Put the text in quotes, or indent what belongs to it below it."
            if isinstance(given, dict | list)
            else "Correct it."
        )
        sheet.fault(
            path, f"{_shown(given)} for {key!r}", WANTED.get(code, "another kind of value"), remedy, "type"
        )


def _unknown(kind: type[BaseModel] | None, path: str, key: str, sheet: Sheet, what: str) -> None:
    known = (
        [each.alias or name for name, each in kind.model_fields.items() if name not in OURS] if kind else []
    )
    sheet.fault(
        path,
        f"the unknown key {key[:60]!r} in {what}",
        _one_of(known),
        near.remedy(key, known, "Remove it."),
        "unknown-key",
    )


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


def _one_of(names: list[str]) -> str:
    return f"one of {', '.join(names)}"


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
