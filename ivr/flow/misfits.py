"""What does not fit a model, in a designer's words: pydantic's errors, each with what is wanted and the remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError

from ivr.flow import near
from ivr.flow.faults import MOST
from ivr.flow.kinds import KEY, LANGUAGE, OURS

Misfit = tuple[str, str, str, str, str]
"""Path, what was found, what is wanted, the remedy and the code."""

UNIONS = ("dict[", "constrained-str")
"""How pydantic names, within a place, the kinds that a value may be of."""
TIMES = frozenset({"ring", "wrap_up", "silent", "interrupts", "answers", "talks_for", "slow"})
"""Keys outside ``timers`` that hold a time."""
PAUSES = frozenset({"relax", "after"})
"""Keys that hold a time or ``never``."""
MOST_SHOWN = 20
"""Known keys that a sentence lists."""
NAMES = "a name of small letters, digits and _, beginning with a letter, at most 40 long"

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
BOUNDS = {
    "greater_than": ("more than", "gt", "larger"),
    "greater_than_equal": ("at least", "ge", "larger"),
    "less_than_equal": ("at most", "le", "smaller"),
}
"""How a bound is told, pydantic's name of its value, and which number to choose."""
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
"""What a missing key may say."""


def misfits(kind: type[BaseModel], error: ValidationError, base: str, what: str) -> Iterator[Misfit]:
    """Why a value is no ``kind``; ``base``: the path of the value, ``what``: its name in a sentence."""
    for each in islice(_without_echoes(error), MOST + 1):
        yield _misfit(kind, each, base, what)


def unknown(kind: type[BaseModel] | None, path: str, key: str, what: str) -> Misfit:
    """A key that a ``kind`` does not have."""
    fields = kind.model_fields if kind else {}
    known = [each.alias or name for name, each in fields.items() if name not in OURS]
    listed = [*known[:MOST_SHOWN], "..."] if len(known) > MOST_SHOWN else known
    found, wanted = f"the unknown key {key[:60]!r} in {what}", f"one of {', '.join(listed)}"
    return path, found, wanted, near.remedy(key, known, "Remove it."), "unknown-key"


def as_name(text: str) -> str:
    """The name that is nearest to what was written."""
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in text.strip().lower())
    kept = kept.strip("_")[:40] or "name"
    return kept if kept[0].isalpha() else f"n{kept}"[:40]


def shown(value: Any) -> str:
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


def _misfit(kind: type[BaseModel], error: dict[str, Any], base: str, what: str) -> Misfit:
    """One of pydantic's errors as a sentence of ours."""
    loc = [str(part) for part in error["loc"]]
    is_key = bool(loc) and loc[-1] == "[key]"
    loc = loc[:-1] if is_key else loc
    path = "/".join(([base] if base else []) + loc)
    key = next((part for part in reversed(loc) if not part.isdigit()), "")
    owner = f"{what}, {'/'.join(loc[:-1])}" if len(loc) > 1 else what
    if error["type"] == "extra_forbidden":
        return unknown(_owner(kind, loc[:-1]), path, key, owner)
    if error["type"] == "missing":
        remedy = f"Add '{EXAMPLES.get(key, key + ': ...')}'."
        return path, f"{owner} without {key!r}", "that key", remedy, "missing-key"
    if error["input"] is None:
        remedy = 'Write it after the colon, in quotes where it begins with # or is empty on purpose ("").'
        return path, f"nothing after '{key}:'", WANTED.get(error["type"], "a value"), remedy, "empty"
    return path, *_value(error, key, is_key=is_key, is_time=key in TIMES or "timers" in loc)


def _value(error: dict[str, Any], key: str, *, is_key: bool, is_time: bool) -> tuple[str, str, str, str]:
    """What was found, what is wanted, the remedy and the code, for a value that does not fit."""
    given, code, context = error["input"], error["type"], error.get("ctx", {})
    if is_time:
        return f"{shown(given)} for {key!r}", "a time from 0s to 600s", "Write it as 5s or 300ms.", "type"
    if key in PAUSES:
        return f"{shown(given)} for {key!r}", "a time up to 3600s, or never", "Write it as 90s.", "type"
    match code:
        case "string_pattern_mismatch" if context["pattern"] == KEY and not is_key:
            remedy = 'Use one key of the phone, such as 1 or "*".'
            return f"the key {shown(given)}", "one of 0 to 9, * and #", remedy, "key"
        case "string_pattern_mismatch" if context["pattern"] == LANGUAGE:
            return f"the language {shown(given)}", "two letters", "Write its code, such as en or zh.", "name"
        case "string_pattern_mismatch" | "string_too_long":
            return f"the name {shown(given)}", NAMES, f"Write {as_name(str(given))!r}.", "name"
        case "literal_error":
            known = re.findall(r"'([^']*)'", context["expected"])
            found = f"the key {shown(given)}" if is_key else f"{shown(given)} for {key!r}"
            wanted = ", ".join(each or '""' for each in known)
            return found, f"one of {wanted}", near.remedy(str(given), known), "value"
        case "greater_than" | "greater_than_equal" | "less_than_equal":
            wanted, bound, size = BOUNDS[code]
            found = f"{str(given)[:60]} for {key!r}"
            return found, f"{wanted} {context[bound]}", f"Choose a {size} number.", "value"
        case "too_long":
            found = f"{len(given):,} under {key!r}"
            return found, f"at most {context['max_length']}", "Leave some out.", "too-big"
        case "too_short":
            return f"{key!r} with nothing in it", "at least one", f"Write one below '{key}:'.", "missing-key"
    remedy = "Correct it."
    if isinstance(given, list) and code in ("dict_type", "model_type"):
        remedy = "Remove the dashes, and give each entry a name of its own and a colon."
    elif isinstance(given, dict | list):
        remedy = "Put a text that begins with { or [ in quotes; write one value where one is wanted."
    return f"{shown(given)} for {key!r}", WANTED.get(code, "another kind of value"), remedy, "type"


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
