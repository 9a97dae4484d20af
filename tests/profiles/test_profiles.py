"""What is kept of callers: by a hash of their number, until they want it gone or have not called for long."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from ivr import database
from ivr.errors import StoreError
from ivr.profiles import PROFILES, Profiles, secret_in

ANN, BEN = "+447700900101", "+447700900102"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = database.connect(f"sqlite:///{tmp_path / 'records.sqlite'}")
    yield engine
    engine.dispose()


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def profiles(engine: Engine, clock: Clock) -> Profiles:
    return Profiles(engine, secret=b"key", keep_days=30, now=clock)


def test_what_is_kept_is_found_by_its_caller_only(profiles: Profiles) -> None:
    assert profiles.find(ANN) == {}
    profiles.keep(ANN, {"name": "Ann", "pace": 0.85})
    assert profiles.find(ANN) == {"name": "Ann", "pace": 0.85}
    assert profiles.find(BEN) == {}


def test_the_next_call_replaces_it_and_the_consent_keeps_its_date(
    profiles: Profiles, engine: Engine, clock: Clock
) -> None:
    profiles.keep(ANN, {"name": "Ann"})
    agreed_at, clock.at = clock.at, clock.at + timedelta(days=7)
    profiles.keep(ANN, {"reason": "parcel"})
    with engine.connect() as connection:
        row = connection.execute(select(PROFILES)).one()
    assert (row.profile, row.agreed_at, row.kept_at) == ({"reason": "parcel"}, agreed_at, clock.at)


@pytest.mark.parametrize("how", ["forget", "keep nothing"])
def test_who_wants_it_gone_is_forgotten(profiles: Profiles, engine: Engine, how: str) -> None:
    profiles.keep(ANN, {"name": "Ann"})
    profiles.forget(ANN) if how == "forget" else profiles.keep(ANN, {})
    assert profiles.find(ANN) == {}
    with engine.connect() as connection:
        assert connection.execute(select(PROFILES)).all() == []


def test_who_has_not_called_for_long_is_forgotten(profiles: Profiles, engine: Engine, clock: Clock) -> None:
    profiles.keep(ANN, {"name": "Ann"})
    clock.at += timedelta(days=31)
    assert profiles.find(ANN) == {}, "even before the row is gone"
    profiles.keep(BEN, {"name": "Ben"})
    with engine.connect() as connection:
        assert [row.profile for row in connection.execute(select(PROFILES))] == [{"name": "Ben"}]


@pytest.mark.parametrize("caller", ["", "anonymous", "client:ann", "+266696687"])
def test_a_withheld_number_is_never_kept(profiles: Profiles, engine: Engine, caller: str) -> None:
    profiles.keep(caller, {"name": "Ann"})
    assert profiles.find(caller) == {}
    with engine.connect() as connection:
        database.create(engine, PROFILES.metadata)
        assert connection.execute(select(PROFILES)).all() == []


def test_no_number_stands_in_the_database(profiles: Profiles, tmp_path: Path) -> None:
    profiles.keep(ANN, {"name": "Ann"})
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Ann" in written and ANN[1:].encode() not in written and ANN[-6:].encode() not in written


def test_another_key_finds_nothing(profiles: Profiles, engine: Engine) -> None:
    profiles.keep(ANN, {"name": "Ann"})
    assert Profiles(engine, secret=b"other", keep_days=30).find(ANN) == {}


def test_a_database_that_does_not_answer_costs_no_call(tmp_path: Path) -> None:
    broken = Profiles(database.connect(f"sqlite:///{tmp_path}/none/x.sqlite"), secret=b"key", keep_days=30)
    assert broken.find(ANN) == {}
    with pytest.raises(StoreError, match="profiles"):
        broken.keep(ANN, {"name": "Ann"})


def test_calls_that_end_at_the_same_moment_are_kept_once(profiles: Profiles, engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: profiles.keep(ANN, {"pace": number}), range(16)))
    with engine.connect() as connection:
        assert len(connection.execute(select(PROFILES)).all()) == 1


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: secret_in(folder), range(16)))
    assert len(made) == 1 and len(made.pop()) == 32
    (path,) = folder.iterdir()
    assert os.stat(path).st_mode & 0o777 == 0o600
