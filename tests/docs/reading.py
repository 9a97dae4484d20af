"""Reads the project's pages: their examples, what they name as code, their links. Judges nothing."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MANUAL = sorted((ROOT / "docs" / "manual").glob("*.md"))
"""Its examples are parts of flows; ``test_manual`` reads them."""
PAGES = [
    ROOT / "README.md", ROOT / "voice_models" / "README.md", *sorted((ROOT / "docs").glob("*.md")), *MANUAL
]  # fmt: skip

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
_INDENTED = re.compile(r"(?:^ {4}\S.*\n)+", re.MULTILINE)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PROMPT = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?(ivr .*)$")
_STOPS = {"|", "&&", "||", ";", "&", ">", ">>"}


@dataclass(frozen=True)
class Example:
    """A fenced or indented block."""

    page: Path
    language: str
    """As the fence says; empty for an indented block."""
    body: str


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def examples(page: Path) -> list[Example]:
    text = page.read_text(encoding="utf-8")
    fenced = [
        Example(page, found["language"], re.sub(f"^{found['indent']}", "", found["body"], flags=re.MULTILINE))
        for found in _FENCE.finditer(text)
    ]
    indented = [
        Example(page, "", re.sub("^    ", "", block, flags=re.MULTILINE))
        for block in _INDENTED.findall(prose(page))
    ]
    return fenced + indented


def spans(page: Path) -> list[str]:
    """What stands between backticks in running text and tables, in order."""
    return [span.replace("\\|", "|") for span in _SPAN.findall(prose(page))]


def links(page: Path) -> list[str]:
    return _LINK.findall(prose(page))


def commands(page: Path) -> Iterator[list[str]]:
    """Every ``ivr`` command line of a page as its words, without ``ivr`` itself."""
    lines = [line for example in examples(page) for line in example.body.splitlines()]
    for line in [*lines, *spans(page)]:
        found = _PROMPT.match(line)
        if found:
            words = shlex.split(found[1], comments=True)
            stop = next((place for place, word in enumerate(words) if word in _STOPS), len(words))
            yield words[1:stop]


def tables(page: Path) -> Iterator[list[list[str]]]:
    """Every table of a page: rows of cells, the head first, the rule under it left out."""
    for block in re.findall(r"(?:^ *\|.*\|\n)+", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
        rows = [re.split(r"(?<!\\)\|", line.strip())[1:-1] for line in block.splitlines()]
        yield [[cell.strip() for cell in row] for place, row in enumerate(rows) if place != 1]


def table(page: Path, *head: str) -> list[list[str]]:
    """The rows of every table that begins with this head; AssertionError where the page has none."""
    found = [rows[1:] for rows in tables(page) if rows[0][: len(head)] == list(head)]
    assert found, f"{page.name}: no table with the head {', '.join(head)}"
    return [row for rows in found for row in rows]


def codes(cell: str) -> list[str]:
    return _SPAN.findall(cell)


def anchors(page: Path) -> set[str]:
    """The names by which headings of a page can be linked to, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
