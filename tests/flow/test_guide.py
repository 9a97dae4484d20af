"""Every example of docs/flows.md is a flow that loads, and says what the guide says it does."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from corpus import Signature

from ivr.flow.load import parse
from ivr.flow.model import VERBS, Queue
from ivr.flow.prompts import SitePrompts
from ivr.flow.template import render

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "flows.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.DOTALL)
PEOPLE = next(each for each in EXAMPLES if each.startswith("queues:"))
SITE = (ROOT / "tests" / "flows" / "good" / "site.yaml").read_text(encoding="utf-8")
SITE = re.sub(r"^(queues:\n.*|numbers:.*)\n", "", SITE, flags=re.MULTILINE).replace(
    "desk", "customer_service"
)
ONE_QUEUE = "queues: { customer_service: { name: service } }\n"
TELLS = "flow: {}\nstart: tell\nsteps: {{tell: {{say: We are open., next: done}}}}\n"
OTHERS = {f"{name}.yaml": TELLS.format(name) for name in ("hours", "survey")}
LOOKUPS = {
    "verify_pin": Signature(("account", "pin"), ("verified", "is_locked", "tries_left", "name")),
    "balance": Signature(("account",), ("balance",)),
}
IN_THE_MANUAL = {"form", "set", "language", "remember"}
"""Verbs that this page leaves to docs/manual."""
SAID = re.findall(r"^\| `(\{\{.*?\}\})` \| (.*?) \|$", GUIDE, flags=re.MULTILINE)
NAMED = set(re.findall(r"`(\w+)`", GUIDE))


def test_the_first_example_is_a_whole_flow() -> None:
    files = {"site.yaml": SITE + ONE_QUEUE, "main.yaml": EXAMPLES[0]}
    assert parse(files).flows["main"].start == "welcome"


def test_the_other_examples_together_are_one_site() -> None:
    steps = textwrap.indent("\n".join(each for each in EXAMPLES[1:] if each != PEOPLE), "  ")
    main = f"flow: main\nstart: welcome\nsteps:\n{steps}"
    book = parse({"site.yaml": SITE + PEOPLE, "main.yaml": main, **OTHERS}, LOOKUPS)
    assert {step.verb for step in book.flows["main"].steps.values()} == VERBS.keys() - IN_THE_MANUAL
    assert book.site.queues["customer_service"].hours is not None


def test_every_key_of_a_queue_and_every_word_of_a_site_is_in_the_guide() -> None:
    assert Queue.model_fields.keys() | SitePrompts.model_fields.keys() <= NAMED


@pytest.mark.parametrize(("written", "heard"), SAID)
def test_a_filter_says_what_the_guide_says(written: str, heard: str) -> None:
    assert render(written.replace("\\|", "|"), {"now": "2026-11-22T19:00:00+00:00"}) == heard


def test_every_filter_is_in_the_guide() -> None:
    assert len(SAID) == 10
