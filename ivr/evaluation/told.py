"""A report for people, as text, and for programs, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ivr.evaluation.figures import Report, Verdict, miscalibration, reliability
from ivr.tables import table

CURVES = ("", "intent", "yes_no", "value", "digits")
"""Kinds of understanding that have a reliability curve of their own; empty: all together."""
MOST_MISSES = 12
"""Misses of each part that are printed; the JSON has all."""


def as_json(report: Report, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {
        "facts": report.facts,
        "notes": report.notes,
        "goals": [asdict(verdict) for verdict in verdicts],
        "goals_met": all(verdict.met for verdict in verdicts),
        "figures": [
            {**asdict(figure), "value": figure.value, "interval": figure.interval}
            for figure in report.figures
        ],
        "reliability": {
            kind or "all": {"bins": [asdict(one) for one in bins], "away": miscalibration(bins)}
            for kind in CURVES
            if (bins := reliability(report.trials, kind))
        },
        "misses": [asdict(miss) for miss in report.misses],
    }


def as_text(report: Report, verdicts: Sequence[Verdict], *, has_misses: bool = False) -> str:
    """The tables for people; with ``has_misses`` what went wrong, too."""
    blocks = [
        [f"{name}: {value}" for name, value in report.facts.items()],
        *(_figures(report, part) for part in dict.fromkeys(figure.part for figure in report.figures)),
        _reliability(report),
        _misses(report) if has_misses else [],
        goals(verdicts),
        report.notes,
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def goals(verdicts: Sequence[Verdict]) -> list[str]:
    """Every goal beside its figure."""
    rows = [
        (
            verdict.name,
            f"{'<=' if verdict.is_most else '>='} {verdict.goal:g} %",
            percent(verdict.value),
            between(verdict.interval),
            str(verdict.of),
            "met" if verdict.met else "MISSED",
            f"{verdict.engine} ({verdict.model})",
        )
        for verdict in verdicts
    ]
    return table(("goal", "wanted", "found", "95 % interval", "n", "", "engine (model)"), rows)


def percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} %"


def between(interval: tuple[float, float] | None) -> str:
    return "-" if interval is None else f"{interval[0]:.0f} to {interval[1]:.0f} %"


def give_or_take(value: float | None, interval: tuple[float, float] | None) -> str:
    """A share with half of its interval, which is wide where little was measured."""
    return (
        "-"
        if value is None or interval is None
        else f"{value:.1f} \u00b1{(interval[1] - interval[0]) / 2:.0f}"
    )


def _figures(report: Report, part: str) -> list[str]:
    """A line a figure, a column a condition."""
    mine = [figure for figure in report.figures if figure.part == part]
    conditions = tuple(dict.fromkeys(figure.condition for figure in mine))
    names = dict.fromkeys(figure.name for figure in mine)
    rows = []
    for name in names:
        found = {figure.condition: figure for figure in mine if figure.name == name}
        counts = {figure.of for figure in found.values()}
        rows.append(
            (
                name,
                *(
                    give_or_take(found[each].value, found[each].interval) if each in found else ""
                    for each in conditions
                ),
                " / ".join(map(str, sorted(counts))),
            )
        )
    engines = ", ".join(dict.fromkeys(f"{figure.engine} ({figure.model})" for figure in mine))
    notes = dict.fromkeys(f"  {figure.name}: {figure.note}" for figure in mine if figure.note)
    return [
        f"{part.upper()}, per cent, \u00b1 half of the 95 % interval; {engines}",
        *table(("", *conditions, "n"), rows),
        *notes,
    ]


def _reliability(report: Report) -> list[str]:
    """How often what was understood with so much confidence was right."""
    bins = reliability(report.trials)
    if not bins:
        return []
    rows = [
        (f"{one.low:.1f} to {one.high:.1f}", f"{one.sure:.2f}", percent(100 * one.hits / one.of), str(one.of))
        for one in bins
    ]
    away = miscalibration(bins)
    head = f"RELIABILITY: how often what was understood was right; {away:g} points away from it on average"
    return [head, *table(("confidence", "mean", "right", "n"), rows)]


def _misses(report: Report) -> list[str]:
    lines: list[str] = []
    for part in dict.fromkeys(miss.part for miss in report.misses):
        mine = [miss for miss in report.misses if miss.part == part]
        lines.append(f"MISSES of {part}, {min(len(mine), MOST_MISSES)} of {len(mine)}")
        lines += [
            f"  {miss.condition}: {miss.said!r} heard as {miss.heard!r}: wanted {miss.wanted}, got {miss.got}"
            f" ({miss.confidence:.2f})"
            for miss in mine[:MOST_MISSES]
        ]
    return lines
