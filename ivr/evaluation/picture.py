"""The evaluation as a picture: a bar for each goal, and how far confidence can be believed. SVG, light and dark."""

from __future__ import annotations

import html
from collections.abc import Sequence

from ivr.evaluation.figures import Bin, Report, Verdict, reliability
from ivr.evaluation.told import percent

WIDTH, MARGIN = 980, 24
ROW, BAR = 30, 12
"""Height of a goal's line, and of its bar."""
LABEL, SCALE = 530, 240
"""Width of the goals' names, and of 100 per cent."""
SIDE = 300
"""Of the curve's square."""
MOST_RADIUS, LEAST_RADIUS = 9.0, 3.0
"""Of a point of the curve: of the tenth with most answers, and of one with few."""
STYLE = """
svg { --ink: #1c2530; --quiet: #5a6675; --canvas: #ffffff; --line: #c9d1db; --good: #2f7d4f; --bad: #b4532a;
  --bar: #eef0f3; --curve: #2b5d9c; font: 12px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { svg { --ink: #e6ebf2; --quiet: #9aa7b8; --canvas: #151b23; --line: #3a4656;
  --good: #5fbf85; --bad: #e28a5c; --bar: #232c38; --curve: #7fb0ee; } }
.canvas { fill: var(--canvas); } text { fill: var(--ink); } .quiet { fill: var(--quiet); font-size: 11px; }
.head { font-weight: 600; font-size: 15px; } .bar { fill: var(--bar); } .met { fill: var(--good); }
.missed { fill: var(--bad); } .mark { stroke: var(--ink); stroke-width: 2; } .range { stroke: var(--ink); }
.grid { stroke: var(--line); } .ideal { stroke: var(--quiet); stroke-dasharray: 4 4; }
.curve { stroke: var(--curve); fill: none; stroke-width: 2; } .point { fill: var(--curve); }
"""


def draw(report: Report, verdicts: Sequence[Verdict], title: str) -> str:
    """The picture of a run. ``title``: what was measured, with its engine."""
    bins = reliability(report.trials)
    top = 2 * MARGIN + 36
    below = top + len(verdicts) * ROW + MARGIN
    height = below + (SIDE + 4 * MARGIN if bins else 0)
    words = "; ".join(_sentence(verdict) for verdict in verdicts)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{html.escape(title)}</title><desc>{html.escape(words)}</desc><style>{STYLE}</style>",
        f'<rect class="canvas" width="{WIDTH}" height="{height}"/>',
        _text(MARGIN, MARGIN + 12, title, "head"),
        _text(
            MARGIN, MARGIN + 32, "Bar: found. Stroke: goal. Thin line: where the truth lies, 95 %.", "quiet"
        ),
        *(line for at, verdict in enumerate(verdicts) for line in _goal(verdict, top + at * ROW)),
        *(_curve(bins, below + MARGIN) if bins else ()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _goal(verdict: Verdict, top: float) -> list[str]:
    """One goal: its name, its bar with the goal's mark, what was found, and a word for the colour."""
    left, middle = MARGIN + LABEL, top + ROW / 2
    state = "met" if verdict.met else "missed"
    length = SCALE * min(100.0, verdict.value or 0.0) / 100
    mark = left + SCALE * verdict.goal / 100
    low, high = verdict.interval or (0.0, 0.0)
    sign = "at most" if verdict.is_most else "at least"
    return [
        f"<g><title>{html.escape(_sentence(verdict))}</title>",
        _text(MARGIN, middle + 4, verdict.name),
        f'<rect class="bar" x="{left}" y="{middle - BAR / 2}" width="{SCALE}" height="{BAR}"/>',
        f'<rect class="{state}" x="{left}" y="{middle - BAR / 2}" width="{length:.1f}" height="{BAR}"/>',
        _line("range", left + SCALE * low / 100, middle, left + SCALE * high / 100, middle),
        _line("mark", mark, middle - BAR / 2 - 4, mark, middle + BAR / 2 + 4),
        _text(left + SCALE + 12, middle, f"{percent(verdict.value)} {state}"),
        _text(left + SCALE + 12, middle + 12, f"{sign} {verdict.goal:g} %, n = {verdict.of}", "quiet"),
        "</g>",
    ]


def _curve(bins: Sequence[Bin], top: float) -> list[str]:
    """Confidence to the right, share of right answers upwards; a point on the diagonal keeps its word."""
    left = MARGIN + 40
    most = max(one.of for one in bins)

    def at(sure: float, share: float) -> tuple[float, float]:
        return left + SIDE * sure, top + 24 + SIDE * (1 - share)

    lines = [_text(MARGIN, top + 4, "How far confidence can be believed", "head")]
    for tenth in range(0, 11, 2):
        (x, y), (_, end) = at(tenth / 10, 0), at(tenth / 10, 1)
        _, across = at(0, tenth / 10)
        lines += [
            _line("grid", x, y, x, end),
            _line("grid", left, across, left + SIDE, across),
            _text(x - 8, y + 16, f"{tenth / 10:g}", "quiet"),
            _text(left - 40, across + 4, f"{tenth * 10} %", "quiet"),
        ]
    points = [(*at(one.sure, one.hits / one.of), one) for one in bins]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    lines += [_line("ideal", *at(0, 0), *at(1, 1)), f'<polyline class="curve" points="{path}"/>']
    for x, y, one in points:
        radius = max(LEAST_RADIUS, MOST_RADIUS * (one.of / most) ** 0.5)
        lines.append(
            f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">'
            f"<title>{one.hits} of {one.of} right at {one.sure:.2f}</title></circle>"
        )
    told = (
        "To the right: confidence in what was understood.",
        "Upwards: how much of it was right.",
        "On the dashed line, 0.8 means right 8 times in 10;",
        "below it, the machine believes itself too much.",
        "A point is as large as there are answers of its tenth.",
    )
    lines += [_text(left + SIDE + 40, top + 60 + 20 * at_line, text) for at_line, text in enumerate(told)]
    return lines


def _sentence(verdict: Verdict) -> str:
    sign = "at most" if verdict.is_most else "at least"
    state = "met" if verdict.met else "missed"
    return f"{verdict.name}: {percent(verdict.value)}, wanted {sign} {verdict.goal:g} %, {state}"


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}"{f" class={kind!r}" if kind else ""}>{html.escape(text)}</text>'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
