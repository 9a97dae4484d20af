"""What lint tells of look-ups that cannot work on this installation, each at its line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ivr.errors import Fault
from ivr.flow.connectors import Connector
from ivr.flow.load import parse
from ivr.lookups.connect import Reach
from ivr.lookups.faults import faults
from ivr.lookups.http import Services
from ivr.lookups.sql import Databases

GOOD = Path(__file__).parents[1] / "flows" / "good"


def told(reach: Reach, *lines: str) -> tuple[Fault, ...]:
    """Of a look-up ``it`` whose lines begin at line 3 of its file."""
    files = {path.name: path.read_text(encoding="utf-8") for path in GOOD.glob("*.yaml")}
    text = "\n".join(["look_ups:", "  it:", *(f"    {line}" for line in lines)])
    return faults(parse({**files, "look_ups.yaml": text}), reach)


@pytest.fixture
def reach(databases: Databases) -> Reach:
    return Reach(databases, Services(("api.example.com",), {"shop": "k3y"}))


@pytest.mark.parametrize(
    ("lines", "code", "line", "words"),
    [
        (["sql: select 1", "database: compnay"], "unknown-database", 4, "Did you mean 'company'?"),
        (["sql: select number fro parcels"], "sql-error", 3, "syntax error"),
        (["sql: select numbr from parcels"], "sql-error", 3, "numbr"),
        (["sql: update parcels set x = 1", "changes: true"], "sql-error", 3, "no such column: x"),
        (
            ["sql: select status from parcels", "fields:", "  a: status", "  b: stauts"],
            "unknown-column",
            6,
            "Did you mean 'status'?",
        ),
        (["http: GET https://other.example.com/x"], "host-not-allowed", 3, "Add other.example.com there."),
        (["http: GET http://api.example.com/x"], "host-not-allowed", 3, "Add http://api.example.com there."),
        (
            ["http: GET https://api.example.com/x", "headers:", "  X-Key: secret:shp"],
            "unknown-secret",
            4,
            "IVR_LOOKUPS__SECRETS__SHP",
        ),
    ],
)
def test_a_fault_is_told_at_its_line(
    reach: Reach, lines: list[str], code: str, line: int, words: str
) -> None:
    (fault,) = told(reach, *lines)
    assert (fault.code, fault.file, fault.line, fault.is_warning) == (code, "look_ups.yaml", line, False)
    assert words in str(fault)


@pytest.mark.parametrize(
    "lines",
    [
        ["sql: select status as s from parcels;", "fields: { a: s as text, b: t? }"],
        ["sql: with p as (select * from parcels) select * from p where number = :n", "parameters: [n]"],
        ["sql: delete from parcels where number = :n", "parameters: [n]", "changes: true"],
        ["http: GET https://api.example.com/x", "headers: { X-Key: 'secret:Shop' }"],
    ],
)
def test_what_is_sound_has_no_fault(reach: Reach, lines: list[str]) -> None:
    assert told(reach, *lines) == ()


def test_judging_changes_nothing(reach: Reach, databases: Databases) -> None:
    told(reach, "sql: delete from parcels", "changes: true")
    left = databases.ask(Connector(sql="select count(*) as n from parcels", fields={"n": "n"}), {})
    assert left.fields["n"] > 0


def test_a_server_that_does_not_answer_is_a_warning(reach: Reach, tmp_path: Path) -> None:
    (tmp_path / "no.db").mkdir()
    gone = Reach(Databases({"company": f"sqlite:///{tmp_path}/no.db"}), reach.services)
    (fault,) = told(gone, "sql: select 1")
    assert (fault.code, fault.is_warning) == ("no-database", True)


def test_the_sample_has_none(reach: Reach, connectors: Mapping[str, Connector]) -> None:
    files = {path.name: path.read_text(encoding="utf-8") for path in GOOD.glob("*.yaml")}
    book = parse(files).model_copy(update={"look_ups": dict(connectors)})
    assert faults(book, reach) == ()
