"""Reads the flows under tests/flows: each bad file begins with the sentences it must give."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ivr.errors import FlowError
from ivr.flow.load import parse

FLOWS = Path(__file__).parent.parent / "flows"
GOOD = FLOWS / "good"
BAD = sorted((FLOWS / "bad").glob("*.yaml"))


@dataclass(frozen=True, slots=True)
class Signature:
    parameters: tuple[str, ...]
    fields: tuple[str, ...]


LOOKUPS = {"balance": Signature(("account", "pin"), ("amount", "day", "is_old"))}


def good_files() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(GOOD.glob("*.yaml"))}


def faults_of(path: Path) -> list[str]:
    """What loading says when ``path`` stands in the good folder in place of the site or of the main flow."""
    files = good_files()
    del files["site.yaml" if path.stem.startswith("site_") else "main.yaml"]
    text = path.read_text(encoding="utf-8")
    is_site = path.stem.startswith("site_")
    files["site.yaml" if is_site else path.name] = text
    try:
        parse(files, LOOKUPS)
    except FlowError as error:
        return [str(fault) for fault in error.faults]
    return []


def wanted_of(path: Path) -> list[str]:
    """The sentences in the comment lines at the head of ``path``."""
    wanted = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("# ") or "found" not in line:
            break
        wanted.append(line[2:])
    return wanted
