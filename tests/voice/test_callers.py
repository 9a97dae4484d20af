"""People phone in: real voices through a real node and exchange, the real recogniser, the company's data."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, text

from ivr.caller import Played
from ivr.cli.call import FROM, place
from ivr.config import DEMO_NUMBER
from ivr.flow.spoken import money
from ivr.line.text import Keyed
from ivr.lookups.seed import DEMO
from ivr.nlu.normalise import tokens

pytestmark = pytest.mark.slow


def words(value):
    """Every text in what was told; the call's own random id may hold any digits, and times are no texts."""
    match value:
        case str() if not value.startswith("CA"):
            yield value
        case dict():
            yield from words(tuple(value.values()))
        case list() | tuple():
            for part in value:
                yield from words(part)


async def speechless(text):
    raise AssertionError(f"this caller has no voice to say {text!r}")


@pytest.mark.whole
def test_a_synthesised_caller_asks_for_the_balance_and_hears_what_the_books_say(installation):
    pytest.importorskip("piper", reason="needs the extra [callers]")
    folder, running = installation
    script = [
        "--say",
        "what is my balance",
        "--keys",
        DEMO.account,
        "--keys",
        DEMO.pin,
        "--say",
        "no thank you",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "ivr", "call", "--json", *script],
        env={**os.environ, **running.environment},
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    *entries, summary = map(json.loads, done.stdout.splitlines())
    assert summary["type"] == "summary" and summary["outcome"] == "completed"
    assert "balance" in tokens(summary["heard"][0])
    with create_engine(f"sqlite:///{folder / 'company.sqlite'}").connect() as company:
        pence = company.execute(
            text("select balance_pence from accounts where number = :number"), {"number": DEMO.account}
        ).scalar_one()
    assert any(f"Your balance is {money(pence / 100, 'GBP')}." in said for said in summary["said"])
    told = [entry for entry in entries if entry["kind"] in ("event", "action")]
    kinds = [(entry["kind"], entry["type"]) for entry in told]
    assert all(entry["at_ms"] >= 0 for entry in told)
    assert {("event", "heard"), ("event", "pressed"), ("action", "say"), ("action", "lookup")} <= set(kinds)
    told_words = list(words((*entries, summary)))
    assert any("balance" in word for word in told_words)
    assert not any(DEMO.pin in word for word in told_words)


def test_recorded_people_say_a_number_and_its_digits_are_captured(installation, recorded_digits):
    """The journal masks what the digits were: how many are right is measured by ``ivr evaluate``."""
    _, running = installation

    async def call(speaker):
        summary, _ = await place(
            running.environment["IVR_TWILIO__API_URL"],
            running.environment["IVR_REDIS__URL"],
            speechless,
            DEMO_NUMBER,
            FROM,
            [Keyed("3"), Played(recorded_digits(speaker, DEMO.order), speaker), Keyed("1"), Keyed("0")],
        )
        return summary

    async def calls():
        return await asyncio.gather(*map(call, ("lucas", "jackson")))

    summaries = asyncio.run(calls())
    assert all("digits]" in summary["heard"][0] for summary in summaries)
    assert any(summary["heard"][0] == "[6 digits]" for summary in summaries)
