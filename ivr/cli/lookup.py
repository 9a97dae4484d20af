"""Tries a look-up of the company's data: what it finds, its fields, and how long it takes.

Without a name, lists the look-ups there are. Exit code 0 found, 1 not found, 2 no answer.

For example:

    ivr lookup
    ivr lookup parcel number=7304518262
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

from ivr import config, logs
from ivr.app.desk import open_lookups, prepare_company
from ivr.errors import IvrError, LookupFailed
from ivr.flow import near
from ivr.flow.load import load
from ivr.flow.lookups import Signature
from ivr.lookups.ask import Answer
from ivr.mask import SECRET, mask_text

REASONS = {
    "timeout": "no answer in time",
    "refused": "the service did not like the question",
    "parameters": "a parameter that cannot be asked with",
}
"""In a designer's words; ``error`` says its own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="the look-up; without it, those there are")
    parser.add_argument("values", nargs="*", metavar="key=value", help="its parameters")
    parser.add_argument("--change", action="store_true", help="do it, though it changes something")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    logs.setup("error")
    settings = config.load()
    prepare_company(settings)
    lookups = open_lookups(settings)
    book = load(settings.flows.folder, lookups.signatures())
    known: dict[str, Signature] = {**lookups.signatures(), **book.look_ups}
    if args.name is None:
        print(listed(known))
        return 0
    if args.name not in known:
        raise IvrError(f"found no look-up {args.name!r}. {near.remedy(args.name, known)}")
    connector = book.look_ups.get(args.name)
    if connector is not None and connector.changes and not args.change:
        raise IvrError(f"{args.name} changes something; add --change to do it")
    given = parameters(args.values, known[args.name])
    began = time.perf_counter()
    try:
        answer = asyncio.run(lookups.ask(args.name, given, look_ups=book.look_ups))
    except LookupFailed as failed:
        raise IvrError(hidden(why(failed), settings.lookup_secrets())) from None
    took_ms = round((time.perf_counter() - began) * 1000)
    shown = as_json(answer, took_ms) if args.json else as_text(answer, took_ms)
    print(hidden(shown, settings.lookup_secrets()))
    return 0 if answer.is_found else 1


def parameters(values: list[str], signature: Signature) -> dict[str, str]:
    """``key=value`` words by key. Raises IvrError where they are not those of the look-up."""
    wanted = ", ".join(f"{name}=..." for name in signature.parameters) or "none"
    if any("=" not in value for value in values):
        raise IvrError(f"found a parameter without '='; wanted {wanted}")
    given = dict(value.split("=", 1) for value in values)
    if set(given) != set(signature.parameters) or len(given) < len(values):
        found = ", ".join(value.split("=", 1)[0] for value in values)
        raise IvrError(f"found {f'the parameters {found}' if found else 'no parameters'}; wanted {wanted}")
    return given


def listed(known: Mapping[str, Signature]) -> str:
    """Each look-up with what it takes and gives, a line each."""
    width = max(map(len, known), default=0)
    return "\n".join(
        f"{name:<{width}}  {', '.join(one.parameters) or 'nothing'} -> {', '.join(one.fields) or 'found or not'}"
        for name, one in sorted(known.items())
    )


def why(failed: LookupFailed) -> str:
    """Why there is no answer, with the words of the database or service, its numbers masked."""
    reason = REASONS.get(failed.reason)
    cause = failed.__cause__
    told = [reason or str(failed), *([str(failed)] if reason else [])]
    if cause is not None:
        told.append(mask_text(" ".join(str(getattr(cause, "orig", None) or cause).split())))
    return "; ".join(told)


def as_text(answer: Answer, took_ms: int) -> str:
    lines = [f"{'found' if answer.is_found else 'not found'} in {took_ms} ms"]
    width = max(map(len, answer.fields), default=0)
    return "\n".join(
        [*lines, *(f"  {name:<{width}}  {shown(value)}" for name, value in answer.fields.items())]
    )


def as_json(answer: Answer, took_ms: int) -> str:
    return json.dumps({"found": answer.is_found, "ms": took_ms, "fields": answer.fields}, ensure_ascii=False)


def shown(value: Any) -> str:
    if value is None:
        return "(nothing)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def hidden(text: str, secrets: Mapping[str, str]) -> str:
    """``text`` without the secrets of the settings, should a service say them back."""
    for secret in sorted(filter(None, secrets.values()), key=len, reverse=True):
        text = text.replace(secret, SECRET)
    return text
