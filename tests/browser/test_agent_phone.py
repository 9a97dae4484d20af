"""The agent's telephone on the page: found again after every loss, and answered for what was accepted alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from agents import ready, settle
from playwright.sync_api import Locator, Page, Route, WebSocketRoute, expect

SOCKETS = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...all) { super(...all); window.sockets.push(this); }
};
"""
LATE_MICROPHONE = """() => {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    await new Promise((done) => (window.letIn = done));
    return (window.microphone = await open(wanted));
  };
}"""
ASLEEP = """{
  const wake = new Promise((done) => (window.wakeUp = done));
  AudioContext.prototype.resume = () => wake;
  Object.defineProperty(AudioContext.prototype, "state", { get: () => "suspended" });
}"""
"""The loudspeaker is off until somebody has clicked."""
DENIED = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
GIVEN_UP = """async () => {
  const { Softphone } = await import("/static/softphone.js");
  const url = `ws://${location.host}/exchange/phone`;
  const phone = new Softphone({ url, worklet: "" });
  const until = (state) => new Promise((done) => phone.addEventListener("state", ({ detail }) => {
    if (detail.state === state) done();
  }));
  let late = () => {};
  let isAsked = () => {};
  const asked = new Promise((done) => (isAsked = done));
  const isReady = until("ready");
  phone.register("client:nora", { leg: "one", token: () => (isAsked(), new Promise((done) => (late = done))) });
  await asked;
  phone.unregister();
  phone.register("client:nora", { leg: "one", token: async () => (late("late"), "fresh") });
  await isReady;
}"""
"""Registers anew while the token of the first time is still on its way; that one comes with the second."""
CLICK = "Click anywhere on the page"
TWILIO = """async () => {
  const devices = [], states = [];
  window.Twilio = {
    Device: class {
      handlers = {};
      state = "unregistered";
      constructor(token) {
        if (!token) throw new TypeError("no token");
        this.tokens = [token];
        devices.push(this);
      }
      on(name, handler) { this.handlers[name] = handler; }
      async register() {
        if (devices.length === 1) throw new Error("no way to the network");
        this.state = "registered";
        this.handlers.registered();
      }
      updateToken(token) {
        if (!token) throw new TypeError("no token");
        this.tokens.push(token);
      }
      destroy() { this.state = "destroyed"; }
    },
  };
  const { TwilioPhone } = await import("/static/twiliophone.js");
  const tokens = ["", "first", "second", "", "third"];
  const phone = new TwilioPhone();
  const until = (state) => new Promise((done) => phone.addEventListener("state", ({ detail }) => {
    states.push(detail.state);
    if (detail.state === state) done();
  }));
  const isReady = until("ready");
  phone.register("client:nora", { token: async () => tokens.shift() });
  await isReady;
  const device = devices.at(-1);
  device.state = "unregistered";
  device.handlers.unregistered();
  const isBack = until("ready");
  device.handlers.tokenWillExpire();
  await isBack;
  return [devices.map(({ state, tokens }) => [state, ...tokens]), states.at(-1)];
}"""
"""Twilio's network, scripted: the first token, the first device and the token that renews it all fail once."""


@pytest.fixture
def rung(nora, counter) -> Iterator[Callable[..., tuple[Page, str]]]:
    """The console with a call offered and the telephone ringing, and the id of the call to the telephone."""
    calls: list[str] = []

    def ring(init_script: str = "") -> tuple[Page, str]:
        page = nora()
        page.add_init_script(init_script)
        page.reload()
        ready(page)
        expect(phone(page)).to_have_text("Phone ready")
        counter.call()
        page.locator("#accept").wait_for()
        calls.append(counter.ring("nora"))
        expect(phone(page)).to_have_text("Phone ringing")
        settle(page)
        return page, calls[-1]

    yield ring
    for call in calls:
        counter.give_up(call)


def phone(page: Page) -> Locator:
    return page.locator("#phone_state")


def sound(page: Page) -> Locator:
    return page.locator("#sound_text")


def refusing(page: Page) -> list[str]:
    """From the next page on the exchange refuses the first to register, and knows of no call; what it is told."""
    told: list[str] = []

    def meet(socket: WebSocketRoute) -> None:
        def hear(message: str | bytes) -> None:
            order = json.loads(message)["do"]
            told.append(order)
            if order == "register" and told.count(order) > 1:
                socket.send(json.dumps({"on": "registered"}))
            else:
                socket.send(json.dumps({"on": "error", "order": order, "text": f"{order}: no"}))

        socket.on_message(hear)

    page.route_web_socket("**/exchange/phone", meet)
    return told


def test_without_a_token_it_tries_again(nora, once):
    page = nora()
    asked = once(page, "**/console/token", "lost")
    page.reload()
    expect(phone(page)).to_have_text("Phone ready", timeout=10_000)
    assert len(asked) == 2


def test_refused_it_tries_again(nora):
    page = nora()
    told = refusing(page)
    page.reload()
    expect(phone(page)).to_have_text("Phone ready", timeout=10_000)
    assert told == ["register"] * 2


def test_refused_while_it_looks_for_its_call_it_is_not_ready(nora):
    page = nora()
    expect(phone(page)).to_have_text("Phone ready")
    told = refusing(page)
    page.evaluate("localStorage.setItem('console-leg', 'one that is over')")
    page.reload()
    expect(phone(page)).to_have_text("Phone ready", timeout=10_000)
    assert told[-2:] == ["register", "attach"] and told.count("register") == 2


def test_a_telephone_that_was_given_up_before_its_token_came_asks_for_nothing(open_page):
    page = open_page("/login")
    told = refusing(page)
    page.reload()
    page.evaluate(GIVEN_UP)
    assert told == ["register", "attach", "register", "attach"]


def test_without_a_microphone_a_call_that_is_carried_on_says_so(rung):
    page, _ = rung()
    page.locator("#accept").click()
    expect(phone(page)).to_have_text("Phone in a call")
    page.add_init_script(DENIED)
    page.on("dialog", lambda question: question.accept())
    page.reload()
    expect(phone(page)).to_have_text("Phone in a call", timeout=10_000)
    expect(sound(page)).to_contain_text("The microphone is blocked")


def test_accepted_is_answered_though_the_desk_is_told_of_the_ring_once_more(rung):
    page, _ = rung()
    accepting: list[Route] = []
    page.route("**/console/offers/*/accept", lambda route: accepting.append(route))
    page.locator("#accept").click()
    with page.expect_response("**/console/desk"):
        page.evaluate("htmx.trigger('#live', 'look')")
    page.wait_for_timeout(100)
    accepting[0].continue_()

    expect(phone(page)).to_have_text("Phone in a call")


def test_it_rings_on_where_its_connection_broke(rung):
    page, _ = rung(SOCKETS)
    page.evaluate("sockets.at(-1).close()")
    expect(phone(page)).to_have_text("Phone lost, reconnecting…")
    expect(phone(page)).to_have_text("Phone ringing")
    page.locator("#accept").click()
    expect(phone(page)).to_have_text("Phone in a call")


def test_it_is_answered_where_its_connection_broke_meanwhile(rung):
    page, _ = rung(SOCKETS)
    page.evaluate(LATE_MICROPHONE)
    page.locator("#accept").click()
    page.wait_for_function("() => window.letIn")
    page.evaluate("sockets.at(-1).close()")
    expect(phone(page)).to_have_text("Phone lost, reconnecting…")
    page.evaluate("letIn()")
    expect(phone(page)).to_have_text("Phone in a call")


def test_a_caller_who_goes_while_the_microphone_opens_leaves_it_closed(rung, counter):
    page, call = rung()
    page.evaluate(LATE_MICROPHONE)
    page.locator("#accept").click()
    page.wait_for_function("() => window.letIn")
    counter.give_up(call)
    expect(phone(page)).to_have_text("Phone ready")
    page.evaluate("letIn()")
    page.wait_for_function(
        "() => window.microphone?.getTracks().every((track) => track.readyState === 'ended')"
    )
    expect(page.locator("#sound")).to_be_hidden()


def test_the_wish_for_a_click_goes_once_the_sound_is_on(rung):
    page, _ = rung()
    page.locator("#accept").click()
    expect(phone(page)).to_have_text("Phone in a call")
    page.add_init_script(ASLEEP)
    page.on("dialog", lambda question: question.accept())
    page.reload()
    expect(sound(page)).to_contain_text(CLICK, timeout=10_000)
    page.evaluate("wakeUp()")
    expect(page.locator("#sound")).to_be_hidden()


def test_over_twilio_every_failed_attempt_is_made_again(open_page):
    page = open_page("/login")
    assert page.evaluate(TWILIO) == [[["destroyed", "first"], ["registered", "second", "third"]], "ready"]
