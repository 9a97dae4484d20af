"""Values in Mandarin: numbers, sums of money, days and times of day, of words that are single ideographs.

Digits one by one, choices, names, yes and no need nothing of this. Letters are spelled as in English.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ivr.actions import Slot
from ivr.nlu.almanac import months_on, near, only, years
from ivr.nlu.normalise import DIGITS
from ivr.nlu.spans import Found, Line, Readings, starts, word_at

LANGUAGE = "zh"
PLACES = {"十": 10, "百": 100, "千": 1000}
DAYS = {
    "今天": 0, "今日": 0, "明天": 1, "明日": 1, "大后天": 3, "后天": 2, "昨天": -1, "前天": -2,
}  # fmt: skip
WEEKS = ("星期", "礼拜", "周")
PARTS = {
    "早上": "am", "上午": "am", "早晨": "am", "凌晨": "am", "中午": "noon", "下午": "pm", "晚上": "pm", "傍晚": "pm",
}  # fmt: skip
MONEY = {
    "GBP": (("英镑", "镑"), ("便士",)),
    "EUR": (("欧元",), ("欧分",)),
    "USD": (("美元", "美金"), ("美分",)),
}
SURE, EITHER, OTHER = 1.0, 0.78, 0.6
TAKE_BACK = tuple(map(tuple, ("不是", "不对", "我是说", "改成", "应该是", "换成", "不")))
"""What stands before the value that counts, in place of one before it."""


class Part(NamedTuple):
    value: Decimal
    end: int


def find_numbers(line: Line, slot: Slot) -> list[Found]:
    """Every number of a sentence, with a fraction after 点 or a 半."""
    return _all(line, _number)


def find_money(line: Line, slot: Slot) -> list[Found]:
    """Every sum of money in the slot's currency, as decimal texts of two places."""
    units, parts = MONEY.get(slot.currency, ((), ()))
    return _all(line, lambda words, at: _sum(words, at, units, parts))


def find_days(line: Line, today: date) -> list[Found]:
    """Every day a sentence names, as ISO dates."""
    return [replace(found, may_go_on=False) for found in _all(line, lambda words, at: _day(words, at, today))]


def find_times(line: Line) -> list[Found]:
    """Every time a sentence names, as ``HH:MM``."""
    return _all(line, _time)


def _all(line: Line, find: Callable[[tuple[str, ...], int], tuple[int, Readings] | None]) -> list[Found]:
    found, at = [], 0
    while at < len(line.words):
        way = find(line.words, at)
        if way is not None and way[1]:
            found.append(Found(at, way[0], way[1], may_go_on=way[0] == len(line.words)))
        at = way[0] if way is not None else at + 1
    return found


def cardinal(words: tuple[str, ...], at: int) -> Part | None:
    """A whole number that begins at ``at``: 十二, 一百零五, 两千, 三万, or figures."""
    word = word_at(words, at)
    if word.isascii() and word.isdigit():
        return Part(Decimal(word[:12]), at + 1)
    total, group, digit, here = 0, 0, -1, at
    while here < len(words):
        word = words[here]
        if word in DIGITS and digit <= 0:
            digit = int(DIGITS[word])
        elif word in PLACES:
            group += (1 if digit < 0 else digit) * PLACES[word]
            digit = -1
        elif word == "万" and (group or digit > 0):
            total, group, digit = total + (group + max(digit, 0)) * 10_000, 0, -1
        else:
            break
        here += 1
    return Part(Decimal(total + group + max(digit, 0)), here) if here > at else None


def _number(words: tuple[str, ...], at: int) -> tuple[int, Readings] | None:
    if word_at(words, at) == "半":
        return at + 1, ((0.5, EITHER),)
    part = cardinal(words, at)
    if part is None:
        return None
    end, value = part.end, part.value
    if word_at(words, end) == "点":
        figures = ""
        while word_at(words, end + 1 + len(figures)) in DIGITS and len(figures) < 6:
            figures += DIGITS[words[end + 1 + len(figures)]]
        if figures:
            return end + 1 + len(figures), ((float(f"{value}.{figures}"), SURE),)
    if word_at(words, end + 1) == "半" and word_at(words, end) in ("个", "块"):
        return end + 2, ((float(value + Decimal("0.5")), SURE),)
    return end, ((int(value), SURE),)


def _sum(
    words: tuple[str, ...], at: int, units: tuple[str, ...], parts: tuple[str, ...]
) -> tuple[int, Readings] | None:
    way = _number(words, at)
    if way is None:
        return None
    end, known = way
    value = Decimal(str(known[0][0]))
    if (after := _one_of(words, end, units)) is not None:
        rest = cardinal(words, after)
        if rest is None or rest.value >= 100:
            return after, _money(value)
        return _one_of(words, rest.end, parts) or rest.end, _money(value + rest.value / 100)
    if (after := _one_of(words, end, parts)) is not None:
        return after, _money(value / 100)
    return end, _money(value, 0.9)


def _day(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    for text, days in DAYS.items():
        if starts(words, at, tuple(text)):
            return at + len(text), near(today, days)
    return _weekday(words, at, today) or _dated(words, at, today) or _counted(words, at, today)


def _weekday(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    """星期五, 这周五, 下个星期五, 上周五."""
    lead = word_at(words, at) if word_at(words, at) in ("这", "下", "上") else ""
    here = at + bool(lead)
    here += bool(lead) and word_at(words, here) == "个"
    after = _one_of(words, here, WEEKS)
    if after is None:
        return None
    name = word_at(words, after)
    number = int(DIGITS.get(name, "0"))
    wanted = 6 if name in ("日", "天") else number - 1
    if not 0 <= wanted <= 6:
        return None
    ahead = (wanted - today.weekday()) % 7
    match lead:
        case "下":
            return after + 1, near(today, 7 - today.weekday() + wanted)
        case "上":
            return after + 1, near(today, wanted - today.weekday() - 7)
        case "这":
            return after + 1, near(today, wanted - today.weekday())
    return after + 1, (
        *near(today, ahead or 7, SURE if ahead else EITHER),
        *near(today, (ahead or 7) + 7, OTHER),
    )


def _dated(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    """三月三号, 二零二七年三月三日, 三号."""
    first = cardinal(words, at)
    if first is None:
        return _with_year(words, at)
    match word_at(words, first.end):
        case "月":
            day = cardinal(words, first.end + 1)
            if day is None or not 1 <= first.value <= 12 or not 1 <= day.value <= 31:
                return None
            end = day.end + (word_at(words, day.end) in ("号", "日"))
            ahead = years(today, int(first.value), int(day.value), range(9))
            coming = next((made for made in ahead if made >= today), None)
            back = years(today, int(first.value), int(day.value), range(0, -9, -1))
            gone = next((made for made in back if made < today), None)
            known = [(made.isoformat(), trust) for made, trust in ((coming, SURE), (gone, OTHER)) if made]
            return end, tuple(known)
        case "号" | "日":
            months = [months_on(today.replace(day=1), ahead) for ahead in range(3)]
            made = only([(month.year, month.month, int(first.value)) for month in months], [0.9] * 3)
            return first.end + 1, tuple(pair for pair in made if str(pair[0]) >= today.isoformat())[:1]
    return _with_year(words, at)


def _with_year(words: tuple[str, ...], at: int) -> tuple[int, Readings] | None:
    figures = "".join(DIGITS.get(word, word) for word in words[at : at + 4])
    size = 4 if len(figures) == 4 else 1
    if size == 1:
        figures = word_at(words, at)
    if not (
        len(figures) == 4 and figures.isascii() and figures.isdigit() and word_at(words, at + size) == "年"
    ):
        return None
    month = cardinal(words, at + size + 1)
    if month is None or word_at(words, month.end) != "月":
        return None
    day = cardinal(words, month.end + 1)
    if day is None:
        return None
    end = day.end + (word_at(words, day.end) in ("号", "日"))
    return end, only([(int(figures), int(month.value), int(day.value))], [SURE])


def _counted(words: tuple[str, ...], at: int, today: date) -> tuple[int, Readings] | None:
    """三天后, 两个星期以后, 一周之后."""
    part = cardinal(words, at)
    if part is None or part.value > 5000:
        return None
    here = part.end + (word_at(words, part.end) == "个")
    days, after = (1, here + 1) if word_at(words, here) == "天" else (7, _one_of(words, here, WEEKS))
    if after is None or (end := _one_of(words, after, ("以后", "之后", "后"))) is None:
        return None
    return end, near(today, int(part.value) * days)


def _time(words: tuple[str, ...], at: int) -> tuple[int, Readings] | None:
    """下午三点, 三点半, 九点一刻, 十七点三十分."""
    half, here = "", at
    for text, part_of_day in PARTS.items():
        if starts(words, at, tuple(text)):
            half, here = part_of_day, at + len(text)
    hour = cardinal(words, here)
    if hour is None or hour.value > 24 or word_at(words, hour.end) not in ("点", "时"):
        return None
    end, minute = hour.end + 1, 0
    end += word_at(words, end) in ("钟", "整")
    if word_at(words, end) == "半":
        minute, end = 30, end + 1
    elif (part := cardinal(words, end)) is not None and part.value < 60:
        is_quarter = word_at(words, part.end) == "刻"
        minute = int(part.value) * (15 if is_quarter else 1)
        end = part.end + (is_quarter or word_at(words, part.end) == "分")
    return end, _clock(int(hour.value), minute, half) if minute < 60 else ()


def _clock(hour: int, minute: int, half: str) -> Readings:
    if hour > 12 or hour == 0:
        return ((f"{hour % 24:02}:{minute:02}", SURE),)
    morning, evening = f"{hour % 12:02}:{minute:02}", f"{hour % 12 + 12:02}:{minute:02}"
    if half:
        is_late = half == "pm" or (half == "noon" and hour in (12, 1, 2))
        return ((evening if is_late else morning, SURE),)
    first, second = (morning, evening) if hour in range(7, 12) else (evening, morning)
    return ((first, EITHER), (second, OTHER))


def _one_of(words: tuple[str, ...], at: int, texts: tuple[str, ...]) -> int | None:
    """Where the one of the texts that stands at ``at`` ends."""
    return next((at + len(text) for text in texts if starts(words, at, tuple(text))), None)


def _money(value: Decimal, trust: float = SURE) -> Readings:
    return ((str(value.quantize(Decimal("0.01"))), trust),)
