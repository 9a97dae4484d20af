"""What is known in Redis of the telephone legs we placed: which offer or consultation each belongs to.

An intention is stored before the carrier is asked, so that no leg is ever placed twice, whichever process dies.
Decides nothing; who has whom is ``agents``'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import redis

from ivr.errors import StoreError
from ivr.trouble import redis_as

KEPT_S = 6 * 3600
"""Longer than any call lasts (Twilio ends one after four hours)."""

_PREFIX = "ivr:{q}:legs"


@dataclass(frozen=True, slots=True)
class Consult:
    """Somebody who is asked for advice while a caller is on hold."""

    leg: str
    """The CallSid of their telephone; empty while the carrier is still being asked."""
    agent_id: str
    """Empty for an outside number."""
    is_joined: bool = False
    """True once the caller hears them too."""


class Legs:
    """The legs of this installation. Thread-safe; raises StoreError where Redis cannot be asked."""

    def __init__(self, client: redis.Redis) -> None:
        """``client`` with text in and out (``decode_responses=True``)."""
        self._redis = client

    def intend(self, what: str) -> bool:
        """Whether this is the first time somebody means to do ``what``; it is then theirs to do."""
        with redis_as(StoreError):
            return bool(self._redis.set(f"{_PREFIX}:intent:{what}", "1", nx=True, ex=KEPT_S))

    def placed(self, offer_id: str, leg: str) -> None:
        """The carrier has taken the leg of an offer."""
        with redis_as(StoreError):
            self._redis.set(f"{_PREFIX}:offer:{offer_id}", leg, ex=KEPT_S)

    def of(self, offer_id: str) -> str:
        """The leg of an offer; empty where none was placed."""
        with redis_as(StoreError):
            leg: Any = self._redis.get(f"{_PREFIX}:offer:{offer_id}")
        return leg or ""

    def place(self) -> str:
        """Up to where the queue's news have been dealt with; empty where none ever were."""
        with redis_as(StoreError):
            place: Any = self._redis.get(f"{_PREFIX}:place")
        return place or ""

    def keep_place(self, place: str) -> None:
        with redis_as(StoreError):
            self._redis.set(f"{_PREFIX}:place", place)

    def consult(self, ticket_id: str) -> Consult | None:
        """Who is asked for advice about this ticket's caller now."""
        with redis_as(StoreError):
            found: Any = self._redis.hgetall(f"{_PREFIX}:consult:{ticket_id}")
        return Consult(found["leg"], found["agent_id"], found["is_joined"] == "1") if found else None

    def keep_consult(self, ticket_id: str, consult: Consult) -> None:
        key = f"{_PREFIX}:consult:{ticket_id}"
        joined = str(int(consult.is_joined))
        fields: dict[Any, Any] = {"leg": consult.leg, "agent_id": consult.agent_id, "is_joined": joined}
        with redis_as(StoreError):
            self._redis.hset(key, mapping=fields)
            self._redis.expire(key, KEPT_S)

    def end_consult(self, ticket_id: str) -> bool:
        """Forget it; false where it was forgotten before, so that one alone acts on its end."""
        with redis_as(StoreError):
            return bool(self._redis.delete(f"{_PREFIX}:consult:{ticket_id}"))
