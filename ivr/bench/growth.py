"""How a cost grows with numbers: against the logarithm, and drawn as an SVG with the line fitted through it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 110, 56, 64
LINES = 5
"""Lines across the picture, the one at zero not counted."""
MARKS = (
    '<circle class="one" cx="{x}" cy="{y}" r="5.5"/>',
    '<path class="two" d="M{x} {y}m-5-5h10v10h-10z"/>',
    '<path class="three" d="M{x} {y}m0-7l7 7-7 7-7-7z"/>',
)
"""A series is told by its mark and by the name beside it, never by colour alone."""
STYLE = """
  .ground { fill: #ffffff } .grid { stroke: #d5dcda } text { fill: #14201c; font: 14px system-ui, sans-serif }
  .name { font-weight: 650 } .end { text-anchor: end } .middle { text-anchor: middle }
  .line { stroke: #5b6864; stroke-width: 1.5; stroke-dasharray: 6 4 }
  .one { fill: #0b6e4f } .two { fill: #a3471a } .three { fill: #1f5fa8 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #12181a } .grid { stroke: #3a4643 } text { fill: #e9f0ed } .line { stroke: #8b9995 }
    .one { fill: #4cc79a } .two { fill: #f0a070 } .three { fill: #86b9f5 }
  }
"""


@dataclass(frozen=True, slots=True)
class Growth:
    """The median cost of one step by number of waiting callers, and the line ``a + b ln n`` through it."""

    step: str
    ms: Mapping[int, float]
    """Callers who wait -> median, ms."""

    @property
    def line(self) -> tuple[float, float]:
        """(a, b) by least squares, ms."""
        xs, ys = [math.log(waiting) for waiting in self.ms], list(self.ms.values())
        middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
        slope = sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True))
        slope /= sum((x - middle_x) ** 2 for x in xs)
        return middle_y - slope * middle_x, slope

    @property
    def share(self) -> float:
        """How many times the cost from the fewest to the most, against that of the logarithm: 1 is ``log n``."""
        fewest, most = min(self.ms), max(self.ms)
        return (self.ms[most] / self.ms[fewest]) / (math.log(most) / math.log(fewest))


def growth_svg(grown: Sequence[Growth]) -> str:
    """The medians of up to three steps by number of waiting callers, of which there are two at least."""
    sizes = sorted(grown[0].ms)
    step_ms = _round_up(max(max(one.ms.values()) for one in grown) / LINES)
    low, high = math.log(sizes[0]), math.log(sizes[-1])

    def x(waiting: int) -> float:
        return LEFT + (math.log(waiting) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(ms: float) -> float:
        return HEIGHT - BOTTOM - ms / (step_ms * LINES) * (HEIGHT - TOP - BOTTOM)

    title = "Median cost of a change of the queue, in ms"
    parts = [f'<text class="name" x="{LEFT}" y="30">{title}</text>']
    for at_ms in (step_ms * n for n in range(LINES + 1)):
        parts.append(_line("grid", LEFT, y(at_ms), WIDTH - RIGHT, y(at_ms)))
        parts.append(f'<text class="end" x="{LEFT - 10}" y="{y(at_ms) + 5:.1f}">{at_ms:.3g}</text>')
    parts += [f'<text class="middle" x="{x(n):.1f}" y="{HEIGHT - BOTTOM + 24}">{n:,}</text>' for n in sizes]
    middle, about = (LEFT + WIDTH - RIGHT) / 2, "callers who wait; a tenth as many people serve them"
    parts.append(f'<text class="middle" x="{middle:.1f}" y="{HEIGHT - 14}">{about}</text>')
    names = _apart([y(one.ms[sizes[-1]]) for one in grown])
    for one, mark, name_y in zip(grown, MARKS, names, strict=False):
        start, slope = one.line
        ends = [(x(n), y(start + slope * math.log(n))) for n in (sizes[0], sizes[-1])]
        parts.append(_line("line", *ends[0], *ends[1]))
        parts += [mark.format(x=f"{x(n):.1f}", y=f"{y(one.ms[n]):.1f}") for n in sizes]
        parts.append(
            f'<text class="name" x="{WIDTH - RIGHT + 14}" y="{name_y + 5:.1f}">{escape(one.step)}</text>'
        )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
    ground = f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="10"/>'
    body = "\n".join((f"<title>{title}</title>", f"<style>{STYLE}</style>", ground, *parts))
    return f"{head}\n{body}\n</svg>\n"


def _round_up(value: float) -> float:
    """To the next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= value)


def _apart(heights: Sequence[float], least: float = 18.0) -> list[float]:
    """Heights of the names, moved down where they would cover each other."""
    found: dict[int, float] = {}
    below = -math.inf
    for number in sorted(range(len(heights)), key=heights.__getitem__):
        found[number] = below = max(heights[number], below + least)
    return [found[number] for number in range(len(heights))]


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
