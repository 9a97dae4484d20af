"""Intents of public sets from ten examples each, as text: BANKING77 and CLINC150, from IVR_TEST_DATA.

The understanding is that of a step whose choices are the set's intents. CLINC150 also has requests that are none of
its intents; what else was measured on these sets before, ``docs/measurements.md`` says.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.actions import Expectation, Option
from ivr.evaluation.desk import Desk, as_text
from ivr.evaluation.figures import CAUGHT, LOST, TEXT

PART = "intents"
EXAMPLES = 10
BANKING, CLINC = Path("intents") / "banking77-train.csv", Path("intents") / "clinc150-train.json"
SEED = "few examples"
Question = tuple[str, str]
"""A text and its intent."""


@dataclass(frozen=True, slots=True)
class Set:
    """A public set, cut into examples and questions."""

    name: str
    options: tuple[Option, ...]
    questions: tuple[Question, ...]
    outside: tuple[str, ...]
    """Requests that are none of the intents."""


async def measure(desk: Desk) -> None:
    sets = public(desk.data, desk.sizes.questions)
    if not sets:
        desk.report.notes.append(
            "Public sets of intents were not measured: none are here; set IVR_TEST_DATA."
        )
    for each in sets:
        desk.told(f"intents: {len(each.questions)} questions of {each.name} as text")
        expect = Expectation(kind="choice", options=each.options, is_open=True)
        found = [as_text(expect, text).meaning for text, _ in each.questions]
        pairs = list(zip(found, each.questions, strict=True))
        right = sum(meaning.value == intent for meaning, (_, intent) in pairs)
        lost = sum(meaning.kind == "nothing" for meaning in found)
        note = f"{len(each.options)} intents, {EXAMPLES} examples each"
        desk.figure(PART, f"{each.name}: intents right", TEXT, right, len(found), note, is_spoken=False)
        desk.figure(PART, f"{each.name}: {LOST}", TEXT, lost, len(found), note, is_spoken=False)
        if each.outside:
            caught = sum(as_text(expect, text).meaning.kind == "nothing" for text in each.outside)
            desk.figure(
                PART, f"{each.name}: {CAUGHT}", TEXT, caught, len(each.outside), note, is_spoken=False
            )


def public(folder: Path | None, most: int) -> tuple[Set, ...]:
    """The public sets that are in the folder, with so many questions each."""
    found = []
    if folder is not None and (folder / BANKING).is_file():
        with (folder / BANKING).open(encoding="utf-8", newline="") as file:
            rows = [(row["text"], row["category"]) for row in csv.DictReader(file)]
        options, rest = _cut(rows)
        found.append(Set("BANKING77", options, _some(rest, most), ()))
    if folder is not None and (folder / CLINC).is_file():
        parts: Mapping[str, list[list[str]]] = json.loads((folder / CLINC).read_text(encoding="utf-8"))
        options, _ = _cut([(text, intent) for text, intent in parts["train"]])
        outside = tuple(text for name in ("oos_train", "oos_val") for text, _ in parts[name])
        questions = _some([(text, intent) for text, intent in parts["val"]], most)
        found.append(Set("CLINC150", options, questions, outside[:most]))
    return tuple(found)


def _cut(rows: list[Question]) -> tuple[tuple[Option, ...], list[Question]]:
    """Ten examples of each intent, and the rest."""
    rows = list(rows)
    random.Random(SEED).shuffle(rows)
    examples: dict[str, list[str]] = {}
    rest = []
    for text, intent in rows:
        mine = examples.setdefault(intent, [])
        if len(mine) < EXAMPLES:
            mine.append(text)
        else:
            rest.append((text, intent))
    options = tuple(Option(name=name, phrases=tuple(texts)) for name, texts in sorted(examples.items()))
    return options, rest


def _some(rows: list[Question], most: int) -> tuple[Question, ...]:
    return tuple(random.Random(SEED).sample(rows, min(most, len(rows))))
