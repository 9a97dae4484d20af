"""Measures how well callers are understood: a table of every goal beside its figure.

Parts: ``sentences`` (the sample's intents by unseen sentences, and what is out of scope), ``words`` (yes, no and a
menu of five), ``unmeant`` (what is none of a step's business), ``digits`` (recorded people), ``calls`` (numbers and
amounts taken by whole dialogues), ``fields`` (values in callers' own words), ``mood`` (upset or calm) and ``intents``
(public sets, as text). Sound is measured clean, with noise of 20, 15 and 10 dB and with 1, 3 and 5 % of its frames
lost. IVR_TEST_DATA names the folder of public data. Exit code 0 when every goal was met, 1 when not.

For example:

    ivr evaluate
    ivr evaluate words digits --misses
    ivr evaluate --json before.json --picture understanding.svg
    ivr evaluate --recordings recordings --compare before.json
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from pathlib import Path

from ivr import config, logs
from ivr.app.desk import open_lookups
from ivr.cli.out import progress, write
from ivr.errors import IvrError
from ivr.evaluation import compare, material, picture
from ivr.evaluation import run as evaluation
from ivr.evaluation.desk import ABLATED, FULL, SHORT, Sizes
from ivr.evaluation.figures import judge
from ivr.evaluation.switches import ABLATIONS
from ivr.evaluation.told import as_json, as_text
from ivr.flow.load import load as load_flows
from ivr.flow.site import Book

DATA = Path("..") / "shared" / "data"
"""Where public data is looked for when IVR_TEST_DATA names no folder."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "parts",
        nargs="*",
        type=_part,
        metavar="PART",
        help=f"of {', '.join(evaluation.PARTS)}; without any: all, or none with --recordings",
    )
    parser.add_argument("--folder", type=Path, help="the flows (default: the folder in the settings)")
    parser.add_argument(
        "--recordings", type=Path, metavar="FOLDER", help="recordings of your own, with their truths.csv"
    )
    parser.add_argument(
        "--voice", choices=("piper", "espeak"), default="piper", help="the callers' voice (default piper)"
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=tuple(ABLATIONS),
        metavar="WHAT",
        help=f"switch off, to see what it is worth: {', '.join(ABLATIONS)}; may be given again",
    )
    parser.add_argument(
        "--ablations", action="store_true", help="leave out each in turn, and show what changes"
    )
    parser.add_argument("--short", action="store_true", help="little of everything: a look whether all works")
    parser.add_argument(
        "--misses", action="store_true", help="list what was said, heard and understood wrongly"
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write every figure, goal and miss there too"
    )
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="draw goals and reliability there, as SVG"
    )
    parser.add_argument(
        "--compare", type=Path, metavar="FILE", help="show what changed since a run with --json"
    )


def _part(text: str) -> str:
    if text not in evaluation.PARTS:
        raise argparse.ArgumentTypeError(f"found {text!r}; wanted some of {', '.join(evaluation.PARTS)}")
    return text


def run(args: argparse.Namespace) -> int:
    logs.setup("error")
    if args.ablations and (
        args.parts or args.without or args.recordings or args.json or args.picture or args.compare
    ):
        raise IvrError("--ablations measures what it needs by itself; give it alone, or with --short")
    for path in filter(None, (args.json, args.picture)):
        _check(path)
    before = compare.read(args.compare) if args.compare else None
    settings = config.load()
    lookups = open_lookups(settings).signatures()
    book = load_flows(args.folder or settings.flows.folder, lookups)
    sizes = SHORT if args.short else ABLATED if args.ablations else FULL
    said = material.shipped().short(sizes.sentences)
    if args.ablations:
        return _ablations(args, settings, book, said, sizes)
    parts = args.parts or (() if args.recordings else tuple(evaluation.PARTS))
    report = asyncio.run(
        evaluation.run(
            settings,
            book,
            parts,
            said,
            sizes,
            progress,
            data=_data(),
            folder=args.recordings,
            without=frozenset(args.without),
            voice=args.voice,
        )
    )
    verdicts = judge(report)
    print(as_text(report, verdicts, has_misses=args.misses))
    if before is not None:
        print(f"\nCompared with {args.compare}")
        print("\n".join(compare.compared(report, before)))
    found = as_json(report, verdicts)
    if args.json:
        write(args.json, json.dumps(found, indent=1) + "\n")
    if args.picture:
        title = f"How well callers are understood by {report.facts['engine']}"
        write(args.picture, picture.draw(report, verdicts, title))
    return 0 if found["goals_met"] else 1


def _ablations(
    args: argparse.Namespace, settings: config.Config, book: Book, said: material.Material, sizes: Sizes
) -> int:
    """What changes without each part, as tables."""
    found = asyncio.run(
        evaluation.ablations(settings, book, said, sizes, progress, data=_data(), voice=args.voice)
    )
    whole = compare.of(found.pop(""))
    for name, report in found.items():
        print(f"Without {name}")
        print("\n".join(compare.compared(report, whole, ("with", "without"))) + "\n")
    return 0


def _data() -> Path | None:
    """The folder of public data, where there is one. Raises IvrError where the one that is named is not here."""
    named = os.environ.get("IVR_TEST_DATA")
    folder = Path(named) if named else DATA
    if not folder.is_dir():
        if named:
            raise IvrError(f"IVR_TEST_DATA names {named}, which is no folder; name another one, or unset it")
        return None
    return folder


def _check(path: Path) -> None:
    """Raises IvrError where a file cannot be written, before minutes of measuring are lost for it."""
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise IvrError(f"cannot write {path}; name a file in a folder that is there and yours to write in")
