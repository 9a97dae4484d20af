"""A caller's window and an agent's: complaint, queue, briefing, both talk, a page loaded anew, survey."""

from __future__ import annotations

import math
import struct
import subprocess
import sys
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from ivr import database
from ivr.accounts.users import User, Users

CALLER_HZ, AGENT_HZ = 700, 1100
"""What their microphones hear."""
POP_MS = 1000
PASSWORD = "marble kestrel fog"
RECORD = """
window.heard = [];
const join = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...more) {
  if (to instanceof AudioDestinationNode && this instanceof AudioWorkletNode) {
    const tape = this.context.createScriptProcessor(4096, 1, 1);
    tape.onaudioprocess = ({ inputBuffer }) => window.heard.push(Array.from(inputBuffer.getChannelData(0)));
    join.call(this, tape);
    join.call(tape, to);
  }
  return join.call(this, to, ...more);
};
"""
"""Keeps what the loudspeaker plays, at 48 kHz."""
WATCH = """() => {
  window.seen = {};
  const look = () => {
    const phone = document.getElementById("phone_line")?.dataset.state;
    if (phone === "incoming") window.seen.rang ??= performance.now();
    if (document.getElementById("accept")) window.seen.popped ??= performance.now();
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


@dataclass(frozen=True)
class Desk:
    url: str
    folder: Path


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("node")
    command = [sys.executable, str(Path(__file__).parent / "node.py"), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        yield Desk(node.stdout.readline().strip(), folder)
        node.stdin.close()


@pytest.fixture
def tone(tmp_path):
    """A microphone that hears a tone, two thirds of the time."""

    def made(hz: int) -> Path:
        path = tmp_path / f"{hz}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 48_000, 0, "NONE", ""))
            beat = [round(12_000 * math.sin(math.tau * hz * n / 48_000)) for n in range(19_200)] + [0] * 9_600
            file.writeframes(struct.pack(f"<{len(beat)}h", *beat) * 4)
        return path

    return made


def said(caller: Page, words: str) -> None:
    """The machine says this to the caller."""
    expect(caller.locator("#transcript [data-who=bot] .words").filter(has_text=words).last).to_be_visible(
        timeout=20_000
    )


def tape(page: Page, for_ms: int) -> np.ndarray:
    """What this window's loudspeaker plays from now on."""
    page.evaluate("window.heard.length = 0")
    page.wait_for_timeout(for_ms)
    return np.array(page.evaluate("window.heard"), np.float64).ravel()


def level(sound: np.ndarray, hz: int) -> float:
    """How loud this tone is in it, in dB of full scale."""
    turns = np.exp(-2j * np.pi * hz * np.arange(len(sound)) / 48_000)
    return 20 * math.log10(abs(np.mean(sound * turns)) * 2 + 1e-9)


@pytest.mark.slow
@pytest.mark.whole
def test_a_complaint_reaches_a_person_who_hands_it_back(launch, desk, tone, pictures):
    Users(database.connect(f"sqlite:///{desk.folder / 'records.sqlite'}")).add(
        User("nora", "Nora Blake", ("agent",), ("complaints", "customer_service")), PASSWORD
    )
    agent = launch(microphone=tone(AGENT_HZ)).new_page(viewport={"width": 1280, "height": 900})
    agent.add_init_script(RECORD)
    agent.goto(f"{desk.url}/console")
    agent.get_by_label("Name").fill("nora")
    agent.get_by_label("Password").fill(PASSWORD)
    agent.get_by_role("button", name="Sign in").click()
    agent.get_by_role("button", name="Ready for calls").click()
    expect(agent.locator("#my_state")).to_have_text("Ready")
    expect(agent.locator("#phone_state")).to_have_text("Phone ready", timeout=15_000)
    agent.evaluate(WATCH)

    caller = launch(microphone=tone(CALLER_HZ)).new_page(viewport={"width": 1280, "height": 900})
    caller.add_init_script(RECORD)
    caller.goto(f"{desk.url}/phone")
    caller.locator("#call").click()
    caller.locator("#mute").click()
    said(caller, "How can I help you today?")
    caller.keyboard.press("5")
    said(caller, "Is it about your account")
    caller.keyboard.press("2")

    expect(agent.locator("#accept")).to_be_visible(timeout=15_000)
    expect(agent.locator(".reason")).to_have_text("Complaint about a parcel or a delivery.")
    expect(agent.locator("#phone_state")).to_have_text("Phone ringing")
    seen = agent.evaluate("window.seen")
    assert seen["popped"] - seen["rang"] < POP_MS
    agent.screenshot(path=pictures / "console-real-ringing.png")

    agent.get_by_role("button", name="Listen first").click()
    expect(agent.locator("#phone_state")).to_have_text("Phone in a call")
    briefing = tape(agent, 2_500)
    assert np.abs(briefing).max() > 0.05, "the briefing is not heard"
    agent.locator("#accept").click()
    expect(agent.get_by_text("Talking")).to_be_visible(timeout=10_000)
    caller.locator("#mute").click()
    agent.on("dialog", lambda question: question.accept())
    agent.reload()
    expect(agent.locator("#phone_state")).to_have_text("Phone in a call", timeout=10_000)
    expect(agent.get_by_text("Talking")).to_be_visible()
    agent.wait_for_timeout(500)
    at_agent, at_caller = tape(agent, 1_500), tape(caller, 1_500)
    agent.screenshot(path=pictures / "console-real-talking.png")
    assert level(at_agent, CALLER_HZ) > -40 > level(at_agent, AGENT_HZ) + 10
    assert level(at_caller, AGENT_HZ) > -40 > level(at_caller, CALLER_HZ) + 10

    caller.locator("#mute").click()
    agent.keyboard.press("b")
    agent.get_by_role("button", name="Survey").click()
    expect(agent.get_by_label("Solved")).to_be_visible()
    expect(agent.locator("#kept_head .reason")).to_have_text("Complaint about a parcel or a delivery.")
    expect(agent.locator("#phone_state")).to_have_text("Phone ready", timeout=20_000)
    said(caller, "How well did we help you")
    caller.keyboard.press("5")
    said(caller, "Thank you")
    expect(caller.locator("#state")).to_have_text("Call ended", timeout=20_000)
    agent.get_by_label("Solved").check()
    agent.get_by_role("button", name="Save").click()
    expect(agent.locator("#my_state")).to_have_text("Ready")
