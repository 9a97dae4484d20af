"""Judging the fields that steps ask for: lengths, bounds, options, and keys that do not fit the type.

A part of ``check``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date as Date
from decimal import Decimal

from ivr.flow import near
from ivr.flow.bounds import BOUNDED, bound, order
from ivr.flow.connectors import Connector
from ivr.flow.faults import Notes
from ivr.flow.lookups import Signature
from ivr.flow.model import Collect, FieldType, Flow, Form, Value
from ivr.flow.spoken import CURRENCIES

COUNTED: tuple[FieldType, ...] = ("digits", "letters")
"""Types that have a length."""
_SOME_DAY = Date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something in a field that cannot hold."""

    path: str
    found: str
    wanted: str
    remedy: str
    code: str


def values(flow: Flow) -> Iterator[tuple[str, str, Value]]:
    """Every field that a flow's steps ask for: where it stands, its name and what it may hold."""
    for name, step in flow.steps.items():
        match step:
            case Collect():
                yield f"steps/{name}", step.collect, step
            case Form():
                yield from ((f"steps/{name}/form/{key}", key, field) for key, field in step.form.items())


def judge(flow: Flow, lookups: Mapping[str, Signature] | None, notes: Notes) -> None:
    """Notes the faults of a flow's fields. Look-ups are judged when they are given."""
    for path, name, value in values(flow):
        for each in faults(value, path):
            notes.fault(flow, each.path, each.found, each.wanted, each.remedy, each.code)
        if value.exists is not None and lookups is not None:
            _exists(flow, f"{path}/exists", name, value.exists, lookups, notes)


def _exists(
    flow: Flow, path: str, field: str, name: str, lookups: Mapping[str, Signature], notes: Notes
) -> None:
    """Notes a look-up that cannot be asked for a field's value alone.

    One of ``look_ups.yaml`` is asked by its own parameter, one made in code by the field's name.
    """
    if name not in lookups:
        found, remedy = f"the look-up {name!r}, which does not exist", near.remedy(name, lookups)
        notes.fault(flow, path, found, "a look-up", remedy, "unknown-look-up")
        return
    parameters = tuple(lookups[name].parameters)
    if len(parameters) != 1:
        found = f"the look-up {name!r} with {len(parameters)} parameters"
        remedy = "Name a look-up that needs nothing but the value."
        notes.fault(flow, path, found, "one parameter", remedy, "parameters")
    elif parameters != (field,) and not isinstance(lookups[name], Connector):
        found = f"the look-up {name!r}, whose parameter is {parameters[0]!r}"
        remedy = f"Call the field {parameters[0]!r}, or describe the look-up in look_ups.yaml."
        notes.fault(flow, path, found, f"the parameter {field!r}", remedy, "parameters")


def faults(value: Value, path: str) -> Iterator[Misfit]:
    """What is wrong with a field that stands at ``path`` (``steps/day``, ``steps/order/form/day``)."""
    yield from _lengths(value, path)
    yield from _limits(value, path)
    yield from _options(value, path)
    yield from _strangers(value, path)
    if value.secret and value.confirm in ("implicit", "explicit"):
        yield Misfit(
            f"{path}/confirm",
            "a secret that would be said back",
            "no confirmation of secrets",
            "Remove confirm, or write 'confirm: never'.",
            "secret",
        )


def _lengths(value: Value, path: str) -> Iterator[Misfit]:
    if value.type not in COUNTED:
        return
    has_ends = value.min is not None or value.max is not None
    least, most = value.bounds()
    if value.digits is not None and has_ends:
        yield Misfit(
            f"{path}/digits",
            "both digits and min or max",
            "one of them",
            "Remove min and max, or digits.",
            "bounds",
        )
    elif value.type == "digits" and value.digits is None and not has_ends:
        remedy = "Add 'digits: 8', or 'min: 4' and 'max: 8'; or say what it is, such as 'type: date'."
        at = f"{path}/collect" if isinstance(value, Collect) else path
        yield Misfit(at, "no number of digits", "digits, or min and max", remedy, "bounds")
    elif least > most:
        yield Misfit(
            f"{path}/min", f"min {least} above max {most}", "min not above max", "Swap them.", "bounds"
        )
    if value.type == "digits" and value.check is not None and least < 2:
        remedy = "Ask for two digits or more, or remove check."
        yield Misfit(
            f"{path}/check", "a check digit in a number of one digit", "two digits or more", remedy, "bounds"
        )


def _limits(value: Value, path: str) -> Iterator[Misfit]:
    """Bounds that cannot be read, or leave nothing between them."""
    if value.type not in BOUNDED:
        return
    limits = []
    for key in ("at_least", "at_most"):
        written = getattr(value, key)
        if written is None:
            continue
        try:
            limits.append(order(value.type, bound(value.type, written, _SOME_DAY)))
        except (ValueError, OverflowError):
            found = f"the bound {written[:40]!r}"
            yield Misfit(f"{path}/{key}", found, _WANTED[value.type], _EXAMPLE[value.type], "bounds")
    is_dated = value.type == "date" and _is_relative(value.at_least) != _is_relative(value.at_most)
    if len(limits) == 2 and not is_dated and str(limits[0]) != str(limits[1]) and _is_above(*limits):
        found = f"at_least {value.at_least} above at_most {value.at_most}"
        yield Misfit(f"{path}/at_least", found, "at_least not above at_most", "Swap them.", "bounds")


_WANTED: dict[FieldType, str] = {
    "number": "a number",
    "money": "an amount",
    "date": "a day: today, today+3, or year-month-day",
    "time": "a time of day",
}
_EXAMPLE: dict[FieldType, str] = {
    "number": "Write figures, such as 1 or 2.5.",
    "money": "Write figures, such as 10 or 10.50.",
    "date": "Write it as today, today+3 or 2026-12-24.",
    "time": 'Write hours and minutes in quotes, such as "09:00".',
}


def _options(value: Value, path: str) -> Iterator[Misfit]:
    if value.type == "choice" and len(value.options) < 2:
        found = "a choice of one option" if value.options else "a choice without options"
        remedy = "List them below 'options:', each with ways to say it."
        at = f"{path}/options" if value.options else f"{path}/type"
        yield Misfit(at, found, "two options or more", remedy, "options")
    seen: dict[str, str] = {}
    for name, phrases in value.options.items() if value.type == "choice" else ():
        if not any(phrase.strip() for phrase in phrases):
            found, remedy = f"the option {name!r} without words", "Add ways to say it."
            yield Misfit(f"{path}/options/{name}", found, "a way to say it", remedy, "no-phrase")
        for phrase in phrases:
            plain = " ".join(re.findall(r"\w+", phrase.casefold()))
            first = seen.setdefault(plain, name)
            if plain and first != name:
                found = f"the phrase {phrase!r} for {name!r}, already for {first!r}"
                at = f"{path}/options/{name}"
                yield Misfit(at, found, "one meaning", "Keep it where it belongs.", "same-phrase")


def _strangers(value: Value, path: str) -> Iterator[Misfit]:
    """Keys that mean nothing for the type."""
    of_types: dict[str, tuple[FieldType, ...]] = {
        **dict.fromkeys(("digits", "min", "max"), COUNTED),
        **dict.fromkeys(("at_least", "at_most"), BOUNDED),
        "check": ("digits",),
        "options": ("choice",),
        "currency": ("money",),
        "country": ("phone",),
    }
    for key, types in of_types.items():
        if key in value.model_fields_set and value.type not in types and getattr(value, key) is not None:
            wanted = f"it only with type {' or '.join(types)}"
            remedy = f"Remove {key}, or change the type."
            yield Misfit(f"{path}/{key}", f"{key} for a field of type {value.type}", wanted, remedy, "type")
    if value.type == "money" and value.currency not in CURRENCIES:
        found = f"the currency {value.currency!r}, which has no words here"
        remedy = f"Choose one of {', '.join(CURRENCIES)}."
        yield Misfit(f"{path}/currency", found, "a currency with words", remedy, "type")


def _is_relative(written: str | None) -> bool:
    return written is not None and written.strip().startswith("today")


def _is_above(least: Decimal | str, most: Decimal | str) -> bool:
    if isinstance(least, Decimal) and isinstance(most, Decimal):
        return least > most
    return str(least) > str(most)
