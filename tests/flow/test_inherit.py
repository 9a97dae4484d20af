"""Settings of site, flow and step, inherited in that order, and look-ups that are data."""

from __future__ import annotations

import pytest
from corpus import LOOKUPS, good_files

from ivr.errors import FlowError
from ivr.flow.load import parse
from ivr.flow.model import Ask, Say, Spoken
from ivr.flow.site import Book

OURS = """\
barge_in: hotword
voice: site-voice
"""
FLOW = """\
flow: third
start: a
{head}
steps:
  a: {{ say: Hello., next: b }}
  b:
    ask: Well?
    {own}
    choices: {{ fine: {{ phrases: fine, next: done }} }}
"""


def book(head: str = "", own: str = "", site: str = OURS) -> Book:
    files = good_files()
    files["site.yaml"] += site
    files["third.yaml"] = FLOW.format(head=head, own=own)
    return parse(files, LOOKUPS)


def spoken(book: Book) -> Spoken:
    step = book.flows["third"].steps["b"]
    assert isinstance(step, Ask)
    return step


def test_a_step_has_what_the_site_says() -> None:
    step = spoken(book())
    assert (step.barge_in, step.voice) == ("hotword", "site-voice")
    assert (step.timers.no_input, step.timers.between_keys, step.timers.complete) == (4_000, 2_500, 250)
    said = book().flows["third"].steps["a"]
    assert isinstance(said, Say) and (said.barge_in, said.voice) == ("hotword", "site-voice")


def test_the_flow_wins_over_the_site_and_the_step_over_both() -> None:
    head = "barge_in: 'off'\nvoice: flow-voice\ntimers: { no_input: 6s, complete: 200ms }"
    step = spoken(book(head, "timers: { no_input: 7s }"))
    assert (step.barge_in, step.voice) == ("off", "flow-voice")
    assert (step.timers.no_input, step.timers.complete, step.timers.between_keys) == (7_000, 200, 2_500)
    own = spoken(book(head, "barge_in: speech\n    voice: step-voice"))
    assert (own.barge_in, own.voice) == ("speech", "step-voice"), (
        "what stands in the step wins, a default too"
    )


def test_where_nobody_says_anything_the_defaults_hold() -> None:
    step = spoken(book(site=""))
    assert (step.barge_in, step.voice, step.timers.max_speech) == ("speech", "", None)


LOOK_UPS = """\
look_ups:
  parcel:
    sql: select state from parcels where number = :number
    parameters: [number]
    fields: { state: state }
"""
ASKING = """\
flow: third
start: a
steps:
  a: { look_up: parcel, with: { number: "{{ account }}" }, found: b, failed: done }
  b: { say: "{{ parcel.state }}", next: done }
"""


def test_look_ups_that_are_data_are_in_the_book_and_known_to_its_flows() -> None:
    files = good_files() | {"look_ups.yaml": LOOK_UPS, "third.yaml": ASKING}
    found = parse(files, LOOKUPS)
    assert found.look_ups["parcel"].parameters == ("number",)
    assert found.version != parse(good_files() | {"third.yaml": ASKING}, None).version


def test_what_a_flow_asks_of_them_is_checked() -> None:
    wrong = ASKING.replace("parcel.state", "parcel.sate").replace("{ number:", "{ nmuber:")
    with pytest.raises(FlowError) as raised:
        parse(good_files() | {"look_ups.yaml": LOOK_UPS, "third.yaml": wrong}, LOOKUPS)
    assert {fault.code for fault in raised.value.faults} >= {"parameter", "unknown-field"}


def test_a_broken_list_of_look_ups_gives_its_own_faults_alone() -> None:
    for text, code in (
        (LOOK_UPS.replace("fields", "fileds"), "unknown-key"),
        ("look_ups: {a: [", "indentation"),
    ):
        with pytest.raises(FlowError) as raised:
            parse(good_files() | {"look_ups.yaml": text, "third.yaml": ASKING}, LOOKUPS)
        assert [(fault.file, fault.code) for fault in raised.value.faults] == [("look_ups.yaml", code)]
