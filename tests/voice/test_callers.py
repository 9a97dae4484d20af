"""People phone in: real voices through a real node and exchange, the real recogniser, the company's data."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from difflib import SequenceMatcher

import pytest
from sqlalchemy import create_engine, text

from ivr import app
from ivr.caller import Played
from ivr.cli.call import FROM, place
from ivr.flow.spoken import money
from ivr.line.text import Keyed
from ivr.lookups.seed import DEMO
from ivr.nlu.normalise import readings, tokens

pytestmark = pytest.mark.slow


async def speechless(text):
    raise AssertionError(f"this caller has no voice to say {text!r}")


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
    assert summary["heard"][0] == "what is my balance"
    with create_engine(f"sqlite:///{folder / 'company.sqlite'}").connect() as company:
        pence = company.execute(
            text("select balance_pence from accounts where number = :number"), {"number": DEMO.account}
        ).scalar_one()
    assert any(f"Your balance is {money(pence / 100, 'GBP')}." in said for said in summary["said"])
    kinds = [(entry["kind"], entry["type"]) for entry in entries if entry["kind"] != "over"]
    assert all(entry["at_ms"] >= 0 for entry in entries)
    assert {"event", "action"} == {kind for kind, _ in kinds}
    assert {("event", "heard"), ("event", "pressed"), ("action", "say"), ("action", "lookup")} <= set(kinds)
    assert not any(DEMO.pin in line for line in done.stdout.splitlines())


def test_recorded_people_say_a_number_and_most_of_its_digits_are_captured(installation, recorded_digits):
    _, running = installation
    wanted = {"lucas": "482913", "nicolas": "609374"}

    async def call(speaker):
        summary, _ = await place(
            running.environment["IVR_TWILIO__API_URL"],
            running.environment["IVR_REDIS__URL"],
            speechless,
            app.DEMO_NUMBER,
            FROM,
            [Keyed("3"), Played(recorded_digits(speaker, wanted[speaker]), speaker), Keyed("0")],
        )
        return (readings(tokens(summary["heard"][0])) or ("",))[0] if summary["heard"] else ""

    async def calls():
        return await asyncio.gather(*map(call, wanted))

    right = 0
    for digits, captured in zip(wanted.values(), asyncio.run(calls()), strict=True):
        blocks = SequenceMatcher(None, digits, captured, False).get_matching_blocks()
        right += sum(block.size for block in blocks)
    assert right >= 7, f"{right} of 12 digits captured"
