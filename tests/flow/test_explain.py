"""What ``ivr explain`` tells of a step, part by part."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.flow import explain
from ivr.flow.load import load, parse

ROOT = Path(__file__).parents[2]
GOOD = Path(__file__).parents[1] / "flows" / "good"
SITE = (GOOD / "site.yaml").read_text(encoding="utf-8").replace('numbers: { "+441632960001": other }', "")
MAIN = """flow: main
about: For a test.
timers: { complete: 400ms }
start: menu
steps:
  menu:
    note: For colleagues.
    ask: Which one?
    choices:
      red: { phrases: [red, the red one, a red one, scarlet, crimson], key: 1, label: the red one, next: number }
      blue: { key: 2, next: bye }
    timers: { no_input: 9s }
    no_match: [Red or blue?]
  number: { collect: number, ask: Which number?, digits: 8, check: luhn, next: look }
  look:
    look_up: parcel
    with: { number: "{{ number }}", phone: "{{ caller }}" }
    into: found
    found: tell
    failed: person
  tell: { say: "It is {{ found.status }}.", next: done }
  person: { transfer: desk, reason: Lost., needs: pin }
  bye: { hang_up: "" }
"""


def told(step: str, main: str = MAIN) -> dict[str, tuple[str, ...]]:
    book = parse({"site.yaml": SITE, "main.yaml": main})
    timers = {"no_input": 9000, "complete": 400, "between_keys": 2500, "confident": 600}
    parts = explain.of_step(book, book.flows["main"], step, timers if step == "menu" else {})
    return {part.heading: part.lines for part in parts}


def test_a_question_in_full() -> None:
    assert told("menu") == {
        "main.menu (main.yaml, line 6)": (
            "It asks to choose: “Which one?”",
            "Note: For colleagues.",
        ),
        "What it says": (
            "“Which one?”",
            "after silence, 1: “I didn't hear you.” (the site's words)",
            "after silence, 2: “Are you there?” (the site's words)",
            "when not understood, 1: “Red or blue?”",
            "for help: “Just talk.” (the site's words)",
        ),
        "What callers may answer": (
            "the red one: key 1, or “red”, “the red one”, “a red one”, “scarlet” and 1 more",
            "blue: key 2",
            "anywhere: help, repeat (key 9), slower, go back, start over, a person (key 0)",
        ),
        "Timers": (
            "no_input: 9 s, silence before the question is asked again (from this step)",
            "complete: 0.4 s, silence that ends an answer that is complete (from the flow, main.yaml line 3)",
            "between_keys: 2.5 s, pause after a key while more may come (from the site, site.yaml line 8)",
            "confident: 0.6 s, silence that ends a sentence whose meaning is clear (by default)",
            "barge_in: speech (by default)",
        ),
        "Where it leads": (
            "1  the red one: number, which asks for number, 8 digits: “Which number?”",
            "2  blue: bye, which says goodbye and ends the call",
            "silent more than 3 times: a person of the front desk",
            "not understood more than 3 times: a person of the front desk",
        ),
        "Who leads here": ("the flow main begins here", "every call that no other flow is named for"),
    }


def test_the_fields_a_step_needs_and_who_sets_them() -> None:
    assert told("look")["Fields it needs"] == ("number, set by main.number",)
    assert told("look")["Fields it sets"] == ("found",)
    assert told("tell")["Fields it needs"] == ("found, set by main.look",)


def test_who_leads_to_a_step_and_by_what() -> None:
    assert told("bye")["Who leads here"] == ("menu (ask): 2  blue",)
    assert told("person")["Who leads here"] == ("look (look up): failed",)


def test_what_a_caller_must_have_proved() -> None:
    (head, *_) = told("person").values()
    assert head[-1] == "The caller must be known by pin, and is led there first."


def test_values_are_told_in_words() -> None:
    assert told("number")["What callers may answer"][0] == (
        "8 digits; spoken or keyed, # ends it early; with a right luhn check digit"
    )


FORM = """flow: main
start: details
steps:
  details:
    form:
      number: { digits: 4, ask: Which number?, exists: parcel, no_match: No number., help: On the card. }
      day: { type: date, ask: Which day?, at_least: today+1, optional: true }
    confirm: "{{ number | digits }} on {{ day | date }} for {{ caller }}?"
    next: done
"""


def test_a_form_is_told_field_by_field() -> None:
    parts = told("details", FORM)
    assert parts["What it says"][:6] == (
        "“Which number?”",
        "for number: “Which number?”",
        "for number, when not understood, 1: “No number.”",
        "for number, for help: “On the card.”",
        "for day: “Which day?”",
        "at the end: “[number] on [day] for [caller]?”",
    )
    assert parts["What callers may answer"][:2] == (
        "number: 4 digits; spoken or keyed, # ends it early; found by the look-up parcel",
        "day: a date; at least today+1, not asked for",
    )
    assert parts["Fields it sets"] == ("number", "day")
    assert "Fields it needs" not in parts


def test_a_flow_is_told_step_by_step() -> None:
    book = parse({"site.yaml": SITE, "main.yaml": MAIN})
    head, steps, leads = explain.of_flow(book, book.flows["main"])
    assert (head.heading, head.lines) == ("main (main.yaml)", ("For a test.",))
    assert "tell: says “It is [status].” and goes on" in steps.lines
    assert leads.lines == ("every call that no other flow is named for",)


@pytest.mark.parametrize("folder", [GOOD, ROOT / "call_flows"], ids=lambda folder: folder.name)
def test_every_step_can_be_explained(folder: Path) -> None:
    book = load(folder)
    for flow in book.flows.values():
        for step in flow.steps:
            assert explain.of_step(book, flow, step, {})
