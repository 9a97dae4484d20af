"""Figures, the goals they are held against, and how both are printed. Measures nothing itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ivr.tables import short, shown, table

Percentile = str
"""``p50``, ``p95``, ``p99`` or ``max``."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured many times."""

    name: str
    unit: str
    count: int
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    max: float | None = None
    """None, as the percentiles, where nothing was measured."""

    @classmethod
    def of(cls, name: str, values: Iterable[float], unit: str = "ms") -> Figure:
        found = sorted(values)
        if not found:
            return cls(name, unit, 0)
        p50, p95, p99 = (short(percentile(found, share)) for share in (50, 95, 99))
        return cls(name, unit, len(found), p50, p95, p99, short(found[-1]))


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should stay below or at."""

    part: str
    figure: str
    percentile: Percentile
    at_most: float

    @property
    def name(self) -> str:
        return f"{self.figure}, {self.percentile}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal and what became of it."""

    name: str
    goal: float
    value: float | None
    unit: str
    met: bool


@dataclass(frozen=True, slots=True)
class Cost:
    """What one part of a node takes of the machine; None where it was not measured."""

    part: str
    base_mb: float | None = None
    """Resident memory before the first call."""
    mb_per_call: float | None = None
    """Growth of it while many calls live, for each of them."""
    cpu_s_per_minute: float | None = None
    """Processor seconds for each minute of a call in which people speak and are spoken to."""


@dataclass(slots=True)
class Report:
    """All that one run found."""

    figures: list[Figure] = field(default_factory=list)
    costs: dict[str, Cost] = field(default_factory=dict)
    """By part."""
    turns: list[Any] = field(default_factory=list)
    """Every single turn, as dataclasses, for whoever wants to look closer."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What a reader must know to judge the figures: machine, engines, callers, counts."""
    notes: list[str] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)
    """By name, each an SVG."""

    def find(self, name: str) -> Figure | None:
        return next((figure for figure in self.figures if figure.name == name), None)


YES_NO, MENU_WORD, LAST_DIGIT = (
    "answer to yes or no",
    "answer to a menu word",
    "answer to the last digit said",
)
SENTENCE = "answer to a free sentence"
KEY, GREETING, BARGE_IN = "answer to a key", "greeting", "silence after 200 ms of barge-in"
LATE, START = "late frames of a call", "start of ivr serve"
STEPS = ("join", "claim", "accept")
"""A caller gets in line; somebody who is free takes the next; they accept."""
WAITING = (100, 1_000, 10_000)
"""Callers who wait while the steps are measured; for ten of them there is one who serves."""
MUST_WAIT, IN_TIME = "having to wait, away from Erlang C", "service level, away from Erlang C"
RINGING, TELEPHONE = "ticket to ringing console", "ticket to ringing telephone"
TALKING = "key 1 to both talking"
LINT = "lint of 200 steps"
RELOAD = "saved change to new calls, 20 running"
HUNDRED, ENGINE = "100 conversations as text", "the engine's own work on a turn"
AS_TOLD = "waits within the told range, away from 80 %"


def step_of(step: str, waiting: int) -> str:
    """Name of the figure."""
    return f"{step}, {waiting:,} waiting"


def growth_of(step: str) -> str:
    """Name of the figure; 1 is growth like the logarithm of the number who wait."""
    return f"growth of {step}"


GOALS = (
    *(Goal("talk", kind, "p50", 450) for kind in (YES_NO, MENU_WORD, LAST_DIGIT)),
    *(Goal("talk", kind, "p95", 700) for kind in (YES_NO, MENU_WORD, LAST_DIGIT)),
    Goal("talk", SENTENCE, "p50", 900),
    Goal("talk", SENTENCE, "p95", 1300),
    Goal("talk", KEY, "p95", 150),
    Goal("talk", GREETING, "p95", 300),
    Goal("talk", BARGE_IN, "p95", 250),
    Goal("load", LATE, "max", 0),
    Goal("start", START, "max", 3000),
    *(Goal("queue", step_of(step, WAITING[-1]), "p99", 5) for step in STEPS),
    *(Goal("queue", growth_of(step), "max", 1) for step in STEPS),
    Goal("handover", RINGING, "p95", 300),
    Goal("handover", TALKING, "p95", 1000),
    Goal("day", MUST_WAIT, "max", 3),
    Goal("day", IN_TIME, "max", 3),
    Goal("day", AS_TOLD, "max", 5),
    Goal("lint", LINT, "max", 1000),
    Goal("reload", RELOAD, "max", 1000),
    Goal("talks", HUNDRED, "max", 2000),
    Goal("talks", ENGINE, "p50", 1),
)
"""For two cores and eight callers who speak at once. Milliseconds, frames, times the logarithm, points."""


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest of the values (in order, at least one) that ``share`` per cent of them do not exceed."""
    return ordered[max(math.ceil(len(ordered) * share / 100), 1) - 1]


def judge(report: Report, parts: Iterable[str], goals: Iterable[Goal] = GOALS) -> tuple[Verdict, ...]:
    """The goals of these parts; one whose figure has no value is not met."""
    wanted = set(parts)
    return tuple(_judge(report, goal) for goal in goals if goal.part in wanted)


def _judge(report: Report, goal: Goal) -> Verdict:
    figure = report.find(goal.figure)
    value = getattr(figure, goal.percentile) if figure else None
    unit = figure.unit if figure else "ms"
    return Verdict(goal.name, goal.at_most, value, unit, value is not None and value <= goal.at_most)


def as_json(report: Report, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {
        "facts": report.facts,
        "notes": report.notes,
        "figures": [asdict(figure) for figure in report.figures],
        "costs": [asdict(cost) for cost in report.costs.values()],
        "turns": [asdict(turn) for turn in report.turns],
        "goals": [asdict(verdict) for verdict in verdicts],
        "goals_met": all(verdict.met for verdict in verdicts),
    }


def as_text(report: Report, verdicts: Sequence[Verdict]) -> str:
    """The tables for people."""
    figures = [
        (one.name, str(one.count), *map(shown, (one.p50, one.p95, one.p99, one.max)), one.unit)
        for one in report.figures
    ]
    costs = [
        (one.part, *map(shown, (one.cpu_s_per_minute, one.base_mb, one.mb_per_call)))
        for one in report.costs.values()
    ]
    blocks = [
        [f"{name}: {value}" for name, value in report.facts.items()],
        table(("", "count", "p50", "p95", "p99", "max", "unit"), figures),
        table(("", "CPU s a call minute", "MB before calls", "MB a call"), costs),
        [_sentence(verdict) for verdict in verdicts],
        report.notes,
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _sentence(verdict: Verdict) -> str:
    found = "not measured" if verdict.value is None else f"{shown(verdict.value)} {verdict.unit}"
    return f"{'met   ' if verdict.met else 'MISSED'}  {verdict.name}: {found}, goal {shown(verdict.goal)}"
