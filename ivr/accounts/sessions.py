"""Who is signed in, in Redis: a random id, known in full only to its browser, leads to a login.

A session lives on while it is used. What ends all sessions of a person (new password, disabling) is told by the
``credential`` it began with; who compares it is ``door``.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

import redis

from ivr.errors import StoreError
from ivr.trouble import redis_as

LIVES_S = 12 * 3600
"""After this long without a request a session is over."""
ID_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """What a session id leads to."""

    login: str
    credential: int
    """``User.credential`` when it began."""


class Sessions:
    """All sessions; one per process, usable from any thread. Raises StoreError where Redis does not answer."""

    def __init__(self, client: redis.Redis) -> None:
        """``client``: text in and out."""
        self._redis = client

    def begin(self, session: Session) -> str:
        """A new session's id: for the cookie, and for nothing else."""
        session_id = secrets.token_urlsafe(ID_BYTES)
        with redis_as(StoreError):
            self._redis.set(_key(session_id), f"{session.credential} {session.login}", ex=LIVES_S)
        return session_id

    def find(self, session_id: str) -> Session | None:
        """The session, which lives ``LIVES_S`` longer from now; None where there is none."""
        with redis_as(StoreError):
            found: Any = self._redis.getex(_key(session_id), ex=LIVES_S)
        if not found:
            return None
        credential, _, login = found.partition(" ")
        return Session(login, int(credential))

    def end(self, session_id: str) -> None:
        """Ending what is over is no fault."""
        with redis_as(StoreError):
            self._redis.delete(_key(session_id))


def _key(session_id: str) -> str:
    """Who reads Redis finds no id to sign in with."""
    return f"ivr:session:{hashlib.sha256(session_id.encode()).hexdigest()}"
