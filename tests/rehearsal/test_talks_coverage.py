"""Which steps and ways talks cover, and where the rest stands."""

from __future__ import annotations

from playkit import BOOK, MAIN, passes, scripts

from ivr.rehearsal import text
from ivr.rehearsal.coverage import Coverage


def covered(*bodies, given="given: { look_ups: { parcel: { status: here } } }\n", flows=("main",)):
    coverage = Coverage(BOOK, flows)
    for body in bodies:
        coverage.add(passes(body, given))
    return coverage


def test_steps_and_ways_of_a_call() -> None:
    coverage = covered("- caller: my parcel\n- keys: 1234\n")
    assert coverage.steps == {("main", name) for name in ("hello", "menu", "number", "find", "tell")}
    assert coverage.ways == {
        ("main", "hello", "next"),
        ("main", "menu", "choices/parcel/next"),
        ("main", "number", "next"),
        ("main", "find", "found"),
        ("main", "tell", "next"),
    }


def test_ways_that_lead_to_the_same_step_are_told_apart() -> None:
    coverage = Coverage(BOOK, ("survey",))
    (survey,) = scripts("talks: { one: [{ keys: 1 }] }\n", "survey.talks.yaml")
    coverage.add(text.perform(survey, BOOK))
    assert coverage.ways == {("survey", "rating", "choices/good/next")}
    missed = covered("- keys: 1\n- keys: 1234\n", given="given: { look_ups: { parcel: failed } }\n")
    assert ("main", "find", "failed") in missed.ways and ("main", "find", "found") not in missed.ways


def test_a_way_back_to_the_same_flow_and_silence_count() -> None:
    coverage = covered("- keys: 2\n- silent: 60s\n  ends: gave_up\n", given="given: { hours: closed }\n")
    assert {
        ("main", "shut", "next"),
        ("main", "is_open", "else"),
        ("main", "menu", "if_silent"),
    } <= coverage.ways


def test_what_is_missed_is_told_by_file_and_line() -> None:
    told = [str(each) for each in covered("- keys: 1\n- keys: 1234\n").missed()]
    line = 1 + MAIN.splitlines().index("  no_such:")
    assert f"main.yaml:{line}: the step main.no_such: no talk comes here" in told
    line = 1 + MAIN.splitlines().index("    not_found: no_such")
    assert f"main.yaml:{line}: the way 'not_found' of main.find: no talk takes it" in told
    assert not any("main.no_such: no talk takes" in each for each in told), (
        "a step that is missed is told once"
    )


def test_the_share_is_of_the_flows_that_are_looked_at() -> None:
    coverage = covered("- keys: 1\n- keys: 1234\n", flows=("main", "survey"))
    steps, ways = coverage.shares()
    assert 0 < steps < 100 and 0 < ways < steps
    assert Coverage(BOOK, ()).shares() == (100.0, 100.0)
