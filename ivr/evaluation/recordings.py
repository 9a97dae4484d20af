"""A user's own recordings, by a list of what is said in each: a folder of WAV files with a CSV named truths.csv.

Columns: ``file`` (in the folder), ``step`` (``flow.step`` where the caller said it; empty: the first question),
``want`` (the choice, value or digits meant; ``nothing`` where it is out of scope; empty: not judged) and ``text``
(the words said; empty: not judged). Nothing leaves the machine, and nothing is kept but the counts and the misses.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path

from ivr.actions import Expectation, Slot
from ivr.audio import wav
from ivr.audio.frame import RATE_HZ
from ivr.dialogue.warm import first_question, questions
from ivr.errors import IvrError
from ivr.evaluation.desk import Desk, Found, edits, name_of
from ivr.flow.bounds import bound, order
from ivr.flow.site import Book
from ivr.rehearsal.handset import Condition
from ivr.speech.stt import words_of

PART = "recordings"
TRUTHS = "truths.csv"
COLUMNS = ("file", "step", "want", "text")
MOST_ROWS = 20_000
LONGEST_S = 60
SHAPES = {"digits": r"\d+", "letters": r"[A-Z0-9]+", "phone": r"\+\d+", "yes_no": "true|false"}
KEPT = {
    "digits": "482913", "number": "2.5", "money": "105.20", "date": "2026-12-03", "time": "17:30", "letters": "AB12",
    "yes_no": "true, false", "choice": "the option's name", "name": "Ada Lovelace", "phone": "+442079460958",
}  # fmt: skip
"""By the type of a value an example of how it is kept."""
MOST_FAULTS = 20
"""Faults of a list that are told at once."""


@dataclass(frozen=True, slots=True)
class Truth:
    """One recording and what is true of it."""

    file: Path
    expect: Expectation
    want: str
    text: str


async def measure(desk: Desk, truths: Sequence[Truth]) -> None:
    """Every recording as it is, and under each further condition."""
    await desk.ear.warm(dict.fromkeys(truth.expect for truth in truths))
    for condition in desk.sizes.conditions:
        desk.told(f"recordings: {len(truths)} of your own, {name_of(condition)}")
        await _measure(desk, truths, condition)


def read(folder: Path, book: Book) -> list[Truth]:
    """The list of a folder. Raises IvrError that names every fault with its line and the remedy."""
    path = folder / TRUTHS
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise IvrError(f"found no {path}; write one with the columns {','.join(COLUMNS)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise IvrError(f"cannot read {path} ({error}); wanted a CSV file in UTF-8") from None
    rows = csv.DictReader(text.splitlines(), strict=True)
    try:
        lines = [(rows.line_num, row) for row in rows]
    except csv.Error as error:
        raise IvrError(
            f"{path}, line {rows.line_num}: {error}; wanted {','.join(COLUMNS)} in each line"
        ) from None
    head = tuple(rows.fieldnames or ())
    if len(head) == 1 and all(name in head[0] for name in COLUMNS):
        raise IvrError(
            f"{path}, line 1: found {head[0]!r}; wanted commas between the columns: {','.join(COLUMNS)}"
        )
    if missing := [name for name in COLUMNS if name not in head]:
        raise IvrError(
            f"{path}, line 1: found the columns {','.join(head) or 'none'}; add {','.join(missing)}, even if empty"
        )
    if not lines or len(lines) > MOST_ROWS:
        raise IvrError(f"{path}: found {len(lines):,} recordings; wanted 1 to {MOST_ROWS:,}")
    return _truths(path, folder, book, lines)


def _truths(path: Path, folder: Path, book: Book, lines: list[tuple[int, dict[str, str]]]) -> list[Truth]:
    found: list[Truth] = []
    faults: list[str] = []
    for line, row in lines:
        cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
        try:
            found.append(_truth(folder, book, cells))
        except IvrError as error:
            faults.append(f"line {line}: {error}")
    if faults:
        more = f"\n... and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise IvrError(f"{path} has {count}:\n" + "\n".join(faults[:MOST_FAULTS]) + more)
    return found


def _truth(folder: Path, book: Book, cells: Mapping[str, str]) -> Truth:
    if not cells["file"]:
        raise IvrError("found no file name; wanted the name of a WAV file in this folder")
    file = (folder / cells["file"]).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise IvrError(f"{cells['file']} is outside of the folder; put it inside")
    if not file.is_file():
        raise IvrError(f"found no file {cells['file']}; put it into the folder, or take the line out")
    if not cells["want"] and not cells["text"]:
        raise IvrError("found neither want nor text, so nothing can be judged; give one of them")
    expect = _expectation(book, cells["step"])
    want = _wanted(expect, cells["want"])
    _sound(file)
    return Truth(file, expect, want, cells["text"])


def _wanted(expect: Expectation, want: str) -> str:
    """What is meant as the step keeps it. Raises IvrError where nothing there is kept so."""
    names = {option.name for option in (*expect.options, *expect.commands)}
    if want in ("", "nothing", *names):
        return want
    if expect.kind in ("choice", "commands"):
        wanted = ", ".join(sorted(names))
        raise IvrError(f"found want {want!r}, which is no choice there; wanted nothing, or one of {wanted}")
    slots = expect.slots or (Slot(name="", type="digits"),)
    for slot in slots:
        with suppress(ValueError):
            return _kept(slot, want)
    kept = " or ".join(dict.fromkeys(KEPT[slot.type] for slot in slots))
    raise IvrError(
        f"found want {want!r}, which is no answer there; wanted nothing, or it as it is kept: {kept}"
    )


def _kept(slot: Slot, want: str) -> str:
    """A value as its field keeps it. Raises ValueError where it is none."""
    match slot.type:
        case "number" | "money" | "date" | "time":
            return bound(slot.type, str(order(slot.type, want)), Date.min)
        case "choice":
            kept, is_one = want, want in {option.name for option in slot.options}
        case "digits" | "letters" | "phone" | "yes_no":
            kept = re.sub(r"[\s-]", "", want).upper() if slot.type != "yes_no" else want.lower()
            is_one = re.fullmatch(SHAPES[slot.type], kept) is not None
        case "name":
            kept, is_one = want, True
    if not is_one:
        raise ValueError(want)
    return kept


def _expectation(book: Book, place: str) -> Expectation:
    """The question at ``flow.step``; the first one of all where empty. Raises IvrError."""
    if not place:
        return questions(book)[0]
    flow, _, step = place.partition(".")
    if flow not in book.flows or step not in book.flows[flow].steps:
        raise IvrError(f"found no step {place!r}; wanted flow.step, such as those `ivr explain` knows")
    expect = first_question(book, flow, step)
    if expect is None:
        raise IvrError(f"the step {place} asks nothing; wanted one where the caller answers")
    return expect


async def _measure(desk: Desk, truths: Sequence[Truth], condition: Condition) -> None:
    name = name_of(condition)

    async def one(numbered: tuple[int, Truth]) -> Found:
        seed, truth = numbered
        return await desk.hear(truth.expect, _sound(truth.file), condition, seed)

    found = await desk.each(one, enumerate(truths))
    right = judged = wrong_words = words = lost = good = caught = outside = 0
    for truth, each in zip(truths, found, strict=True):
        if truth.want:
            said = f"{truth.file.name}: {truth.text}".removesuffix(": ")
            right += desk.judge(PART, name, said, each, truth.want, each.got, _kind(truth.expect))
            judged += 1
            outside += truth.want == "nothing"
            caught += truth.want == each.got == "nothing"
            good += truth.want != "nothing"
            lost += truth.want != "nothing" and each.got == "nothing"
        if truth.text:
            words += len(words_of(truth.text))
            wrong_words += edits(words_of(truth.text), words_of(each.text))
    for title, hits, of in (
        ("your recordings understood", right, judged),
        ("your recordings: good requests lost", lost, good),
        ("your recordings: out-of-scope caught", caught, outside),
        ("your recordings: words misheard", wrong_words, words),
    ):
        if of:
            desk.figure(PART, title, name, hits, of)


def _sound(file: Path) -> bytes:
    """Raises IvrError where the file is no sound that a caller could make."""
    pcm = wav.read(file)
    seconds = len(pcm) / 2 / RATE_HZ
    if not 0 < seconds <= LONGEST_S:
        raise IvrError(
            f"{file.name}: found {seconds:.1f} s of sound; wanted more than 0 and up to {LONGEST_S}"
        )
    return pcm


def _kind(expect: Expectation) -> str:
    return {"digits": "digits", "values": "value"}.get(expect.kind, "intent")
