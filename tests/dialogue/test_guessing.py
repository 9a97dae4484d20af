"""What else a caller may have said: looked for in the company's data, read back, bounded, never of a secret."""

from __future__ import annotations

import pytest
from sitekit import OTHERS
from talkkit import Talk

from ivr.actions import Lookup
from ivr.dialogue.engine import handle
from ivr.dialogue.expect import expectation
from ivr.dialogue.fields import MOST_GUESSED
from ivr.dialogue.state import to_json
from ivr.events import Heard, Hypothesis
from ivr.flow.load import parse

COLLECT = """
flow: main
start: it
steps:
  it: {{ collect: it, digits: {digits}, ask: What is it?, next: after{more} }}
  after:
    ask: Anything else?
    choices:
      again: {{ phrases: [once more], next: it }}
      enough: {{ phrases: ["no"], next: done }}
"""
FORM = """
flow: main
start: it
steps:
  it:
    form:
      it: {{ digits: {digits}, ask: What is it?{more} }}
    next: after
  after:
    ask: Anything else?
    choices:
      again: {{ phrases: [once more], next: it }}
      enough: {{ phrases: ["no"], next: done }}
"""
HEARD = "one eight three four"
"""Where eight is heard, six was said nearly as often."""


def book(flow, digits=4, **keys):
    more = "".join(f", {key}: {value}" for key, value in keys.items())
    return parse({**OTHERS, "main.yaml": flow.format(digits=digits, more=more)})


@pytest.fixture(params=[COLLECT, FORM], ids=["collect", "form"])
def flow(request):
    return request.param


def asked(flow, digits=4, **keys):
    talk = Talk(book(flow, digits, **keys))
    talk.hears()
    return talk


def says(talk, text, confidence=0.5):
    talk.hears()
    talk.says(text, confidence=confidence)


def looked_for(talk, *found):
    """All that is looked for, one after the other, until the data has it."""
    tried = []
    while talk.state.phase == "looking_up":
        tried.append(next(iter(talk.of(Lookup)[0].parameters.values())))
        talk.looked_up(tried[-1] in found)
    return tried


def test_what_sounds_alike_is_looked_for_before_asking_again(flow):
    talk = asked(flow, exists="order_exists")
    says(talk, HEARD)
    tried = looked_for(talk, "1634")
    assert tried[0] == "1834" and tried[-1] == "1634"
    assert talk.words() == "I heard one six three four. Is that right?", "a guess is always read back"
    talk.says("yes", confidence=1.0)
    assert talk.state.fields["it"] == "1634" and talk.state.heard == {}


def test_only_so_many_are_looked_for(flow):
    talk = asked(flow, exists="order_exists")
    says(talk, HEARD)
    assert 2 <= len(looked_for(talk)) <= 4
    assert talk.words().startswith("I'm sorry, I can't find that.")
    for _ in range(10):
        if talk.state.phase != "asking":
            break
        says(talk, HEARD)
        looked_for(talk)
    assert talk.state.guessed <= MOST_GUESSED


def test_what_does_not_exist_is_not_looked_for_twice(flow):
    talk = asked(flow, exists="order_exists")
    says(talk, HEARD)
    first = looked_for(talk)
    says(talk, HEARD)
    again = looked_for(talk)
    assert not set(first[1:]) & set(again), "what was guessed, and is not there"


def test_who_calls_a_guess_wrong_is_told_no_other_numbers(flow):
    talk = asked(flow, exists="order_exists")
    says(talk, HEARD)
    looked_for(talk, "1634")
    talk.says("no", confidence=1.0)
    assert "is that right" not in talk.words().lower()
    assert talk.state.guessed == MOST_GUESSED
    says(talk, HEARD)
    assert looked_for(talk, "1634", "1934", "1034") == ["1834"]
    assert "one six three four" not in talk.words()


def test_what_was_keyed_is_no_slip_of_the_ear(flow):
    talk = asked(flow, exists="order_exists")
    talk.presses("1834")
    assert looked_for(talk, "1634") == ["1834"]


def test_a_secret_is_never_guessed(flow):
    talk = asked(flow, exists="pin_right", secret="true")
    says(talk, HEARD)
    assert looked_for(talk, "1634") == ["1834"]
    assert talk.state.heard == {} and "1834" not in to_json(talk.state)


def test_a_digit_that_was_not_heard_is_looked_for_and_else_waited_on():
    tried = []
    for found in (False, True):
        talk = asked(COLLECT, 8, check="luhn", exists="order_exists")
        says(talk, "one two three four five six seven", confidence=0.9)
        tried = looked_for(talk, *tried[1:2] if found else ())
        assert len(tried) == (2 if found else 3) and all(len(number) == 8 for number in tried)
        assert talk.state.visit.entry == ("" if found else "1234567")
        assert talk.state.visit.doubt == (tried[-1] if found else "")
    assert talk.words().endswith("Is that right?")


def test_the_rest_of_a_part_may_still_come():
    talk = asked(COLLECT, 8, check="luhn", exists="order_exists")
    says(talk, "one two three four five six seven", confidence=0.9)
    looked_for(talk)
    assert talk.state.phase == "asking" and talk.words() == ""
    talk.says("four", confidence=1.0)
    assert looked_for(talk, "12345674") == ["12345674"]


def test_data_that_cannot_be_asked_makes_no_whole_of_a_part():
    talk = asked(COLLECT, 8, check="luhn", exists="order_exists")
    says(talk, "one two three four five six seven", confidence=0.9)
    talk.fails("lookup", talk.state.lookup_id)
    assert (talk.state.visit.entry, talk.state.fields) == ("1234567", {})


def test_where_nothing_can_be_looked_for_the_next_likely_string_is_asked_back_once(flow):
    talk = asked(flow, 2)
    says(talk, "one zero", confidence=0.5)
    assert talk.words() == "I heard one zero. Is that right?"
    talk.says("no", confidence=1.0)
    assert talk.words() == "Sorry, I misheard. I heard one two. Is that right?"
    talk.says("no", confidence=1.0)
    assert "is that right" not in talk.words().lower()


def test_what_is_said_again_is_heard_with_what_was_said_before(flow):
    talk = asked(flow, 6)
    says(talk, "one eight three four five seven", confidence=0.3)
    assert talk.state.heard["it"]
    expect = expectation(talk.book, talk.state)
    kept = expect.heard if expect.kind == "digits" else expect.slots[0].heard
    assert kept == talk.state.heard["it"]


def test_who_starts_over_is_heard_anew_and_can_guess_no_more_for_it(flow):
    talk = asked(flow, exists="order_exists")
    says(talk, HEARD)
    looked_for(talk)
    assert talk.state.heard and (guessed := talk.state.guessed)
    says(talk, "start over", confidence=1.0)
    assert (talk.state.heard, talk.state.guessed) == ({}, guessed)


@pytest.mark.parametrize(("sure", "is_asked_back"), [(0.9, True), (0.97, True), (1.0, False)])
def test_a_spoken_string_is_read_back_unless_it_is_quite_sure(flow, sure, is_asked_back):
    talk = asked(flow)
    says(talk, HEARD, confidence=sure)
    assert ("Is that right?" in talk.words()) == is_asked_back


def test_a_check_digit_and_the_data_make_sure():
    talk = asked(COLLECT, 8, check="luhn", exists="order_exists")
    says(talk, "one two three four five six seven four", confidence=0.8)
    assert looked_for(talk, "12345674") == ["12345674"]
    assert talk.state.fields["it"] == "12345674", "nine in ten slips fail the one, and most the other"


@pytest.mark.parametrize("flow", [COLLECT, FORM])
def test_either_part_can_be_left_out(flow):
    whole = book(flow, exists="order_exists")
    for parts, tried, is_asked_back in (
        (("re-ranking",), ["1834"], False),
        (("confirmation",), ["1834", "1634"], False),
        ((), ["1834", "1634"], True),
    ):
        talk = Talk(whole.leaving_out(*parts))
        talk.hears()
        says(talk, HEARD)
        assert looked_for(talk, "1634") == tried
        assert ("Is that right?" in talk.words()) == is_asked_back


def test_hypotheses_without_words_change_nothing(flow):
    talk = asked(flow, exists="order_exists")
    talk.hears()
    empty = Heard(at_ms=talk.state.at_ms, hypotheses=(Hypothesis(text="", confidence=0.9),) * 3)
    state, _ = handle(talk.book, talk.state, empty)
    assert state.fields == {} and state.heard == {}
