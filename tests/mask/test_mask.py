"""What is hidden, and what stays readable."""

from __future__ import annotations

import random

import pytest

from ivr.mask import HIDDEN, SECRET, mask_number, mask_text, mask_value


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+447700900123", "+44********23"),
        ("+44 7700 900123", "+44********23"),
        ("+12025550123", "+1********23"),
        ("+35312345678", "+353******78"),
        ("07700900123", "*********23"),
        ("12345", "***45"),
        ("123", "***"),
        ("anonymous", "anonymous"),
        ("", ""),
        ("client:bob", "client:[secret]"),
        ("sip:alice@example.com", "sip:[secret]"),
    ],
)
def test_a_number_keeps_country_and_last_digits(number: str, masked: str) -> None:
    assert mask_number(number) == masked
    assert mask_number(masked) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my pin is 4321", "my pin is ****"),
        ("my pin is 4 3 2 1.", "my pin is * * * *."),
        ("pin1234", "pin****"),
        ("account 4071 8264", "account **** **64"),
        ("3 4 7 1, 2 2 9 0. thanks", "* * * *, * * 9 0. thanks"),
        ("card 4929-1234-5678-9012", "card ****-****-****-**12"),
        ("ring +44 7700 900123 or (020) 7946-0958", "ring +44 **** ****23 or (***) ****-**58"),
        ("From=%2B447700900123&To=x", "From=%2B**********23&To=x"),
        ("one two three four", "[4 digits]"),
        ("it's Four, um, oh, seven, then one please", "it's [4 digits] please"),
        ("double five six seven", "[4 digits]"),
        ("seven triple four", "[4 digits]"),
        ("twenty five eighty", "[5 digits]"),
        ("my pin is one for two three", "my pin is [4 digits]"),
        ("one 2 three 4", "[4 digits]"),
        ("AUTH_TOKEN=abc123", "AUTH_TOKEN=[secret]"),
        ('{"token": "abc123"}', '{"token": "[secret]"}'),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer [secret]"),
        ("PIN=2580;", "PIN=[secret];"),
        ("$argon2id$v=19$m=8192,t=1,p=1$c2FsdA$aGFzaA for Ada", "[secret] for Ada"),
        ("stream aB3-_xyzaB3-_xyzaB3-_xyzaB3-_xyz begins", "stream [secret] begins"),
    ],
)
def test_secrets_are_hidden(text: str, masked: str) -> None:
    assert mask_text(text) == masked
    assert mask_text(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Your balance is £1,284.56.",
        "1284.56 and 12.50, 13.20",
        "we are open from nine to five thirty",
        "come at twenty to five",
        "one hundred and twenty pounds",
        "it costs 5, 6 or 7 pounds",
        "at 10:30 on the 24th, November 2026",
        "2026-11-22T19:00:00+00:00",
        "expected 2026-11-23",
        "call CA00000000000000000000000000000001 on MZ0123456789abcdef0123456789abcdef",
        "3f2a4b5c-1234-1234-1234-123456789012",
        "listening on http://127.0.0.1:8080 and http://localhost:8080/voice",
        "took 12345 ms, 4096 bytes at 8000 Hz",
        'File "session.py", line 1234, in handle',
        "redis 6.2.14, pid 12345",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask_text(text) == text


def test_answers_in_pieces_are_hidden_to_the_last_digit() -> None:
    assert mask_text("it is two five", at_least=1) == "it is [2 digits]"
    assert mask_text("7", at_least=1) == "*"


def test_values_are_masked_inside_and_keep_their_shape() -> None:
    value = {
        "account": "40718264",
        "n": 3,
        "pin": 2580,
        "is_known": True,
        "l": ["1234", {"x": None}],
        "f": 0.5,
    }
    assert mask_value(value) == {
        "account": "******64",
        "n": 3,
        "pin": "****",
        "is_known": True,
        "l": ["****", {"x": None}],
        "f": 0.5,
    }


ONES = "zero one two three four five six seven eight nine".split()  # noqa: SIM905


def test_no_planted_secret_survives() -> None:
    """PINs, accounts, cards and phones, written and spoken in many ways, among other words."""
    rng = random.Random(1)
    separators = ("", " ", "-", ", ", ". ")
    for _ in range(3000):
        digits = "".join(rng.choice("0123456789") for _ in range(rng.choice((4, 8, 11, 16))))
        separator = rng.choice(separators)
        said = separator.join(digits) if rng.random() < 0.5 else separator.join((digits[:4], digits[4:]))
        spoken = (separator or " ").join(ONES[int(digit)] for digit in digits)
        for planted in (said, spoken):
            masked = mask_text(f"well my number is {planted} I think, or so")
            left = "".join(character for character in masked if character.isdigit())
            assert len(left) <= 2 and digits[:-2] not in left, (planted, masked)
            assert not any(f" {one} " in f" {masked} " for one in ONES), (planted, masked)
            assert mask_text(masked) == masked
            assert " ".join(HIDDEN.sub("", masked).split()) == "well my number is I think, or so", masked


def test_the_mark_of_a_secret_is_not_masked_again() -> None:
    assert mask_text(f"pin: {SECRET}") == f"pin: {SECRET}"
