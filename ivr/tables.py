"""Figures for people: aligned columns of text, numbers no longer than they are exact, and how sure a share is."""

from __future__ import annotations

import math
from collections.abc import Sequence

Z = 1.96
"""Standard deviations either side that hold 95 % of a normal distribution."""


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows as aligned lines, the first column to the left; no line where there are no rows."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return [
        "  ".join((name.ljust(widths[0]), *map(str.rjust, cells, widths[1:])))
        for name, *cells in (head, *rows)
    ]


def shown(value: float | None) -> str:
    """Three digits that count, a dash for nothing."""
    return "-" if value is None else f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def short(value: float) -> float:
    """Four significant digits and whole numbers: more would be noise."""
    return round(value) if abs(value) >= 1000 else float(f"{value:.4g}")


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Between what shares, 0..1, the truth lies 95 times in 100 (Wilson 1927); 0 and 1 where nothing was counted."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, Z * Z / of
    middle = (share + square / 2) / (1 + square)
    half = Z * math.sqrt(share * (1 - share) / of + square / of / 4) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)
