"""Values as databases and services give them to values as flows take them: JSON, turned where a field says ``as``.

Money becomes decimal text ("1284.56"), days and times ISO 8601. What is missing stays null; of a list, it is empty.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from ivr.errors import LookupFailed
from ivr.flow.connectors import Kind, Source
from ivr.flow.template import TemplateFailed, evaluate

MAX_BYTES = 64 * 1024
"""Largest answer: it is kept with the call's state after every event."""
MAX_ROWS = 100
"""Most entries of an answer of many."""
MAX_DIGITS = 40
"""Longest number that is turned into money."""
YES = ("1", "y", "yes", "t", "true", "on")
NO = ("0", "n", "no", "f", "false", "off", "")


def bad(what: str) -> LookupFailed:
    """The answer is not what the connector promised."""
    return LookupFailed("error", what)


def shaped(entries: list[Any], fields: Mapping[str, Source], *, are_many: bool) -> dict[str, Any]:
    """The fields of one entry, or lists of those of all. Raises LookupFailed."""
    if are_many:
        if len(entries) > MAX_ROWS:
            raise bad(f"more than {MAX_ROWS} entries; ask for fewer")
        made = {name: [value(entry, source) for entry in entries] for name, source in fields.items()}
    else:
        made = {name: value(entries[0], source) for name, source in fields.items()}
    if len(json.dumps(made)) > MAX_BYTES:
        raise bad(f"an answer of more than {MAX_BYTES:,} bytes")
    return made


def holds(condition: str, fields: dict[str, Any]) -> bool:
    """Whether ``found_if`` holds; an empty one does. Raises LookupFailed."""
    try:
        return not condition or evaluate(condition, fields)
    except TemplateFailed as failed:
        raise bad(f"found_if: {failed}") from None


def value(entry: Any, source: Source) -> Any:
    """What stands in the entry at the source's path, turned into its kind. Raises LookupFailed."""
    found = plain(reach(entry, source.path, may_lack=source.may_lack))
    if found is None:
        return [] if source.kind == "list" else None
    return found if source.kind is None else convert(found, source.kind)


def reach(entry: Any, path: tuple[str, ...], *, may_lack: bool = False) -> Any:
    """What stands at the path; a number is a place in a list. Raises LookupFailed."""
    for key in path:
        match entry:
            case Mapping() if key in entry:
                entry = entry[key]
            case list() if key.isdecimal() and len(key) < 4 and int(key) < len(entry):
                entry = entry[int(key)]
            case _ if may_lack:
                return None
            case _:
                raise bad(f"no {'.'.join(path)} in the answer")
    return entry


def plain(found: Any) -> Any:
    """The value as JSON. Raises LookupFailed for what no flow could read, such as bytes."""
    match found:
        case None | bool() | str() | int():
            return found
        case float() if math.isfinite(found):
            return found
        case Decimal():
            return format(found, "f")
        case date() | time():
            return found.isoformat()
        case UUID():
            return str(found)
        case list() | tuple():
            return [plain(inner) for inner in found]
        case Mapping():
            return {str(key): plain(inner) for key, inner in found.items()}
        case _:
            raise bad(f"a value of the kind {type(found).__name__}, which no flow can read")


def convert(found: Any, kind: Kind) -> Any:
    """A JSON value other than null as the kind. Raises LookupFailed."""
    try:
        return _KINDS[kind](found)
    except (ValueError, TypeError, InvalidOperation, OverflowError, RecursionError):
        raise bad(f"a value that is no {kind.replace('_', ' or ')}") from None


def _text(found: Any) -> str:
    match found:
        case bool():
            return "true" if found else "false"
        case str():
            return found
        case int() | float():
            return str(found)
        case _:
            return json.dumps(found, ensure_ascii=False)


def _decimal(found: Any) -> Decimal:
    number = Decimal(_text(found).strip().replace(",", "")) if not isinstance(found, bool) else None
    if number is None or not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS:
        raise ValueError
    return number


def _number(found: Any) -> int | float:
    number = _decimal(found)
    return int(number) if number == number.to_integral_value() else float(number)


def _money(found: Any) -> str:
    return format(_decimal(found).quantize(Decimal("0.01"), ROUND_HALF_UP), "f")


def _hundredths(found: Any) -> str:
    return _money(str(_decimal(found).scaleb(-2)))


def _date(found: Any) -> str:
    text = _text(found).strip()
    return date.fromisoformat(text).isoformat() if len(text) == 10 else _moment(text).date().isoformat()


def _time(found: Any) -> str:
    match found:
        case int() if not isinstance(found, bool):
            return (datetime.min + timedelta(seconds=found)).strftime("%H:%M")
        case _:
            text = _text(found).strip()
            moment = _moment(text) if "-" in text[:8] else time.fromisoformat(text)
            return moment.strftime("%H:%M")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _yes_no(found: Any) -> bool:
    word = _text(found).strip().lower()
    if word not in YES + NO:
        raise ValueError
    return word in YES


def _list(found: Any) -> list[Any]:
    match found:
        case list():
            return found
        case str() if found.lstrip().startswith("["):
            made = json.loads(found)
            if not isinstance(made, list):
                raise ValueError
            return made
        case str():
            return [part.strip() for part in found.split(",") if part.strip()]
        case _:
            raise ValueError


_KINDS: Mapping[Kind, Callable[[Any], Any]] = {
    "text": _text,
    "number": _number,
    "money": _money,
    "pence": _hundredths,
    "cents": _hundredths,
    "date": _date,
    "time": _time,
    "yes_no": _yes_no,
    "list": _list,
}
