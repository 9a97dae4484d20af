"""What is taken as a password, and what a hash of one tells."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from ivr.accounts.passwords import hash_of, is_dated, is_right, refuse_weak
from ivr.errors import AccountError


@pytest.mark.parametrize(
    "password",
    [
        "marble kestrel fog",
        "a9K-x2.Lq7",
        "grün wie Öl im Faß",
        "correct horse battery staple",
        "holloway likes the river",
        "x" * 3 + "kestrel-fog",
    ],
)
def test_a_long_password_that_nobody_guesses_is_taken(password: str) -> None:
    refuse_weak(password, "ada", "Ada Holloway")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "0 characters; use 10 or more"),
        ("kestrel-f", "9 characters; use 10 or more"),
        ("k" * 257, "use at most 256"),
        ("aaaaaaaaaaaa", "guessed"),
        ("abababababab", "guessed"),
        ("1234567890", "guessed"),
        ("0987654321", "guessed"),
        ("qwertyuiop", "guessed"),
        ("1234567890kestrel", "guessed"),
        ("Password123!", "guessed"),
        ("WELCOME-2026", "guessed"),
        ("adaadaada1", "guessed"),
        ("holloway1987", "guessed"),
        ("front-desk-2026", "guessed"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password: str, why: str) -> None:
    with pytest.raises(AccountError, match=why):
        refuse_weak(password, "ada", "Ada Holloway")


def test_a_hash_is_argon2id_salted_and_only_its_own_passwords() -> None:
    first, second = hash_of("marble kestrel fog"), hash_of("marble kestrel fog")
    assert first.startswith("$argon2id$") and first != second
    assert is_right("marble kestrel fog", first) and is_right("marble kestrel fog", second)
    assert not is_right("marble kestrel fox", first)
    assert not is_right("", first) and not is_right("marble kestrel fog", "")


@pytest.mark.parametrize("broken", ["nonsense", "$argon2id$v=19$m=1", "$2b$12$abcdefghijklmnopqrstuv"])
def test_a_hash_that_cannot_be_read_is_nobodys(broken: str) -> None:
    assert not is_right("marble kestrel fog", broken)


def test_the_same_letters_from_another_keyboard_are_the_same_password() -> None:
    assert is_right("cafe\u0301 noir du coin", hash_of("caf\u00e9 noir du coin"))


def test_a_hash_of_other_parameters_is_right_and_dated() -> None:
    dated = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("marble kestrel fog")
    assert is_right("marble kestrel fog", dated) and is_dated(dated)
    assert not is_dated(hash_of("marble kestrel fog"))
