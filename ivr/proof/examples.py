"""Made-up values for what only a call knows, so that its words can be spoken without one.

A value is chosen by the type of its field, by the filters put on it, or by its name. No real person's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from ivr.flow.model import Collect, Form, Value
from ivr.flow.site import Book
from ivr.flow.spoken import digits
from ivr.flow.template import ANY_KEY, reads

NOW = "2026-11-30T10:00:00"
"""A Monday morning; fixed, so that the same text has the same length tomorrow."""
_DAY, _OPENING, _CLOCK = "2026-12-03", "2026-12-03T09:00:00", "17:30"
PHONE = "+447700900123"
"""Of the numbers that the regulator keeps for fiction (Ofcom, 07700 900000 to 900999)."""
_DIGITS = "40718264930517264830951726483095"
_BY_TYPE = MappingProxyType(
    {
        "number": 12,
        "money": "105.20",
        "date": _DAY,
        "time": _CLOCK,
        "yes_no": True,
        "name": "Alex Morgan",
        "phone": PHONE,
    }
)
_BY_FILTER: tuple[tuple[frozenset[str], Any], ...] = (
    (frozenset({"money"}), "105.20"),
    (frozenset({"digits"}), _DIGITS[:8]),
    (frozenset({"spell"}), "AB12"),
    (frozenset({"listing", "length", "first", "last"}), ("red shoes", "a blue scarf")),
    (frozenset({"date", "on_date"}), _DAY),
    (frozenset({"time"}), _CLOCK),
    (frozenset({"number", "count", "ordinal", "int", "float", "round", "abs"}), 3),
)
"""The first whose filters are used wins."""
_BY_NAME: tuple[tuple[re.Pattern[str], Any], ...] = tuple(
    (re.compile(pattern), value)
    for pattern, value in (
        (r"^(is|has)_", True),
        (r"currency$", "GBP"),
        (r"name$", "Alex Morgan"),
        (r"(phone|number_called|caller|called)$", PHONE),
        (r"(amount|balance|price|total|cost)", "105.20"),
        (r"(^holiday|_holiday)$", "Christmas Day"),
        (r"(_on|date|(^|_)day|expected|opens|closes|until)$", _OPENING),
        (r"(time|_at)$", _CLOCK),
        (r"(left|count|position|ahead|low|high|open_)", 3),
        (r"(place|city|depot)", "Leeds"),
        (r"status$", "on its way"),
        (r"reason$", "your balance"),
    )
)


class _AnyKey(dict[str, Any]):
    """Has for every key what is kept under ANY_KEY."""

    def __missing__(self, key: str) -> Any:
        return self[ANY_KEY]


def stand_ins(book: Book, text: str) -> dict[str, Any]:
    """A value for every name that a template reads. Raises TemplateFailed where it cannot be read."""
    known = _known(book)
    values: dict[str, Any] = {"now": NOW}
    for path, filters in sorted(reads(text).items(), key=lambda item: len(item[0])):
        is_field = len(path) == 1 and path[0] in known
        value = known[path[0]] if is_field else _guess(path[-1], filters)
        _put(values, path, value)
    return values


def example(value: Value) -> Any:
    """A value that a field of this kind may hold."""
    if value.type in ("digits", "letters"):
        length = value.bounds()[1] if value.digits or value.max else value.bounds()[0]
        return (_DIGITS if value.type == "digits" else f"AB{_DIGITS}")[:length]
    if value.type == "choice":
        return next(iter(value.options), "")
    return _BY_TYPE[value.type]


def _known(book: Book) -> Mapping[str, Any]:
    """What is known without a call, and fields by their type."""
    site = book.site
    queue = site.queues.get(site.agent_queue)
    return {
        "company": site.company,
        "caller": PHONE,
        "called": PHONE,
        "now": NOW,
        "agent": "Sam",
        "queue": queue.name if queue else "customer service",
        "choice": "your balance",
        "about": "your balance",
        "digits": digits(_DIGITS[:8]),
        "number": PHONE,
        "wait_low": 4,
        "wait_high": 6,
        **{name: example(value) for name, value in _fields(book)},
    }


def _fields(book: Book) -> Iterator[tuple[str, Value]]:
    for flow in book.flows.values():
        for step in flow.steps.values():
            if isinstance(step, Collect):
                yield step.collect, step
            elif isinstance(step, Form):
                yield from step.form.items()


def _guess(name: str, filters: frozenset[str]) -> Any:
    if filters & {"date", "on_date"} and "time" in filters:
        return _OPENING
    for wanted, value in _BY_FILTER:
        if filters & wanted:
            return value
    return next((value for pattern, value in _BY_NAME if pattern.search(name)), name.replace("_", " "))


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Sets ``values["a"]["b"]`` for the path a, b; what stood for ``a`` alone gives way."""
    for name, following in pairwise(path):
        inner = values.get(name)
        if not isinstance(inner, dict):
            inner = values[name] = _AnyKey() if following == ANY_KEY else {}
        values = inner
    values[path[-1]] = value
