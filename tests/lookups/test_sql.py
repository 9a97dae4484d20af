"""Look-ups by SQL: parameters are bound, nothing changes that may not, and nothing takes a thread for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import pytest
from companykit import Company
from sqlalchemy import Engine, func, select

from ivr.errors import LookupFailed
from ivr.flow.connectors import Connector
from ivr.lookups import schema
from ivr.lookups.ask import Answer, Lookups
from ivr.lookups.connect import Reach
from ivr.lookups.http import Services
from ivr.lookups.seed import DEMO
from ivr.lookups.sql import Databases

ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) as n from n"
HOSTILE = [
    "' or '1'='1",
    "'; drop table parcels; --",
    '" or 1=1',
    "%",
    "\x00",
    "1) union select pin_hash from accounts --",
]


def sql(statement: str, **more: Any) -> Connector:
    return Connector.model_validate({"sql": statement, **more})


def ask(databases: Databases, connector: Connector, **parameters: str) -> Answer:
    return databases.ask(connector, parameters)


def failure(databases: Databases, connector: Connector, **parameters: str) -> LookupFailed:
    with pytest.raises(LookupFailed) as failed:
        ask(databases, connector, **parameters)
    return failed.value


def parcels(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(schema.parcels)) or 0


@pytest.mark.parametrize("words", HOSTILE)
def test_a_parameter_is_a_value_and_never_a_statement(
    databases: Databases, engine: Engine, words: str
) -> None:
    before = parcels(engine)
    told = sql("select :words as told", parameters=("words",), fields={"told": "told"})
    assert ask(databases, told, words=words).fields == {"told": words}
    found = sql("select number from parcels where number = :words", parameters=("words",))
    assert not ask(databases, found, words=words).is_found
    assert parcels(engine) == before


@pytest.mark.parametrize(
    "statement",
    [
        "delete from parcels",
        "insert into holidays (day, name) values ('2027-01-02', 'x')",
        "drop table parcels",
        "with n as (select 1) delete from parcels",
        "pragma query_only = off",
    ],
)
def test_the_database_itself_refuses_what_may_not_change(
    databases: Databases, engine: Engine, statement: str
) -> None:
    before = parcels(engine)
    if not statement.startswith("pragma"):
        assert failure(databases, sql(statement)).reason == "error"
    for _ in range(2):
        failure(databases, sql("delete from parcels"))
    assert parcels(engine) == before > 0


def test_what_may_change_does_so_and_says_whether(databases: Databases, engine: Engine) -> None:
    note = sql(
        "update parcels set last_place = :place where number = :number",
        parameters=("place", "number"),
        changes=True,
    )
    assert ask(databases, note, place="Hull", number=DEMO.parcel) == Answer(True)
    assert ask(databases, note, place="Hull", number="0") == Answer(False)
    with engine.connect() as connection:
        place = connection.scalar(
            select(schema.parcels.c.last_place).where(schema.parcels.c.number == DEMO.parcel)
        )
    assert place == "Hull"


def test_a_change_whose_answer_cannot_be_read_is_taken_back(databases: Databases, engine: Engine) -> None:
    connector = sql(
        "update parcels set last_place = 'Hull' where number = :number returning last_place as place",
        parameters=("number",),
        changes=True,
        fields={"place": "place as number"},
    )
    assert failure(databases, connector, number=DEMO.parcel).reason == "error"
    with engine.connect() as connection:
        places = connection.scalars(
            select(schema.parcels.c.last_place).where(schema.parcels.c.number == DEMO.parcel)
        )
        assert list(places) == ["Leeds"]


def test_two_statements_are_none(databases: Databases, engine: Engine) -> None:
    before = parcels(engine)
    assert failure(databases, sql("select 1; delete from parcels", changes=True)).reason == "error"
    assert parcels(engine) == before


def test_a_statement_that_takes_too_long_is_ended_in_the_database(databases: Databases) -> None:
    endless = sql(ENDLESS, fields={"n": "n"}, timeout=0.2)
    began = time.monotonic()
    assert failure(databases, endless).reason == "timeout"
    assert 0.2 <= time.monotonic() - began < 1.5
    assert ask(databases, sql("select 1 as one", fields={"one": "one"})).fields == {"one": 1}


def test_threads_that_run_too_long_come_back(databases: Databases) -> None:
    lookups = Lookups([], Reach(databases, Services((), {})), workers=2, failures=100)
    book = {"slow": sql(ENDLESS, timeout=0.2), "quick": sql("select 1 as one", fields={"one": "one"})}

    async def many() -> list[Any]:
        slow = (lookups.ask("slow", {}, look_ups=book) for _ in range(6))
        return await asyncio.gather(*slow, return_exceptions=True)

    assert all(isinstance(one, LookupFailed) for one in asyncio.run(many()))
    assert asyncio.run(lookups.ask("quick", {}, look_ups=book)).fields == {"one": 1}


def test_many_rows_become_lists_and_not_without_end(databases: Databases) -> None:
    counting = f"{ENDLESS.split(' select count')[0]} select x from n limit "
    fields = {"xs": "x", "texts": "x as text"}
    assert ask(databases, sql(counting + "3", rows="many", fields=fields)).fields == {
        "xs": [1, 2, 3],
        "texts": ["1", "2", "3"],
    }
    assert ask(databases, sql(counting + "0", rows="many", fields=fields)) == Answer(
        True, {"xs": [], "texts": []}
    )
    assert len(ask(databases, sql(counting + "100", rows="many", fields=fields)).fields["xs"]) == 100
    assert failure(databases, sql(counting + "101", rows="many", fields=fields)).reason == "error"


def test_too_large_an_answer_is_none(databases: Databases) -> None:
    big = sql("select hex(zeroblob(40000)) as it", fields={"it": "it"})
    assert failure(databases, big).reason == "error"


@pytest.mark.parametrize(
    ("condition", "is_found"), [("state == 'open'", True), ("state != 'open'", False), ("", True)]
)
def test_found_if_decides_on_top_of_the_row(databases: Databases, condition: str, is_found: bool) -> None:
    connector = sql("select 'open' as state", fields={"state": "state"}, found_if=condition)
    assert ask(databases, connector) == Answer(is_found, {"state": "open"})


def test_a_column_that_is_not_there_is_a_failure_where_it_may_not_lack(databases: Databases) -> None:
    assert failure(databases, sql("select 1 as one", fields={"two": "two"})).reason == "error"
    assert ask(databases, sql("select 1 as one", fields={"two": "two?"})).fields == {"two": None}


def test_the_databases_words_are_the_cause_and_not_the_message(databases: Databases) -> None:
    failed = failure(databases, sql("select secret_2580 from nowhere"))
    assert "2580" not in str(failed) and "nowhere" in str(failed.__cause__)


def test_a_database_nobody_named_or_that_is_not_there(tmp_path: Any) -> None:
    databases = Databases(
        {"company": f"sqlite:///{tmp_path}/none.db", "odd": "no url", "new": "nodialect://x"}
    )
    assert failure(databases, sql("select 1", database="other")).reason == "unknown"
    for name in databases.names:
        assert failure(databases, sql("select 1", database=name)).reason == "error"
    assert not list(tmp_path.iterdir()), "a look-up makes no database"


def test_every_statement_of_the_sample_gives_its_columns(
    databases: Databases, connectors: Mapping[str, Connector], company: Company
) -> None:
    for name, connector in connectors.items():
        columns = databases.columns(connector)
        if connector.changes:
            assert columns is None
            continue
        wanted = {written.split()[0] for written in connector.fields.values()}
        assert columns is not None and wanted <= set(columns), name


def test_a_database_that_cannot_be_held_to_reading_is_not_asked() -> None:
    databases = Databases({"company": "mysql+pymysql://reader@localhost/company"})
    with pytest.raises(LookupFailed, match="neither SQLite nor PostgreSQL"):
        ask(databases, sql("select 1"))
