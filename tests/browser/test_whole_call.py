"""A person's call in a real Chromium with a recording as its microphone, through everything that is real."""

from __future__ import annotations

import re
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from ivr.cli.demo import recorded
from ivr.flow.spoken import money
from ivr.lookups.seed import DEMO

GREETING_S = 4.5
"""The greeting and a breath: the recording begins to play when the page opens the microphone."""


@pytest.fixture(scope="module")
def node_url(tmp_path_factory):
    command = [sys.executable, str(Path(__file__).parent / "node.py"), str(tmp_path_factory.mktemp("node"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        yield node.stdout.readline().strip()
        node.stdin.close()


@pytest.fixture(scope="module")
def microphone(tmp_path_factory):
    """ "How much money do I have?" once, then silence for longer than the call."""
    path = tmp_path_factory.mktemp("microphone") / "balance.wav"
    speech = np.repeat(np.frombuffer(recorded("balance").pcm, "<i2"), 6)
    silence = np.zeros(48_000, "<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.tile(silence, 5)[: int(GREETING_S * 48_000)].tobytes())
        file.writeframes(speech.tobytes())
        file.writeframes(np.tile(silence, 90).tobytes())
    return path


@pytest.mark.slow
@pytest.mark.whole
def test_a_spoken_question_and_keyed_numbers_get_the_balance(launch, node_url, microphone, pictures):
    page = launch(microphone=microphone).new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{node_url}/phone")
    page.get_by_role("button", name="Call", exact=True).click()
    bot = page.locator("#transcript [data-who=bot] .words")
    expect(bot.last).to_have_text("How can I help you today?", timeout=15_000)
    expect(page.locator("#transcript [data-who=caller] .words").first).to_have_text(
        re.compile("how much money"), timeout=15_000
    )
    expect(bot.filter(has_text=re.compile("account number|Is that right"))).to_be_visible(timeout=10_000)
    if "Is that right" in bot.last.inner_text():
        page.keyboard.press("1")
    expect(bot.filter(has_text="account number")).to_be_visible(timeout=10_000)
    page.keyboard.type(DEMO.account, delay=120)
    expect(bot.filter(has_text="PIN")).to_be_visible(timeout=10_000)
    page.keyboard.type(DEMO.pin, delay=120)
    answer = bot.filter(has_text=money(DEMO.balance_pence / 100, "GBP"))
    expect(answer).to_be_visible(timeout=15_000)
    page.screenshot(path=pictures / "phone-in-call.png")
    assert DEMO.pin not in page.locator("#transcript").inner_text()
    page.get_by_role("button", name="Hang up").click()
    expect(page.locator("#state")).to_have_text("You hung up", timeout=5_000)
