"""Judging the words of a site: what callers may say and key, and what its templates read.

A part of ``check``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from ivr.flow import near, template
from ivr.flow.faults import Notes
from ivr.flow.model import Ask, Collect, Confirm, Flow, HangUp, If, LookUp, Say, Site, Spoken, Step, Transfer

EVERYWHERE = ("company", "caller", "called", "now", "agent")
"""Names that every template may read; ``agent`` is the person the caller last spoke to, or empty."""
WAITING = ("queue", "position", "ahead")
"""Names that only the words around a transfer may read."""
OF_PROMPTS = {
    "transfer": WAITING,
    "place": WAITING,
    "wait": WAITING,
    "did_you_mean": ("choice",),
    "understood": ("choice",),
    "did_you_say": ("digits",),
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
RESERVED = {"0": "a person", "9": "repeat"}
"""Keys that mean the same in every step."""
COMMANDS = get_args(get_args(Site.model_fields["commands"].annotation)[0])
NEEDED = tuple(name for name in COMMANDS if name != "slower")
"""Commands that a site must have phrases for; the others have their own."""


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


def judge(
    site: Site | None, flows: Mapping[str, Flow], lookups: Any, notes: Notes, *, is_complete: bool
) -> None:
    """Notes the faults of all words. Without ``is_complete`` names may be set in parts not read."""
    known = _known(flows, lookups)
    commands = (
        {}
        if site is None
        else {_plain(said): name for name, texts in site.commands.items() for said in texts}
    )
    texts = list(_site_texts(site)) if site is not None else []
    if site is not None:
        _commands(site, notes)
    for flow in flows.values():
        for name, step in flow.steps.items():
            texts += _step_texts(flow, f"steps/{name}", step)
            if isinstance(step, Ask):
                _choices(flow, name, step, commands, notes)
            _names(flow, f"steps/{name}", step, notes)
    for text in texts:
        _template(text, known, notes, is_complete)


def _known(flows: Mapping[str, Flow], lookups: Any) -> Known:
    steps = [step for flow in flows.values() for step in flow.steps.values()]
    collects = [step for step in steps if isinstance(step, Collect)]
    kept = [step.into for step in steps if isinstance(step, Ask) and step.into]
    looked_up: dict[str, frozenset[str] | None] = {}
    for step in steps:
        if isinstance(step, LookUp):
            name = step.into or step.look_up
            before = looked_up.get(name, frozenset())
            given = frozenset(lookups[step.look_up].fields) if lookups and step.look_up in lookups else None
            looked_up[name] = None if given is None or before is None else before | given
    secret = frozenset(step.collect for step in collects if step.secret)
    return Known(frozenset([*kept, *(step.collect for step in collects)]), secret, looked_up)


def _site_texts(site: Site) -> Iterator[Text]:
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

    for name, part in site.screen.items():
        for parameter, value in part.with_.items():
            yield Text(site, f"screen/{name}/with/{parameter}", value, ("caller",), is_needed=True)


def _step_texts(flow: Flow, path: str, step: Step) -> Iterator[Text]:
    if isinstance(step, Spoken):
        for key in ("no_input", "no_match"):
            for index, said in enumerate(getattr(step, key)):
                yield Text(flow, f"{path}/{key}/{index}", said, EVERYWHERE, is_needed=True)
        yield Text(flow, f"{path}/help", step.help, EVERYWHERE)
    match step:
        case Say():
            yield Text(flow, f"{path}/say", step.say, EVERYWHERE, is_needed=True)
            yield Text(flow, f"{path}/did", step.did, EVERYWHERE)
        case Ask() | Collect():
            yield Text(flow, f"{path}/ask", step.ask, EVERYWHERE, is_needed=True)
        case Confirm():
            yield Text(flow, f"{path}/confirm", step.confirm, EVERYWHERE, is_needed=True)
        case LookUp():
            yield Text(flow, f"{path}/filler", step.filler, EVERYWHERE)
            yield Text(flow, f"{path}/did", step.did or "", EVERYWHERE)
            for name, value in step.with_.items():
                yield Text(flow, f"{path}/with/{name}", value, EVERYWHERE, is_spoken=False)
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


def _template(text: Text, known: Known, notes: Notes, is_complete: bool) -> None:
    """Notes what is wrong with one template."""

    def fault(found: str, wanted: str, remedy: str, code: str) -> None:
        notes.fault(text.owner, text.path, found, wanted, remedy, code)

    if text.is_needed and not text.text.strip():
        fault(
            "no words",
            "a text",
            "Write what is to be said." if text.is_spoken else "Write a condition.",
            "empty",
        )
        return
    try:
        uses = template.uses(text.text, is_condition=text.is_condition)
    except template.TemplateFailed as error:
        wanted = "a condition" if text.is_condition else "a text with {{ names }}"
        fault(error.found.rstrip("."), wanted, error.remedy or "Correct it.", "template")
        return
    fields = known.collected | known.looked_up.keys()
    for name in sorted(uses.names - fields - set(text.names)):
        if name in WAITING:
            fault(
                f"the name {name!r}",
                "it only in words about a transfer",
                "Leave it out here.",
                "unknown-name",
            )
        elif is_complete:
            remedy = near.remedy(name, [*sorted(fields), *text.names])
            fault(
                f"the name {name!r}, which no step sets",
                "a field that is collected or looked up",
                remedy,
                "unknown-name",
            )
    for name in sorted(uses.names & known.secret if text.is_spoken else ()):
        fault(
            f"the secret {name!r} in words that are said or shown",
            "it only in look-ups and conditions",
            "Take it out.",
            "secret",
        )
    for name, field in sorted(uses.fields):
        given = known.looked_up.get(name)
        if given is not None and name not in known.collected and field not in given:
            fault(
                f"{name}.{field}",
                f"one of {', '.join(sorted(given)) or 'no fields'}",
                near.remedy(field, sorted(given)),
                "unknown-field",
            )


def _names(flow: Flow, path: str, step: Step, notes: Notes) -> None:
    """Notes fields that would hide a name of ours."""
    own = {"collect": step.collect} if isinstance(step, Collect) else {}
    if isinstance(step, Ask) and step.into:
        own = {"into": step.into}
    if isinstance(step, LookUp):
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


def _commands(site: Site, notes: Notes) -> None:
    for name in NEEDED:
        if not any(said.strip() for said in site.commands.get(name, ())):
            remedy = f"Add ways to say it below '{name}:'."
            notes.fault(
                site,
                f"commands/{name}",
                f"no phrase for the command {name!r}",
                "at least one",
                remedy,
                "no-phrase",
            )
    seen: dict[str, str] = {}
    for key, ways in (("commands", site.commands), ("while_waiting", site.while_waiting)):
        for name, texts in ways.items():
            for index, said in enumerate(texts):
                path, first = f"{key}/{name}/{index}", seen.setdefault(_plain(said), name)
                if first != name:
                    found, remedy = f"{said!r}, which also means {first}", "Remove one."
                    notes.fault(site, path, found, "one meaning", remedy, "same-phrase")
    for name in ("no_input", "no_match"):
        if not getattr(site.prompts, name):
            notes.fault(
                site, f"prompts/{name}", "no words", "at least one text", "Write what is to be said.", "empty"
            )


def _choices(flow: Flow, name: str, step: Ask, commands: Mapping[str, str], notes: Notes) -> None:
    """Notes keys and phrases of a step that are missing, taken or meant twice."""
    keys: dict[str, str] = {}
    phrases: dict[str, str] = {}
    own_first = sorted(
        step.choices.items(), key=lambda item: f"steps/{name}/choices/{item[0]}" not in flow.places
    )
    for choice_name, choice in own_first:
        path = f"steps/{name}/choices/{choice_name}"
        is_own = not flow.places or path in flow.places
        if not choice.phrases and choice.key is None:
            found = f"the choice {choice_name!r} with neither phrases nor a key"
            notes.fault(flow, path, found, "a way to choose it", "Add phrases, or a key.", "no-phrase")
        if choice.key in RESERVED and is_own:
            found = f"the key {choice.key}, which is for {RESERVED[choice.key]} in every step"
            notes.fault(
                flow, f"{path}/key", found, "one of 1 to 8, * and #", "Choose another key.", "reserved-key"
            )
        elif choice.key is not None and (first := keys.setdefault(choice.key, choice_name)) != choice_name:
            found = f"the key {choice.key} for {choice_name!r}, already for {first!r}"
            notes.fault(
                flow, f"{path}/key", found, "each key once in a step", "Choose another key.", "same-key"
            )
        for index, said in enumerate(choice.phrases):
            _phrase(
                flow, f"{path}/phrases/{index}", said, choice_name, phrases, commands if is_own else {}, notes
            )


def _phrase(
    flow: Flow,
    path: str,
    said: str,
    choice: str,
    seen: dict[str, str],
    commands: Mapping[str, str],
    notes: Notes,
) -> None:
    plain = _plain(said)
    if not plain:
        notes.fault(
            flow,
            path,
            f"the phrase {said!r}",
            "words a caller would say",
            "Write some, or remove it.",
            "no-phrase",
        )
    elif (first := seen.setdefault(plain, choice)) != choice:
        remedy = "Keep it where it belongs."
        notes.fault(
            flow,
            path,
            f"the phrase {said!r} for {choice!r}, already for {first!r}",
            "one meaning",
            remedy,
            "same-phrase",
        )
    elif plain in commands:
        remedy = "Remove it; the command always wins."
        notes.fault(
            flow,
            path,
            f"the phrase {said!r}, which is the command {commands[plain]!r}",
            "words of its own",
            remedy,
            "command-phrase",
        )


def _plain(said: str) -> str:
    """A phrase without case and punctuation, for comparing."""
    return " ".join(re.findall(r"\w+", said.casefold().replace("'", "").replace("’", "")))
