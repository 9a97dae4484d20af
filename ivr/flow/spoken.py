"""Values as people say them: digits, money, dates, times, lists. The filters of a prompt.

English; another language brings its own table like ``FILTERS``. Each raises ValueError or TypeError for a
value it cannot say, and none takes or makes a long text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date as Date
from datetime import datetime, timedelta
from datetime import time as Time
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from num2words import num2words

MAX_CHARS = 400
"""Longest text a filter takes or makes."""
MAX_NUMBER = 10**12

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
GROUPS = {
    5: (2, 3),
    6: (3, 3),
    7: (3, 4),
    8: (4, 4),
    9: (3, 3, 3),
    10: (3, 3, 4),
    11: (3, 4, 4),
    12: (4, 4, 4),
}
"""How a string of digits is grouped by its length; shorter ones stand whole, longer ones go in fours."""
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NEAR = MappingProxyType({timedelta(0): "today", timedelta(1): "tomorrow", timedelta(-1): "yesterday"})
CURRENCIES = {
    "GBP": ("pound", "pounds", "penny", "pence"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "USD": ("dollar", "dollars", "cent", "cents"),
}
"""ISO 4217 code to the words for one and many of the unit and of its hundredth."""


def digits(value: Any) -> str:
    """``12345678`` as "one two three four, five six seven eight"; whatever is no digit is left out."""
    found = [sign for sign in as_text(value) if sign.isascii() and sign.isdigit()]
    sizes = GROUPS.get(len(found), (4,) * (len(found) // 4 + 1))
    groups, at = [], 0
    for size in sizes:
        if group := found[at : at + size]:
            groups.append(" ".join(DIGITS[int(sign)] for sign in group))
        at += size
    return ", ".join(groups)


def spell(value: Any) -> str:
    """``AB12`` as "A, B, one, two"."""
    signs = [sign for sign in as_text(value) if sign.isalnum()]
    return ", ".join(
        DIGITS[int(sign)] if sign.isascii() and sign.isdigit() else sign.upper() for sign in signs
    )


def number(value: Any) -> str:
    """``1250.5`` as "one thousand two hundred and fifty point five"."""
    amount = as_decimal(value)
    whole = amount == amount.to_integral_value()
    return str(num2words(int(amount) if whole else amount, lang="en")).replace(",", "")


def ordinal(value: Any) -> str:
    """``3`` as "third"."""
    amount = as_decimal(value)
    if amount != amount.to_integral_value() or amount < 0:
        raise ValueError(f"{amount} has no ordinal")
    return str(num2words(int(amount), lang="en", to="ordinal"))


def count(value: Any, one: str = "", many: str = "") -> str:
    """``2 | count("try", "tries")`` as "two tries"; without words the number alone; none is "no"."""
    amount = as_decimal(value)
    word = one if amount == 1 else many or (one and one + "s")
    if not word:
        return number(amount)
    return f"no {word}" if amount == 0 else f"{number(amount)} {word}"


def money(value: Any, currency: str = "GBP") -> str:
    """``105.2`` as "one hundred and five pounds and twenty pence"; below zero "minus" comes first."""
    if currency not in CURRENCIES:
        raise ValueError(f"no words for the currency {currency!r}; there are {', '.join(CURRENCIES)}")
    unit, units, part, parts = CURRENCIES[currency]
    hundredths = int((as_decimal(value) * 100).to_integral_value())
    whole, rest = divmod(abs(hundredths), 100)
    said = []
    if whole or not rest:
        said.append(f"{number(whole)} {unit if whole == 1 else units}")
    if rest:
        said.append(f"{number(rest)} {part if rest == 1 else parts}")
    return ("minus " if hundredths < 0 else "") + " and ".join(said)


@pass_context
def date(context: Context, value: Any) -> str:
    """``2026-12-03`` as "Thursday the third of December", or "today", "tomorrow", "yesterday" by ``now``.

    The year is said where it is not this one.
    """
    day, today = as_day(value), today_of(context)
    if today is not None and day - today in NEAR:
        return NEAR[day - today]
    said = f"{WEEKDAYS[day.weekday()]} the {ordinal(day.day)} of {MONTHS[day.month - 1]}"
    if today is None or day.year == today.year:
        return said
    return f"{said} {num2words(day.year, lang='en', to='year')}"


@pass_context
def on_date(context: Context, value: Any) -> str:
    """As ``date``, with the "on" that belongs before a weekday: "on Thursday the third of December"."""
    said = date(context, value)
    return said if said in NEAR.values() else f"on {said}"


def time(value: Any) -> str:
    """``17:30`` as "five thirty p m", ``09:00`` as "nine a m", noon and midnight by name."""
    clock = as_clock(value)
    if clock.minute == 0 and clock.hour in (0, 12):
        return "noon" if clock.hour else "midnight"
    hour = number(clock.hour % 12 or 12)
    minute = (
        f" oh {number(clock.minute)}"
        if 0 < clock.minute < 10
        else f" {number(clock.minute)}"
        if clock.minute
        else ""
    )
    return f"{hour}{minute} {'a m' if clock.hour < 12 else 'p m'}"


def listing(values: Any, word: str = "and") -> str:
    """``["a", "b", "c"]`` as "a, b and c"; a single text is itself; nothing is "nothing"."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        return as_text(values)
    texts = [as_text(value) for value in values]
    if len(texts) < 2:
        return texts[0] if texts else "nothing"
    return as_text(f"{', '.join(texts[:-1])} {word} {texts[-1]}")


FILTERS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {
        "digits": digits,
        "spell": spell,
        "number": number,
        "ordinal": ordinal,
        "count": count,
        "money": money,
        "date": date,
        "on_date": on_date,
        "time": time,
        "listing": listing,
    }
)
"""Filter name in a prompt to the function that says it."""


def as_text(value: Any) -> str:
    """A value as text; Undefined raises here as it would when printed."""
    text = str(value)
    if len(text) > MAX_CHARS:
        raise ValueError(f"a value of {len(text):,} characters; at most {MAX_CHARS} can be said")
    return text


def as_decimal(value: Any) -> Decimal:
    try:
        amount = Decimal(as_text(value))
    except InvalidOperation:
        raise ValueError(f"{as_text(value)[:40]!r} is no number") from None
    if not amount.is_finite() or abs(amount) >= MAX_NUMBER or len(amount.as_tuple().digits) > 30:
        raise ValueError(f"{as_text(value)[:40]} is too large to say")
    return amount


def as_day(value: Any) -> Date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, Date):
        return value
    return datetime.fromisoformat(as_text(value)).date()


def today_of(context: Context) -> Date | None:
    now = context.get("now")
    return None if not now or isinstance(now, Undefined) else as_day(now)


def as_clock(value: Any) -> Time:
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, Time):
        return value
    text = as_text(value)
    return datetime.fromisoformat(text).time() if "T" in text or " " in text else Time.fromisoformat(text)
