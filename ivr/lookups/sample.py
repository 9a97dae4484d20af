"""The look-ups of the sample company, Fernhill, that take code; the others stand in its ``look_ups.yaml``.

A PIN is checked against its hash, and wrong ones are counted: no statement could do that. Whether a caller may hear
a balance is the flow's business: it asks for one only after ``verify_pin`` has answered ``verified``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine, case, or_, select, update

from ivr.lookups.ask import Answer, Lookup, Signature
from ivr.lookups.schema import accounts, customers
from ivr.lookups.seed import SAMPLE_HASHER

TRIES = 3
"""Wrong PINs in a row that lock an account."""
LOCK_S = 15 * 60


class Sample:
    """Fernhill's data. Blocking; safe from any thread."""

    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], datetime],
        hasher: PasswordHasher = SAMPLE_HASHER,
    ) -> None:
        """``now`` gives the wall time with an offset."""
        self._engine = engine
        self._now = now
        self._hasher = hasher
        self._nobody = hasher.hash("nobody's PIN")

    def lookups(self) -> list[Lookup]:
        """All of them, with their signatures, for ``Lookups``."""
        return [
            _lookup(self.verify_pin, ("account", "pin"), ("verified", "is_locked", "tries_left", "name")),
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


def _lookup(run: Callable[..., Answer], parameters: tuple[str, ...], fields: tuple[str, ...]) -> Lookup:
    return Lookup(Signature(run.__name__, parameters, fields), run)
