"""The phone page in a real Chromium, calling through a real exchange, gateway and web application."""

from __future__ import annotations

import math
import re
import struct
import wave

import pytest
from playwright.sync_api import expect

KEEP_SOCKETS = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...all) { super(...all); window.sockets.push(this); }
};
"""


@pytest.fixture(scope="module")
def speaking(launch, tmp_path_factory):
    """A Chromium whose microphone hears a tone."""
    path = tmp_path_factory.mktemp("microphone") / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        tone = (round(12000 * math.sin(math.tau * 700 * n / 48000)) for n in range(96000))
        file.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return launch(microphone=path)


@pytest.fixture
def page(speaking, url):
    context = speaking.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.add_init_script(KEEP_SOCKETS)
    page = context.new_page()
    page.goto(f"{url}/phone")
    yield page
    context.close()


def state(page):
    return page.locator("#state")


def line(page, who):
    return page.locator(f"#transcript [data-who={who}] .words")


def test_a_call_from_hello_to_goodbye(page):
    expect(state(page)).to_have_text("Ready to call")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(state(page)).to_have_text("In call")
    expect(line(page, "bot")).to_have_text("Good morning. How can I help you?")
    expect(line(page, "caller")).to_have_text("what is my balance")
    expect(page.locator("#step")).to_have_text("main.ask")
    expect(page.locator("#timer")).to_have_text(re.compile("0:0[1-9]"))
    for key in "12":
        page.get_by_role("button", name=key, exact=True).click()
    expect(line(page, "caller").last).to_have_text("1 2")
    expect(page.locator("#step")).to_have_text("balance.pin")
    page.get_by_role("button", name="hash").click()
    expect(state(page)).to_have_text("Call ended")
    expect(page.get_by_role("button", name="Call", exact=True)).to_be_visible()


def test_the_caller_hears_the_machine_and_sees_their_own_voice(page):
    page.evaluate("""() => {
      const join = AudioNode.prototype.connect;
      AudioNode.prototype.connect = function (to, ...more) {
        if (to instanceof AudioDestinationNode) {
          window.ear = new AnalyserNode(this.context, {fftSize: 2048});
          join.call(this, window.ear);
        }
        return join.call(this, to, ...more);
      };
    }""")
    page.get_by_role("button", name="Call", exact=True).click()
    page.wait_for_function("""() => {
      if (!window.ear) return false;
      const bins = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(bins);
      const loudest = bins.indexOf(Math.max(...bins));
      return Math.max(...bins) > -40 && Math.abs(loudest * 48000 / 2048 - 440) < 30;
    }""")
    page.wait_for_function(
        "() => Number(document.querySelector('#level').getAttribute('aria-valuenow')) > 40"
    )


def test_a_call_by_keyboard_alone(page):
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.locator("#number").focus()
    page.keyboard.press("Enter")
    expect(state(page)).to_have_text("In call")
    expect(line(page, "bot")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("7")
    page.keyboard.press("*")
    expect(line(page, "caller").last).to_have_text("7 *")
    page.keyboard.press("#")
    expect(state(page)).to_have_text("Call ended")


def test_the_person_hangs_up(page):
    page.get_by_role("button", name="Call", exact=True).dblclick()
    expect(state(page)).to_have_text("In call")
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Hang up").click()
    expect(state(page)).to_have_text("You hung up")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(state(page)).to_have_text("In call")


def test_a_muted_microphone_sends_silence(page):
    page.get_by_role("button", name="Call", exact=True).click()
    expect(state(page)).to_have_text("In call")
    mute = page.locator("#mute")
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    expect(mute).to_have_text("Muted")
    page.wait_for_function("() => document.querySelector('#level').getAttribute('aria-valuenow') === '0'")


def test_a_lost_connection_is_taken_up_again(page):
    page.get_by_role("button", name="Call", exact=True).click()
    expect(line(page, "bot")).to_be_visible()
    page.evaluate("sockets.at(-1).close()")
    expect(state(page)).to_have_text("Connection lost, reconnecting…")
    expect(state(page)).to_have_text("In call")
    page.keyboard.press("5")
    expect(line(page, "caller").last).to_have_text("5")


def test_a_number_nobody_has(page):
    page.locator("#number").fill("+15559999")
    page.keyboard.press("Enter")
    expect(state(page)).to_have_text("call: no such number +15559999")


@pytest.mark.parametrize("why", ["denied", "absent"])
def test_without_a_microphone_the_keys_are_offered(speaking, url, why):
    name = {"denied": "NotAllowedError", "absent": "NotFoundError"}[why]
    context = speaking.new_context()
    page = context.new_page()
    page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{name}'))"
    )
    page.goto(f"{url}/phone")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("keys only")
    offer = page.get_by_role("button", name="Call with keys only")
    expect(offer).to_be_focused()
    page.keyboard.press("Enter")
    expect(state(page)).to_have_text("In call")
    expect(line(page, "bot")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()
    page.keyboard.press("3")
    expect(line(page, "caller")).to_have_text("3")
    expect(page.locator("#mute")).to_be_disabled()
    context.close()
