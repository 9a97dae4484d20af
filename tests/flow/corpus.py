"""Reads the flows under tests/flows: each bad file begins with the sentences it must give, and marks its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ivr.errors import Fault, FlowError
from ivr.flow.lint import lint
from ivr.flow.load import parse

FLOWS = Path(__file__).parent.parent / "flows"
GOOD = FLOWS / "good"
BAD = sorted((FLOWS / "bad").glob("*.yaml"))
IN_PLACE_OF = {
    "site_": "site.yaml",
    "look_ups_": "look_ups.yaml",
    "words_": "main.zh.yaml",
    "identify_": "prove.yaml",
}
"""What a bad file stands for, by the beginning of its name; any other is a flow in place of the main one."""
BESIDE = {"main.zh.yaml": "languages: { zh: {} }\n", "prove.yaml": "identify: { pin: prove }\n"}
"""What the site says more for such a file."""
MARK = "# <- here"
"""Ends a guilty line; where a comment cannot stand, a line ``# line: 7`` at the head of the file says which it is."""


@dataclass(frozen=True, slots=True)
class Signature:
    parameters: tuple[str, ...]
    fields: tuple[str, ...]


LOOKUPS = {"balance": Signature(("account", "pin"), ("amount", "day", "is_old"))}

SERVICE = """
look_ups:
  card: { http: "GET https://cards.example.com/{number}", parameters: [number], fields: { ok: ok } }
"""
"""The ``look_ups.yaml`` beside every bad file that is none."""


def good_files() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(GOOD.glob("*.yaml"))}


@cache
def found_in(path: Path) -> tuple[Fault, ...]:
    """What lint says of a bad file that stands in the good folder: its faults, or the warnings where it has none."""
    files = good_files()
    name = next((name for start, name in IN_PLACE_OF.items() if path.stem.startswith(start)), path.name)
    if name == path.name:
        del files["main.yaml"]
        if "flow: main" not in path.read_text(encoding="utf-8"):
            files["main.yaml"] = good_files()["main.yaml"]
    files["site.yaml"] += BESIDE.get(name, "")
    files["look_ups.yaml"] = SERVICE
    files[name] = path.read_text(encoding="utf-8")
    try:
        book = parse(files, LOOKUPS)
    except FlowError as error:
        return error.faults
    return tuple(fault for fault in lint(book, LOOKUPS) if fault.file == name)


def faults_of(path: Path) -> list[str]:
    return [str(fault) for fault in found_in(path)]


def wanted_of(path: Path) -> list[str]:
    """The sentences in the comment lines at the head of ``path``."""
    wanted = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("# ") or "found" not in line:
            break
        wanted.append(line[2:])
    return wanted


def is_said(said: list[str], wanted: list[str]) -> bool:
    """Whether just the wanted sentences were said; ``...`` between blanks stands for any words."""
    patterns = [re.escape(each).replace(r"\ \.\.\.\ ", " .* ") for each in wanted]
    return len(said) == len(wanted) and all(map(re.fullmatch, patterns, said))


def guilty_lines(path: Path) -> set[int]:
    """The lines that a reader would put a finger on, as the file itself marks them."""
    lines = path.read_text(encoding="utf-8").splitlines()
    named = {int(number) for line in lines for number in re.findall(r"^# line: (\d+)$", line)}
    return named | {number for number, line in enumerate(lines, start=1) if line.endswith(MARK)}
