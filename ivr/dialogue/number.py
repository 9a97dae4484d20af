"""Telephone numbers as callers know them: what was keyed as E.164, and E.164 as it is read back."""

from __future__ import annotations

import re

_E164 = re.compile(r"\+[1-9]\d{7,14}")
WITHHELD = ("+266696687", "+7378742833", "+86282452253")
"""Given in place of a withheld number: anonymous, restricted and unavailable on a key pad (Twilio)."""
TRUNKLESS = ("+1", "+34", "+39", "+45", "+47", "+48", "+351", "+352", "+420")
"""Countries whose own callers dial no 0 before a number (Italy's 0 is part of it)."""


def is_number(text: str) -> bool:
    """Whether ``text`` is a number that can be dialled, not a withheld one or a name."""
    return _E164.fullmatch(text) is not None and text not in WITHHELD


def dialled(digits: str, countries: tuple[str, ...]) -> str:
    """Keyed digits as E.164, national ones in the first of ``countries``; empty where it is no number or of a
    country that is not among them (calling codes such as ``+44``)."""
    number = international(digits, countries[0]) if countries else ""
    return number if number.startswith(tuple(countries)) else ""


def international(digits: str, home: str) -> str:
    """Digits as they are dialled in the country ``home`` as E.164; empty where they are no number."""
    if digits.startswith("00"):
        number = f"+{digits[2:]}"
    elif home not in TRUNKLESS and digits.startswith("0"):
        number = home + digits[1:]
    elif digits.startswith(home[1:]) and len(digits) > 10:
        number = f"+{digits}"
    else:
        number = home + digits
    return number if is_number(number) else ""


def spoken(number: str, home: str) -> str:
    """The digits of an E.164 number as a caller of the country ``home`` would say them."""
    if home and number.startswith(home):
        return number.removeprefix(home) if home in TRUNKLESS else f"0{number.removeprefix(home)}"
    return number.removeprefix("+")
