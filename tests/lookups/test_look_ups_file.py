"""What the sample company answers, as call_flows/look_ups.yaml asks it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from companykit import Company
from sqlalchemy import Engine, Row, delete, select, update

from ivr.checkdigit import is_valid
from ivr.lookups import schema
from ivr.lookups.seed import DEMO

TODAY = date(2026, 11, 24)
NOON = "2026-11-24T12:00:00+00:00"
KNOWN = {
    "account_exists": (DEMO.account,),
    "balance": (DEMO.account,),
    "parcel": (DEMO.parcel,),
    "order": (DEMO.order,),
    "caller": (DEMO.phone,),
    "open_orders": (DEMO.phone,),
    "open_parcels": (DEMO.phone,),
    "likely": (DEMO.phone, NOON),
}


def rows(engine: Engine, table: Any) -> list[Row[Any]]:
    with engine.connect() as connection:
        return list(connection.execute(select(table)))


def test_every_one_is_known_to_the_tests(company: Company) -> None:
    asked = {name for name, connector in company.connectors.items() if not connector.changes}
    assert asked == set(KNOWN)


@pytest.mark.parametrize("name", KNOWN)
def test_an_answer_has_the_fields_as_json(company: Company, name: str) -> None:
    answer = company.ask(name, *KNOWN[name])
    assert answer.is_found
    assert list(answer.fields) == list(company.connectors[name].fields)
    assert json.loads(json.dumps(answer.fields)) == answer.fields


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize(
    "unknown", ["", "00000000", "' OR 1=1 --", "4071826", "%", "x'; drop table parcels; --"]
)
def test_the_unknown_is_not_found(company: Company, name: str, unknown: str) -> None:
    assert not company.ask(name, unknown, *KNOWN[name][1:]).is_found
    assert company.ask(name, *KNOWN[name]).is_found


def test_a_customer_with_nothing_on_the_way_has_empty_lists(company: Company, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(schema.parcels).values(status="delivered"))
        connection.execute(update(schema.orders).values(status="cancelled"))
    fields = company.ask("caller", DEMO.phone).fields
    assert (fields["open_parcels"], fields["open_orders"]) == ([], [])


def test_the_balance_is_exact_with_the_newest_transaction(company: Company, engine: Engine) -> None:
    fields = company.ask("balance", DEMO.account).fields
    assert Decimal(fields["balance"]) == Decimal(DEMO.balance_pence) / 100
    assert fields["balance"] == "1284.56"
    mine = [row for row in rows(engine, schema.transactions) if row.account == DEMO.account]
    newest = max(mine, key=lambda row: (row.booked_on, row.id))
    assert fields["last_on"] == newest.booked_on.isoformat()
    assert Decimal(fields["last_amount"]) * 100 == newest.amount_pence


@pytest.mark.parametrize(
    ("pence", "text"), [(0, "0.00"), (5, "0.05"), (-40_010, "-400.10"), (10**9, "10000000.00")]
)
def test_money_is_written_with_two_decimals(company: Company, engine: Engine, pence: int, text: str) -> None:
    with engine.begin() as connection:
        connection.execute(update(schema.accounts).values(balance_pence=pence))
        connection.execute(delete(schema.transactions))
    fields = company.ask("balance", DEMO.account).fields
    assert fields["balance"] == text
    assert fields["last_amount"] is fields["last_text"] is fields["last_on"] is None


def test_the_demo_parcel_comes_tomorrow(company: Company) -> None:
    expected = (TODAY + timedelta(days=1)).isoformat()
    assert company.ask("parcel", DEMO.parcel).fields == {
        "status": "on its way",
        "last_place": "Leeds",
        "expected": expected,
    }


def test_what_is_over_has_no_expected_day(company: Company, engine: Engine) -> None:
    for row in rows(engine, schema.parcels):
        fields = company.ask("parcel", row.number).fields
        assert bool(fields["expected"]) == (row.status in ("on its way", "at the depot"))
        assert not fields["expected"] or date.fromisoformat(fields["expected"]) >= TODAY


def test_an_order_lists_its_items(company: Company) -> None:
    fields = company.ask("order", DEMO.order).fields
    assert fields["status"] == "being packed"
    assert fields["items"] and all(isinstance(item, str) for item in fields["items"])


def test_an_agent_sees_what_is_on_its_way_to_the_customer(company: Company, engine: Engine) -> None:
    known = company.ask("caller", DEMO.phone).fields
    orders, parcels = (company.ask(name, DEMO.phone).fields for name in ("open_orders", "open_parcels"))
    assert [line.split(":")[0] for line in orders["orders"]] == known["open_orders"]
    assert [line.split(":")[0] for line in parcels["parcels"]] == known["open_parcels"]
    with engine.begin() as connection:
        connection.execute(update(schema.parcels).values(status="delivered"))
    assert not company.ask("open_parcels", DEMO.phone).is_found


def test_a_caller_is_known_by_number(company: Company) -> None:
    fields = company.ask("caller", DEMO.phone).fields
    assert (fields["name"], fields["language"]) == (DEMO.name, "en")
    assert DEMO.parcel in fields["open_parcels"]
    assert DEMO.order in fields["open_orders"]
    for number in fields["open_parcels"]:
        assert is_valid("gs1", number)
        assert company.ask("parcel", number).fields["status"] != "delivered"


def test_the_next_parcel_is_the_one_that_comes_first(company: Company) -> None:
    fields = company.ask("likely", DEMO.phone, NOON).fields
    mine = company.ask("caller", DEMO.phone).fields["open_parcels"]
    days = {number: company.ask("parcel", number).fields["expected"] for number in mine}
    assert fields["kind"] == "parcel"
    assert fields["expected"] == min(filter(None, days.values())) == days[fields["number"]]


def test_what_is_late_comes_before_what_is_on_its_way(company: Company, engine: Engine) -> None:
    after = "2026-12-24T12:00:00+00:00"
    assert company.ask("likely", DEMO.phone, after).fields["kind"] == "late_order"
    with engine.begin() as connection:
        connection.execute(update(schema.orders).values(status="delivered"))
    late = company.ask("likely", DEMO.phone, after).fields
    assert (late["kind"], late["status"]) == ("late_parcel", "on its way")
    with engine.begin() as connection:
        connection.execute(update(schema.orders).values(status="waiting for stock", expected_on=None))
    assert company.ask("likely", DEMO.phone, NOON).fields["kind"] == "late_order"
    with engine.begin() as connection:
        connection.execute(update(schema.orders).values(status="cancelled"))
        connection.execute(update(schema.parcels).values(status="delivered"))
    assert not company.ask("likely", DEMO.phone, after).is_found


@pytest.mark.parametrize(
    ("name", "table", "values"),
    [
        ("block_card", schema.blocked_cards, (DEMO.account,)),
        ("renew_password", schema.password_letters, (DEMO.account,)),
    ],
)
def test_what_is_done_once_is_not_found_again(
    company: Company, engine: Engine, name: str, table: Any, values: tuple[str, ...]
) -> None:
    assert company.ask(name, *values).is_found
    assert not company.ask(name, *values).is_found
    assert rows(engine, table) == [values]


def test_the_newest_address_counts(company: Company, engine: Engine) -> None:
    assert company.ask("change_address", DEMO.account, "NR14DW", "27", "2026-12-01").is_found
    assert company.ask("change_address", DEMO.account, "LS11AA", "3", "2026-12-05").is_found
    assert rows(engine, schema.addresses) == [(DEMO.account, "LS11AA", "3", date(2026, 12, 5))]


def test_only_what_was_delivered_can_be_sent_back_and_once(company: Company, engine: Engine) -> None:
    assert not company.ask("register_return", DEMO.order).is_found
    with engine.begin() as connection:
        connection.execute(update(schema.orders).values(status="delivered"))
    assert company.ask("register_return", DEMO.order).is_found
    assert not company.ask("register_return", DEMO.order).is_found
    assert rows(engine, schema.returns) == [(DEMO.order,)]


def test_an_adviser_sees_one_customer_at_a_time_and_nobody_at_the_weekend(
    company: Company, engine: Engine
) -> None:
    assert company.ask("book_appointment", DEMO.phone, "2026-11-26", "14:30").is_found
    assert not company.ask("book_appointment", "+447700900999", "2026-11-26", "14:30").is_found
    assert not company.ask("book_appointment", DEMO.phone, "2026-11-28", "14:30").is_found
    assert rows(engine, schema.appointments) == [(date(2026, 11, 26), "14:30", DEMO.phone)]


def test_a_delivery_is_booked_for_what_is_on_its_way_alone(company: Company, engine: Engine) -> None:
    assert company.ask("book_delivery", DEMO.parcel, "2026-12-03").is_found
    assert company.ask("parcel", DEMO.parcel).fields["expected"] == "2026-12-03"
    assert not company.ask("book_delivery", "0000000000", "2026-12-03").is_found
    with engine.begin() as connection:
        connection.execute(update(schema.parcels).values(status="delivered", expected_on=None))
    assert not company.ask("book_delivery", DEMO.parcel, "2026-12-04").is_found
