"""Shows what callers said that was not understood, and makes it a change to the flows together with its test.

`ivr learn` lists it in groups, `show N` tells of one and tries the change, `apply N` writes it: only where the flows
stay sound, every talk passes and the sentences set aside are understood no worse. `wishes` lists what callers wanted
that no choice serves, `fields` how often values were heard right. Exit code 0: done; 1: the change is refused.

For example:

    ivr learn --days 30
    ivr learn show 417
    ivr learn apply 417 --as gift_vouchers
    ivr learn wishes --month 2026-11
    ivr learn fields
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr import config
from ivr.app.desk import open_lookups, open_records
from ivr.errors import IvrError
from ivr.flow.load import parse, read_text, texts
from ivr.flow.site import Book
from ivr.learning import report
from ivr.learning.accuracy import accuracies
from ivr.learning.grouping import Group, gather, unlearnt
from ivr.learning.lessons import Lesson, learn
from ivr.learning.proposal import decide, held_out, propose
from ivr.learning.trial import Files, Trial, attempt
from ivr.learning.wishes import wishes
from ivr.records.answers import AnsweredCall
from ivr.rehearsal.read import find

WHATS = ("list", "show", "apply", "wishes", "fields")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=WHATS, default="list", help="default: list")
    parser.add_argument("number", nargs="?", type=int, metavar="N", help="of a group, for show and apply")
    parser.add_argument("--folder", type=Path, help="the flows (default: the folder in the settings)")
    parser.add_argument(
        "--days", type=int, default=90, metavar="N", help="learn from the calls of so many days (default 90)"
    )
    parser.add_argument(
        "--least",
        type=int,
        default=2,
        metavar="CALLS",
        help="leave out what fewer calls were about (default 2)",
    )
    parser.add_argument(
        "--as",
        dest="as_",
        metavar="NAME",
        help="for show and apply: the choice they meant, or the name of a new one",
    )
    parser.add_argument("--month", metavar="2026-11", help="for wishes: the month (default: this one)")


@dataclass(frozen=True, slots=True)
class _Desk:
    """The flows as they are, and where they are."""

    folder: Path
    files: Files
    book: Book

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.book.site.time_zone)


def run(args: argparse.Namespace) -> int:
    if (args.what in ("show", "apply")) != (args.number is not None):
        raise IvrError(
            "write the number of a group after show or apply, and only there; `ivr learn` lists them"
        )
    if args.days < 1 or args.least < 1:
        raise IvrError("--days and --least are numbers from 1")
    settings = config.load()
    desk = _open(settings, args.folder or settings.flows.folder)
    until = datetime.now(UTC)
    since = until - timedelta(days=args.days)
    if args.what == "wishes":
        return _wishes(settings, desk, args.month or f"{until.astimezone(desk.zone):%Y-%m}", args.least)
    calls = _calls(settings, since, until)
    if args.what == "fields":
        print(*report.accuracy_lines(accuracies(calls)), sep="\n")
        return 0
    lessons = learn(desk.book, calls)
    if args.what == "list":
        print(report.period(len(calls), lessons, since.astimezone(desk.zone), until.astimezone(desk.zone)))
        return _list(desk.book, lessons, args.least)
    group = _group(desk.book, lessons, args)
    print(*report.group_lines(desk.book, group), sep="\n")
    return _change(desk, group, lessons, args)


def _list(book: Book, lessons: list[Lesson], least: int) -> int:
    left = unlearnt(book, lessons)
    found = gather(book, left, least)
    grouped = {lesson.words for group in found for lesson in group.lessons}
    proposals = {group.number: each for group in found if (each := propose(book, group)) is not None}
    once = len({lesson.words for lesson in left} - grouped)
    print("", *report.listing(found, proposals, once), sep="\n")
    return 0


def _group(book: Book, lessons: list[Lesson], args: argparse.Namespace) -> Group:
    for group in gather(book, unlearnt(book, lessons), args.least):
        if group.number == args.number:
            return group
    raise IvrError(f"found no group {args.number}; `ivr learn` lists those there are now")


def _change(desk: _Desk, group: Group, lessons: list[Lesson], args: argparse.Namespace) -> int:
    book, name = desk.book, args.as_
    proposal = propose(book, group) if name is None else decide(book, group, name)
    if proposal is None and (group.label or name):
        raise IvrError(f"no sentence of group {group.number} can be an example yet; wait for more calls")
    if proposal is None:
        print(
            f"What they meant is yours to say: `ivr learn {args.what} {group.number} --as NAME`, with the name of a"
        )
        print("choice there is, or a new name: then a choice is made that leads to a person.")
        return 1
    trial = attempt(desk.files, book, group, proposal, held_out(lessons))
    print(*report.trial_lines(trial, {**desk.files.flows, **desk.files.talks}), sep="\n")
    if trial.objections:
        print("Nothing was written.")
        return 1
    if args.what == "show":
        print(f"`ivr learn apply {group.number}{f' --as {name}' if name else ''}` writes it.")
        return 0
    _write(desk.folder, trial)
    return 0


def _wishes(settings: config.Config, desk: _Desk, month: str, least: int) -> int:
    first = _month(month, desk.zone)
    before, after = (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=32)).replace(day=1)
    calls = _calls(settings, before, after)
    found = wishes(desk.book, learn(desk.book, calls), first, least)
    now = sum(call.started_at >= first for call in calls)
    print(*report.wish_lines(found, first, now), sep="\n")
    return 0


def _month(text: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=zone)
    except ValueError:
        raise IvrError(f"found the month {text!r}; write it as 2026-11") from None


def _calls(settings: config.Config, since: datetime, until: datetime) -> list[AnsweredCall]:
    with open_records(settings) as records:
        return records.answered(since, until)


def _open(settings: config.Config, folder: Path) -> _Desk:
    """Raises FlowError where the flows have faults."""
    flows, unread = texts(folder)
    signatures = open_lookups(settings).signatures()
    book = parse(flows, signatures, unread)
    talks = {path.name: read_text(path, "Split the file.") for path in find(folder)}
    return _Desk(folder, Files(flows, talks, signatures), book)


def _write(folder: Path, trial: Trial) -> None:
    """All files or none. Raises IvrError, which says what became of them."""
    fresh: Mapping[Path, Path] = {folder / name: folder / f".{name}.new" for name in trial.changed}
    kept: Mapping[Path, Path] = {path: folder / f".{path.name}.old" for path in fresh if path.exists()}
    done: list[Path] = []
    stuck: list[Path] = []
    try:
        for path, new in fresh.items():
            new.write_text(trial.changed[path.name], encoding="utf-8", newline="")
            if path in kept:
                shutil.copymode(path, new)
                shutil.copy2(path, kept[path])
        for path, new in fresh.items():
            os.replace(new, path)
            done.append(path)
    except OSError as error:
        stuck = _put_back(done, kept)
        raise IvrError(f"cannot write into {folder} ({error.strerror}); {_became(stuck, kept)}") from None
    finally:
        for extra in (*fresh.values(), *(old for path, old in kept.items() if path not in stuck)):
            extra.unlink(missing_ok=True)
    told = " and ".join(str(path) for path in fresh)
    print(
        f"Written: {told}. The new talk is {trial.talk!r}; `ivr test` acts it, running calls are not disturbed."
    )


def _put_back(done: Sequence[Path], kept: Mapping[Path, Path]) -> list[Path]:
    """Undo what was written; gives the files of which that failed."""
    stuck = []
    for path in done:
        try:
            if path in kept:
                os.replace(kept[path], path)
            else:
                path.unlink()
        except OSError:
            stuck.append(path)
    return stuck


def _became(stuck: Sequence[Path], kept: Mapping[Path, Path]) -> str:
    """What became of the flows when they could not be written, and what is left to do."""
    if not stuck:
        return "the flows are as they were"
    left = (f"move {kept[path]} to it" if path in kept else "delete it" for path in stuck)
    told = "; ".join(f"{path} stays changed, {each} yourself" for path, each in zip(stuck, left, strict=True))
    return f"what was written cannot be undone: {told}"
