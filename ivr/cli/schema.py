"""JSON Schemas of call flows for editors, and the manual's reference page, both made from what the program reads.

For example:

    ivr schema --write schemas
    ivr schema --reference
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ivr.errors import IvrError
from ivr.flow import reference
from ivr.flow.kinds import Shape
from ivr.flow.schema import schemas
from ivr.rehearsal.model import Cue, Expected, Given, Never, Person, Reply, Talk, Talks, Wanted, Whenever

KINDS = ("flow", "site", "look_ups", "words", "site_words", "talks")
PAGE = Path("docs/manual/reference.md")
OF_TALKS: dict[str, type[Shape]] = {
    "Conversations that test a flow": Talks,
    **{
        f"{kind.__name__}: a part of conversations": kind
        for kind in (Talk, Given, Cue, Expected, Wanted, Never, Whenever, Reply, Person)
    },
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", nargs="?", choices=KINDS, default="flow", help="which file (default: flow)")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write the schemas of all files there")
    parser.add_argument(
        "--reference",
        type=Path,
        metavar="FILE",
        nargs="?",
        const=PAGE,
        help=f"write the manual's reference page (default: {PAGE})",
    )


def run(args: argparse.Namespace) -> int:
    files: dict[Path, str] = {}
    if args.reference is not None:
        files[args.reference] = page()
    if args.write is not None:
        files |= {args.write / f"{kind}.json": _text(schema) for kind, schema in made().items()}
    if not files:
        print(_text(made()[args.kind]), end="")
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise IvrError(f"cannot write {path} ({error.strerror}); name another place") from None
    return 0


def made() -> dict[str, dict[str, Any]]:
    """The schemas of all files that designers write, by kind."""
    found = schemas({"talks": Talks})
    talks = found["talks"]["properties"]["talks"]
    turns = {"type": "array", "items": {"$ref": "#/$defs/Cue"}}
    talks["additionalProperties"] = {"anyOf": [turns, talks["additionalProperties"]]}
    return found


def page() -> str:
    """The reference page of the manual."""
    return reference.page(OF_TALKS)


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
