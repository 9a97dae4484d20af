"""The agents' console in a real Chromium: seen, announced and pressed, by mouse and by keys, wide and narrow."""

from __future__ import annotations

import re
import time
import wave
from dataclasses import replace

import pytest
from agents import accept, ready, settle, talk
from playwright.sync_api import APIResponse, Route, expect

from ivr.agents.shapes import Agent
from ivr.legs import Legs

POP_S = 1.0
AGAIN = """async () => {
  const { x, y, width, height } = document.getElementById("press-hang-up").getBoundingClientRect();
  const press = () => document.elementFromPoint(x + width / 2, y + height / 2).closest("label, button")?.click();
  press();
  while (!document.getElementById("note")) await new Promise(requestAnimationFrame);
  const isSomethingThere = document.elementFromPoint(x + width / 2, y + height / 2).closest("label, button") !== null;
  press();
  return [isSomethingThere, document.querySelectorAll("#wrapup input:checked").length];
}"""
"""Presses End the call, and the same place again as soon as something else is there."""
AGED = """() => setInterval(() => {
  const hold = document.querySelector("[data-hold]:not([data-aged])");
  if (hold) Object.assign(hold.dataset, { aged: "yes", hold: hold.dataset.hold - 61_000 });
}, 50)"""
"""Makes a hold a minute older, again whenever the desk is shown anew."""
KEEP = """name => {
  navigator.locks.request(`console-${name}`, () => new Promise((done) => setTimeout(done, 600)));
}"""
"""The name of a window is still taken for a moment once its page is gone, as on a busy machine."""
WIDTHS = pytest.mark.parametrize("width", [1280, 360])


@pytest.mark.parametrize(
    ("width", "is_dark"),
    [
        pytest.param(1280, False, id="light-1280"),
        pytest.param(360, True, id="dark-360"),
        pytest.param(1280, True, id="dark-1280", marks=pytest.mark.slow),
        pytest.param(360, False, id="light-360", marks=pytest.mark.slow),
        pytest.param(195, False, id="light-twice-as-large", marks=pytest.mark.slow),
    ],
)
def test_every_state_fits_and_is_accessible(nora, counter, faults_of, pictures, width, is_dark):
    page = nora(width=width, height=800, is_dark=is_dark)
    colour = "dark" if is_dark else "light"

    def look(name: str) -> None:
        page.mouse.move(0, 0)
        page.screenshot(path=pictures / f"console-{name}-{width}-{colour}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert faults_of(page) == [], name

    expect(page.get_by_text("Phone ready")).to_be_visible()
    look("hello")
    ready(page)
    look("ready")
    ticket = counter.call()
    expect(page.get_by_text("Complaint, caller hung up")).to_be_visible()
    expect(page.get_by_text("482977")).to_be_visible()
    look("ringing")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=pictures / f"console-seen-{width}-{colour}.png")
    accept(page, counter, ticket)
    look("talking")
    page.locator("#back > summary").click()
    look("back")
    page.keyboard.press("Escape")
    page.locator("#press-hold").click()
    expect(page.locator("[data-hold]")).to_be_visible()
    look("hold")
    settle(page)
    page.locator("#press-hang-up").click()
    expect(page.get_by_label("Solved")).to_be_visible()
    look("notes")
    settle(page)
    page.get_by_label("Solved").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#my_state")).to_have_text("Ready")
    ticket = counter.call(name="", identity="none", caller="anonymous", mood="", mood_evidence=None)
    expect(page.locator("#who")).to_have_text("Number withheld")
    look("stranger")
    counter.queue.refuse(counter.queue.desk("nora").offers[0].offer_id, "no_answer")
    counter.queue.leave(ticket.ticket_id, "caller_hung_up")
    expect(page.get_by_text("You missed a call")).to_be_visible()
    look("missed")
    page.goto(f"{counter.url}/console/queues")
    expect(page.get_by_role("heading", name="Customer care")).to_be_visible()
    look("queues")


@WIDTHS
def test_the_pop_comes_within_a_second_and_its_button_needs_no_scrolling(nora, counter, width):
    page = ready(nora(width=width, height=640))
    began_s = time.monotonic()
    counter.call()
    page.locator("#accept").wait_for()
    assert time.monotonic() - began_s < POP_S
    box = page.locator("#accept").bounding_box()
    assert box["y"] + box["height"] <= 640
    assert page.locator("#who").bounding_box()["y"] < 640


def test_who_why_how_upset_and_what_was_done_are_seen_without_scrolling(nora, counter):
    page = ready(nora(height=720))
    counter.call()
    page.locator("#accept").wait_for()
    for what in ("#who", ".identity", ".reason", ".mood", ".done"):
        box = page.locator(what).bounding_box()
        assert box["y"] + box["height"] <= 720 * 2 / 3, what


def test_nothing_moves_under_the_hand_while_the_data_comes(nora, counter):
    page = ready(nora())
    counter.call()
    page.locator("#accept").wait_for()
    boxes = [page.locator(what).bounding_box() for what in ("#accept", "#decline", "#who")]
    expect(page.get_by_text("482977")).to_be_visible()
    assert [page.locator(what).bounding_box() for what in ("#accept", "#decline", "#who")] == boxes


def test_slow_and_failing_data_say_so_and_delay_nothing(nora, counter):
    page = ready(nora())
    began_s = time.monotonic()
    ticket = counter.call(caller="+447700900998")
    page.locator("#accept").wait_for()
    assert time.monotonic() - began_s < POP_S
    expect(page.get_by_text("Looking it up…").first).to_be_visible()
    expect(page.get_by_text("Could not be looked up now.").first).to_be_visible(timeout=8_000)
    counter.queue.leave(ticket.ticket_id, "caller_hung_up")
    expect(page.locator("#my_state")).to_have_text("Ready")
    counter.call(caller="+447700900999")
    expect(page.get_by_text("Could not be looked up now.").first).to_be_visible()
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_text("Could not be looked up now.").first).to_be_visible()


def test_a_whole_call_by_keyboard_alone(nora, counter):
    page = nora()
    page.keyboard.press("r")
    expect(page.locator("#my_state")).to_have_text("Ready")
    ticket = counter.call()
    page.locator("#accept").wait_for()
    settle(page)
    page.keyboard.press("a")
    expect(page.locator("#my_state")).to_have_text("In a call")
    counter.bridge(ticket)
    expect(page.get_by_text("Talking")).to_be_visible()
    settle(page)
    page.keyboard.press("h")
    expect(page.locator("[data-hold]")).to_be_visible()
    settle(page)
    page.keyboard.press("h")
    expect(page.get_by_text("Talking")).to_be_visible()
    settle(page)
    page.keyboard.press("m")
    expect(page.locator("#mute")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("t")
    expect(page.locator("#consult_number")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#consult > summary")).to_be_focused()
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Survey")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Solved")).to_be_visible()
    assert counter.queue.departure(ticket.call_id).target == "survey"
    settle(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("n")
    page.keyboard.type("ahead of her appeal")
    expect(page.locator("#note")).to_have_value("ahead of her appeal")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#about")).to_be_focused()
    page.keyboard.type("An order")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#my_state")).to_have_text("Ready")
    note = [one for one in counter.queue.news("0") if one.kind == "wrapped"][-1]
    assert (note.ticket_id, note.reason, note.fields["note"]) == (
        ticket.ticket_id,
        "solved",
        "ahead of her appeal",
    )
    assert counter.client.hget("noted", ticket.call_id) == "solved: order: ahead of her appeal"


def test_keys_are_shown_and_can_be_turned_off(nora, counter):
    page = ready(nora())
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.get_by_label("Use these keys").uncheck()
    page.keyboard.press("Escape")
    counter.call()
    page.locator("#accept").wait_for()
    settle(page)
    page.keyboard.press("a")
    page.keyboard.press("d")
    page.wait_for_timeout(200)
    assert counter.queue.desk("nora").offers


def test_a_ring_is_announced_once_with_who_and_why(nora, counter):
    page = ready(nora())
    page.evaluate(
        "window.said = []; new MutationObserver(() => said.push(alarm.textContent))"
        ".observe(window.alarm = document.getElementById('alarm'), {childList: true})"
    )
    counter.call()
    page.locator("#accept").wait_for()
    for _ in range(3):
        page.evaluate("htmx.trigger('#live', 'look')")
        page.wait_for_timeout(100)
    [said] = page.evaluate("said")
    assert said.startswith("Call from Ada Holloway. Her parcel arrived broken")
    assert "Identity proved by PIN" in said and "Mood: upset" in said
    assert page.title().startswith("☎ Ada Holloway")


def test_what_is_being_typed_stays_while_the_desk_changes(nora, counter):
    page = ready(nora())
    talk(page, counter)
    page.locator("#consult > summary").click()
    page.locator("#consult_number").fill("+44 20")
    counter.queue.choose("nora", "break", "lunch")
    expect(page.get_by_text("After this call")).to_be_visible()
    expect(page.locator("#consult_number")).to_be_focused()
    expect(page.locator("#consult_number")).to_have_value("+44 20")
    page.keyboard.type(" 7946 0018")
    expect(page.locator("#consult_number")).to_have_value("+44 20 7946 0018")


def test_a_second_click_on_accept_changes_nothing(nora, counter):
    page = ready(nora())
    ticket = counter.call()
    page.locator("#accept").wait_for()
    settle(page)
    page.locator("#accept").dblclick(delay=30)
    expect(page.locator("#my_state")).to_have_text("In a call")
    page.wait_for_timeout(300)
    assert counter.queue.held(ticket.ticket_id).state == "briefing"


def test_a_click_meant_for_what_was_there_before_presses_nothing(nora, counter):
    page = ready(nora())
    talk(page, counter)
    hit, checked = page.evaluate(AGAIN)
    assert hit and checked == 0


def test_an_answer_whose_button_is_gone_already_changes_the_desk_in_place(nora, counter):
    page = ready(nora())
    expect(page.locator("#phone_state")).to_have_text("Phone ready")
    answers: list[tuple[Route, APIResponse]] = []
    page.route("**/console/offers/*/accept", lambda route: answers.append((route, route.fetch())))
    counter.call()
    page.locator("#accept").wait_for()
    settle(page)
    page.locator("#accept").click()
    expect(page.locator("#my_state")).to_have_text("In a call")
    expect(page.locator("#accept")).to_have_count(0)
    route, answer = answers[0]
    with page.expect_response("**/accept"):
        route.fulfill(response=answer)
    page.wait_for_timeout(200)
    assert page.locator("#desk").count() == 1
    expect(page.locator("#phone_state")).to_have_text("Phone ready")


def test_a_second_window_is_told_and_takes_over_only_when_asked(nora, counter):
    first = ready(nora())
    second = first.context.new_page()
    second.goto(f"{counter.url}/console")
    expect(second.get_by_text("The console is open in another window.")).to_be_visible()
    counter.call()
    first.locator("#accept").wait_for()
    second.get_by_role("button", name="Use it here").click()
    expect(second.get_by_text("The console is open in another window.")).to_be_hidden()
    expect(second.locator("#accept")).to_be_visible()
    expect(first.get_by_text("The console is open in another window.")).to_be_visible(timeout=6_000)
    settle(second)
    second.locator("#accept").click()
    expect(second.locator("#my_state")).to_have_text("In a call")


def test_a_colleague_who_answers_or_goes_is_seen_at_once(nora, counter):
    page = ready(nora())
    ticket = talk(page, counter)
    page.keyboard.press("t")
    expect(page.get_by_text("No colleague is signed in now.")).to_be_visible()
    counter.queue.sign_in(Agent("sam", "Sam Okafor", ("complaints",)), "another page")
    page.get_by_label("Sam Okafor").check()
    counter.queue.choose("sam", "ready")
    expect(page.locator(".pick")).to_have_text(re.compile("Sam Okafor +ready"))
    expect(page.get_by_label("Sam Okafor")).to_be_checked()
    page.get_by_role("button", name="Call them").click()
    expect(page.get_by_text("Ringing Sam Okafor")).to_be_visible()
    legs = Legs(counter.client)
    legs.keep_consult(ticket.ticket_id, replace(legs.consult(ticket.ticket_id), is_joined=True))
    expect(page.get_by_role("button", name="Hand over")).to_be_visible()
    counter.queue.end_consult(ticket.ticket_id)
    legs.end_consult(ticket.ticket_id)
    expect(page.get_by_role("button", name="Hand over")).to_have_count(0)


def test_loading_anew_goes_on_where_it_was(nora, counter):
    page = ready(nora())
    talk(page, counter)
    page.reload()
    expect(page.get_by_text("Talking")).to_be_visible()
    expect(page.get_by_text("The console is open in another window.")).to_be_hidden()
    settle(page)
    page.locator("#press-hold").click()
    expect(page.locator("[data-hold]")).to_be_visible()


def test_loading_anew_waits_for_the_page_before_to_let_go(nora, counter):
    page = ready(nora())
    name = page.evaluate("sessionStorage.getItem('console-page')")
    other = page.context.new_page()
    other.goto(f"{counter.url}/login")
    other.evaluate(KEEP, name)
    page.reload()
    expect(page.locator("#phone_state")).to_have_text("Phone ready", timeout=10_000)
    assert page.evaluate("sessionStorage.getItem('console-page')") == name


def test_a_lost_connection_is_said_and_made_good(nora, counter):
    page = ready(nora())
    page.context.set_offline(True)
    expect(page.get_by_text("Connection lost.")).to_be_visible(timeout=10_000)
    counter.call()
    page.context.set_offline(False)
    expect(page.locator("#accept")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("Connection lost.")).to_be_hidden()


@pytest.mark.parametrize("how", ["lost", "failed"])
def test_a_window_whose_first_word_got_no_answer_says_it_again(nora, once, how):
    page = nora()
    asked = once(page, "**/console/here", how)
    page.reload()
    expect(page.locator("#phone_state")).to_have_text("Phone ready", timeout=10_000)
    expect(page.get_by_text("Connection lost.")).to_be_hidden()
    assert len(asked) == 2


def test_one_failed_beat_is_forgotten_with_the_next(nora, once):
    page = ready(nora())
    once(page, "**/console/beat", "failed")
    expect(page.get_by_text("Connection lost.")).to_be_visible(timeout=5_000)
    expect(page.get_by_text("Connection lost.")).to_be_hidden(timeout=5_000)


def test_who_is_signed_out_is_told_where_to_sign_in(nora, counter):
    page = ready(nora())
    page.context.clear_cookies()
    expect(page.get_by_text("You are signed out.")).to_be_visible(timeout=8_000)
    expect(page.get_by_role("link", name="Sign in again")).to_have_attribute("href", "/login?next=/console")


def test_a_caller_left_on_hold_raises_an_alarm(nora, counter):
    page = ready(nora())
    talk(page, counter)
    page.locator("#press-hold").click()
    page.locator("[data-hold]").wait_for()
    assert "late" not in page.locator("[data-hold]").get_attribute("class")
    page.evaluate(AGED)
    expect(page.locator("[data-hold]")).to_have_class(re.compile("late"))
    expect(page.locator("#alarm")).to_have_text("The caller has been on hold for more than a minute.")


def test_the_caller_stays_in_sight_while_notes_are_written(nora, counter):
    page = ready(nora())
    talk(page, counter)
    page.locator("#press-hang-up").click()
    expect(page.get_by_label("Solved")).to_be_visible()
    expect(page.locator("#kept_head #who")).to_have_text("Ada Holloway")
    expect(page.locator("#kept_brief")).to_contain_text("my parcel arrived broken")


def test_time_for_notes_does_not_run_out_on_a_writing_hand(nora, counter):
    page = ready(nora())
    talk(page, counter)
    page.locator("#press-hang-up").click()
    page.locator("#note").wait_for()
    settle(page)
    until_ms = counter.queue.desk("nora").until_ms
    page.evaluate("document.querySelector('#wrapup [data-until]').dataset.until -= 55_000")
    page.locator("#note").press_sequentially("she")
    expect(page.locator("#note")).to_be_focused()
    deadline = time.monotonic() + 3
    while counter.queue.desk("nora").until_ms <= until_ms and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert counter.queue.desk("nora").until_ms > until_ms


def test_a_message_is_played_and_dealt_with(nora, counter, faults_of, pictures):
    (counter.folder / "messages").mkdir(exist_ok=True)
    with wave.open(str(counter.folder / "messages" / "rec1.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(32_000))
    page = nora()
    ticket = counter.call()
    counter.queue.leave_message(ticket.ticket_id, "rec1", "please call me about the broken parcel", 2_000)
    page.get_by_role("button", name="Ready for calls").click()
    page.locator("#accept").wait_for()
    settle(page)
    page.locator("#accept").click()
    page.wait_for_function("() => document.querySelector('#message')?.duration === 2")
    expect(page.get_by_text("please call me about the broken parcel")).to_be_visible()
    page.screenshot(path=pictures / "console-message-1280-light.png", full_page=True)
    assert faults_of(page) == []
    settle(page)
    page.get_by_role("button", name="Dealt with").click()
    expect(page.locator("#my_state")).not_to_have_text("In a call")
    assert counter.queue.held(ticket.ticket_id) is None


def test_signing_out_leaves_the_line(nora, counter):
    page = ready(nora())
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
    assert counter.queue.desk("nora") is None or counter.queue.desk("nora").state == "offline"


def test_everything_that_is_pressed_is_large_enough(nora, counter):
    page = ready(nora(width=360))
    talk(page, counter)
    for control in page.locator("button:visible, input:visible, summary:visible").all():
        assert control.bounding_box()["height"] >= 44, control.evaluate("one => one.outerHTML")
