"""Numbers as callers key them and as they hear them."""

from __future__ import annotations

import pytest

from ivr.dialogue.number import dialled, is_number, spoken

UK = ("+44",)


@pytest.mark.parametrize(
    ("digits", "countries", "number"),
    [
        ("01632960001", UK, "+441632960001"),
        ("1632960001", UK, "+441632960001"),
        ("00441632960001", UK, "+441632960001"),
        ("441632960001", UK, "+441632960001"),
        ("0033123456789", UK, ""),
        ("0033123456789", ("+44", "+33"), "+33123456789"),
        ("2025550123", ("+1",), "+12025550123"),
        ("12025550123", ("+1",), "+12025550123"),
        ("0612345678", ("+39",), "+390612345678"),
        ("123", UK, ""),
        ("", UK, ""),
        ("01632960001", (), ""),
    ],
)
def test_dialled(digits: str, countries: tuple[str, ...], number: str) -> None:
    assert dialled(digits, countries) == number


@pytest.mark.parametrize(
    ("number", "home", "said"),
    [
        ("+441632960001", "+44", "01632960001"),
        ("+33123456789", "+44", "33123456789"),
        ("+12025550123", "+1", "2025550123"),
        ("+441632960001", "", "441632960001"),
    ],
)
def test_spoken(number: str, home: str, said: str) -> None:
    assert spoken(number, home) == said


@pytest.mark.parametrize(
    "text", ["", "anonymous", "client:ann", "+0123456789", "01632960001", "+44", "sip:a@b"]
)
def test_what_is_no_number(text: str) -> None:
    assert not is_number(text)
