"""Accounts with real SQL and a real Redis."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from ivr import database
from ivr.accounts.door import Door
from ivr.accounts.sessions import Sessions
from ivr.accounts.throttle import Throttle
from ivr.accounts.users import User, Users

PASSWORD = "marble kestrel fog"
ADA = User("ada", "Ada Holloway", ("agent",), ("orders", "complaints"), ("german",), "+447700900123")


@pytest.fixture
def users(tmp_path: Path) -> Users:
    return Users(database.connect(f"sqlite:///{tmp_path / 'people.sqlite'}"))


@pytest.fixture
def ada(users: Users) -> User:
    return users.add(ADA, PASSWORD)


@pytest.fixture
def notes() -> list[tuple[str, dict[str, str]]]:
    return []


@pytest.fixture
def door(users: Users, client: redis.Redis, notes: list[tuple[str, dict[str, str]]]) -> Door:
    return Door(users, Sessions(client), Throttle(client), lambda kind, told: notes.append((kind, told)))
