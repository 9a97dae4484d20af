"""The manual's look-ups load, and could be asked of the sample company or an allowed host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.flow.load import parse
from ivr.lookups.connect import Reach
from ivr.lookups.faults import faults
from ivr.lookups.http import Services
from ivr.lookups.sql import Databases

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "manual" / "look-ups.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(# look_ups\n.*?)```", PAGE, re.DOTALL)
GOOD = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests/flows/good").glob("*.yaml")}


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("\n")[2].strip(" :"))
def test_an_example_could_be_asked(example: str, databases: Databases) -> None:
    book = parse({**GOOD, "look_ups.yaml": example})
    assert faults(book, Reach(databases, Services(("api.example.com",), {"carrier": "x"}))) == ()
