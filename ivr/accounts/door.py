"""The door: signs people in and out, and says whose session this is. Notes who came, who left and who was refused."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from ivr.accounts.sessions import Session, Sessions
from ivr.accounts.throttle import Throttle
from ivr.accounts.users import User, Users
from ivr.errors import AccountError

AT_ONCE = 3
"""Passwords looked at, each some 50 ms of one processor and 19 MB: others are asked to come again, so that
the threads which answer the carrier are never all busy with strangers."""
NOBODY = "(unknown)"
"""In notes, for a name that nobody has: it may be a password typed into the wrong field."""

Note = Callable[[str, dict[str, str]], None]
"""Takes a kind, such as ``signed_in``, and what belongs to it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Admitted:
    """Signed in."""

    user: User
    session_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Not signed in."""

    wait_s: int = 0
    """How long no attempt is allowed; 0: the next one may come at once."""
    is_busy: bool = False
    """True where nothing was looked at, because too many sign in at this moment."""


class Door:
    """One per process, usable from any thread. Raises StoreError where Redis or the database does not answer."""

    def __init__(self, users: Users, sessions: Sessions, throttle: Throttle, note: Note) -> None:
        self._users = users
        self._sessions = sessions
        self._throttle = throttle
        self._note = note
        self._looking = threading.BoundedSemaphore(AT_ONCE)

    def sign_in(self, login: str, password: str, address: str) -> Admitted | Refused:
        """``address``: where the request came from. Who is refused is not told why."""
        user = self._verify(login, password, address)
        if isinstance(user, Refused):
            return user
        self._tell("signed_in", user.login, address)
        return Admitted(user, self._begin(user))

    def who(self, session_id: str) -> User | None:
        """The person of a session as they are now; None where it is over, or never was."""
        session = self._sessions.find(session_id) if session_id else None
        user = self._users.find(session.login) if session else None
        if session is None or user is None:
            return None
        return user if user.credential == session.credential and not user.is_disabled else None

    def sign_out(self, session_id: str, address: str) -> None:
        """End this session; one that is over already is no fault."""
        user = self.who(session_id)
        self._sessions.end(session_id)
        if user is not None:
            self._tell("signed_out", user.login, address)

    def change_password(self, login: str, old: str, new: str, address: str) -> Admitted | Refused:
        """Ends all sessions of that person and begins one. Raises AccountError for a password that is too weak."""
        user = self._verify(login, old, address)
        if isinstance(user, Refused):
            return user
        if old == new:
            raise AccountError("this is the password you have; choose another one")
        self._users.set_password(user.login, new)
        self._tell("password_changed", user.login, address)
        changed = self._users.get(user.login)
        return Admitted(changed, self._begin(changed))

    def _verify(self, login: str, password: str, address: str) -> User | Refused:
        if not self._looking.acquire(blocking=False):
            return Refused(is_busy=True)
        try:
            wait_s = self._throttle.attempt(login, address)
            user = None if wait_s else self._users.verify(login, password)
        finally:
            self._looking.release()
        if user is None:
            if not wait_s:
                self._tell("sign_in_failed", login.casefold() if self._users.find(login) else NOBODY, address)
            return Refused(wait_s)
        self._throttle.forgive(user.login, address)
        return user

    def _begin(self, user: User) -> str:
        return self._sessions.begin(Session(user.login, user.credential))

    def _tell(self, kind: str, login: str, address: str) -> None:
        _log.info("%s: %s from %s", kind, login, address)
        self._note(kind, {"login": login, "address": address})
