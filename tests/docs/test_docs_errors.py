"""Every error in the table of remedies is one that the program can say."""

from __future__ import annotations

import ast

import pytest
from reading import ROOT, codes, table

LEFT_OUT = "..."
ERRORS = [code for row in table(ROOT / "docs" / "operations.md", "you see", "do") for code in codes(row[0])]


def said_by(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(said_by(part) or LEFT_OUT for part in parts)
    return ""


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    """Every text of the program; what is filled in is left out."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "ivr").rglob("*.py")]
    return {said_by(node) for tree in trees for node in ast.walk(tree)}


@pytest.mark.parametrize("error", ERRORS)
def test_the_program_says_so(sentences: set[str], error: str) -> None:
    pieces = error.split(LEFT_OUT)
    assert any(all(piece in sentence for piece in pieces) for sentence in sentences)
