"""Figures as lines of text for people: aligned columns, and numbers no longer than they are exact."""

from __future__ import annotations

from collections.abc import Sequence


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
