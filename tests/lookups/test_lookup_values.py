"""Values of databases and services become the values that flows read."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from ivr.errors import LookupFailed
from ivr.flow.connectors import KINDS, Kind, Source, source
from ivr.lookups.values import convert, plain, reach, value


@pytest.mark.parametrize(
    ("found", "kind", "made"),
    [
        (7, "text", "7"),
        (True, "text", "true"),
        ({"a": "é"}, "text", '{"a": "é"}'),
        ("7", "number", 7),
        ("7.50", "number", 7.5),
        ("1,284", "number", 1284),
        (12.0, "number", 12),
        ("1284.5", "money", "1284.50"),
        (10.1, "money", "10.10"),
        (0.285, "money", "0.29"),
        ("-3", "money", "-3.00"),
        (128456, "pence", "1284.56"),
        (-5, "pence", "-0.05"),
        ("0", "cents", "0.00"),
        ("2026-11-25", "date", "2026-11-25"),
        ("2026-11-25 18:00:00", "date", "2026-11-25"),
        ("2026-11-25T18:00:00Z", "date", "2026-11-25"),
        ("17:30:00", "time", "17:30"),
        ("2026-11-25T18:05:00+01:00", "time", "18:05"),
        (34200, "time", "09:30"),
        (1, "yes_no", True),
        ("N", "yes_no", False),
        (False, "yes_no", False),
        ('["a", "b"]', "list", ["a", "b"]),
        ("a, b,", "list", ["a", "b"]),
        ("", "list", []),
        (["a"], "list", ["a"]),
    ],
)
def test_a_value_becomes_its_kind(found: Any, kind: Kind, made: Any) -> None:
    assert convert(found, kind) == made
    assert type(convert(found, kind)) is type(made)


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        ("seven", "number"),
        (True, "number"),
        ("nan", "money"),
        ("1e999", "money"),
        ("9" * 60, "pence"),
        ("soon", "date"),
        ("2026-13-01", "date"),
        ("25:00", "time"),
        (10**12, "time"),
        ("perhaps", "yes_no"),
        (2, "yes_no"),
        (3, "list"),
        ("[" * 9000, "list"),
        ("[1,", "list"),
    ],
)
def test_what_is_not_of_the_kind_is_a_failure(found: Any, kind: Kind) -> None:
    with pytest.raises(LookupFailed) as failed:
        convert(found, kind)
    assert failed.value.reason == "error"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_stays_missing(kind: Kind) -> None:
    assert value({"it": None}, Source(("it",), kind=kind)) == ([] if kind == "list" else None)
    assert value({}, Source(("it",), may_lack=True, kind=kind)) == ([] if kind == "list" else None)


@pytest.mark.parametrize(
    ("found", "made"),
    [
        (Decimal("105.20"), "105.20"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 11, 25), "2026-11-25"),
        (datetime(2026, 11, 25, 18, 5), "2026-11-25T18:05:00"),
        (time(17, 30), "17:30:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ((1, None, {"a": Decimal("1.0")}), [1, None, {"a": "1.0"}]),
    ],
)
def test_values_of_databases_become_json(found: Any, made: Any) -> None:
    assert plain(found) == made


@pytest.mark.parametrize("found", [b"x", float("nan"), object()])
def test_what_no_flow_could_read_is_a_failure(found: Any) -> None:
    with pytest.raises(LookupFailed):
        plain(found)


def test_a_path_leads_through_keys_and_places() -> None:
    entry = {"data": {"items": [{"n": 1}, {"n": None}]}}
    assert reach(entry, ("data", "items", "0", "n")) == 1
    assert reach(entry, ("data", "items", "1", "n")) is None
    for path in (
        ("data", "items", "2"),
        ("data", "item"),
        ("data", "items", "n"),
        ("data", "items", "0", "n", "x"),
    ):
        assert reach(entry, path, may_lack=True) is None
        with pytest.raises(LookupFailed, match=r"\.".join(path)):
            reach(entry, path)


def test_sources_are_read_as_designers_write_them() -> None:
    assert source("expected_on? as date", is_column=True) == Source(("expected_on",), True, "date")
    assert source("data.items.0.name", is_column=False) == Source(("data", "items", "0", "name"))
    for wrong in ("", "a b", "a as", "a as money extra", "a as Money"):
        with pytest.raises(ValueError):
            source(wrong, is_column=True)
