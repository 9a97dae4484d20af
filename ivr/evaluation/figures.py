"""Shares of what was right or wrong, how sure each is, and the goals they are held against. Measures nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ivr.tables import wilson

CLEAN, TEXT, VOICED = "clean", "as text", "as text, voice raised"
"""Conditions: a good telephone line; words handed over without sound; and a voice with them."""

INTENTS, WORDS, SURE_WRONG = (
    "12 intents of the sample by unseen sentences of a Piper voice",
    "words misheard in these sentences",
    "wrong intents taken without asking back",
)
CAUGHT, LOST = "out-of-scope caught", "good requests lost"
CAUGHT_FAR, CAUGHT_NEAR = "out-of-scope caught, of far topics", "out-of-scope caught, of near topics"
YES_NO, MENU, EITHER = "yes/no", "menu of five", "yes/no and menu words wrong"
DIGIT, DIGIT_WRONG = "recorded human digits at 8 kHz: single digits", "recorded human digits, digit errors"
STRINGS = "recorded human digits: strings of 6 with check digit, after at most one repair"
STRINGS_FIRST = "recorded human digits: strings of 6 with check digit, at the first try"
STRINGS_WRONG = "recorded human digits: strings of 6 with check digit taken wrongly"
WRONG = "wrong acceptance of identity or money"
UPSET, ALARMS = "upset callers found", "false alarms among calm callers"
UPSET_AT_FIVE = "upset callers found where 5 % of the calm ones are alarms"

Key = tuple[str, str, str]
"""What makes it the same figure in another run: part, name and condition."""


@dataclass(frozen=True, slots=True)
class Figure:
    """How many of how many, with the engine and the model that it is a figure of."""

    part: str
    name: str
    condition: str
    hits: int
    of: int
    engine: str
    model: str
    note: str = ""
    """What a reader must know to judge it."""

    @property
    def key(self) -> Key:
        return self.part, self.name, self.condition

    @property
    def value(self) -> float | None:
        """Per cent; None where nothing was measured."""
        return round(100 * self.hits / self.of, 1) if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true share lies, in 95 of 100 such measurements (Wilson's score interval), in per cent."""
        if not self.of:
            return None
        low, high = wilson(min(self.hits, self.of), self.of)
        return round(100 * low, 1), round(100 * high, 1)


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should reach, or stay under."""

    figure: str
    condition: str
    limit: float
    """Per cent."""
    is_most: bool = False
    """True where the figure must not be above it."""
    title: str = ""
    """In place of the figure's name and condition."""
    engine: str = ""
    """The one engine it is meant for; empty: any."""

    @property
    def name(self) -> str:
        return self.title or f"{self.figure}, {self.condition}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal and what became of it."""

    name: str
    goal: float
    is_most: bool
    value: float | None
    met: bool
    engine: str
    model: str
    of: int
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Trial:
    """How sure something was that was understood, and whether it was right: one point of the reliability curve."""

    kind: str
    """``intent``, ``digits``, ``yes_no`` or ``value``."""
    confidence: float
    is_right: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Trials of one tenth of confidence."""

    low: float
    high: float
    sure: float
    """Mean of the confidences."""
    hits: int
    of: int


@dataclass(frozen=True, slots=True)
class Miss:
    """What went wrong, for whoever wants to mend it."""

    part: str
    condition: str
    said: str
    heard: str
    wanted: str
    got: str
    confidence: float


@dataclass(slots=True)
class Report:
    """All that one run found."""

    facts: dict[str, Any] = field(default_factory=dict)
    """What a reader must know to judge the figures: engine, flows, sizes, what was switched off."""
    figures: list[Figure] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def find(self, name: str, condition: str) -> Figure | None:
        return next((one for one in self.figures if (one.name, one.condition) == (name, condition)), None)


def _product() -> Iterator[Goal]:
    yield Goal(DIGIT, CLEAN, 97)
    yield Goal(STRINGS, CLEAN, 95)
    yield Goal(YES_NO, CLEAN, 99)
    yield Goal(MENU, CLEAN, 97)
    for condition, least in ((CLEAN, 95), ("15 dB", 90), ("10 dB", 85)):
        yield Goal(INTENTS, condition, least)
    yield Goal(WRONG, CLEAN, 1, is_most=True)
    yield Goal(CAUGHT, CLEAN, 90)
    yield Goal(LOST, CLEAN, 5, is_most=True)
    for condition in (TEXT, CLEAN):
        yield Goal(UPSET, condition, 85)
        yield Goal(ALARMS, condition, 5, is_most=True)


GOALS = (
    *_product(),
    Goal(
        DIGIT_WRONG,
        CLEAN,
        10,
        is_most=True,
        engine="pocketsphinx",
        title="aim of the built-in engine: digit errors",
    ),
    Goal(
        EITHER,
        CLEAN,
        5,
        is_most=True,
        engine="pocketsphinx",
        title="aim of the built-in engine: yes/no and menu words wrong",
    ),
)
"""Of the product with the vendor's English Vosk model; the last two of the engine that needs no model."""


def judge(report: Report, goals: Iterable[Goal] = GOALS) -> tuple[Verdict, ...]:
    """The goals whose figures were measured, as far as they are meant for the engine that was."""
    return tuple(
        Verdict(
            goal.name,
            goal.limit,
            goal.is_most,
            figure.value,
            figure.value is not None
            and (figure.value <= goal.limit if goal.is_most else figure.value >= goal.limit),
            figure.engine,
            figure.model,
            figure.of,
            figure.interval,
        )
        for goal in goals
        if (figure := report.find(goal.figure, goal.condition)) is not None
        and goal.engine in ("", figure.engine)
    )


def reliability(trials: Iterable[Trial], kind: str = "") -> tuple[Bin, ...]:
    """The trials of a kind (all where empty) by tenths of their confidence; tenths without any are left out."""
    tenths: dict[int, list[Trial]] = {}
    for trial in trials:
        if not kind or trial.kind == kind:
            tenths.setdefault(min(9, int(trial.confidence * 10)), []).append(trial)
    return tuple(
        Bin(
            low=tenth / 10,
            high=(tenth + 1) / 10,
            sure=round(sum(trial.confidence for trial in found) / len(found), 3),
            hits=sum(trial.is_right for trial in found),
            of=len(found),
        )
        for tenth, found in sorted(tenths.items())
    )


def miscalibration(bins: Iterable[Bin]) -> float | None:
    """How far confidence and share of right answers are apart on average (expected calibration error), in points."""
    found = tuple(bins)
    total = sum(one.of for one in found)
    if not total:
        return None
    return round(100 * sum(abs(one.sure - one.hits / one.of) * one.of for one in found) / total, 1)
