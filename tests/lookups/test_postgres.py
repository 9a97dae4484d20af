"""Look-ups in a real PostgreSQL: bound, read-only and within their time there too."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from ivr.errors import LookupFailed
from ivr.flow.connectors import Connector
from ivr.lookups.ask import Answer
from ivr.lookups.sql import Databases

pytest.importorskip("psycopg", reason="no driver for PostgreSQL")
TOOLS = {name: shutil.which(name) for name in ("initdb", "pg_ctl")}
pytestmark = pytest.mark.skipif(not all(TOOLS.values()), reason="no PostgreSQL server on this machine")
HOSTILE = ["' or '1'='1", "'; drop table parcels; --", "$1", "%s", "\\'; drop table parcels; --"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = Path("/tmp") / f"ivr-postgres-{os.getpid()}"  # its socket's path must be short
    folder.mkdir()
    user = "postgres" if os.geteuid() == 0 else None  # the server will not run as root
    if user:
        shutil.chown(folder, user)

    def run(tool: str, *words: str) -> None:
        subprocess.run([str(TOOLS[tool]), *words], check=True, capture_output=True, user=user, cwd=folder)

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "ivr", "-A", "trust", "--no-sync")
        run("pg_ctl", "-D", data, "-w", "-o", f"-k {folder} -h '' -F", "-l", str(folder / "log"), "start")
        try:
            yield f"postgresql+psycopg://ivr@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def databases(url: str) -> Databases:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("drop table if exists parcels"))
        connection.execute(
            text(
                "create table parcels (number text, size integer, paid numeric(8, 2), due date, is_late boolean,"
                " items jsonb)"
            )
        )
        row = "('7', 3, 105.20, '2026-11-25', true, '[\"a kettle\"]')"
        connection.execute(text(f"insert into parcels values {row}"))
    engine.dispose()
    return Databases({"company": url})


def sql(statement: str, **more: Any) -> Connector:
    return Connector.model_validate({"sql": statement, **more})


def left(databases: Databases) -> Any:
    return databases.ask(sql("select count(*) as n from parcels", fields={"n": "n"}), {}).fields["n"]


def failure(databases: Databases, connector: Connector, **parameters: str) -> LookupFailed:
    with pytest.raises(LookupFailed) as failed:
        databases.ask(connector, parameters)
    return failed.value


def test_values_of_every_kind_arrive_as_json(databases: Databases) -> None:
    fields = {
        "size": "size",
        "paid": "paid as money",
        "due": "due as date",
        "late": "is_late",
        "items": "items",
    }
    one = sql("select * from parcels where number = :n", parameters=("n",), fields=fields)
    wanted = {"size": 3, "paid": "105.20", "due": "2026-11-25", "late": True, "items": ["a kettle"]}
    assert databases.ask(one, {"n": "7"}) == Answer(True, wanted)
    assert databases.columns(one) == ("number", "size", "paid", "due", "is_late", "items")
    by_size = sql("select number from parcels where size = cast(:s as integer)", parameters=("s",))
    assert databases.ask(by_size, {"s": "3"}).is_found
    assert failure(databases, by_size, s="three").reason == "error"


@pytest.mark.parametrize("words", HOSTILE)
def test_a_parameter_is_a_value_and_never_a_statement(databases: Databases, words: str) -> None:
    told = sql("select cast(:words as text) as told", parameters=("words",), fields={"told": "told"})
    assert databases.ask(told, {"words": words}).fields == {"told": words}
    assert left(databases) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "delete from parcels",
        "with gone as (delete from parcels returning 1) select * from gone",
        "create table x (y int)",
    ],
)
def test_the_server_refuses_what_may_not_change(databases: Databases, statement: str) -> None:
    failed = failure(databases, sql(statement))
    assert "read-only" in str(failed.__cause__)
    assert left(databases) == 1


def test_what_may_change_does_so(databases: Databases) -> None:
    gone = sql("delete from parcels where number = :n", parameters=("n",), changes=True)
    assert databases.columns(gone) is None and left(databases) == 1
    assert databases.ask(gone, {"n": "7"}) == Answer(True)
    assert left(databases) == 0


def test_a_statement_that_takes_too_long_is_ended_by_the_server(databases: Databases) -> None:
    began = time.monotonic()
    failed = failure(databases, sql("select pg_sleep(5)", timeout=0.2))
    assert failed.reason == "timeout"
    assert time.monotonic() - began < 2 and "timeout" in str(failed.__cause__)
    assert left(databases) == 1


def test_a_server_that_is_not_there(url: str) -> None:
    gone = Databases({"company": "postgresql+psycopg://ivr@127.0.0.1:1/postgres"})
    assert failure(gone, sql("select 1")).reason == "error"
