"""Runs the conversations that test the call flows, as text or as sound, and says which went wrong and where.

Without --audio a talk takes milliseconds. With it the caller's lines are spoken by a synthetic voice, sent as
telephone sound through the real ears and understood; give --noise, --loss and --echo to make the line worse,
--conditions for a table, --exchange for real calls in real time. Exit code 0: all passed; 1: some did not, or
coverage is too low; 2: could not be run.

For example:

    ivr test
    ivr test parcel order
    ivr test parcel --update
    ivr test --audio --conditions
"""

from __future__ import annotations

import argparse
import asyncio
import fnmatch
import importlib
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from ivr import config, logs
from ivr.app.desk import open_lookups
from ivr.cli.out import write
from ivr.errors import IvrError
from ivr.flow.load import load as load_flows
from ivr.flow.site import Book
from ivr.rehearsal import read, text
from ivr.rehearsal.coverage import Coverage
from ivr.rehearsal.judge import judge
from ivr.rehearsal.read import ENDING, Script
from ivr.rehearsal.report import Result, junit, summary, table, told
from ivr.rehearsal.update import updated

CONDITIONS = (None, 20.0, 15.0, 10.0)
"""Noise in dB, None for none, of ``--conditions``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", nargs="*", help="flows, or files of talks (default: all in the folder of flows)"
    )
    parser.add_argument("--folder", type=Path, help="the flows (default: the folder in the settings)")
    parser.add_argument(
        "-k", dest="name", metavar="NAME", help="only talks with this in their name; * and ? may stand in it"
    )
    parser.add_argument(
        "--coverage", type=float, metavar="PERCENT", help="fail where fewer steps or ways are covered"
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the results there as junit's XML")
    parser.add_argument("--update", action="store_true", help="write what the machine says into the files")
    parser.add_argument("--verbose", action="store_true", help="name every talk, not only those that fail")
    parser.add_argument(
        "--audio", action="store_true", help="speak the caller's lines instead of handing over the words"
    )
    parser.add_argument(
        "--exchange", action="store_true", help="with --audio: real calls on the local exchange, in real time"
    )
    parser.add_argument(
        "--voice", choices=("piper", "espeak"), default="piper", help="the caller's voice (default piper)"
    )
    parser.add_argument(
        "--noise", type=float, metavar="DB", help="noise on the line, as signal-to-noise ratio"
    )
    parser.add_argument("--loss", type=float, default=0.0, metavar="PERCENT", help="frames that get lost")
    parser.add_argument(
        "--echo", type=float, metavar="DB", help="the machine's voice in the caller's line, so much weaker"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another noise and other losses")
    parser.add_argument(
        "--conditions", action="store_true", help="with --audio: clean, 20, 15 and 10 dB, and a table"
    )
    parser.add_argument(
        "--at-once", type=int, default=2, metavar="N", help="talks that are spoken at the same time"
    )


def run(args: argparse.Namespace) -> int:
    logs.setup("error")
    is_of_sound = args.exchange or args.conditions or args.loss or (args.noise, args.echo) != (None, None)
    if is_of_sound and not args.audio:
        raise IvrError("--exchange, --conditions, --noise, --loss and --echo are about sound; add --audio")
    if args.audio and args.update:
        raise IvrError("--update writes what is said to words, not to sound; leave --audio out")
    if args.name and args.coverage is not None:
        raise IvrError("--coverage counts what all conversations cover; leave -k out")
    settings = config.load()
    folder = args.folder or settings.flows.folder
    signatures = open_lookups(settings).signatures()
    book = load_flows(folder, signatures)
    scripts = _scripts(args, folder, book, {*signatures, *book.look_ups})
    began_s = time.monotonic()

    def tell(result: Result) -> None:
        if not result.has_passed:
            print(told(result), flush=True)
        elif args.verbose:
            print(f"passed  {result.name}", flush=True)

    if args.audio:
        results = asyncio.run(_spoken(settings, book, scripts, args, tell))
    else:
        results = rehearse(book, scripts, tell)
    took_s = time.monotonic() - began_s
    if args.update:
        _update(folder, args.what, results)
    if args.junit:
        write(args.junit, junit(results))
    if args.conditions:
        print(table(results))
    print(f"{summary(results)} in {took_s:.1f} s.")
    is_covered = bool(args.name) or _covered(book, results, args.coverage, is_whole=not args.what)
    return 0 if all(result.has_passed for result in results) and is_covered else 1


def rehearse(book: Book, scripts: Sequence[Script], tell: Callable[[Result], None]) -> list[Result]:
    """Talks as text."""
    results = []
    for script in scripts:
        began_s = time.perf_counter()
        stage = text.perform(script, book)
        results.append(Result(script, "", stage, judge(stage), time.perf_counter() - began_s))
        tell(results[-1])
    return results


async def _spoken(
    settings: config.Config,
    book: Book,
    scripts: Sequence[Script],
    args: argparse.Namespace,
    tell: Callable[[Result], None],
) -> list[Result]:
    noises = CONDITIONS if args.conditions else (args.noise,)
    sound = importlib.import_module("ivr.rehearsal.sound")
    lines = [sound.Condition(noise, args.loss, args.echo, args.seed) for noise in noises]
    spoken = [script for script in scripts if sound.is_speakable(script, book)]
    for script in scripts:
        if script not in spoken:
            print(f"not spoken, for want of a caller with its language: {script.file}: {script.name}")
    results: list[Result] = await sound.rehearse(
        settings, book, spoken, lines, args.voice, args.at_once, tell, is_dialled=args.exchange
    )
    return results


def _scripts(
    args: argparse.Namespace, folder: Path, book: Book, lookups: Collection[str]
) -> tuple[Script, ...]:
    paths = [_path(folder, what) for what in args.what] or read.find(folder)
    if not paths:
        raise IvrError(
            f"no conversations in {folder}; write one into a file such as {book.site.entry}{ENDING}"
        )
    scripts = read.load(paths, book, lookups)
    if args.name:
        wanted = args.name if set("*?") & set(args.name) else f"*{args.name}*"
        scripts = tuple(each for each in scripts if fnmatch.fnmatch(each.name.lower(), wanted.lower()))
    if not scripts:
        raise IvrError(f"no conversation is named like {args.name!r}; leave -k out to run all")
    return scripts


def _path(folder: Path, what: str) -> Path:
    if what.endswith(".yaml") and not what.endswith(ENDING):
        raise IvrError(f"{what} holds no conversations; name a flow, or a file that ends in {ENDING}")
    return Path(what) if what.endswith(".yaml") else folder / f"{what}{ENDING}"


def _update(folder: Path, what: Sequence[str], results: Sequence[Result]) -> None:
    for path in [_path(folder, each) for each in what] or read.find(folder):
        before = path.read_bytes().decode("utf-8")
        after = updated(before, [result for result in results if result.script.file == path.name])
        if after != before:
            write(path, after)
            print(f"{path}: written anew; look at what has changed before you keep it")


def _covered(book: Book, results: Sequence[Result], least: float | None, *, is_whole: bool) -> bool:
    """Tell what the talks covered of the flows they test, or of all flows; false where that is less than wanted."""
    flows = dict.fromkeys(result.script.flow for result in results)
    covered = Coverage(book, tuple(book.flows if is_whole else flows))
    for result in results:
        covered.add(result.stage)
    steps, ways = covered.shares()
    missed = covered.missed()
    more = "; --coverage 100 lists what is not" if missed and least is None else ""
    print(
        f"Covered: {steps:.1f} % of the steps and {ways:.1f} % of the ways of {', '.join(covered.flows)}{more}."
    )
    for each in missed if least is not None else ():
        print(f"  {each}")
    return least is None or min(steps, ways) >= least
