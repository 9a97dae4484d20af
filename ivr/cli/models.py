"""Speech models: which there are, which are here, fetching one, and checking those that were fetched.

For example:

    ivr models list
    ivr models fetch vosk-model-small-en-us-0.15
    ivr models check
"""

from __future__ import annotations

import argparse
import sys

from ivr import config
from ivr.speech import models


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser(
        "list",
        help="the catalogue, and what of it is here",
        description="Lists the models of the catalogue, what of it is here, and which is in use.",
    )
    fetch = what.add_parser(
        "fetch",
        help="download a model",
        description="Downloads, checks and unpacks a model; a broken download goes on where it stopped.",
    )
    fetch.add_argument("name", help="as `ivr models list` gives it")
    check = what.add_parser(
        "check",
        help="compare a fetched model with what was fetched",
        description="Compares every file of a model with what was unpacked; exit code 1 where one differs.",
    )
    check.add_argument("name", nargs="?", help="only this model (default: every one that is here)")


def run(args: argparse.Namespace) -> int:
    settings = config.load()
    folder = settings.speech.models_dir
    match args.what:
        case "list":
            for model in models.catalogue(folder):
                is_here = models.is_model(folder / model.name)
                state = "here" if is_here else f"{model.bytes / 1e6:.0f} MB to fetch"
                print(f"{model.name:<32} {model.language:<4} {state:<16} {model.licence}  {model.purpose}")
            chosen = models.find(settings) or "none; the built-in engine listens"
            print(f"In use for {settings.speech.language!r}: {chosen}")
            return 0
        case "fetch":
            print(f"\nready: {models.fetch(args.name, folder, _bar)}")
            return 0
        case _:
            known = [entry.name for entry in models.catalogue(folder)]
            here = [args.name] if args.name else [n for n in known if models.is_model(folder / n)]
            faults = [fault for name in here for fault in models.check(name, folder)]
            print("\n".join(faults) or _unharmed(here))
            return 1 if faults else 0


def _unharmed(here: list[str]) -> str:
    return (
        f"as fetched: {', '.join(here)}"
        if here
        else "no model is here; `ivr models list` names those to fetch"
    )


def _bar(done: int, total: int) -> None:
    width = 40 * done // max(total, 1)
    end = "\r" if sys.stderr.isatty() else "\n" if done >= total else ""
    if sys.stderr.isatty() or done >= total:
        bar = "#" * width + "." * (40 - width)
        print(f"{bar} {done / 1e6:6.1f} of {total / 1e6:.1f} MB", end=end, file=sys.stderr, flush=True)
