"""A person's call in a real Chromium with a recording as its microphone, through everything that is real."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import wave
from base64 import b64encode
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ivr.cli.demo import recorded
from ivr.flow.spoken import money
from ivr.lookups.seed import DEMO

GREETING_MS = 4500
"""The greeting and a breath."""
MICROPHONE = """
const sound = Uint8Array.from(atob("SOUND"), (one) => one.charCodeAt(0));
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const line = context.createMediaStreamDestination();
  window.speak = async () => {
    const voice = new AudioBufferSourceNode(context, { buffer: await context.decodeAudioData(sound.buffer) });
    voice.connect(line);
    voice.start();
  };
  return line.stream;
};
"""
"""Silent until it is told to speak, once: a recording that plays from the opening on would be over before the
desk has answered on a busy machine."""


@pytest.fixture(scope="module")
def node_url(tmp_path_factory):
    command = [sys.executable, str(Path(__file__).parent / "node.py"), str(tmp_path_factory.mktemp("node"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        yield node.stdout.readline().strip()
        node.stdin.close()


@pytest.fixture(scope="module")
def microphone():
    """The script of one that says "How much money do I have?"."""
    recording = io.BytesIO()
    with wave.open(recording, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(recorded("balance").pcm)
    return MICROPHONE.replace("SOUND", b64encode(recording.getvalue()).decode())


@pytest.mark.slow
@pytest.mark.whole
def test_a_spoken_question_and_keyed_numbers_get_the_balance(launch, node_url, microphone, pictures):
    page = launch().new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(microphone)
    page.goto(f"{node_url}/phone")
    page.get_by_role("button", name="Call", exact=True).click()
    bot = page.locator("#transcript [data-who=bot] .words")
    expect(bot.last).to_have_text("How can I help you today?", timeout=15_000)
    page.wait_for_timeout(GREETING_MS)
    page.evaluate("speak()")
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
