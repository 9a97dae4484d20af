"""The sample company in a database of its own, and a clock that the test moves."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from companykit import Company
from sqlalchemy import Engine

from ivr.database import connect
from ivr.flow import shape, tree
from ivr.flow.connectors import Connector
from ivr.lookups.sample import Sample
from ivr.lookups.seed import prepare
from ivr.lookups.sql import Databases

LOOK_UPS = Path(__file__).parents[2] / "call_flows" / "look_ups.yaml"
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


@pytest.fixture(scope="session")
def connectors() -> Mapping[str, Connector]:
    """The sample company's own."""
    root, faults = tree.read(LOOK_UPS.read_text(encoding="utf-8"), LOOK_UPS.name)
    assert isinstance(root, tree.Mapping) and not faults
    sheet = shape.Sheet(LOOK_UPS.name, root)
    found = shape.look_ups(sheet)
    assert found and not sheet.faults
    return found


@pytest.fixture
def databases(engine: Engine) -> Databases:
    return Databases({"company": str(engine.url)})


@pytest.fixture
def company(connectors: Mapping[str, Connector], databases: Databases) -> Company:
    return Company(connectors, databases)
