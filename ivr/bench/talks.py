"""Conversations as text: how long a hundred of them take, and what the engine itself costs a turn."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

from ivr.bench.figures import ENGINE, HUNDRED, Figure, Report
from ivr.dialogue.engine import handle
from ivr.dialogue.state import begin
from ivr.flow.load import load
from ivr.rehearsal import read, text
from ivr.rehearsal.judge import judge
from ivr.rehearsal.stage import Stage
from ivr.rehearsal.world import started

TALKS = 100


def measure(folder: Path, report: Report, rounds: int) -> None:
    """Act a hundred talks of the flows in ``folder``, again and again if there are fewer, ``rounds`` times.

    The engine is then given every event of them once more, with nothing around it.
    """
    book = load(folder)
    scripts = read.load(read.find(folder), book)
    took_s: list[float] = []
    stages: list[Stage] = []
    for _ in range(rounds):
        began_s = time.perf_counter()
        stages = [text.perform(script, book) for script in itertools.islice(itertools.cycle(scripts), TALKS)]
        failed = [stage.script.name for stage in stages if judge(stage)]
        took_s.append(time.perf_counter() - began_s)
        report.notes += [f"the talk {name!r} does not pass" for name in dict.fromkeys(failed)]
    turns_ms = [ms for stage in stages[: len(scripts)] for ms in _engine_ms(stage)]
    report.figures.append(Figure.of(HUNDRED, (1000 * s for s in took_s)))
    report.figures.append(Figure.of(ENGINE, turns_ms))


def _engine_ms(stage: Stage) -> Iterator[float]:
    """For each of the caller's turns, how long a core worked on all the events of it."""
    state = begin(stage.book, started(stage.script, stage.book))
    for beat in stage.beats:
        events = [moment.event for moment in stage.moments_of(beat)]
        began_s = time.thread_time()
        for event in events:
            state, _ = handle(stage.book, state, event)
        yield 1000 * (time.thread_time() - began_s)
