"""The look-ups of the sample company, Fernhill, that take code; the others stand in its ``look_ups.yaml``.

Each takes its parameters as text and answers in JSON values: days and times in ISO 8601. Whether a caller may hear
an answer is the flow's business: it asks for a balance only after ``verify_pin`` has answered ``verified``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Engine, case, or_, select, update

from ivr.lookups.ask import Answer, Lookup, Signature
from ivr.lookups.schema import accounts, customers, holidays, hours
from ivr.lookups.seed import SAMPLE_HASHER

TRIES = 3
"""Wrong PINs in a row that lock an account."""
LOCK_S = 15 * 60
HORIZON_DAYS = 14
"""How far ahead an opening day is looked for."""


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
            _lookup(self.verify_pin, ("account", "pin"), ("verified", "is_locked", "tries_left", "name")),
            _lookup(
                self.opening_hours,
                ("department", "at"),
                ("is_open", "opens", "closes", "is_holiday", "holiday"),
            ),
        ]

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
