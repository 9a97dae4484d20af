"""The door: who gets in, who is still known afterwards, and what is noted of it."""

from __future__ import annotations

import logging
import threading

import pytest

from ivr.accounts import door as rules
from ivr.accounts.door import NOBODY, Admitted, Door, Refused
from ivr.accounts.throttle import FREE_FOR_NAME
from ivr.accounts.users import User, Users
from ivr.errors import AccountError

PASSWORD = "marble kestrel fog"
NEW = "quartz heron mill"
HERE = "10.0.0.1"


def test_the_right_password_begins_a_session(door: Door, ada: User, notes) -> None:
    found = door.sign_in("Ada", PASSWORD, HERE)
    assert isinstance(found, Admitted) and found.user == ada
    assert door.who(found.session_id) == ada
    assert notes == [("signed_in", {"login": "ada", "address": HERE})]


def test_each_sign_in_has_a_session_of_its_own(door: Door, ada: User) -> None:
    first, second = (door.sign_in("ada", PASSWORD, HERE).session_id for _ in range(2))
    door.sign_out(first, HERE)
    assert door.who(first) is None and door.who(second) == ada


def test_wrong_name_and_wrong_password_get_the_same_answer(door: Door, ada: User, notes) -> None:
    assert door.sign_in("ada", "wrong password", HERE) == door.sign_in("nobody", PASSWORD, HERE) == Refused()
    assert notes == [
        ("sign_in_failed", {"login": "ada", "address": HERE}),
        ("sign_in_failed", {"login": NOBODY, "address": HERE}),
    ]


def test_a_password_in_the_wrong_field_is_written_nowhere(
    door: Door, ada: User, notes, client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    door.sign_in(PASSWORD, "ada", HERE)
    assert PASSWORD not in caplog.text and PASSWORD not in str(notes) and PASSWORD not in str(client.keys())


def test_somebody_disabled_gets_the_same_answer_and_loses_their_session(
    door: Door, users: Users, ada: User
) -> None:
    session_id = door.sign_in("ada", PASSWORD, HERE).session_id
    users.set_disabled("ada", True)
    assert door.who(session_id) is None
    assert door.sign_in("ada", PASSWORD, HERE) == Refused()
    users.set_disabled("ada", False)
    assert door.who(session_id) is None, "what was ended stays ended"


def test_what_somebody_may_do_is_what_the_table_says_now(door: Door, users: Users, ada: User) -> None:
    session_id = door.sign_in("ada", PASSWORD, HERE).session_id
    users.change("ada", roles=("supervisor",))
    assert door.who(session_id).roles == ("supervisor",)


@pytest.mark.parametrize("session_id", ["", "made-up"])
def test_a_made_up_session_is_nobodys(door: Door, ada: User, session_id: str) -> None:
    assert door.who(session_id) is None


def test_guessing_is_slowed_and_the_right_password_waits_as_well(door: Door, ada: User, notes) -> None:
    for _ in range(FREE_FOR_NAME):
        assert door.sign_in("ada", "wrong password", HERE) == Refused()
    refused = door.sign_in("ada", PASSWORD, HERE)
    assert isinstance(refused, Refused) and refused.wait_s > 0
    assert len(notes) == FREE_FOR_NAME, "attempts that were not looked at fill no table"


def test_signing_in_well_is_never_slowed(door: Door, ada: User) -> None:
    for _ in range(FREE_FOR_NAME + 2):
        assert isinstance(door.sign_in("ada", PASSWORD, HERE), Admitted)


def test_signing_out_is_noted_once_and_ends_only_what_there_is(door: Door, ada: User, notes) -> None:
    session_id = door.sign_in("ada", PASSWORD, HERE).session_id
    for _ in range(2):
        door.sign_out(session_id, HERE)
    door.sign_out("", HERE)
    assert [kind for kind, _ in notes] == ["signed_in", "signed_out"]


def test_a_new_password_ends_all_sessions_and_begins_one(door: Door, ada: User, notes) -> None:
    old = [door.sign_in("ada", PASSWORD, HERE).session_id for _ in range(2)]
    found = door.change_password("ada", PASSWORD, NEW, HERE)
    assert isinstance(found, Admitted)
    assert door.who(found.session_id).login == "ada"
    assert [door.who(session_id) for session_id in old] == [None, None]
    assert door.sign_in("ada", PASSWORD, HERE) == Refused()
    assert isinstance(door.sign_in("ada", NEW, HERE), Admitted)
    assert ("password_changed", {"login": "ada", "address": HERE}) in notes


def test_a_password_is_changed_only_by_who_knows_it_and_to_a_new_good_one(door: Door, ada: User) -> None:
    session_id = door.sign_in("ada", PASSWORD, HERE).session_id
    assert door.change_password("ada", "wrong password", NEW, HERE) == Refused()
    with pytest.raises(AccountError, match="the password you have"):
        door.change_password("ada", PASSWORD, PASSWORD, HERE)
    with pytest.raises(AccountError, match="10 or more"):
        door.change_password("ada", PASSWORD, "short", HERE)
    assert door.who(session_id) == ada


def test_strangers_never_keep_all_threads_busy(door: Door, users: Users, ada: User, monkeypatch) -> None:
    looking, go_on = threading.Semaphore(0), threading.Event()

    def slow(login: str, password: str) -> None:
        looking.release()
        go_on.wait(10)

    monkeypatch.setattr(users, "verify", slow)
    threads = [
        threading.Thread(target=door.sign_in, args=(f"name{number}", "wrong", HERE))
        for number in range(rules.AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert looking.acquire(timeout=5)
    assert door.sign_in("ada", PASSWORD, HERE) == Refused(is_busy=True)
    go_on.set()
    for thread in threads:
        thread.join()
    assert door.sign_in("ada", PASSWORD, HERE) == Refused()
