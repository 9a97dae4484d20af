"""What people see, wide and narrow, light and dark: it fits, the main button is seen, axe is content."""

from __future__ import annotations

import pytest

WIDTHS = pytest.mark.parametrize("width", [1280, 360])
COLOURS = pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
DENY = """() => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
}"""
TALK = """() => {
  const line = (who, name, words, at) => {
    const item = document.createElement("li");
    item.dataset.who = who;
    for (const [kind, text] of [["who", name], ["words", words], ["at", at]]) {
      const part = document.createElement("span");
      [part.className, part.textContent] = [kind, text];
      if (text) item.append(part);
    }
    document.querySelector("#transcript").append(item);
  };
  document.querySelector("#empty").hidden = true;
  document.querySelector("#phone").dataset.state = "talking";
  document.querySelector("#state").textContent = "In call";
  document.querySelector("#call_label").textContent = "Hang up";
  document.querySelector("#step").textContent = "balance.pin";
  document.querySelector("#level").style.setProperty("--level", 0.6);
  for (const key of document.querySelectorAll("[data-key], #mute")) key.disabled = false;
  line("bot", "Desk", "Good morning, this is Larkfield. How can I help you?", "0:00");
  line("caller", "You", "what is my balance", "0:04");
  line("bot", "Desk", "Please key in your account number, then the hash key.", "0:05");
  line("caller", "You, by keys", "* * * * * * #", "0:09");
  line("note", "", "Looking that up: account", "");
}"""


@pytest.mark.parametrize("width", [1280, 360, 195])
@COLOURS
@pytest.mark.parametrize("name", ["home", "phone", "phone-in-call"])
def test_pages_fit_and_are_accessible(open_page, faults_of, pictures, name, width, is_dark):
    page = open_page("/" if name == "home" else "/phone", width=width, height=800, is_dark=is_dark)
    if name == "phone-in-call":
        page.evaluate(TALK)
    page.screenshot(path=pictures / f"{name}-{width}-{'dark' if is_dark else 'light'}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults_of(page) == []


@WIDTHS
def test_a_missing_microphone_is_said_without_moving_the_call_button(open_page, faults_of, pictures, width):
    page = open_page("/phone", width=width)
    page.evaluate(DENY)
    before = page.locator("#call").bounding_box()
    page.locator("#call").click()
    page.get_by_role("button", name="Call with keys only").wait_for()
    page.screenshot(path=pictures / f"phone-denied-{width}.png")
    assert page.locator("#call").bounding_box() == before
    assert faults_of(page) == []


@WIDTHS
def test_the_call_button_is_seen_without_scrolling(open_page, width):
    page = open_page("/phone", width=width, height=640)
    box = page.locator("#call").bounding_box()
    assert box["y"] + box["height"] <= 640


@WIDTHS
def test_everything_that_is_pressed_is_large_enough(open_page, width):
    page = open_page("/phone", width=width)
    for control in page.locator("button:visible, input:visible, summary:visible, .brand").all():
        assert control.bounding_box()["height"] >= 44


def test_the_call_button_stays_where_it_is_from_state_to_state(open_page):
    page = open_page("/phone")
    before = page.locator("#call").bounding_box()
    page.evaluate(TALK)
    assert page.locator("#call").bounding_box() == before


def test_nothing_moves_for_those_who_ask_for_it(open_page):
    page = open_page("/phone", reduced_motion="reduce")
    page.evaluate("document.querySelector('#phone').dataset.state = 'ringing'")
    assert page.evaluate("getComputedStyle(document.querySelector('.dot')).animationName") == "none"
