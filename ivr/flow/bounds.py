"""Bounds of a value as a designer writes them (``today+3``, ``10``, ``"09:00"``), worked out for a day."""

from __future__ import annotations

import re
from datetime import date as Date
from datetime import time as Time
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from ivr.flow.model import FieldType

BOUNDED: tuple[FieldType, ...] = ("number", "money", "date", "time")
"""Types that may have ``at_least`` and ``at_most``."""
MAX_DIGITS = 12
"""Of a number or an amount, before the point."""
MAX_PLACES = 4
"""Of a number, after the point."""
_NEAR_TODAY = re.compile(r"today(?:\s*([+-])\s*(\d{1,5}))?")


def order(type_: FieldType, text: str) -> Decimal | str:
    """A value of a type of ``BOUNDED`` as something to compare. Raises ValueError where it is none."""
    match type_:
        case "number" | "money":
            return _decimal(text)
        case "date":
            return Date.fromisoformat(text).isoformat()
        case _:
            return Time.fromisoformat(text.zfill(5)).strftime("%H:%M")


def bound(type_: FieldType, written: str, today: Date) -> str:
    """``at_least`` or ``at_most`` as the value itself is written. Raises ValueError where it cannot be read."""
    written = written.strip()
    match type_:
        case "number":
            return format(_decimal(written).normalize(), "f")
        case "money":
            return f"{_decimal(written):.2f}"
        case "date":
            near = _NEAR_TODAY.fullmatch(written)
            if near is None:
                return Date.fromisoformat(written).isoformat()
            days = int(near[2] or 0)
            return (today + timedelta(days=-days if near[1] == "-" else days)).isoformat()
        case _:
            return str(order("time", written))


def _decimal(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if (
        not amount.is_finite()
        or not -MAX_PLACES <= amount.adjusted() < MAX_DIGITS
        or int(amount.normalize().as_tuple().exponent) < -MAX_PLACES
    ):
        raise ValueError(text)
    return amount
