"""Every example of docs/flows.md is a flow that loads, and says what the guide says it does."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from corpus import Signature

from ivr.flow.load import parse
from ivr.flow.model import VERBS
from ivr.flow.template import render

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "flows.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.DOTALL)
SITE = (ROOT / "call_flows" / "site.yaml").read_text(encoding="utf-8")
HOURS = "flow: hours\nstart: tell\nsteps: {tell: {say: We are open., next: done}}\n"
LOOKUPS = {"verify_pin": Signature(("account", "pin"), ("verified", "is_locked", "tries_left", "name"))}
SAID = re.findall(r"^\| `(\{\{.*?\}\})` \| (.*?) \|$", GUIDE, flags=re.MULTILINE)


def test_the_first_example_is_a_whole_flow() -> None:
    assert parse({"site.yaml": SITE, "main.yaml": EXAMPLES[0]}).flows["main"].start == "welcome"


def test_the_other_examples_together_are_one_flow() -> None:
    steps = textwrap.indent("\n".join(EXAMPLES[1:]), "  ")
    main = f"flow: main\nstart: welcome\nsteps:\n{steps}"
    book = parse({"site.yaml": SITE, "main.yaml": main, "hours.yaml": HOURS}, LOOKUPS)
    assert {step.verb for step in book.flows["main"].steps.values()} == VERBS.keys()


@pytest.mark.parametrize(("written", "heard"), SAID)
def test_a_filter_says_what_the_guide_says(written: str, heard: str) -> None:
    assert render(written.replace("\\|", "|"), {"now": "2026-11-22T19:00:00+00:00"}) == heard


def test_every_filter_is_in_the_guide() -> None:
    assert len(SAID) == 10
