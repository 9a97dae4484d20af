"""Records on disk, and callers who fill them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from learnkit import Callers

from ivr.database import connect
from ivr.records.store import Records


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite"


@pytest.fixture
def callers(path: Path) -> Iterator[Callers]:
    engine = connect(f"sqlite:///{path}")
    records = Records(engine)
    yield Callers(records)
    records.close()
    engine.dispose()
