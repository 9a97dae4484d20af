"""Rows of the sample company, made from a seed and a day: the same two always give the same rows.

Days are relative to the day given, so that "expected tomorrow" is true on the day of the demo. Phone numbers
are from the range that Ofcom keeps for drama (07700 900000 to 900999): they ring nowhere.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Engine, Table, insert, select

from ivr import checkdigit
from ivr.lookups import schema

SEED = 20
CUSTOMERS = 48
PARCELS = 240
ORDERS = 220
CURRENCY = "GBP"

SAMPLE_HASHER = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
"""Argon2id at 8 MiB, so that all PINs of the sample are hashed at each start without a wait. For real
customers take argon2's own defaults; a hash carries its parameters, so both verify alike."""


@dataclass(frozen=True, slots=True)
class Demo:
    """The customer whom the scripted demo call and the documentation know."""

    name: str = "Ada Holloway"
    phone: str = "+447700900123"
    account: str = "40718264"
    pin: str = "2580"
    balance_pence: int = 128_456
    parcel: str = "7304518262"
    """In Leeds, expected the day after the seeding day."""
    order: str = "482913"


DEMO = Demo()

_FIRST = (
    "Amir", "Beatrice", "Callum", "Dalia", "Edwin", "Fiona", "George", "Hannah", "Imran", "Jodie", "Kofi",
    "Lena", "Martin", "Nadia", "Owen", "Priya", "Quentin", "Rosa", "Samuel", "Tessa", "Umar", "Violet",
    "William", "Xenia", "Yusuf", "Zoe", "Alice", "Benedict", "Chloe", "Dominic", "Elif", "Frank", "Grace",
    "Hugo", "Isla", "Jonas",
)  # fmt: skip
_LAST = (
    "Abbott", "Bashir", "Carver", "Dunmore", "Ellery", "Farrow", "Goodwin", "Hartley", "Iqbal", "Jessop",
    "Kerr", "Lindqvist", "Marlow", "Nwosu", "Okafor", "Petrov", "Quigley", "Rahman", "Sandford",
    "Thackeray", "Underhill", "Vance", "Whitlock", "Yates", "Zielinski",
)  # fmt: skip
_PLACES = (
    "Leeds",
    "Manchester",
    "Birmingham",
    "Bristol",
    "Norwich",
    "Glasgow",
    "Cardiff",
    "Sheffield",
    "Exeter",
)
_GOODS = (
    "a kettle", "two pillows", "a reading lamp", "a bread knife", "a wool blanket", "a garden fork",
    "six wine glasses", "a bath mat", "a tea pot", "a picture frame", "an alarm clock", "a cutting board",
)  # fmt: skip
_SPENT = ("groceries", "the electricity bill", "a card payment", "a cash withdrawal", "train tickets")
_EARNED = ("wages", "a refund", "a transfer")


def prepare(engine: Engine, today: date, seed_number: int = SEED) -> bool:
    """Make tables and rows where they are missing or of another day; returns whether it did.

    Rows of another day are replaced: the sample keeps nothing that matters. Call it from one process.
    """
    schema.METADATA.create_all(engine)
    with engine.connect() as connection:
        if connection.execute(select(schema.seeds)).all() == [(today, seed_number)]:
            return False
    seed(engine, seed_number, today)
    return True


def seed(engine: Engine, seed_number: int, today: date) -> None:
    """Replace all rows of the sample by those of this seed and day, in one transaction."""
    schema.METADATA.create_all(engine)
    with engine.begin() as connection:
        for table in reversed(schema.METADATA.sorted_tables):
            connection.execute(table.delete())
        for table, rows in _rows(random.Random(seed_number), today):
            connection.execute(insert(table), rows)
        connection.execute(insert(schema.seeds), [{"day": today, "seed": seed_number}])


def _rows(rng: random.Random, today: date) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    yield schema.customers, _customers(rng)
    accounts = _accounts(rng)
    yield schema.accounts, accounts
    yield schema.transactions, _transactions(rng, today, [row["number"] for row in accounts])
    yield schema.parcels, _parcels(rng, today)
    yield schema.orders, _orders(rng, today)


def _customers(rng: random.Random) -> list[dict[str, Any]]:
    names = [f"{first} {last}" for first in _FIRST for last in _LAST]
    phones = [f"+447700900{number:03}" for number in range(1000) if f"+447700900{number:03}" != DEMO.phone]
    chosen = zip(rng.sample(names, CUSTOMERS - 1), rng.sample(phones, CUSTOMERS - 1), strict=True)
    everyone = [(DEMO.name, DEMO.phone), *chosen]
    rows = enumerate(everyone, 1)
    return [{"id": key, "name": name, "phone": phone, "language": "en"} for key, (name, phone) in rows]


def _accounts(rng: random.Random) -> list[dict[str, Any]]:
    """One account each; salts come from the seed too, so that the same seed gives the same rows."""
    bodies = (str(body) for body in rng.sample(range(1_000_000, 9_999_999), CUSTOMERS))
    numbers = [DEMO.account, *(checkdigit.append("luhn", body) for body in bodies)][:CUSTOMERS]
    rows = []
    for customer, number in enumerate(numbers, 1):
        is_demo = number == DEMO.account
        pin = DEMO.pin if is_demo else f"{rng.randrange(10_000):04}"
        row = {
            "number": number,
            "customer_id": customer,
            "balance_pence": DEMO.balance_pence if is_demo else rng.randint(-40_000, 900_000),
            "currency": CURRENCY,
            "pin_hash": SAMPLE_HASHER.hash(pin, salt=rng.randbytes(16)),
            "failed_tries": 0,
            "locked_until": None,
        }
        rows.append(row)
    return rows


def _transactions(rng: random.Random, today: date, accounts: list[str]) -> list[dict[str, Any]]:
    rows = []
    for account in accounts:
        for days_ago in sorted(rng.sample(range(1, 60), rng.randint(3, 8)), reverse=True):
            is_in = rng.random() < 0.3
            row = {
                "account": account,
                "booked_on": today - timedelta(days=days_ago),
                "amount_pence": rng.randint(1_000, 200_000) if is_in else -rng.randint(200, 12_000),
                "text": rng.choice(_EARNED if is_in else _SPENT),
            }
            rows.append(row)
    return rows


def _parcels(rng: random.Random, today: date) -> list[dict[str, Any]]:
    demo = _parcel(DEMO.parcel, 1, "on its way", "Leeds", today + timedelta(days=1))
    bodies = (str(body) for body in rng.sample(range(100_000_000, 999_999_999), PARCELS))
    rows = [demo]
    for number in (checkdigit.append("gs1", body) for body in bodies):
        customer, place = rng.randint(1, CUSTOMERS), rng.choice(_PLACES)
        kind = rng.choices(("delivered", "on its way", "at the depot", "delayed"), (4, 4, 2, 1))[0]
        expected = (
            today + timedelta(days=rng.randint(0, 5)) if kind in ("on its way", "at the depot") else None
        )
        if customer == 1 and kind == "delayed":
            customer = 2  # the scripted demo call begins with good news
        if number != DEMO.parcel:
            rows.append(_parcel(number, customer, kind, place, expected))
    return rows


def _parcel(number: str, customer: int, status: str, place: str, expected: date | None) -> dict[str, Any]:
    return {
        "number": number,
        "customer_id": customer,
        "status": status,
        "last_place": place,
        "expected_on": expected,
    }


def _orders(rng: random.Random, today: date) -> list[dict[str, Any]]:
    bodies = [str(body) for body in rng.sample(range(100_000, 999_999), ORDERS)]
    numbers = [DEMO.order, *(body for body in bodies if body != DEMO.order)]
    rows = []
    for number in numbers:
        is_demo = number == DEMO.order
        statuses = ("being packed", "on its way", "waiting for stock", "delivered", "cancelled")
        status = "being packed" if is_demo else rng.choices(statuses, (3, 3, 1, 4, 1))[0]
        row = {
            "number": number,
            "customer_id": 1 if is_demo else rng.randint(1, CUSTOMERS),
            "status": status,
            "items": rng.sample(_GOODS, rng.randint(1, 3)),
            "expected_on": today + timedelta(days=rng.randint(1, 6)) if status in statuses[:2] else None,
        }
        rows.append(row)
    return rows
