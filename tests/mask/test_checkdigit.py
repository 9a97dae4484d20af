"""Check digits against published examples."""

from __future__ import annotations

from typing import Literal

import pytest

from ivr.checkdigit import KINDS, append, is_valid


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("luhn", "79927398713"),  # the usual worked example of ISO/IEC 7812-1
        ("luhn", "4539578763621486"),
        ("gs1", "6291041500213"),  # GS1's own worked example, a GTIN-13
        ("gs1", "036000291452"),  # a GTIN-12
        ("gs1", "96385074"),  # a GTIN-8
    ],
)
def test_published_numbers_are_valid_and_no_other_last_digit_is(
    kind: Literal["luhn", "gs1"], number: str
) -> None:
    body = number[:-1]
    assert append(kind, body) == number
    assert [digit for digit in "0123456789" if is_valid(kind, body + digit)] == [number[-1]]


@pytest.mark.parametrize("kind", KINDS)
def test_one_wrong_digit_is_always_noticed(kind: Literal["luhn", "gs1"]) -> None:
    number = append(kind, "730451826")
    for place, right in enumerate(number):
        for wrong in set("0123456789") - {right}:
            assert not is_valid(kind, number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize("text", ["", "0", "12a4", "١٢٣٤", "12 34", "²²"])
def test_what_is_no_number_is_never_valid(text: str) -> None:
    assert not is_valid("luhn", text)
    assert not is_valid("gs1", text)
    if len(text) != 1:
        with pytest.raises(ValueError, match="wanted digits"):
            append("luhn", text)
