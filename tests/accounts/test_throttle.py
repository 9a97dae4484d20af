"""Guessing gets slow: by name, by address, also with many attempts at once; who gets it right is not kept waiting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ivr.accounts.throttle import (
    FIRST_WAIT_S,
    FREE_FOR_ADDRESS,
    FREE_FOR_NAME,
    KEPT_S,
    KNOWN_S,
    LONGEST_WAIT_S,
    Throttle,
)


def let_pass(client) -> None:
    """The waits are over."""
    for key in client.scan_iter("*sign-in*"):
        client.hdel(key, "until_ms")


def test_the_first_attempts_are_free_and_the_waits_grow_to_a_bound(client) -> None:
    throttle = Throttle(client)
    assert [throttle.attempt("ada", "10.0.0.1") for _ in range(FREE_FOR_NAME)] == [0] * FREE_FOR_NAME
    waits = []
    for _ in range(9):
        waits.append(throttle.attempt("ada", "10.0.0.1"))
        let_pass(client)
        assert throttle.attempt("ada", "10.0.0.1") == 0
    assert waits[:4] == [FIRST_WAIT_S * 2**step for step in range(4)]
    assert waits[-1] == LONGEST_WAIT_S


def test_attempts_that_are_not_allowed_do_not_count(client) -> None:
    throttle = Throttle(client)
    for _ in range(FREE_FOR_NAME):
        throttle.attempt("ada", "10.0.0.1")
    assert {throttle.attempt("ada", "10.0.0.1") for _ in range(50)} <= {FIRST_WAIT_S, FIRST_WAIT_S - 1}


def test_a_name_is_kept_waiting_from_every_address_and_however_it_is_written(client) -> None:
    throttle = Throttle(client)
    for number in range(FREE_FOR_NAME):
        assert throttle.attempt("Ada", f"10.0.0.{number}") == 0
    assert throttle.attempt("ADA", "10.9.9.9") > 0
    assert throttle.attempt("ben", "10.9.9.9") == 0


def test_an_address_that_tries_many_names_is_kept_waiting(client) -> None:
    throttle = Throttle(client)
    for number in range(FREE_FOR_ADDRESS):
        assert throttle.attempt(f"name{number}", "10.0.0.1") == 0
    assert throttle.attempt("ada", "10.0.0.1") > 0
    assert throttle.attempt("ada", "10.0.0.2") == 0


def test_many_attempts_at_once_get_no_more_than_the_free_ones(client) -> None:
    throttle = Throttle(client)
    with ThreadPoolExecutor(20) as pool:
        waits = list(pool.map(lambda number: throttle.attempt("ada", f"10.0.0.{number}"), range(100)))
    assert waits.count(0) == FREE_FOR_NAME


def test_the_right_password_clears_the_name_and_takes_its_attempt_off_the_address(client) -> None:
    throttle = Throttle(client)
    for _ in range(3 * FREE_FOR_ADDRESS):
        assert throttle.attempt("ada", "10.0.0.1") == 0
        throttle.forgive("ada", "10.0.0.1")
    assert client.keys("*:name:*") + client.keys("*:address:*") == []
    for _ in range(FREE_FOR_NAME - 1):
        throttle.attempt("ada", "10.0.0.1")
    throttle.attempt("ada", "10.0.0.1")
    throttle.forgive("ada", "10.0.0.1")
    assert throttle.attempt("ada", "10.0.0.1") == 0


def test_strangers_cannot_keep_somebody_out_of_where_they_signed_in_before(client) -> None:
    throttle = Throttle(client)
    throttle.attempt("ada", "10.0.0.1")
    throttle.forgive("ada", "10.0.0.1")
    for number in range(FREE_FOR_NAME):
        throttle.attempt("ada", f"192.0.2.{number}")
    assert throttle.attempt("ada", "192.0.2.99") > 0
    assert throttle.attempt("ada", "10.0.0.2") > 0, "nobody has signed in there"
    assert throttle.attempt("ben", "10.0.0.1") == 0
    assert [throttle.attempt("Ada", "10.0.0.1") for _ in range(FREE_FOR_NAME)] == [0] * FREE_FOR_NAME
    assert throttle.attempt("ada", "10.0.0.1") > 0, "guesses from there are counted as well"
    (known,) = client.keys("*:known:*")
    assert client.ttl(known) == pytest.approx(KNOWN_S, abs=2)


def test_one_right_password_does_not_clear_an_address_of_its_wrong_ones(client) -> None:
    throttle = Throttle(client)
    for number in range(FREE_FOR_ADDRESS - 1):
        throttle.attempt(f"name{number}", "10.0.0.1")
    throttle.attempt("mallory", "10.0.0.1")
    throttle.forgive("mallory", "10.0.0.1")
    assert throttle.attempt("ada", "10.0.0.1") == 0
    assert throttle.attempt("ada", "10.0.0.1") > 0


def test_attempts_are_forgotten_after_an_hour_and_names_are_not_kept_readable(client) -> None:
    Throttle(client).attempt("hunter2-secret", "10.0.0.1")
    keys = client.keys()
    assert len(keys) == 2
    assert not any("hunter2" in key or "10.0" in key for key in keys)
    assert all(client.ttl(key) == pytest.approx(KEPT_S, abs=2) for key in keys)
