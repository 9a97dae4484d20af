"""The flows that the bench lints: as many steps as it says, sound but for being used by nobody."""

from __future__ import annotations

from pathlib import Path

from ivr.bench import lint as bench
from ivr.bench.figures import LINT, Report
from ivr.flow.lint import lint
from ivr.flow.load import parse, texts

FLOWS = Path(__file__).parents[2] / "call_flows"


def test_two_hundred_steps_are_linted_as_often_as_asked() -> None:
    report = Report()
    bench.measure(FLOWS, report, 2)
    figure = report.find(LINT)
    assert figure is not None and figure.count == 2 and figure.max is not None and figure.max > 0


def test_the_flows_are_what_designers_write() -> None:
    files, _ = texts(FLOWS)
    book = parse(bench.with_steps(files, "thing"))
    assert bench.STEPS <= sum(len(flow.steps) for flow in book.flows.values()) < bench.STEPS + 20
    mine = [fault for fault in lint(book) if fault.file.startswith("thing")]
    assert {fault.code for fault in mine} == {"unused-flow", "translation-missing"}
