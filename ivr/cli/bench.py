"""Measures speed and size: many callers at once, on a node of its own that this command starts and ends.

Parts: ``talk`` (callers speak, key and interrupt), ``load`` (a hundred calls in prompts, keys and hold),
``handover`` (from the queue to a person), ``start`` (how soon `ivr serve` is open), ``queue`` (10,000 who wait for
1,000 people), ``day`` (10,000 callers at virtual time), ``talks`` (100 conversations as text), ``lint`` (flows of 200
steps), ``reload`` (saved flows to new calls) and ``ramp`` (how many may speak at once; only when named).
Callers and exchange run on the same machine and take their share of it. Exit code 0 when every goal was met.

For example:

    ivr bench
    ivr bench talk --calls 4 --json bench.json
    ivr bench ramp
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import uvloop

from ivr import config, logs
from ivr.bench import run as benchmark
from ivr.bench.figures import as_json, as_text, judge
from ivr.cli.out import progress, write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "parts",
        nargs="*",
        choices=(*benchmark.PARTS, []),
        metavar="PART",
        help=f"of {', '.join(benchmark.PARTS)}; without any: {', '.join(benchmark.DEFAULT)}",
    )
    parser.add_argument("--calls", type=int, default=8, metavar="N", help="callers who speak at once")
    parser.add_argument(
        "--pictures", type=Path, metavar="FOLDER", help="draw what can be drawn, as SVG, there"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure and goal there too")


def run(args: argparse.Namespace) -> int:
    logs.setup("error")
    parts = args.parts or benchmark.DEFAULT
    with tempfile.TemporaryDirectory(prefix="ivr-bench-") as folder:
        report = uvloop.run(benchmark.run(config.load(), parts, args.calls, Path(folder), progress))
    verdicts = judge(report, parts)
    print(as_text(report, verdicts))
    for name, picture in report.pictures.items() if args.pictures else ():
        write(args.pictures / f"{name}.svg", picture)
    found = as_json(report, verdicts)
    if args.json:
        write(args.json, json.dumps(found, indent=1) + "\n")
    return 0 if found["goals_met"] else 1
