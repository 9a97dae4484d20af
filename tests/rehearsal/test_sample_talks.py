"""The sample's own talks: they pass as text, walk every step and way, and most are understood when spoken."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr import config
from ivr.flow.load import load
from ivr.rehearsal import read, sound, text
from ivr.rehearsal.coverage import Coverage
from ivr.rehearsal.handset import Condition
from ivr.rehearsal.judge import judge
from ivr.rehearsal.report import Result, told

FLOWS = Path(__file__).parents[2] / "call_flows"
SPOKEN = ("survey.talks.yaml", "order.talks.yaml")
MOST = 0.85
"""Of the spoken talks of two short flows: a synthetic voice is now and then misheard."""


@pytest.fixture(scope="module")
def book():
    return load(FLOWS)


@pytest.fixture(scope="module")
def scripts(book):
    return read.load(read.find(FLOWS), book)


def test_every_talk_passes_and_together_they_walk_every_step_and_way(book, scripts):
    coverage, failed = Coverage(book, tuple(book.flows)), []
    for script in scripts:
        stage = text.perform(script, book)
        coverage.add(stage)
        if failures := judge(stage):
            failed.append(told(Result(script, "", stage, failures, 0)))
    assert not failed, "\n".join(failed)
    assert not coverage.missed(), "\n".join(map(str, coverage.missed()))


@pytest.mark.slow
def test_spoken_talks_are_understood(book, scripts, tmp_path):
    pytest.importorskip("piper", reason="needs the extra [callers]")
    settings = config.load(data={"folder": tmp_path}, speech={"engine": "pocketsphinx"})
    chosen = [script for script in scripts if script.file in SPOKEN]
    results = asyncio.run(sound.rehearse(settings, book, chosen, [Condition()], "piper", 2))
    passed = [result for result in results if result.has_passed]
    assert len(results) == len(chosen)
    assert len(passed) >= MOST * len(results), "\n".join(told(r) for r in results if not r.has_passed)
