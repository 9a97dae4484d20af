"""Judging the words of a site: what its templates read, and the names that its steps give to what they keep.

A part of ``check``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import fields as fields_of
from typing import Any

from ivr.flow import near, template
from ivr.flow.faults import Notes
from ivr.flow.hours import Moment
from ivr.flow.model import (
    Ask,
    Collect,
    Confirm,
    Flow,
    Form,
    FormField,
    HangUp,
    If,
    LookUp,
    Say,
    Set,
    Spoken,
    Step,
    Transfer,
    Value,
)
from ivr.flow.site import Site

EVERYWHERE = ("company", "caller", "called", "now", "agent", "hours", "profile")
"""Names that every template may read; ``agent`` is the person the caller last spoke to, or empty; ``hours`` those of
the site by name, ``profile`` what is known of the caller from earlier calls."""
OF_PATTERNS: dict[str, tuple[str, ...]] = {
    "silence": ("misses",),
    "no_match": ("misses",),
    "correction": ("field", "value", "before"),
    "cannot_help": ("why",),
}
"""Names that a site's own flow for a pattern may read besides."""
PROFILE = ("name", "language", "pace", "answers", "reason")
"""What may be known of a caller from earlier calls."""
OF_PROFILE = (*PROFILE, "intent")
"""What may be read of it: ``intent`` is the reason by the name of its choice."""
OF_HOURS = tuple(field.name for field in fields_of(Moment))
"""What may be said of hours."""
WAITING = ("queue", "position", "ahead")
"""Names that only the words around a transfer may read."""
OF_PROMPTS = {
    "transfer": WAITING,
    "place": WAITING,
    "wait": WAITING,
    "did_you_mean": ("choice",),
    "understood": ("choice",),
    "did_you_say": ("value",),
    "noted": ("value",),
    "corrected": ("value",),
    "out_of_range": ("least", "most"),
    "out_of_days": ("least", "most"),
    "what_to_change": ("fields",),
    "key_choice": ("key", "choice"),
    "expected_wait": (*WAITING, "wait_low", "wait_high"),
    "while_you_wait": WAITING,
    "moved": ("queue",),
    "nobody_in": ("queue",),
    "closed": ("queue",),
    "full": ("queue",),
    "callback_number": ("number",),
    "callback_booked": ("number",),
    "called_back": ("about",),
}
"""Names that a site's own words may read besides, each by the words it stands in."""


@dataclass(frozen=True, slots=True)
class Text:
    """A template of a file: where it stands, and who hears it."""

    owner: Flow | Site
    path: str
    text: str
    names: tuple[str, ...]
    """What it may read besides the fields of the call."""
    is_spoken: bool = True
    """Heard by the caller or read by an agent; false for what only the machine reads."""
    is_condition: bool = False
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the flows together put into a call."""

    collected: frozenset[str]
    secret: frozenset[str]
    looked_up: Mapping[str, frozenset[str] | None]
    """Name to its fields; None where they are not known."""
    names: Mapping[str, None]
    """Of both kinds, in order."""


def judge(
    site: Site | None, flows: Mapping[str, Flow], lookups: Any, notes: Notes, *, is_complete: bool
) -> None:
    """Notes the faults of all words. Without ``is_complete`` names may be set in parts not read."""
    fields = known(site, flows, lookups)
    texts = list(site_texts(site)) if site is not None else []
    patterns = {str(name): flow for name, flow in site.patterns.items()} if site is not None else {}
    inside = {patterns[name]: names for name, names in OF_PATTERNS.items() if name in patterns}
    for flow in flows.values():
        for name, step in flow.steps.items():
            own = inside.get(flow.flow, ())
            texts += (
                replace(text, names=(*text.names, *own)) for text in step_texts(flow, f"steps/{name}", step)
            )
            _names(flow, f"steps/{name}", step, notes)
    for text in texts:
        _template(text, fields, notes, is_complete)


def known(site: Site | None, flows: Mapping[str, Flow], lookups: Any) -> Known:
    """What the flows of a site keep in a call."""
    steps = [step for flow in flows.values() for step in flow.steps.values()]
    collected, secret = set[str](), set[str]()
    looked_up: dict[str, frozenset[str] | None] = {"profile": frozenset(OF_PROFILE)}
    if site is not None:
        looked_up["hours"] = frozenset(site.hours)
    for step in steps:
        values = asked_by(step)
        collected |= values.keys() | kept_by(step)
        secret |= {name for name, value in values.items() if value.secret}
        if isinstance(step, LookUp):
            name = step.into or step.look_up
            before = looked_up.get(name, frozenset())
            given = frozenset(lookups[step.look_up].fields) if lookups and step.look_up in lookups else None
            looked_up[name] = None if given is None or before is None else before | given
    names = dict.fromkeys(sorted(collected | looked_up.keys()))
    return Known(frozenset(collected), frozenset(secret), looked_up, names)


def asked_by(step: Step) -> Mapping[str, Value]:
    """The fields that a step asks the caller for."""
    match step:
        case Collect():
            return {step.collect: step}
        case Form():
            return step.form
    return {}


def kept_by(step: Step) -> frozenset[str]:
    """The fields that a step keeps of itself."""
    match step:
        case Ask(into=str(name)):
            return frozenset({name})
        case Set():
            return frozenset(step.set_)
    return frozenset()


def site_texts(site: Site) -> Iterator[Text]:
    for name in type(site.prompts).model_fields:
        value = getattr(site.prompts, name)
        names = (*EVERYWHERE, *OF_PROMPTS.get(name, ()))
        path = f"prompts/{name}"
        if isinstance(value, str):
            yield Text(site, path, value, names, is_needed=True)
        else:
            yield from (
                Text(site, f"{path}/{index}", each, names, is_needed=True) for index, each in enumerate(value)
            )

    for name, topic in site.mood.topics.items():
        yield Text(site, f"mood/topics/{name}/say", topic.say, (*EVERYWHERE, "queue"))
    for name, part in site.screen.items():
        for parameter, value in part.with_.items():
            yield Text(site, f"screen/{name}/with/{parameter}", value, ("caller",), is_needed=True)


def step_texts(flow: Flow, path: str, step: Step) -> Iterator[Text]:
    if isinstance(step, Spoken):
        yield from _asked_again(flow, path, step)
        yield Text(flow, f"{path}/help", step.help, EVERYWHERE)
    match step:
        case Say():
            yield Text(flow, f"{path}/say", step.say, EVERYWHERE, is_needed=True)
            yield Text(flow, f"{path}/did", step.did, EVERYWHERE)
        case Ask() | Collect():
            yield Text(flow, f"{path}/ask", step.ask, EVERYWHERE, is_needed=True)
        case Form():
            yield Text(flow, f"{path}/ask", step.ask, EVERYWHERE)
            yield Text(flow, f"{path}/confirm", step.confirm, EVERYWHERE)
            for field, value in step.form.items():
                at = f"{path}/form/{field}"
                yield Text(flow, f"{at}/ask", value.ask, EVERYWHERE, is_needed=True)
                yield Text(flow, f"{at}/help", value.help, EVERYWHERE)
                yield from _asked_again(flow, at, value)
        case Set():
            for name, text in step.set_.items():
                yield Text(flow, f"{path}/set/{name}", text, EVERYWHERE)
        case Confirm():
            yield Text(flow, f"{path}/confirm", step.confirm, EVERYWHERE, is_needed=True)
        case LookUp():
            yield Text(flow, f"{path}/filler", step.filler, EVERYWHERE)
            yield Text(flow, f"{path}/did", step.did or "", EVERYWHERE)
            for name, text in step.with_.items():
                yield Text(flow, f"{path}/with/{name}", text, EVERYWHERE, is_spoken=False)
            if step.proves_if:
                yield Text(
                    flow, f"{path}/proves_if", step.proves_if, EVERYWHERE, is_spoken=False, is_condition=True
                )
        case If():
            yield Text(
                flow, f"{path}/if", step.if_, EVERYWHERE, is_spoken=False, is_condition=True, is_needed=True
            )
        case Transfer():
            names = (*EVERYWHERE, *WAITING)
            yield Text(flow, f"{path}/say", step.say, names)
            yield Text(flow, f"{path}/reason", step.reason, names, is_needed=True)
        case HangUp():
            yield Text(flow, f"{path}/hang_up", step.hang_up, EVERYWHERE)


def _asked_again(flow: Flow, path: str, asked: Spoken | FormField) -> Iterator[Text]:
    for key in ("no_input", "no_match"):
        for index, said in enumerate(getattr(asked, key)):
            yield Text(flow, f"{path}/{key}/{index}", said, EVERYWHERE, is_needed=True)


def _template(text: Text, known: Known, notes: Notes, is_complete: bool) -> None:
    """Notes what is wrong with one template."""
    for found, wanted, remedy, code in _wrong(text, known, is_complete):
        notes.fault(text.owner, text.path, found, wanted, remedy, code)


def _wrong(text: Text, known: Known, is_complete: bool) -> Iterator[tuple[str, str, str, str]]:
    """What was found, what is wanted, the remedy and the code."""
    if text.is_needed and not text.text.strip():
        remedy = "Write what is to be said." if text.is_spoken else "Write a condition."
        yield "no words", "a text", remedy, "empty"
        return
    try:
        uses = template.uses(text.text, is_condition=text.is_condition)
    except template.TemplateFailed as error:
        wanted = "a condition" if text.is_condition else "a text with {{ names }}"
        yield error.found.rstrip("."), wanted, error.remedy or "Correct it.", "template"
        return
    yield from _wrong_names(text, uses.names, known, is_complete)
    for name, field in sorted(uses.fields):
        given = known.looked_up.get(name)
        if given is not None and name not in known.collected and field not in given:
            wanted = f"one of {', '.join(sorted(given)) or 'no fields'}"
            yield f"{name}.{field}", wanted, near.remedy(field, sorted(given)), "unknown-field"
    for path in _paths(text) if "hours" in uses.names else ():
        if path[0] == "hours" and len(path) > 2 and path[2] not in OF_HOURS:
            wanted = f"one of {', '.join(OF_HOURS)}"
            yield ".".join(path), wanted, near.remedy(path[2], OF_HOURS), "unknown-field"


def _wrong_names(
    text: Text, used: frozenset[str], known: Known, is_complete: bool
) -> Iterator[tuple[str, str, str, str]]:
    """Names that a template may not read."""
    for name in sorted(used - known.names.keys() - set(text.names)):
        if name in WAITING:
            wanted = "it only in words about a transfer"
            yield f"the name {name!r}", wanted, "Leave it out here.", "unknown-name"
        elif is_complete:
            found, wanted = f"the name {name!r}, which no step sets", "a field that is collected or looked up"
            yield found, wanted, near.remedy(name, [*known.names, *text.names]), "unknown-name"
    hidden = known.secret - set(text.names) if isinstance(text.owner, Site) else known.secret
    for name in sorted(used & hidden if text.is_spoken else ()):
        found, wanted = (
            f"the secret {name!r} in words that are said or shown",
            "it only in look-ups and conditions",
        )
        yield found, wanted, "Take it out.", "secret"


def _paths(text: Text) -> Iterable[tuple[str, ...]]:
    return template.reads("{{ " + text.text + " }}" if text.is_condition else text.text)


def _names(flow: Flow, path: str, step: Step, notes: Notes) -> None:
    """Notes fields that would hide a name of ours."""
    own = {}
    match step:
        case Collect():
            own = {"collect": step.collect}
        case Form():
            own = {f"form/{name}": name for name in step.form}
        case Set():
            own = {f"set/{name}": name for name in step.set_}
        case Ask(into=str(name)):
            own = {"into": name}
        case LookUp():
            own = {"into" if step.into else "look_up": step.into or step.look_up}
    for key, name in own.items():
        if name in EVERYWHERE + WAITING and key != "look_up":
            remedy = "Choose another name."
            notes.fault(
                flow,
                f"{path}/{key}",
                f"the field {name!r}, a name that means something else",
                "a name of its own",
                remedy,
                "reserved-name",
            )
        elif name in EVERYWHERE + WAITING:
            remedy = f"Add 'into: known_{name}'."
            notes.fault(
                flow,
                f"{path}/{key}",
                f"an answer under {name!r}, a name that means something else",
                "a name of its own",
                remedy,
                "reserved-name",
            )
