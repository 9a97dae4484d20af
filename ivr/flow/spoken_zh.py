"""Values as people say them in Mandarin: the same filters as ``spoken``, for prompts in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from ivr.flow import spoken

DIGITS = "零一二三四五六七八九"
UNITS = ("", "十", "百", "千")
MYRIADS = ("", "万", "亿", "万亿")
WEEKDAYS = "一二三四五六日"
NEAR = MappingProxyType({timedelta(0): "今天", timedelta(1): "明天", timedelta(-1): "昨天"})
CURRENCIES = {"GBP": ("英镑", "便士"), "EUR": ("欧元", "欧分"), "USD": ("美元", "美分"), "CNY": ("元", "分")}
"""ISO 4217 code to the words for the unit and for its hundredth."""
PARTS_OF_DAY = ((6, "凌晨"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
"""Hour before which a part of the day lasts, to its name."""


def digits(value: Any) -> str:
    """``12345678`` as "一二三四，五六七八"; whatever is no digit is left out."""
    found = [sign for sign in spoken.as_text(value) if sign.isascii() and sign.isdigit()]
    groups, at = [], 0
    for size in spoken.GROUPS.get(len(found), (4,) * (len(found) // 4 + 1)):
        if group := found[at : at + size]:
            groups.append("".join(DIGITS[int(sign)] for sign in group))
        at += size
    return "，".join(groups)


def spell(value: Any) -> str:
    """``AB12`` as "A，B，一，二"."""
    signs = [sign for sign in spoken.as_text(value) if sign.isalnum()]
    return "，".join(
        DIGITS[int(sign)] if sign.isascii() and sign.isdigit() else sign.upper() for sign in signs
    )


def number(value: Any) -> str:
    """``1250.5`` as "一千二百五十点五"."""
    amount = spoken.as_decimal(value)
    whole, _, part = f"{abs(amount):f}".partition(".")
    part = part.rstrip("0")
    said = _whole(int(whole)) + ("点" + "".join(DIGITS[int(sign)] for sign in part) if part else "")
    return ("负" if amount < 0 else "") + said


def ordinal(value: Any) -> str:
    """``3`` as "第三"."""
    amount = spoken.as_decimal(value)
    if amount != amount.to_integral_value() or amount < 0:
        raise ValueError(f"{amount} has no ordinal")
    return f"第{number(amount)}"


def count(value: Any, one: str = "", many: str = "") -> str:
    """``2 | count("次")`` as "两次"; without a word the number alone. ``many`` is for languages with a plural."""
    return _of(spoken.as_decimal(value), one) if one else number(value)


def money(value: Any, currency: str = "GBP") -> str:
    """``105.2`` as "一百零五英镑二十便士"; below zero "负" comes first."""
    if currency not in CURRENCIES:
        raise ValueError(f"no words for the currency {currency!r}; there are {', '.join(CURRENCIES)}")
    unit, part = CURRENCIES[currency]
    hundredths = int((spoken.as_decimal(value) * 100).to_integral_value())
    whole, rest = divmod(abs(hundredths), 100)
    said = _of(Decimal(whole), unit) if whole or not rest else ""
    if rest and currency == "CNY":
        tens, ones = divmod(rest, 10)
        said += (_of(Decimal(tens), "角") if tens else "") + (_of(Decimal(ones), part) if ones else "")
    elif rest:
        said += _of(Decimal(rest), part)
    return ("负" if hundredths < 0 else "") + said


@pass_context
def date(context: Context, value: Any) -> str:
    """``2026-12-03`` as "十二月三号星期四", or "今天", "明天", "昨天" by ``now``.

    The year is said where it is not this one.
    """
    day, today = spoken.as_day(value), spoken.today_of(context)
    if today is not None and day - today in NEAR:
        return NEAR[day - today]
    said = f"{number(day.month)}月{number(day.day)}号星期{WEEKDAYS[day.weekday()]}"
    if today is None or day.year == today.year:
        return said
    return "".join(DIGITS[int(sign)] for sign in str(day.year)) + f"年{said}"


def time(value: Any) -> str:
    """``17:30`` as "下午五点半", ``09:05`` as "上午九点零五分"."""
    clock = spoken.as_clock(value)
    part = next(name for before, name in PARTS_OF_DAY if clock.hour < before)
    hour = clock.hour if clock.hour <= 12 else clock.hour - 12
    said = part + _of(Decimal(hour), "点")
    if clock.minute == 30:
        return said + "半"
    if clock.minute == 0:
        return said
    return f"{said}{'零' if clock.minute < 10 else ''}{number(clock.minute)}分"


def listing(values: Any, word: str = "和") -> str:
    """``["a", "b", "c"]`` as "a、b和c"; a single text is itself; nothing is "没有"."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        return spoken.as_text(values)
    texts = [spoken.as_text(value) for value in values]
    if len(texts) < 2:
        return texts[0] if texts else "没有"
    return spoken.as_text("、".join(texts[:-1]) + word + texts[-1])


FILTERS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {
        "digits": digits,
        "spell": spell,
        "number": number,
        "ordinal": ordinal,
        "count": count,
        "money": money,
        "date": date,
        "on_date": date,
        "time": time,
        "listing": listing,
    }
)
"""Filter name in a prompt to the function that says it."""


def _whole(value: int) -> str:
    """A number from zero on, in groups of four digits; a gap of noughts is one "零"."""
    if value == 0:
        return DIGITS[0]
    groups: list[int] = []
    while value:
        value, rest = divmod(value, 10_000)
        groups.append(rest)
    said = ""
    for place in reversed(range(len(groups))):
        group = groups[place]
        if group == 0:
            continue
        said += ("零" if said and group < 1_000 else "") + _group(group) + MYRIADS[place]
    return said.removeprefix("一") if said.startswith("一十") else said


def _group(value: int) -> str:
    """A number from 1 to 9,999."""
    said, is_gap = "", False
    for place in reversed(range(4)):
        digit = value // 10**place % 10
        if digit == 0:
            is_gap = bool(said)
            continue
        said += ("零" if is_gap else "") + DIGITS[digit] + UNITS[place]
        is_gap = False
    return said


def _of(amount: Decimal, word: str) -> str:
    """So many of something: before a word, two is 两."""
    return f"{'两' if amount == 2 else number(amount)}{word}"
