"""What the sample company answers."""

from __future__ import annotations

import json
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, Row, delete, select, update

from ivr.checkdigit import is_valid
from ivr.lookups import schema
from ivr.lookups.sample import LOCK_S, Sample
from ivr.lookups.seed import DEMO

TODAY = date(2026, 11, 24)
WRONG = "0000"


def rows(engine: Engine, table: Any) -> list[Row[Any]]:
    with engine.connect() as connection:
        return list(connection.execute(select(table)))


def test_every_answer_has_the_fields_of_its_signature_as_json(sample: Sample) -> None:
    right = {"account": DEMO.account, "pin": DEMO.pin, "department": "bank", "at": "", "phone": DEMO.phone}
    for lookup in sample.lookups():
        signature = lookup.signature
        numbers = {"parcel": DEMO.parcel, "order": DEMO.order, "caller": DEMO.phone}
        asked = {
            name: numbers[signature.name] if name == "number" else right[name]
            for name in signature.parameters
        }
        answer = lookup.run(**asked)
        assert answer.is_found, signature
        assert tuple(answer.fields) == signature.fields
        assert json.loads(json.dumps(answer.fields)) == answer.fields


@pytest.mark.parametrize("unknown", ["", "00000000", "' OR 1=1 --", "4071826"])
def test_the_unknown_is_not_found(sample: Sample, unknown: str) -> None:
    for ask in (
        sample.account_exists,
        sample.balance,
        sample.parcel,
        sample.order,
        sample.caller,
        sample.open_orders,
        sample.open_parcels,
    ):
        assert not ask(unknown).is_found
    assert not sample.verify_pin(unknown, DEMO.pin).is_found
    assert not sample.opening_hours(unknown, "").is_found


def test_the_right_pin_gives_the_name(sample: Sample) -> None:
    answer = sample.verify_pin(DEMO.account, DEMO.pin)
    assert answer.fields == {"verified": True, "is_locked": False, "tries_left": 3, "name": DEMO.name}


def test_three_wrong_pins_lock_even_the_right_one_out(sample: Sample, clock: Any) -> None:
    tries = [sample.verify_pin(DEMO.account, WRONG).fields for _ in range(3)]
    assert [one["tries_left"] for one in tries] == [2, 1, 0]
    assert [one["is_locked"] for one in tries] == [False, False, True]
    clock.advance(LOCK_S - 1)
    locked = sample.verify_pin(DEMO.account, DEMO.pin)
    assert locked.fields == {"verified": False, "is_locked": True, "tries_left": 0, "name": ""}


def test_the_lock_opens_after_its_time_and_counts_from_nought(sample: Sample, clock: Any) -> None:
    for _ in range(3):
        sample.verify_pin(DEMO.account, WRONG)
    clock.advance(LOCK_S)
    assert sample.verify_pin(DEMO.account, WRONG).fields["tries_left"] == 2
    assert sample.verify_pin(DEMO.account, DEMO.pin).fields["verified"]


def test_a_right_pin_forgives_the_wrong_ones(sample: Sample) -> None:
    for _ in range(3):
        sample.verify_pin(DEMO.account, WRONG)
        sample.verify_pin(DEMO.account, DEMO.pin)
    assert sample.verify_pin(DEMO.account, WRONG).fields["tries_left"] == 2


def test_guesses_made_at_once_get_three_tries(sample: Sample) -> None:
    barrier = threading.Barrier(12)

    def guess(number: int) -> bool:
        barrier.wait()
        return sample.verify_pin(DEMO.account, f"{number:04}").fields["tries_left"] > 0

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(guess, range(12))) == 2
    assert not sample.verify_pin(DEMO.account, DEMO.pin).fields["verified"]


def test_an_account_does_not_lock_another(sample: Sample, engine: Engine) -> None:
    other = next(row.number for row in rows(engine, schema.accounts) if row.number != DEMO.account)
    for _ in range(3):
        sample.verify_pin(other, "no pin")
    assert sample.verify_pin(DEMO.account, DEMO.pin).fields["verified"]


def test_an_unknown_account_takes_as_long_as_a_wrong_pin(sample: Sample) -> None:
    def took(account: str) -> float:
        began = time.perf_counter()
        sample.verify_pin(account, WRONG)
        return time.perf_counter() - began

    known = statistics.median(took(DEMO.account) for _ in range(9))
    unknown = statistics.median(took("99999999") for _ in range(9))
    assert 0.4 < unknown / known < 2.5


def test_the_balance_is_exact_with_the_newest_transaction(sample: Sample, engine: Engine) -> None:
    fields = sample.balance(DEMO.account).fields
    assert Decimal(fields["balance"]) == Decimal(DEMO.balance_pence) / 100
    assert fields["balance"] == "1284.56"
    mine = [row for row in rows(engine, schema.transactions) if row.account == DEMO.account]
    newest = max(mine, key=lambda row: (row.booked_on, row.id))
    assert fields["last_on"] == newest.booked_on.isoformat()
    assert Decimal(fields["last_amount"]) * 100 == newest.amount_pence


@pytest.mark.parametrize(
    ("pence", "text"), [(0, "0.00"), (5, "0.05"), (-40_010, "-400.10"), (10**9, "10000000.00")]
)
def test_money_is_written_with_two_decimals(sample: Sample, engine: Engine, pence: int, text: str) -> None:
    with engine.begin() as connection:
        connection.execute(update(schema.accounts).values(balance_pence=pence))
        connection.execute(delete(schema.transactions))
    fields = sample.balance(DEMO.account).fields
    assert fields["balance"] == text
    assert fields["last_amount"] is fields["last_text"] is fields["last_on"] is None


def test_the_demo_parcel_comes_tomorrow(sample: Sample) -> None:
    expected = (TODAY + timedelta(days=1)).isoformat()
    assert sample.parcel(DEMO.parcel).fields == {
        "status": "on its way",
        "last_place": "Leeds",
        "expected": expected,
    }


def test_what_is_over_has_no_expected_day(sample: Sample, engine: Engine) -> None:
    for row in rows(engine, schema.parcels):
        fields = sample.parcel(row.number).fields
        assert bool(fields["expected"]) == (row.status in ("on its way", "at the depot"))
        assert not fields["expected"] or date.fromisoformat(fields["expected"]) >= TODAY


def test_an_order_lists_its_items(sample: Sample) -> None:
    fields = sample.order(DEMO.order).fields
    assert fields["status"] == "being packed"
    assert fields["items"] and all(isinstance(item, str) for item in fields["items"])


def test_an_agent_sees_what_is_on_its_way_to_the_customer(sample: Sample, engine: Engine) -> None:
    known = sample.caller(DEMO.phone).fields
    orders, parcels = (ask(DEMO.phone).fields for ask in (sample.open_orders, sample.open_parcels))
    assert [line.split(":")[0] for line in orders["orders"]] == known["open_orders"]
    assert [line.split(":")[0] for line in parcels["parcels"]] == known["open_parcels"]
    with engine.begin() as connection:
        connection.execute(update(schema.parcels).values(status="delivered"))
    assert not sample.open_parcels(DEMO.phone).is_found


def test_a_caller_is_known_by_number(sample: Sample) -> None:
    fields = sample.caller(DEMO.phone).fields
    assert (fields["name"], fields["language"]) == (DEMO.name, "en")
    assert DEMO.parcel in fields["open_parcels"]
    assert DEMO.order in fields["open_orders"]
    for number in fields["open_parcels"]:
        assert is_valid("gs1", number)
        assert sample.parcel(number).fields["status"] != "delivered"


@pytest.mark.parametrize(
    ("department", "at", "is_open", "opens", "closes"),
    [
        ("bank", "2026-11-24T10:00:00", True, "2026-11-24T09:00", "2026-11-24T16:30"),
        ("bank", "2026-11-24T16:30:00", False, "2026-11-25T09:00", "2026-11-25T16:30"),
        ("bank", "2026-11-24T08:59:59", False, "2026-11-24T09:00", "2026-11-24T16:30"),
        ("bank", "2026-11-28T13:00:00", False, "2026-11-30T09:00", "2026-11-30T16:30"),  # Saturday afternoon
        ("shop", "2026-11-29T12:00:00", True, "2026-11-29T11:00", "2026-11-29T17:00"),  # Sunday
        ("bank", "2026-12-25T10:00:00", False, "2026-12-28T09:00", "2026-12-28T16:30"),  # Christmas
        ("parcels", "2026-07-01T06:30:00+00:00", True, "2026-07-01T07:00", "2026-07-01T19:00"),  # summer time
        ("bank", "", True, "2026-11-24T09:00", "2026-11-24T16:30"),  # by the clock
    ],
)
def test_opening_hours(
    sample: Sample, department: str, at: str, is_open: bool, opens: str, closes: str
) -> None:
    fields = sample.opening_hours(department, at).fields
    assert (fields["is_open"], fields["opens"][:16], fields["closes"][:16]) == (is_open, opens, closes)
    assert fields["is_holiday"] == ("12-25" in at)


def test_a_department_that_never_opens_says_so(sample: Sample, engine: Engine) -> None:
    with engine.begin() as connection:
        days = [TODAY + timedelta(days=ahead) for ahead in range(20)]
        connection.execute(schema.holidays.insert(), [{"day": day, "name": "works"} for day in days])
    fields = sample.opening_hours("bank", "").fields
    assert (fields["is_open"], fields["opens"], fields["holiday"]) == (False, None, "works")
