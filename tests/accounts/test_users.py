"""People in SQL: what is kept of them, what is refused, and how their passwords are verified."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, select, update

from ivr import database
from ivr.accounts import passwords
from ivr.accounts.users import USERS, User, Users
from ivr.errors import AccountError, StoreError

PASSWORD = "marble kestrel fog"
BEN = User("ben", "Ben", ("agent", "supervisor"), ("orders",))


def hash_in(engine) -> str:
    with engine.connect() as connection:
        return connection.execute(select(USERS.c.password_hash)).scalar_one()


def test_what_is_put_in_comes_out(users: Users, ada: User) -> None:
    found = users.get("ada")
    assert found == ada
    assert (found.name, found.roles, found.queues) == ("Ada Holloway", ("agent",), ("orders", "complaints"))
    assert (found.skills, found.endpoint, found.is_disabled) == (("german",), "+447700900123", False)
    users.add(replace(BEN, login="aaron"), PASSWORD)
    assert [user.login for user in users.all()] == ["aaron", "ada"]


def test_two_processes_begin_with_the_same_table(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'people.sqlite'}"
    first, second = Users(database.connect(url)), Users(database.connect(url))
    assert second.find("ben") is None
    first.add(BEN, PASSWORD)
    assert second.get("ben").name == "Ben"


def test_a_login_belongs_to_one_person_and_ignores_capitals(users: Users, ada: User) -> None:
    with pytest.raises(AccountError, match="ivr user change ada"):
        users.add(replace(BEN, login="ada"), PASSWORD)
    assert users.verify("ADA", PASSWORD) == ada


def test_a_login_that_was_taken_meanwhile_is_refused_the_same_way(
    users: Users, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users, "check_new", lambda user: None)
    with pytest.raises(AccountError, match="there is a user 'ada' already"):
        users.add(replace(BEN, login="ada"), PASSWORD)


def test_all_faults_are_told_together(users: Users) -> None:
    wrong = User("Ben!", " ", ("boss",), ("two words",), ("a" * 50,), "0800")
    with pytest.raises(AccountError) as caught:
        users.add(wrong, PASSWORD)
    told = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in told] == ["login", "name", "role", "queues", "skills", "endpoint"]
    assert users.all() == []


@pytest.mark.parametrize(
    "endpoint", ["", "+447700900123", "sip:ben@desk.example.org", "sip:ben.1@10.0.0.9:5060"]
)
def test_calls_go_to_a_browser_a_number_or_a_sip_phone(users: Users, endpoint: str) -> None:
    assert users.add(replace(BEN, endpoint=endpoint), PASSWORD).endpoint == endpoint


@pytest.mark.parametrize(
    "endpoint", ["07700900123", "client:ben", "sip:", "sip:a@b c", "+44\n", "tel:+447700900123"]
)
def test_other_endpoints_are_refused(users: Users, endpoint: str) -> None:
    with pytest.raises(AccountError, match="endpoint"):
        users.add(replace(BEN, endpoint=endpoint), PASSWORD)


def test_a_weak_password_makes_nobody(users: Users) -> None:
    with pytest.raises(AccountError, match="10 or more"):
        users.add(BEN, "short")
    assert users.all() == []


def test_only_the_right_password_of_somebody_enabled_is_right(users: Users, ada: User) -> None:
    assert users.verify("ada", PASSWORD) == ada
    assert users.verify("ada", PASSWORD + "!") is None
    assert users.verify("nobody", PASSWORD) is None
    assert users.verify("ada", "") is None
    users.set_disabled("ada", True)
    assert users.verify("ada", PASSWORD) is None
    users.set_disabled("ada", False)
    assert users.verify("ada", PASSWORD).login == "ada"


def test_an_unknown_name_costs_the_same_work(
    users: Users, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked = []

    class Counting(PasswordHasher):
        def hash(self, *args, **options):
            worked.append("argon2")
            return super().hash(*args, **options)

        def verify(self, *args, **options):
            worked.append("argon2")
            return super().verify(*args, **options)

    monkeypatch.setattr(passwords, "_HASHER", Counting(time_cost=2, memory_cost=19 * 1024, parallelism=1))
    users.verify("ada", "wrong password")
    users.verify("nobody", "wrong password")
    assert worked == ["argon2", "argon2"]


def test_a_dated_hash_is_made_anew_when_its_password_was_right(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path / 'people.sqlite'}")
    users = Users(engine)
    users.add(BEN, PASSWORD)
    dated = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with engine.begin() as connection:
        connection.execute(update(USERS).values(password_hash=dated))
    assert users.verify("ben", "wrong password") is None
    assert hash_in(engine) == dated
    before = users.get("ben")
    assert users.verify("ben", PASSWORD) == before, "sessions go on"
    assert not passwords.is_dated(hash_in(engine))
    assert users.verify("ben", PASSWORD) == before


def test_a_change_touches_what_was_named_and_ends_no_session(users: Users, ada: User) -> None:
    changed = users.change("ada", endpoint="", queues=("orders",))
    assert changed == replace(ada, endpoint="", queues=("orders",)) == users.get("ada")
    with pytest.raises(AccountError, match="role"):
        users.change("ada", roles=())
    with pytest.raises(AccountError, match="ivr user list"):
        users.change("nobody", name="X")


@pytest.mark.parametrize("change", ["set_password", "set_disabled"])
def test_a_new_password_and_disabling_end_sessions(users: Users, ada: User, change: str) -> None:
    getattr(users, change)("ada", "quartz heron mill" if change == "set_password" else True)
    assert users.get("ada").credential == ada.credential + 1
    with pytest.raises(AccountError, match="ivr user list"):
        getattr(users, change)("nobody", "quartz heron mill")


def test_a_new_password_follows_the_rules(users: Users, ada: User) -> None:
    with pytest.raises(AccountError, match="guessed"):
        users.set_password("ada", "holloway2026")
    assert users.verify("ada", PASSWORD) == ada


def test_a_database_that_is_gone_is_a_store_error(tmp_path: Path) -> None:
    users = Users(create_engine(f"sqlite:///{tmp_path / 'no' / 'folder'}"))
    with pytest.raises(StoreError, match="accounts cannot be read"):
        users.find("ada")
