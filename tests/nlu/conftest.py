"""The table of word meanings, as where its package is not installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ivr.nlu import vectors


@pytest.fixture
def no_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What was read of the table before, and what is found without it, is forgotten."""

    def forget() -> None:
        vectors._table.cache_clear()
        vectors._word.cache_clear()

    monkeypatch.setattr(vectors, "PACKAGE", "no_such_package")
    forget()
    yield
    monkeypatch.undo()
    forget()
