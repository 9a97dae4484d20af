"""Percentiles, goals, and how both are told."""

from __future__ import annotations

import json

import pytest

from ivr.bench.figures import (
    GOALS,
    LATE,
    YES_NO,
    Cost,
    Figure,
    Goal,
    Report,
    as_json,
    as_text,
    judge,
    percentile,
)
from ivr.bench.run import DEFAULT
from ivr.bench.talk import Turn


@pytest.mark.parametrize(
    ("share", "expected"), [(1, 1), (50, 5), (51, 6), (95, 10), (90, 9), (99, 10), (100, 10)]
)
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(share, expected):
    assert percentile(range(1, 11), share) == expected


def test_a_percentile_of_one_value_is_that_value():
    assert [percentile([7.0], share) for share in (1, 50, 99)] == [7, 7, 7]


def test_a_figure_orders_its_values():
    figure = Figure.of("answer", [30.0, 10.0, 20.0])
    assert figure == Figure("answer", "ms", 3, 20, 30, 30, 30)


def test_a_figure_of_nothing_has_no_values():
    assert Figure.of("answer", []) == Figure("answer", "ms", 0, None, None, None, None)


def report(*figures: Figure) -> Report:
    return Report(figures=list(figures))


@pytest.mark.parametrize(("value", "is_met"), [(449.0, True), (450.0, True), (450.4, False)])
def test_a_goal_is_met_up_to_its_limit(value, is_met):
    goal = Goal("talk", YES_NO, "p50", 450)
    (verdict,) = judge(report(Figure.of(YES_NO, [value])), ["talk"], [goal])
    assert (verdict.met, verdict.value) == (is_met, value)


@pytest.mark.parametrize("figures", [(), (Figure.of(YES_NO, []),)])
def test_a_goal_without_a_value_is_not_met(figures):
    (verdict,) = judge(report(*figures), ["talk"], [Goal("talk", YES_NO, "p50", 450)])
    assert not verdict.met and verdict.value is None
    assert as_json(report(*figures), (verdict,))["goals_met"] is False


def test_goals_of_parts_that_were_not_asked_for_are_left_out():
    found = judge(report(Figure.of(LATE, [0, 0], "frames")), ["load"])
    assert [verdict.name for verdict in found] == ["late frames of a call, max"]
    assert found[0].met
    assert as_json(report(), found)["goals_met"] is True


def test_one_missed_goal_is_enough():
    goals = [Goal("talk", YES_NO, "p50", 450), Goal("talk", YES_NO, "p95", 700)]
    verdicts = judge(report(Figure.of(YES_NO, [400.0] * 9 + [900.0])), ["talk"], goals)
    assert [verdict.met for verdict in verdicts] == [True, False]
    assert as_json(report(), verdicts)["goals_met"] is False


def test_every_goal_of_the_plan_is_held():
    assert len(GOALS) == 28
    assert {goal.part for goal in GOALS} == set(DEFAULT)


def test_what_is_written_can_be_read_and_what_is_printed_says_it_all():
    found = report(Figure.of(YES_NO, [412.345]))
    found.facts["machine"] = "2 cores"
    found.costs["web"] = Cost("web", base_mb=128.0)
    found.turns.append(Turn(YES_NO, "no", 412.345, 300, True))
    found.notes.append("A caller gave up.")
    verdicts = judge(found, ["talk"], [Goal("talk", YES_NO, "p50", 450), Goal("talk", YES_NO, "p95", 400)])
    read = json.loads(json.dumps(as_json(found, verdicts)))
    assert read["figures"][0]["p50"] == 412.3
    assert read["turns"][0]["said"] == "no"
    text = as_text(found, verdicts)
    assert "met     answer to yes or no, p50: 412 ms, goal 450" in text
    assert "MISSED  answer to yes or no, p95: 412 ms, goal 400" in text
    assert "machine: 2 cores" in text and "A caller gave up." in text
    web = next(line for line in text.splitlines() if line.startswith("web"))
    assert web.split() == ["web", "-", "128", "-"]
