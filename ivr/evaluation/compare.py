"""Two runs beside each other: what got better, what got worse, and what chance alone may explain."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.errors import IvrError
from ivr.evaluation.figures import Figure, Key, Report
from ivr.evaluation.told import percent
from ivr.tables import Z, table


@dataclass(frozen=True, slots=True)
class Before:
    """A figure of an earlier run."""

    hits: int
    of: int
    engine: str


def read(path: Path) -> dict[Key, Before]:
    """The figures of a file that ``--json`` wrote. Raises IvrError."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        return {
            (str(one["part"]), str(one["name"]), str(one["condition"])): Before(
                int(one["hits"]), int(one["of"]), str(one["engine"])
            )
            for one in found["figures"]
        }
    except OSError as error:
        raise IvrError(f"cannot read {path} ({error.strerror}); name a file that --json wrote") from None
    except (ValueError, KeyError, TypeError):
        raise IvrError(f"{path} holds no figures; name a file that `ivr evaluate --json` wrote") from None


def of(report: Report) -> dict[Key, Before]:
    """The figures of a run of this process."""
    return {one.key: Before(one.hits, one.of, one.engine) for one in report.figures}


def compared(
    report: Report, before: dict[Key, Before], names: tuple[str, str] = ("before", "now")
) -> list[str]:
    """The figures of both runs that are not the same, as a table; ``names``: of the runs."""
    rows = []
    for figure in report.figures:
        old = before.get(figure.key)
        if old is None or not old.of or not figure.of or figure.hits * old.of == old.hits * figure.of:
            continue
        change = 100 * (figure.hits / figure.of - old.hits / old.of)
        is_sure = abs(change) / 100 > Z * _deviation(figure, old)
        words = [
            "" if is_sure else "may be chance",
            "" if old.engine == figure.engine else f"{old.engine} before",
        ]
        row = (
            f"{figure.name}, {figure.condition}",
            percent(100 * old.hits / old.of),
            percent(figure.value),
            f"{change:+.1f}",
            ", ".join(filter(None, words)),
        )
        rows.append(row)
    missing = sum(figure.key not in before for figure in report.figures)
    notes = [f"{missing} figures have none to compare with."] if missing else []
    same = [] if rows else ["No figure is different."]
    return [*table(("", *names, "points", ""), rows), *same, *notes]


def _deviation(figure: Figure, old: Before) -> float:
    """Of the difference of two shares, where both are the same share in truth."""
    share = min(1.0, (figure.hits + old.hits) / (figure.of + old.of))
    return math.sqrt(share * (1 - share) * (1 / figure.of + 1 / old.of))
