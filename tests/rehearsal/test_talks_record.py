"""A call that was walked in words becomes a talk that passes."""

from __future__ import annotations

import pytest
from playkit import BOOK, turns
from ruamel.yaml import YAML

from ivr.actions import Say
from ivr.errors import FlowError, IvrError
from ivr.rehearsal import read, text
from ivr.rehearsal.judge import judge
from ivr.rehearsal.record import Recording, written

GIVEN = """given:
  at: 2026-01-05 09:30
  caller: "+447700900555"
  called: "+441632960001"
  profile: { name: Ada }
  agents: none
  look_ups:
    parcel:
      - { with: { number: 1111 }, gives: not found }
      - { with: { number: 2222 }, gives: failed }
      - { gives: { status: here } }
"""


def recorded(body, given=GIVEN):
    """What a recording sees of a call that goes like this talk."""
    stage, recording = text.perform(turns(body, given), BOOK), Recording()
    for moment in stage.moments:
        recording.watch(moment.state, moment.event, moment.actions)
    return recording


def passes(whole, file="calls.talks.yaml"):
    for script in read.parse(whole, file, BOOK):
        assert not judge(text.perform(script, BOOK))
    return YAML(typ="safe").load(whole)


CALL = """
- caller: my parcel
- keys: 1111
- caller: 'no'
- keys: 3333
  ends: completed
"""


def test_a_call_becomes_a_talk_with_its_turns_and_what_was_given() -> None:
    whole = written("", "calls.talks.yaml", "my call", recorded(CALL), BOOK)
    document = passes(whole)
    talk = document["talks"]["my call"]
    assert document["flow"] == "main"
    given = talk["given"]
    assert (given["at"], given["caller"], given["called"]) == (
        "2026-01-05 09:30",
        "+447700900555",
        "+441632960001",
    )
    assert given["profile"] == {"name": "Ada"}
    assert given["look_ups"] == {
        "parcel": [
            {"with": {"number": "1111"}, "gives": "not found"},
            {"with": {"number": "3333"}, "gives": {"status": "here"}},
        ]
    }
    acts = [(turn.get("caller"), turn.get("keys")) for turn in talk["turns"]]
    assert acts == [(None, None), ("my parcel", None), (None, "1111"), ("no", None), (None, "3333")]
    assert talk["turns"][-1]["bot"] == ["Your parcel is here.", "Goodbye."]
    assert talk["turns"][-1]["ends"] == "completed"


def test_silence_transfers_and_queues_are_kept() -> None:
    whole = written("", "calls.talks.yaml", "one", recorded("- silent: 5s\n- keys: 1\n- keys: 2222\n"), BOOK)
    talk = passes(whole)["talks"]["one"]
    assert talk["given"]["agents"] == "none"
    assert talk["turns"][1]["silent"] == "5s"
    assert talk["turns"][-1]["transfer"] == {"queue": "desk", "reason": "Looks for 2222."}


def test_the_same_question_may_have_had_several_answers() -> None:
    given = "given: { look_ups: { parcel: [{ gives: not found, times: 2 }, { gives: { status: here } }] } }\n"
    again = "- keys: 1\n- keys: 1111\n- caller: 'no'\n- keys: 2222\n- caller: 'no'\n- keys: 3333\n"
    whole = written("", "calls.talks.yaml", "one", recorded(again, given), BOOK)
    assert len(passes(whole)["talks"]["one"]["given"]["look_ups"]["parcel"]) == 3


def test_a_talk_is_added_to_a_file_that_stays_as_it_was() -> None:
    before = "# ours\nflow: main\ntalks:\n  one:\n    - bot:  Welcome   # here\n"
    whole = written(before, "calls.talks.yaml", "one", recorded(CALL), BOOK)
    assert whole.startswith(before)
    assert list(passes(whole)["talks"]) == ["one", "one (2)"]


def test_a_file_that_cannot_be_added_to_is_refused() -> None:
    with pytest.raises(IvrError, match="move 'talks:' to the end"):
        written(
            "talks: { one: [{ bot: hi }] }\nflow: main\n", "calls.talks.yaml", "two", recorded(CALL), BOOK
        )
    with pytest.raises(FlowError, match="unknown-key"):
        written("flow: main\ntalk: {}\n", "calls.talks.yaml", "two", recorded(CALL), BOOK)


def test_what_does_not_come_again_is_left_out() -> None:
    recording = recorded(CALL)
    state, event, actions = recording.moments[0]
    recording.moments[0] = (state, event, (*actions, Say(prompt_id="p99", phrases=("Only today!",))))
    first, *_ = passes(written("", "calls.talks.yaml", "one", recording, BOOK))["talks"]["one"]["turns"]
    assert first == {"caller": "my parcel", "bot": ["Which number?"]}
