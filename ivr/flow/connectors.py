"""What ``look_ups.yaml`` may say: look-ups of the company's data by SQL or HTTP, without code.

Only shapes, and how their texts are read. What is wrong with one as written is ``objections``; who runs them is
``lookups``; which databases, hosts and secrets there are is the operator's setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args
from urllib.parse import SplitResult, urlsplit

from pydantic import Field

from ivr.flow.kinds import Duration, Name, Shape

Kind = Literal["text", "number", "money", "pence", "cents", "date", "time", "yes_no", "list"]
"""What a field is turned into where the source says ``as``; ``lookups.values`` does it."""
KINDS: tuple[Kind, ...] = get_args(Kind)

_BIND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
"""A parameter in SQL, as SQLAlchemy's ``text`` reads it."""
PLACE = re.compile(r"\{([^{}]*)\}")
"""A parameter in an address."""
SECRET = re.compile(r"\bsecret:([A-Za-z0-9_]+)")
"""A secret of the settings in a header."""
_SOURCE = re.compile(r"\s*(?P<path>\S+?)(?P<may_lack>\?)?(?:\s+as\s+(?P<kind>\S+))?\s*")
_PARAMETER = re.compile(r":(?P<name>\w+)(?:\s+as\s+(?P<kind>\S+))?")


class Connector(Shape):
    """One look-up: ``sql`` or ``http``, its parameters by name, and the fields of its answer."""

    about: str = ""
    """For colleagues."""
    sql: str = Field("", max_length=4_000)
    """One statement; parameters as ``:name``, bound, never pasted in."""
    database: str = "company"
    """A name under ``lookups.databases`` of the settings; ``company`` is there unless it is set otherwise."""
    http: str = Field("", max_length=2_000)
    """Method and address, such as ``GET https://api.example.com/parcels/{number}``; parameters in braces are
    escaped as one part of the path or query. The host must stand in ``lookups.hosts`` of the settings."""
    headers: dict[str, str] = Field(default_factory=dict)
    """``secret:NAME`` stands for a secret of the settings."""
    body: dict[str, Any] | None = None
    """Sent as JSON; a text ``:name`` (or ``:name as number``) is replaced by the parameter."""
    parameters: tuple[Name, ...] = ()
    under: str = ""
    """HTTP: where in the answer the entry stands, or the list of entries, such as ``result.parcels``."""
    fields: dict[Name, str] = Field(default_factory=dict)
    """Field to column (SQL), or to the path in the JSON answer such as ``address.city`` (HTTP). A ``?`` after it:
    it may be missing. ``as KIND`` after that: what it is turned into."""
    rows: Literal["one", "many"] = "one"
    """one: the first. many: the fields are lists, one entry a row; none at all is still found."""
    found_if: str = ""
    """A condition on the fields, on top of: one row, or status 200 to 299 (404: not found)."""
    timeout: Duration = Field(3_000, ge=100, le=6_000)
    """Of each try; all tries together end after 6s."""
    retry: int = Field(0, ge=0, le=3)
    """Only where asking twice does no harm: never with ``changes``."""
    cache: Duration = 0
    """How long an answer may be given again; 0: never. Never where a parameter is secret."""
    changes: bool = False
    """True where it changes something: not retried, not cached."""
    file: str = ""
    """Where it was read from, for messages."""
    places: dict[str, tuple[int, int]] = Field(default_factory=dict, exclude=True, repr=False)
    """Line and column by path within the look-up: ``sql``, ``fields/status``."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field's value comes from."""

    path: tuple[str, ...]
    """One column, or the steps into a JSON answer."""
    may_lack: bool = False
    kind: Kind | None = None
    """None: as it came."""


def source(text: str, *, is_column: bool) -> Source:
    """A field's source as written: ``result.status``, ``expected? as date``. Raises ValueError."""
    found = _SOURCE.fullmatch(text)
    if not found:
        raise ValueError(text)
    return Source(
        (found["path"],) if is_column else tuple(found["path"].split(".")),
        bool(found["may_lack"]),
        _kind(found["kind"]),
    )


def placeholder(text: str) -> tuple[str, Kind | None] | None:
    """Name and kind where a text of a body stands for a parameter; None for any other. Raises ValueError."""
    found = _PARAMETER.fullmatch(text.strip())
    return (found["name"], _kind(found["kind"])) if found else None


def request(http: str) -> tuple[str, str]:
    """Method and address of ``http``; a missing method is empty."""
    method, _, address = http.strip().partition(" ")
    return (method, address.strip()) if address else ("", method)


def secrets(connector: Connector) -> frozenset[str]:
    """The names of the secrets that its headers want."""
    return frozenset(name for value in connector.headers.values() for name in SECRET.findall(value))


def wanted_parameters(connector: Connector) -> frozenset[str]:
    """The parameters that the statement, address and body read."""
    names = set(_BIND.findall(connector.sql)) | set(PLACE.findall(connector.http))
    placed = (_PARAMETER.fullmatch(text.strip()) for text in texts_of(connector.body))
    return frozenset(names | {found["name"] for found in placed if found})


def texts_of(part: Any) -> Iterator[str]:
    """Every text in a body."""
    match part:
        case str():
            yield part
        case dict():
            for inner in part.values():
                yield from texts_of(inner)
        case list():
            for inner in part:
                yield from texts_of(inner)


def _kind(text: str | None) -> Kind | None:
    """Raises ValueError with the word that is no kind."""
    for kind in KINDS:
        if text == kind:
            return kind
    if text is None:
        return None
    raise ValueError(text)


def address_of(connector: Connector) -> SplitResult:
    """The address of ``http``, split; only where ``objections`` has none against it."""
    return urlsplit(request(connector.http)[1])
