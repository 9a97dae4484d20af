"""Values as people say them, through the templates that callers hear."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from ivr.flow.template import TemplateFailed, render

NOW = "2026-11-22T19:03:55+00:00"

SAID: list[tuple[str, Any, str]] = [
    ("digits", "1234", "one two three four"),
    ("digits", "12345678", "one two three four, five six seven eight"),
    ("digits", "7304518262", "seven three zero, four five one, eight two six two"),
    ("digits", "482 913", "four eight two, nine one three"),
    ("digits", "12345", "one two, three four five"),
    ("digits", "1234567890123", "one two three four, five six seven eight, nine zero one two, three"),
    ("digits", "", ""),
    ("digits", 4071, "four zero seven one"),
    ("spell", "AB-12c", "A, B, one, two, C"),
    ("number", 0, "zero"),
    ("number", "1250", "one thousand two hundred and fifty"),
    ("number", "1250.5", "one thousand two hundred and fifty point five"),
    ("number", "-3", "minus three"),
    ("ordinal", 1, "first"),
    ("ordinal", "22", "twenty-second"),
    ("count", 0, "zero"),
    ("count", 3, "three"),
    ("count('try', 'tries')", 1, "one try"),
    ("count('try', 'tries')", "2", "two tries"),
    ("count('caller')", 0, "no callers"),
    ("count('caller')", 5, "five callers"),
    ("money", "105.20", "one hundred and five pounds and twenty pence"),
    ("money", Decimal("1.01"), "one pound and one penny"),
    ("money", 0, "zero pounds"),
    ("money", "0.20", "twenty pence"),
    ("money", "-400.00", "minus four hundred pounds"),
    ("money", "-0.01", "minus one penny"),
    ("money", "1284.56", "one thousand two hundred and eighty-four pounds and fifty-six pence"),
    ("money", 0.1 + 0.2, "thirty pence"),
    ("money('EUR')", "2.50", "two euros and fifty cents"),
    ("money('USD')", "1", "one dollar"),
    ("date", "2026-11-22", "today"),
    ("date", "2026-11-23", "tomorrow"),
    ("date", "2026-11-21", "yesterday"),
    ("date", "2026-12-03", "Thursday the third of December"),
    ("date", date(2026, 12, 31), "Thursday the thirty-first of December"),
    ("date", datetime(2026, 11, 24, 9), "Tuesday the twenty-fourth of November"),
    ("date", "2027-01-01T09:00:00+00:00", "Friday the first of January twenty twenty-seven"),
    ("on_date", "2026-11-23", "tomorrow"),
    ("on_date", "2026-12-03", "on Thursday the third of December"),
    ("time", "17:30", "five thirty p m"),
    ("time", "09:00:00", "nine a m"),
    ("time", "12:00", "noon"),
    ("time", "00:00", "midnight"),
    ("time", "12:30", "twelve thirty p m"),
    ("time", "00:05", "twelve oh five a m"),
    ("time", time(16, 45), "four forty-five p m"),
    ("time", "2026-11-22T18:00:00+00:00", "six p m"),
    ("listing", ["a kettle"], "a kettle"),
    ("listing", ["a kettle", "two pillows"], "a kettle and two pillows"),
    ("listing", ["a", "b", "c"], "a, b and c"),
    ("listing('or')", ["a", "b"], "a or b"),
    ("listing", [], "nothing"),
    ("listing", "one thing", "one thing"),
]


@pytest.mark.parametrize(("how", "value", "said"), SAID)
def test_a_value_is_said_as_people_say_it(how: str, value: Any, said: str) -> None:
    assert render("{{ value | " + how + " }}", {"value": value, "now": NOW}) == said


def test_without_now_no_day_is_near() -> None:
    assert render("{{ d | date }}", {"d": "2026-11-22"}) == "Sunday the twenty-second of November"


UNSAYABLE: list[tuple[str, Any]] = [
    ("number", "twelve"),
    ("number", "NaN"),
    ("number", "9" * 20),
    ("number", "1e999999999"),
    ("number", "1" * 500),
    ("number", None),
    ("ordinal", "1.5"),
    ("ordinal", -1),
    ("money", ""),
    ("money('XXX')", "1"),
    ("date", "soon"),
    ("date", "2026-02-30"),
    ("date", ""),
    ("time", "25:00"),
    ("time", None),
    ("digits", "1" * 5_000),
    ("spell", "a" * 5_000),
    ("listing", ["a" * 300] * 10),
    ("listing", "a" * 500),
]


@pytest.mark.parametrize(("how", "value"), UNSAYABLE)
def test_what_cannot_be_said_fails_in_one_way(how: str, value: Any) -> None:
    with pytest.raises(TemplateFailed):
        render("{{ value | " + how + " }}", {"value": value, "now": NOW})
