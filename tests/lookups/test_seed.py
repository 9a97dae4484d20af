"""The rows of the sample: the same for the same seed and day, enough of them, and true numbers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from argon2 import extract_parameters
from argon2.low_level import Type
from sqlalchemy import Engine, select

from ivr.checkdigit import is_valid
from ivr.database import connect
from ivr.lookups import schema
from ivr.lookups.seed import DEMO, prepare, seed

TODAY = date(2026, 11, 24)


def dump(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in schema.METADATA.sorted_tables
        }


def test_the_same_seed_and_day_give_the_same_rows(engine: Engine, tmp_path: Path) -> None:
    other = connect(f"sqlite:///{tmp_path / 'other.db'}")
    prepare(other, TODAY)
    assert dump(other) == dump(engine)
    seed(other, 21, TODAY)
    assert dump(other)["parcels"] != dump(engine)["parcels"]
    other.dispose()


def test_there_is_enough_of_everything_and_numbers_are_true(engine: Engine) -> None:
    found = dump(engine)
    assert len(found["customers"]) >= 40
    assert len(found["parcels"]) >= 200
    assert len(found["orders"]) >= 200
    assert len(found["accounts"]) == len(found["customers"])
    assert all(len(row[0]) == 8 and is_valid("luhn", row[0]) for row in found["accounts"])
    assert all(len(row[0]) == 10 and is_valid("gs1", row[0]) for row in found["parcels"])
    assert all(len(row[0]) == 6 for row in found["orders"])
    assert len({row[1] for row in found["accounts"]}) == len(found["accounts"])
    assert len({row[3] for row in found["parcels"]}) > 5


def test_phones_are_of_the_range_for_drama(engine: Engine) -> None:
    assert all(row[2].startswith("+447700900") and len(row[2]) == 13 for row in dump(engine)["customers"])


def test_pins_are_kept_as_argon2id_hashes_only(engine: Engine) -> None:
    for row in dump(engine)["accounts"]:
        assert extract_parameters(row[4]).type is Type.ID
        assert DEMO.pin not in row[4].split("$")


def test_rows_are_made_once_a_day(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'company.db'}")
    assert prepare(engine, TODAY)
    assert not prepare(engine, TODAY)
    before = dump(engine)["parcels"][0]
    assert prepare(engine, TODAY + timedelta(days=1))
    after = dump(engine)["parcels"][0]
    assert after[:4] == before[:4]
    assert after[4] == before[4] + timedelta(days=1)
    engine.dispose()
