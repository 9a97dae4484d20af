"""The manual knows every verb, key, word and filter of the language, and filters say what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.flow import spoken
from ivr.flow.model import VERBS, Flow
from ivr.flow.prompts import SitePrompts
from ivr.flow.site import Queue, Site
from ivr.flow.template import render

MANUAL = Path(__file__).parents[2] / "docs" / "manual"
PAGES = {page.name: page.read_text(encoding="utf-8") for page in MANUAL.glob("*.md")}
WRITTEN = "\n".join(text for name, text in PAGES.items() if name != "reference.md")
NAMED = set(re.findall(r"`(\w+)`", WRITTEN))
SAID = re.findall(r"^\| `(\{\{.*?\}\})` \| (.*?) \|$", PAGES["words.md"], flags=re.MULTILINE)
OURS = {"file", "places"}
"""Fields that loading fills in."""


def test_every_verb_has_an_example() -> None:
    missing = {verb for verb in VERBS if not re.search(rf"^ +{verb}:", WRITTEN, flags=re.MULTILINE)}
    assert not missing


def test_every_key_of_a_site_and_its_queues_and_words_is_named() -> None:
    keys = Queue.model_fields.keys() | SitePrompts.model_fields.keys() | Site.model_fields.keys()
    assert keys - OURS <= NAMED
    assert Flow.model_fields.keys() - OURS <= NAMED | {"flow", "about", "steps"}


@pytest.mark.parametrize(("written", "heard"), SAID)
def test_a_filter_says_what_the_manual_says(written: str, heard: str) -> None:
    assert render(written.replace("\\|", "|"), {"now": "2026-11-22T19:00:00+00:00"}) == heard


def test_every_filter_is_in_the_manual() -> None:
    used = {re.search(r"\\\| (\w+)", written)[1] for written, _ in SAID}
    assert used == spoken.FILTERS.keys()
