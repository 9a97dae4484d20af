"""Shares, their intervals, the goals they are held against, and the reliability of confidence."""

from __future__ import annotations

import pytest

from ivr.evaluation.figures import (
    ALARMS,
    CAUGHT,
    CLEAN,
    DIGIT,
    GOALS,
    INTENTS,
    LOST,
    MENU,
    STRINGS,
    TEXT,
    UPSET,
    WRONG,
    YES_NO,
    Figure,
    Goal,
    Report,
    Trial,
    judge,
    miscalibration,
    reliability,
)


def figure(hits, of, name=YES_NO, condition=CLEAN, engine="vosk"):
    return Figure("words", name, condition, hits, of, engine, "some model")


@pytest.mark.parametrize(
    ("hits", "of", "interval"),
    [(0, 100, (0.0, 3.7)), (100, 100, (96.3, 100.0)), (10, 20, (29.9, 70.1)), (1, 10, (1.8, 40.4))],
)
def test_an_interval_is_wilsons(hits, of, interval):
    """The values are those of Wilson's formula in Newcombe 1998, rounded."""
    assert figure(hits, of).interval == interval


def test_more_errors_than_words_are_no_fault():
    assert figure(12, 10).value == 120.0
    assert figure(12, 10).interval[1] == 100.0


def test_a_figure_of_nothing_has_no_value():
    assert figure(0, 0).value is None and figure(0, 0).interval is None


def test_every_goal_of_the_plan_is_held():
    wanted = {
        (DIGIT, CLEAN, 97, False),
        (STRINGS, CLEAN, 95, False),
        (YES_NO, CLEAN, 99, False),
        (MENU, CLEAN, 97, False),
        (INTENTS, CLEAN, 95, False),
        (INTENTS, "15 dB", 90, False),
        (INTENTS, "10 dB", 85, False),
        (WRONG, CLEAN, 1, True),
        (CAUGHT, CLEAN, 90, False),
        (LOST, CLEAN, 5, True),
        (UPSET, TEXT, 85, False),
        (ALARMS, TEXT, 5, True),
        (UPSET, CLEAN, 85, False),
        (ALARMS, CLEAN, 5, True),
    }
    held = {(goal.figure, goal.condition, goal.limit, goal.is_most) for goal in GOALS if not goal.engine}
    assert held == wanted
    assert [goal.limit for goal in GOALS if goal.engine == "pocketsphinx"] == [10, 5]


@pytest.mark.parametrize(
    ("hits", "is_most", "is_met"),
    [(90, False, True), (89, False, False), (90, True, True), (91, True, False)],
)
def test_a_goal_is_met_at_its_limit(hits, is_most, is_met):
    (verdict,) = judge(Report(figures=[figure(hits, 100)]), [Goal(YES_NO, CLEAN, 90, is_most)])
    assert verdict.met is is_met
    assert (verdict.engine, verdict.model, verdict.of) == ("vosk", "some model", 100)


def test_what_was_not_measured_has_no_verdict_and_what_was_measured_of_nothing_is_not_met():
    assert judge(Report()) == ()
    (verdict,) = judge(Report(figures=[figure(0, 0)]), [Goal(YES_NO, CLEAN, 0)])
    assert not verdict.met


def test_an_aim_of_the_built_in_engine_is_none_of_another_one():
    aim = Goal(YES_NO, CLEAN, 5, engine="pocketsphinx")
    assert judge(Report(figures=[figure(1, 1)]), [aim]) == ()
    assert len(judge(Report(figures=[figure(1, 1, engine="pocketsphinx")]), [aim])) == 1


def test_reliability_counts_by_tenths():
    trials = (
        [Trial("intent", 0.85, True)] * 8 + [Trial("intent", 0.81, False)] * 2 + [Trial("digits", 1.0, True)]
    )
    low, high = reliability(trials)
    assert (low.low, low.hits, low.of, low.sure) == (0.8, 8, 10, 0.842)
    assert (high.low, high.hits, high.of) == (0.9, 1, 1)
    assert reliability(trials, "digits") == (high,)


def test_confidence_that_keeps_its_word_is_not_away_from_it():
    trials = [Trial("intent", 0.8, True)] * 8 + [Trial("intent", 0.8, False)] * 2
    assert miscalibration(reliability(trials)) == 0.0
    assert miscalibration(reliability(trials[:8])) == 20.0
    assert miscalibration(reliability([*trials, *[Trial("digits", 0.05, True)] * 30])) == 71.2
    assert miscalibration(()) is None
