"""Checks the call flows: every finding with its place, what was found, what is wanted and what to do.

Faults keep the flows from being used; warnings are told once there are none. Exit code 0 when there is nothing to
tell, 1 when there are findings, 2 when it could not be done. What each finding means: docs/manual/lint.md.

For example:

    ivr lint
    ivr lint --spoken
    ivr lint drafts --format sarif
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from ivr import config, logs
from ivr.app.desk import lookup_faults, open_lookups
from ivr.cli.out import progress
from ivr.config import Config
from ivr.errors import Fault, FlowError
from ivr.flow.faults import order
from ivr.flow.lint import lint
from ivr.flow.lint.sarif import sarif
from ivr.flow.load import load
from ivr.flow.site import Book

ESTIMATED = "prompt-too-long"
"""What is only estimated without speech, and measured with it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", type=Path, help="the flows (default: the folder in the settings)"
    )
    parser.add_argument(
        "--format", choices=("text", "json", "sarif"), default="text", help="text for people (default)"
    )
    parser.add_argument(
        "--spoken",
        action="store_true",
        help="also speak every prompt, and let the recogniser hear the options",
    )


def run(args: argparse.Namespace) -> int:
    logs.setup("error")
    settings = config.load()
    folder = args.folder or settings.flows.folder
    book, findings = _read(settings, folder)
    if book is not None and args.spoken:
        engines = importlib.import_module("ivr.app.proof")
        heard = asyncio.run(engines.spoken(settings, book, progress))
        findings = sorted({*(each for each in findings if each.code != ESTIMATED), *heard}, key=order)
    match args.format:
        case "json":
            print(json.dumps(_as_json(folder, book, findings), indent=1, ensure_ascii=False))
        case "sarif":
            found = sarif(findings, lambda file: _uri(folder / file), version("ivr"))
            print(json.dumps(found, indent=1, ensure_ascii=False))
        case _:
            print(*findings, _summary(folder, book, findings), sep="\n")
    return 1 if findings else 0


def _read(settings: Config, folder: Path) -> tuple[Book | None, list[Fault]]:
    """The book, none where it has faults, and what is to be told of it."""
    signatures = open_lookups(settings).signatures()
    try:
        book = load(folder, signatures)
    except FlowError as error:
        if not folder.is_dir():
            raise
        return None, list(error.faults)
    found = {*lint(book, signatures), *lookup_faults(settings, book)}
    return book, sorted(found, key=order)


def _summary(folder: Path, book: Book | None, findings: Sequence[Fault]) -> str:
    faults = sum(not each.is_warning for each in findings)
    if book is None:
        return f"{_count(faults, 'fault')} in {folder}; warnings are told when there is none"
    steps = sum(len(flow.steps) for flow in book.flows.values())
    size = f"{_count(len(book.flows), 'flow')} with {_count(steps, 'step')} in {folder}"
    if not findings:
        return f"{size} {'is' if len(book.flows) == 1 else 'are'} sound (version {book.version})"
    told = [
        _count(count, what)
        for count, what in ((faults, "fault"), (len(findings) - faults, "warning"))
        if count
    ]
    return f"{' and '.join(told)} in {size}"


def _count(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _as_json(folder: Path, book: Book | None, findings: Sequence[Fault]) -> dict[str, object]:
    return {
        "folder": str(folder),
        "version": book.version if book is not None else None,
        "findings": [asdict(each) for each in findings],
    }


def _uri(path: Path) -> str:
    """Relative to where the command was given, as build servers want it, where the file stands below that."""
    whole, here = path.resolve(), Path.cwd()
    return quote(whole.relative_to(here).as_posix()) if whole.is_relative_to(here) else whole.as_uri()
