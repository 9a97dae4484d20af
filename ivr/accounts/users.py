"""The table of people: login, name, roles, queues, skills, telephone, password's hash. Checks what is put in.

It stands in the database of the records. A person is never deleted, only disabled: records name them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Engine,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ivr import database
from ivr.accounts import passwords
from ivr.errors import AccountError

Role = Literal["agent", "supervisor", "designer", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

METADATA = MetaData()
USERS = Table(
    "users",
    METADATA,
    Column("login", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("queues", JSON, nullable=False),
    Column("skills", JSON, nullable=False),
    Column("endpoint", String(200), nullable=False),
    Column("password_hash", String(200), nullable=False),  # argon2id, with its own parameters
    Column("credential", Integer, nullable=False),  # counts what ends every session: new password, disabling
    Column("is_disabled", Boolean, nullable=False),
    Column("created_at", database.Utc, nullable=False),
)

_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ENDPOINT = re.compile(r"\+[1-9]\d{6,14}|sip:[\w.+-]+@[\w.-]+(?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class User:
    """A person who works here."""

    login: str
    """Lower case; their ``agent_id`` as well."""
    name: str
    """As callers and colleagues hear it."""
    roles: tuple[Role, ...]
    queues: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    endpoint: str = ""
    """Where their calls go: ``+447700900123``, ``sip:ada@desk.example.org``; empty: the browser."""
    is_disabled: bool = False
    credential: int = 1
    """A session is good only while this is what it was when it began."""

    def has_role(self, *roles: Role) -> bool:
        """Whether they have one of these."""
        return bool(set(roles) & set(self.roles))


class Users:
    """The people of an installation; one per process, usable from any thread.

    Every method raises StoreError where the database does not answer.
    """

    def __init__(self, engine: Engine, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._tables = database.Tables(engine, METADATA, "accounts cannot be read or written")
        self._now = now

    def add(self, user: User, password: str) -> User:
        """Raises AccountError like ``check_new``, and for a weak password."""
        self.check_new(user)
        passwords.refuse_weak(password, user.login, user.name)
        row = _values(user) | {
            "login": user.login,
            "password_hash": passwords.hash_of(password),
            "credential": 1,
            "is_disabled": False,
            "created_at": self._now(),
        }
        try:
            with self._tables.writing() as connection:
                connection.execute(insert(USERS), row)
        except IntegrityError:
            raise _taken(user.login) from None
        return self.get(user.login)

    def check_new(self, user: User) -> None:
        """Raises AccountError, all faults together, and where the login is taken."""
        _check(user)
        if self.find(user.login):
            raise _taken(user.login)

    def change(self, login: str, **values: Any) -> User:
        """Change name, roles, queues, skills or endpoint. Raises AccountError like ``add`` and ``get``."""
        user = replace(self.get(login), **values)
        _check(user)
        self._update(login, _values(user))
        return user

    def set_password(self, login: str, password: str) -> None:
        """A new password; all sessions of that person end. Raises AccountError."""
        user = self.get(login)
        passwords.refuse_weak(password, user.login, user.name)
        self._update(
            login, {"password_hash": passwords.hash_of(password), "credential": USERS.c.credential + 1}
        )

    def set_disabled(self, login: str, is_disabled: bool) -> None:
        """Lock somebody out, which ends all their sessions, or let them in again. Raises AccountError."""
        self.get(login)
        self._update(login, {"is_disabled": is_disabled, "credential": USERS.c.credential + 1})

    def find(self, login: str) -> User | None:
        """None where nobody has this login."""
        row = self._row(login)
        return _user(row) if row else None

    def get(self, login: str) -> User:
        """Raises AccountError where nobody has this login."""
        user = self.find(login)
        if user is None:
            raise AccountError(f"found no user {login!r}; `ivr user list` shows those there are")
        return user

    def all(self) -> list[User]:
        """Everybody, by login."""
        with self._tables.reading() as connection:
            return [_user(row) for row in connection.execute(select(USERS).order_by(USERS.c.login))]

    def verify(self, login: str, password: str) -> User | None:
        """The person, if that is their password and they are not disabled.

        A login that does not exist takes as long. A hash with dated parameters is made anew.
        """
        row = self._row(login)
        is_right = passwords.is_right(password, row.password_hash if row else "")
        if row is None or not is_right or row.is_disabled:
            return None
        if passwords.is_dated(row.password_hash):
            self._update(login, {"password_hash": passwords.hash_of(password)})
        return _user(row)

    def _row(self, login: str) -> Row[Any] | None:
        with self._tables.reading() as connection:
            return connection.execute(select(USERS).where(USERS.c.login == login.casefold())).first()

    def _update(self, login: str, values: dict[str, Any]) -> None:
        with self._tables.writing() as connection:
            connection.execute(update(USERS).where(USERS.c.login == login.casefold()).values(values))


def _taken(login: str) -> AccountError:
    return AccountError(
        f"there is a user {login!r} already; take another login, or change that one with `ivr user change {login}`"
    )


def _check(user: User) -> None:
    """Raises AccountError with every fault."""
    faults = []
    if not _LOGIN.fullmatch(user.login):
        faults.append(f"login: found {user.login!r}; wanted 2 to 40 of a-z 0-9 . _ - beginning with a letter")
    if not user.name.strip() or len(user.name) > 80 or not user.name.isprintable():
        faults.append("name: wanted 1 to 80 characters, as callers hear it: --name 'Ada Holloway'")
    if not user.roles or set(user.roles) - set(ROLES):
        faults.append(f"role: found {_listed(user.roles)}; wanted one or more of {', '.join(ROLES)}")
    for what, words in (("queues", user.queues), ("skills", user.skills)):
        faults += [
            f"{what}: found {word!r}; wanted words such as orders"
            for word in words
            if not _WORD.fullmatch(word)
        ]
    if user.endpoint and not _ENDPOINT.fullmatch(user.endpoint):
        faults.append(
            f"endpoint: found {user.endpoint!r}; wanted a number such as +447700900123, an address such as "
            "sip:ada@desk.example.org, or browser"
        )
    if faults:
        raise AccountError("\n".join(faults))


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"


def _values(user: User) -> dict[str, Any]:
    return {
        "name": user.name.strip(),
        "roles": list(user.roles),
        "queues": list(user.queues),
        "skills": list(user.skills),
        "endpoint": user.endpoint,
    }


def _user(row: Row[Any]) -> User:
    return User(
        login=row.login,
        name=row.name,
        roles=tuple(row.roles),
        queues=tuple(row.queues),
        skills=tuple(row.skills),
        endpoint=row.endpoint,
        is_disabled=row.is_disabled,
        credential=row.credential,
    )
