"""Keys as values: what a caller has keyed for a field, by its type.

Numbers and amounts have ``*`` for the point; days are DDMM or DDMMYYYY, times HHMM of 24 hours.
"""

from __future__ import annotations

from datetime import date as Date
from datetime import time as Time

from ivr.dialogue import fields
from ivr.dialogue import number as numbers
from ivr.flow.model import FieldType, Value

POINT = "*"
POINTED: tuple[FieldType, ...] = ("number", "money")
"""Types whose ``*`` is a point; elsewhere it takes back the last key."""
STRINGS: tuple[FieldType, ...] = ("digits", "phone", "number", "money", "date", "time")
"""Types that take several keys."""
LONGEST = {"phone": fields.LONGEST_NUMBER, "number": 13, "money": 13, "date": 8, "time": 4}
PENCE = 2
"""Digits after the point of an amount."""


def longest(field: Value) -> int:
    """Keys after which an entry is complete."""
    return LONGEST.get(field.type) or field.bounds()[1]


def option(field: Value, key: str) -> str:
    """The value that a single key stands for, as text; empty for none."""
    if field.type == "yes_no":
        return {"1": "true", "2": "false"}.get(key, "")
    names = list(field.options)[: fields.MOST_KEYS] if field.type == "choice" else []
    place = int(key) if key.isdigit() else 0
    return names[place - 1] if 0 < place <= len(names) else ""


def reading(field: Value, keys: str, today: Date | None) -> str:
    """The value that an entry stands for, as text; empty where it can be none."""
    match field.type:
        case "digits":
            return keys if fields.is_whole(field, keys) else ""
        case "phone":
            return numbers.international(keys, field.country)
        case "number" | "money":
            return _amount(keys, is_money=field.type == "money")
        case "date":
            return _day(keys, field, today)
        case "time":
            return _time(keys)
        case _:
            return ""


def _amount(keys: str, *, is_money: bool) -> str:
    whole, _, part = keys.partition(POINT)
    if not (whole or part) or (is_money and len(part) > PENCE):
        return ""
    whole = whole.lstrip("0") or "0"
    if is_money:
        return f"{whole}.{part.ljust(PENCE, '0')}"
    part = part.rstrip("0")
    return f"{whole}.{part}" if part else whole


def _day(keys: str, field: Value, today: Date | None) -> str:
    """Four keys are the next such day; the last one where the field only takes days gone by."""
    if len(keys) == 8:
        return _iso(int(keys[4:]), keys)
    if len(keys) != 4 or today is None:
        return ""
    is_past = field.at_most is not None and field.at_most.strip().startswith(("today-", "today -"))
    is_past = is_past or (field.at_most or "").strip() == "today"
    years = range(today.year, today.year - 9, -1) if is_past else range(today.year, today.year + 9)
    days = [day for year in years if (day := _iso(year, keys))]
    now = today.isoformat()
    return next((day for day in days if (day <= now if is_past else day >= now)), "")


def _iso(year: int, keys: str) -> str:
    try:
        return Date(year, int(keys[2:4]), int(keys[:2])).isoformat()
    except ValueError:
        return ""


def _time(keys: str) -> str:
    if len(keys) not in (3, 4):
        return ""
    try:
        return Time(int(keys[:-2]), int(keys[-2:])).strftime("%H:%M")
    except ValueError:
        return ""
