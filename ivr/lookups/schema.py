"""Tables of the sample company, Fernhill: a bank, a parcel service and a shop under one roof.

SQLite or PostgreSQL through SQLAlchemy. Only shapes; the rows come from ``seed``.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Float, ForeignKey, Integer, MetaData, String, Table

METADATA = MetaData()

customers = Table(
    "customers",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("phone", String(20), nullable=False, unique=True),  # E.164
    Column("language", String(8), nullable=False),
)

accounts = Table(
    "accounts",
    METADATA,
    Column("number", String(8), primary_key=True),  # the last digit is a Luhn check digit
    Column("customer_id", ForeignKey("customers.id"), nullable=False),
    Column("balance_pence", Integer, nullable=False),
    Column("currency", String(3), nullable=False),  # ISO 4217
    Column("pin_hash", String(120), nullable=False),  # argon2id, with its own parameters
    Column("failed_tries", Integer, nullable=False),
    Column("locked_until", Float),  # seconds since 1970; NULL where it was never locked
)

transactions = Table(
    "transactions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("account", ForeignKey("accounts.number"), nullable=False, index=True),
    Column("booked_on", Date, nullable=False),
    Column("amount_pence", Integer, nullable=False),  # negative: out of the account
    Column("text", String(80), nullable=False),
)

parcels = Table(
    "parcels",
    METADATA,
    Column("number", String(10), primary_key=True),  # the last digit is a GS1 check digit
    Column("customer_id", ForeignKey("customers.id"), nullable=False, index=True),  # the recipient
    Column("status", String(20), nullable=False),
    Column("last_place", String(80), nullable=False),
    Column("expected_on", Date),
)

orders = Table(
    "orders",
    METADATA,
    Column("number", String(6), primary_key=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False, index=True),
    Column("status", String(30), nullable=False),
    Column("items", JSON, nullable=False),  # a list of names
    Column("expected_on", Date),
)

blocked_cards = Table(
    "blocked_cards",
    METADATA,
    Column("account", ForeignKey("accounts.number"), primary_key=True),
)

addresses = Table(
    "addresses",
    METADATA,
    Column("account", ForeignKey("accounts.number"), primary_key=True),
    Column("postcode", String(7), nullable=False),
    Column("house", String(4), nullable=False),
    Column("valid_from", Date, nullable=False),
)

returns = Table(
    "returns",
    METADATA,
    Column("order_number", ForeignKey("orders.number"), primary_key=True),
)

appointments = Table(
    "appointments",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("hour", String(5), primary_key=True),  # "14:30"
    Column("phone", String(20), nullable=False),  # E.164, of who called
)

password_letters = Table(
    "password_letters",
    METADATA,
    Column("account", ForeignKey("accounts.number"), primary_key=True),
)

seeds = Table(
    "seeds",
    METADATA,
    Column("day", Date, primary_key=True),  # the day the rows were made relative to
    Column("seed", Integer, nullable=False),
)
