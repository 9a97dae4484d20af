"""The sample company in a database of its own, and a clock that the test moves."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.database import connect
from ivr.lookups.sample import Sample
from ivr.lookups.seed import prepare

TODAY = date(2026, 11, 24)  # a Tuesday


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("company") / "company.db"
    engine = connect(f"sqlite:///{path}")
    prepare(engine, TODAY)
    engine.dispose()
    return path


@pytest.fixture
def engine(seeded: Path, tmp_path: Path) -> Iterator[Engine]:
    path = shutil.copy(seeded, tmp_path / "company.db")
    engine = connect(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def sample(engine: Engine, clock: Callable[[], datetime]) -> Sample:
    return Sample(engine, now=clock)
