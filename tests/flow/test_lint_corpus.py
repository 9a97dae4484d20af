"""Mistakes that designers make, each in a file of its own: all are told, by the right sentence on the right line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from corpus import BAD, LOOKUPS, faults_of, found_in, good_files, guilty_lines, is_said, wanted_of

from ivr.errors import Fault
from ivr.flow.lint import lint
from ivr.flow.lint.codes import CODES
from ivr.flow.load import parse

ROOT = Path(__file__).parents[2]
LEAST = 100
"""Files of the corpus."""
ON_THE_LINE = 0.95
"""Share of them that are told on the line that they mark."""
ELSEWHERE = {
    "no-site": "tests/flow/test_flow_load.py",
    "folder": "tests/flow/test_flow_load.py",
    "ending": "tests/flow/test_flow_load.py",
    "link": "tests/flow/test_flow_load.py",
    "file": "tests/flow/test_flow_load.py",
    "encoding": "tests/flow/test_flow_load.py",
    "too-big": "tests/flow/test_flow_load.py",
    "duplicate-flow": "tests/flow/test_flow_load.py",
    **dict.fromkeys(
        (
            "host-not-allowed",
            "unknown-secret",
            "unknown-database",
            "unknown-column",
            "no-database",
            "sql-error",
        ),
        "tests/lookups/test_lookup_faults.py",
    ),
    **dict.fromkeys(
        ("sounds-alike", "cannot-be-heard", "unknown-word", "no-ears-for-language", "no-voice-for-language"),
        "tests/proof",
    ),
}
"""Codes of what no single file of text can show, and the tests that show it."""
MAKERS = {
    "_fault": 5,
    "fault": 5,
    "warning": 5,
    "Fault": 5,
    "Misfit": 4,
    "Objection": 4,
    "stop": 4,
    "refuse": 3,
}
"""Functions that make faults, and which argument is the code (one fewer where the sheet is known)."""


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_gives_exactly_its_sentences(path: Path) -> None:
    assert wanted_of(path), "the file names no sentence"
    assert is_said(faults_of(path), wanted_of(path)), faults_of(path)


def test_every_seeded_mistake_is_caught_and_told_on_the_right_line() -> None:
    """Prints, with ``pytest -s``, how many."""
    assert len(BAD) >= LEAST
    unmarked = [path.stem for path in BAD if not guilty_lines(path)]
    assert not unmarked, "these mark no line"
    caught = [path for path in BAD if found_in(path)]
    placed = [path for path in caught if guilty_lines(path) <= {fault.line for fault in found_in(path)}]
    print(f"\n{len(caught)} of {len(BAD)} seeded mistakes caught, {len(placed)} of them on the right line")
    assert caught == BAD
    assert len(placed) >= ON_THE_LINE * len(BAD), sorted(
        {path.stem for path in BAD} - {p.stem for p in placed}
    )


def test_every_code_has_a_seeded_mistake_and_no_file_a_code_of_its_own() -> None:
    seen = {fault.code for path in BAD for fault in found_in(path)}
    assert seen | ELSEWHERE.keys() == CODES.keys()


def test_what_a_code_says_about_loading_is_so() -> None:
    for path in BAD:
        for fault in found_in(path):
            assert fault.is_warning == CODES[fault.code].is_warning, (path, fault.code)


def test_the_code_names_every_code_that_it_gives() -> None:
    """From the source: what is passed as a code where a fault is made, word for word."""
    for path in (
        path for room in ("flow", "proof", "lookups") for path in (ROOT / "ivr" / room).rglob("*.py")
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (name := _name(node)) in MAKERS:
                for argument in node.args[MAKERS[name] - 1 : MAKERS[name] + 1]:
                    if isinstance(argument, ast.Constant) and re.fullmatch(
                        r"[a-z]+(-[a-z]+)+", str(argument.value)
                    ):
                        assert argument.value in CODES, f"{path}:{node.lineno}"


def _name(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def test_the_manual_explains_every_code_and_no_other() -> None:
    text = (ROOT / "docs" / "manual" / "lint.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \| (.+?) \|$", text, flags=re.MULTILINE)
    assert {code for code, _, _ in rows} == CODES.keys()
    assert len(rows) == len(CODES), "a code twice"


def test_a_sound_flow_is_told_nothing() -> None:
    files = good_files()
    files["main.yaml"] = "flow: main\nstart: a\nsteps:\n  a: { run: other, next: done }\n"
    assert of_file("main.yaml", lint(parse(files, LOOKUPS), LOOKUPS)) == []


def of_file(name: str, faults: tuple[Fault, ...]) -> list[Fault]:
    return [fault for fault in faults if fault.file == name]
