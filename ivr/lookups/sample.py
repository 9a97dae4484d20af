"""The look-ups of the sample company, Fernhill, over its tables.

Each takes its parameters as text and answers in JSON values: money as decimal text ("1284.56"), days and
times in ISO 8601. Whether a caller may hear an answer is the flow's business: it asks ``balance`` only after
``verify_pin`` has answered ``verified``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Engine, case, or_, select, update

from ivr.lookups.ask import Answer, Lookup, Signature
from ivr.lookups.schema import accounts, customers, holidays, hours, orders, parcels, transactions
from ivr.lookups.seed import SAMPLE_HASHER

TRIES = 3
"""Wrong PINs in a row that lock an account."""
LOCK_S = 15 * 60
HORIZON_DAYS = 14
"""How far ahead an opening day is looked for."""
DELIVERED = "delivered"
CLOSED_ORDERS = (DELIVERED, "cancelled")


class Sample:
    """Fernhill's data. Blocking; safe from any thread."""

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], datetime],
        zone: str = "Europe/London",
        hasher: PasswordHasher = SAMPLE_HASHER,
    ) -> None:
        """``now`` gives the wall time with an offset; ``zone`` is where the doors are."""
        self._engine = engine
        self._now = now
        self._zone = ZoneInfo(zone)
        self._hasher = hasher
        self._nobody = hasher.hash("nobody's PIN")

    def lookups(self) -> list[Lookup]:
        """All of them, with their signatures, for ``Lookups``."""
        return [
            _lookup(self.account_exists, ("account",), ()),
            _lookup(self.verify_pin, ("account", "pin"), ("verified", "is_locked", "tries_left", "name")),
            _lookup(
                self.balance, ("account",), ("balance", "currency", "last_amount", "last_text", "last_on")
            ),
            _lookup(self.parcel, ("number",), ("status", "last_place", "expected")),
            _lookup(self.order, ("number",), ("status", "items", "expected")),
            _lookup(
                self.opening_hours,
                ("department", "at"),
                ("is_open", "opens", "closes", "is_holiday", "holiday"),
            ),
            _lookup(self.caller, ("number",), ("name", "language", "open_parcels", "open_orders")),
            _lookup(self.open_orders, ("phone",), ("orders",)),
            _lookup(self.open_parcels, ("phone",), ("parcels",)),
        ]

    def account_exists(self, account: str) -> Answer:
        with self._engine.connect() as connection:
            found = connection.execute(select(accounts.c.number).where(accounts.c.number == account)).first()
        return Answer(found is not None)

    def verify_pin(self, account: str, pin: str) -> Answer:
        """Whether the PIN is the account's. The third wrong one in a row locks it for ``LOCK_S``.

        A try is used up before the PIN is looked at, in one statement, so guesses made at the same time get
        no more than three. Unknown and locked accounts take as long as a wrong PIN.
        """
        tries_used = self._use_try(account)
        with self._engine.connect() as connection:
            query = select(accounts.c.pin_hash, customers.c.name).join(customers)
            row = connection.execute(query.where(accounts.c.number == account)).first()
        is_right = self._is_right(row.pin_hash if row is not None and tries_used else self._nobody, pin)
        if row is None:
            return Answer(False, {"verified": False, "is_locked": False, "tries_left": 0, "name": ""})
        if not is_right or not tries_used:
            tries_left = TRIES - tries_used if tries_used else 0
            fields = {"verified": False, "is_locked": not tries_left, "tries_left": tries_left, "name": ""}
            return Answer(True, fields)
        with self._engine.begin() as connection:
            reset = update(accounts).where(accounts.c.number == account)
            connection.execute(reset.values(failed_tries=0, locked_until=None))
        return Answer(True, {"verified": True, "is_locked": False, "tries_left": TRIES, "name": row.name})

    def balance(self, account: str) -> Answer:
        """Balance and newest transaction, whose ``last_*`` fields are None where there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(accounts).where(accounts.c.number == account)).first()
            if row is None:
                return Answer(False)
            newest = select(transactions).where(transactions.c.account == account)
            newest = newest.order_by(transactions.c.booked_on.desc(), transactions.c.id.desc()).limit(1)
            last = connection.execute(newest).first()
        fields = {
            "balance": _money(row.balance_pence),
            "currency": row.currency,
            "last_amount": _money(last.amount_pence) if last is not None else None,
            "last_text": last.text if last is not None else None,
            "last_on": last.booked_on.isoformat() if last is not None else None,
        }
        return Answer(True, fields)

    def parcel(self, number: str) -> Answer:
        """``status`` is ``delivered``, ``on its way``, ``at the depot`` or ``delayed``; no ``expected``: no
        day."""
        with self._engine.connect() as connection:
            row = connection.execute(select(parcels).where(parcels.c.number == number)).first()
        if row is None:
            return Answer(False)
        fields = {"status": row.status, "last_place": row.last_place, "expected": _day(row.expected_on)}
        return Answer(True, fields)

    def order(self, number: str) -> Answer:
        """``items`` is a list of names; ``expected`` is empty where there is no day (any more)."""
        with self._engine.connect() as connection:
            row = connection.execute(select(orders).where(orders.c.number == number)).first()
        if row is None:
            return Answer(False)
        return Answer(True, {"status": row.status, "items": row.items, "expected": _day(row.expected_on)})

    def opening_hours(self, department: str, at: str) -> Answer:
        """Open now: since when and until when. Closed: the next time it opens and closes.

        ``at`` is an ISO time, empty for now; one without an offset is local. ``opens`` and ``closes`` are
        local ISO times, None where it does not open within two weeks. ``holiday`` names today's, if any.
        """
        moment = datetime.fromisoformat(at) if at else self._now()
        here = moment.astimezone(self._zone) if moment.tzinfo else moment.replace(tzinfo=self._zone)
        with self._engine.connect() as connection:
            week = {row.weekday: (row.opens, row.closes) for row in _week(connection, department)}
            closed = {row.day: row.name for row in connection.execute(select(holidays))}
        if not week:
            return Answer(False)
        opens, closes = self._next_opening(here, week, closed)
        holiday = closed.get(here.date(), "")
        fields = {
            "is_open": opens is not None and opens <= here,
            "opens": opens.isoformat() if opens is not None else None,
            "closes": closes.isoformat() if closes is not None else None,
            "is_holiday": bool(holiday),
            "holiday": holiday,
        }
        return Answer(True, fields)

    def caller(self, number: str) -> Answer:
        """The customer with this phone number (E.164); a number can be forged, so it proves nothing."""
        with self._engine.connect() as connection:
            row = connection.execute(select(customers).where(customers.c.phone == number)).first()
            if row is None:
                return Answer(False)
            on_way = select(parcels.c.number).where(parcels.c.customer_id == row.id)
            ordered = select(orders.c.number).where(orders.c.customer_id == row.id)
            open_parcels = connection.scalars(on_way.where(parcels.c.status != DELIVERED)).all()
            open_orders = connection.scalars(ordered.where(orders.c.status.not_in(CLOSED_ORDERS))).all()
        fields = {
            "name": row.name,
            "language": row.language,
            "open_parcels": sorted(open_parcels),
            "open_orders": sorted(open_orders),
        }
        return Answer(True, fields)

    def open_orders(self, phone: str) -> Answer:
        """Orders on their way to the customer with this phone number, one line of text each, oldest first."""
        query = select(orders).join(customers).where(customers.c.phone == phone)
        query = query.where(orders.c.status.not_in(CLOSED_ORDERS)).order_by(orders.c.number)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        lines = [f"{row.number}: {', '.join(row.items)}; {row.status}{_due(row.expected_on)}" for row in rows]
        return Answer(bool(lines), {"orders": lines})

    def open_parcels(self, phone: str) -> Answer:
        """Parcels on their way to the customer with this phone number, one line of text each."""
        query = select(parcels).join(customers).where(customers.c.phone == phone)
        query = query.where(parcels.c.status != DELIVERED).order_by(parcels.c.number)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        lines = [f"{row.number}: {row.status}, {row.last_place}{_due(row.expected_on)}" for row in rows]
        return Answer(bool(lines), {"parcels": lines})

    def _use_try(self, account: str) -> int:
        """Count one more failed try, as if the PIN were wrong: 1, 2 or 3; 0 where the account takes none
        now."""
        now = self._now().timestamp()
        used = case((accounts.c.locked_until.is_not(None), 1), else_=accounts.c.failed_tries + 1)
        may_try = or_(accounts.c.locked_until.is_(None), accounts.c.locked_until <= now)
        statement = (
            update(accounts)
            .where(accounts.c.number == account, may_try)
            .values(failed_tries=used, locked_until=case((used >= TRIES, now + LOCK_S), else_=None))
            .returning(accounts.c.failed_tries)
        )
        with self._engine.begin() as connection:
            return connection.execute(statement).scalar() or 0

    def _is_right(self, pin_hash: str, pin: str) -> bool:
        with contextlib.suppress(VerificationError, InvalidHashError):
            return self._hasher.verify(pin_hash, pin)
        return False

    def _next_opening(
        self, here: datetime, week: dict[int, tuple[str, str]], closed: dict[date, str]
    ) -> tuple[datetime | None, datetime | None]:
        for ahead in range(HORIZON_DAYS + 1):
            day = here.date() + timedelta(days=ahead)
            if day in closed or day.weekday() not in week:
                continue
            opens, closes = (
                datetime.combine(day, time.fromisoformat(clock), self._zone) for clock in week[day.weekday()]
            )
            if here < closes:
                return opens, closes
        return None, None


def _lookup(run: Callable[..., Answer], parameters: tuple[str, ...], fields: tuple[str, ...]) -> Lookup:
    return Lookup(Signature(run.__name__, parameters, fields), run)


def _week(connection: Connection, department: str) -> Any:
    return connection.execute(select(hours).where(hours.c.department == department))


def _money(pence: int) -> str:
    return str(Decimal(pence).scaleb(-2))


def _due(day: date | None) -> str:
    return f", due {day.isoformat()}" if day is not None else ""


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
