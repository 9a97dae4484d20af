"""A short run of the bench on a real node: that it measures what it says, not how fast this machine is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr import config
from ivr.bench import queueday, run
from ivr.bench.figures import (
    AS_TOLD,
    GREETING,
    KEY,
    LATE,
    RINGING,
    SENTENCE,
    START,
    STEPS,
    TALKING,
    as_text,
    judge,
    step_of,
)
from ivr.bench.processes import is_measurable

CALLS = 2
SIZES = run.Sizes(
    talk_s=25,
    load_calls=3,
    together_s=12,
    hand_overs=2,
    starts=1,
    waiting=(100, 200),
    rounds=50,
    day=queueday.Sizes(calls=100, agents=2, gap_ms=35_000),
)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        folder = tmp_path_factory.mktemp("bench")
        settings = config.load(data={"folder": folder / "callers"})
        work = run.run(settings, run.DEFAULT, CALLS, folder / "node", lambda sentence: None, SIZES)
        return asyncio.run(work)


@pytest.mark.slow
def test_callers_talk_and_every_turn_has_its_answer(report):
    turns = report.turns
    assert {turn.kind for turn in turns} >= {SENTENCE}
    assert len(turns) >= 2 * CALLS
    assert all(turn.answer_ms is not None and turn.answer_ms > 0 for turn in turns)
    assert report.find(GREETING).count >= CALLS
    assert not [note for note in report.notes if "gave up" in note]


@pytest.mark.slow
def test_spoken_turns_wait_for_silence_and_keys_do_not(report):
    assert all((turn.waited_ms is None) == (turn.kind == KEY) for turn in report.turns)
    assert all(turn.answer_ms > turn.waited_ms for turn in report.turns if turn.waited_ms is not None)


@pytest.mark.slow
def test_every_call_of_the_load_is_compared(report):
    assert report.find(LATE).count == SIZES.load_calls
    compared = report.facts["load"].split()
    assert int(compared[0]) >= 3 and "0 of them not found" in report.facts["load"]


@pytest.mark.slow
def test_callers_are_handed_over_and_heard(report):
    assert report.find(RINGING).count == report.find(TALKING).count == SIZES.hand_overs
    assert report.find(RINGING).p50 > 0 and report.find(TALKING).p50 > 0


@pytest.mark.slow
def test_every_change_of_the_queue_is_measured_at_every_size_and_drawn(report):
    assert all(report.find(step_of(step, n)).count == SIZES.rounds for step in STEPS for n in SIZES.waiting)
    assert report.pictures["queue"].startswith("<svg")
    assert report.find(AS_TOLD).count == 1


@pytest.mark.slow
@pytest.mark.skipif(not is_measurable(), reason="processes are weighed by Linux's /proc")
def test_every_part_is_weighed(report):
    assert {"gateway", "recognition workers", "web", "dispatch", "redis", "exchange", "callers"} <= set(
        report.costs
    )
    for part in ("gateway", "web", "dispatch", "redis", "exchange"):
        cost = report.costs[part]
        assert cost.base_mb > 1 and cost.cpu_s_per_minute >= 0


@pytest.mark.slow
def test_the_table_tells_every_goal(report):
    verdicts = judge(report, run.DEFAULT)
    text = as_text(report, verdicts)
    assert report.find(START).count == 1
    assert all(verdict.name in text for verdict in verdicts)
