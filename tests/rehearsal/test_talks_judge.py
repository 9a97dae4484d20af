"""Every expectation can fail, and says what was wanted, what came and why."""

from __future__ import annotations

import pytest
from playkit import acted, wrong

from ivr.rehearsal.words import find, has, plain

BALLAD = "- keys: 1\n- keys: 1234\n"


@pytest.mark.parametrize(
    ("expected", "key"),
    [
        ("bot: Your parcel is gone", "bot"),
        ("bot: [Goodbye, Your parcel]", "bot"),
        ("bot: our parcel is her", "bot"),
        ("bot_exactly: Your parcel is here.", "bot_exactly"),
        ("bot_one_of: [gone, lost]", "bot_one_of"),
        ("never: goodbye", "never"),
        ("step: menu", "step"),
        ("fields: { number: 1235 }", "fields"),
        ("fields: { parcel.status: '' }", "fields"),
        ("fields: { parcel.place: Leeds }", "fields"),
        ("transfer: desk", "transfer"),
        ("looks_up: { parcel: { number: 9 } }", "looks_up"),
        ("ends: gave_up", "ends"),
        ("within_ms: 0\n  silent: 1s", "within_ms"),
    ],
)
def test_an_expectation_that_is_not_met_fails(expected: str, key: str) -> None:
    body = BALLAD + (f"- {expected}\n" if "silent" in expected else f"  {expected}\n")
    if "silent" in expected:
        body = f"- keys: 1\n- {expected}\n"
    assert wrong(body) == [key]


@pytest.mark.parametrize(
    ("wanted", "is_met"),
    [
        ("desk", True),
        ("{ queue: desk, reason: for 1234, priority: 5, identity: none, language: en }", True),
        ("{ queue: night }", False),
        ("{ reason: for 4321 }", False),
        ("{ priority: 6 }", False),
        ("{ skills: [latin] }", False),
        ("{ identity: pin }", False),
    ],
)
def test_a_transfer_is_looked_at_part_by_part(wanted: str, is_met: bool) -> None:
    given = "given: { look_ups: { parcel: failed } }\n"
    assert wrong(BALLAD + f"  transfer: {wanted}\n", given) == ([] if is_met else ["transfer"])


def test_a_caller_whose_turn_never_comes_is_a_failure() -> None:
    _, failures = acted(BALLAD + "- keys: 1\n")
    (failure,) = failures
    assert (failure.key, failure.line, failure.came) == ("caller", 6, "the call was over (completed)")


def test_a_failure_tells_where_why_and_what_was_heard() -> None:
    _, (failure,) = acted("- caller: my parsley\n  sure: 0.7\n  step: number\n")
    assert failure.line == 6
    assert (failure.expected, failure.came) == ("the step main.number", "the step main.menu")
    assert 'heard "my parsley" (0.70)' in failure.why and "stands at main.menu" in failure.why


def test_a_failure_names_the_look_up_that_is_not_given() -> None:
    _, (failure,) = acted(BALLAD + "  bot: here\n", "")
    assert "gives no answer of the look-up parcel" in failure.why


@pytest.mark.parametrize(
    ("words", "text", "is_found"),
    [
        ("Well, HELLO there!", "hello there", True),
        ("I know it", "no", False),
        ("That's it", "thats it", True),
        ("That’s it", "That's it", True),
        ("您好，欢迎致电。请说", "欢迎致电", True),
        ("您好", "再见", False),
    ],
)
def test_words_are_compared_as_people_do(words: str, text: str, is_found: bool) -> None:
    assert has(plain(words), text) is is_found


def test_words_are_found_in_their_order() -> None:
    words = plain("one two one")
    assert find(words, "one", find(words, "two")) > find(words, "one")
    assert find(words, "two", find(words, "two")) == -1
