"""What ``look_ups.yaml`` may say: look-ups of the company's data by SQL or HTTP, without code.

Shapes, and what is wrong with one as it stands. Who runs them is ``lookups``; which databases, hosts and secrets
there are is the operator's setting and is judged there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args
from urllib.parse import SplitResult, urlsplit

from pydantic import Field

from ivr.flow import near
from ivr.flow.kinds import Duration, Name, Shape
from ivr.flow.template import TemplateFailed, uses

Kind = Literal["text", "number", "money", "pence", "cents", "date", "time", "yes_no", "list"]
"""What a field is turned into where the source says ``as``; ``lookups.values`` does it."""
KINDS: tuple[Kind, ...] = get_args(Kind)

READS = ("select", "with", "values")
WRITES = ("insert", "update", "delete")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRITE_METHODS = ("PUT", "PATCH", "DELETE")
"""Methods that change something by what they mean (RFC 9110, 9.2.1); a POST may be a search."""
OUR_HEADERS = ("host", "content-length", "transfer-encoding", "connection", "accept-encoding", "cookie")
"""Headers that the connection sets itself."""

_BIND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
"""A parameter in SQL, as SQLAlchemy's ``text`` reads it."""
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
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
    """HTTP: where in the answer the entry stands, or the list of entries, such as ``data.parcels``."""
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


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong with a connector, and where in it."""

    path: str
    """Such as ``sql`` or ``fields/status``."""
    found: str
    wanted: str
    remedy: str
    code: str


def source(text: str, *, is_column: bool) -> Source:
    """A field's source as written: ``data.status``, ``expected? as date``. Raises ValueError."""
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
    placed = (_PARAMETER.fullmatch(text.strip()) for text in _texts_of(connector.body))
    return frozenset(names | {found["name"] for found in placed if found})


def objections(connector: Connector) -> Iterator[Objection]:
    """All that is wrong with it as written; what needs the settings is judged by ``lookups.faults``."""
    if bool(connector.sql.strip()) == bool(connector.http.strip()):
        found = "both 'sql' and 'http'" if connector.sql.strip() else "neither 'sql' nor 'http'"
        yield Objection("", found, "one of them", "Keep one way to ask.", "look-up-source")
        return
    yield from _statement(connector) if connector.sql.strip() else _request(connector)
    yield from _parameters(connector)
    yield from _fields(connector)
    if connector.changes:
        for key, told in (("retry", connector.retry), ("cache", connector.cache)):
            if told:
                found, wanted = f"{key!r} where 'changes' is true", f"no {key!r}"
                remedy = "Remove it: what changes something is done once, each time it is asked."
                yield Objection(key, found, wanted, remedy, "look-up-changes")


def _statement(connector: Connector) -> Iterator[Objection]:
    for key in ("headers", "body", "under"):
        if getattr(connector, key):
            yield Objection(key, f"{key!r} beside 'sql'", "'http' for it", "Remove it.", "look-up-source")
    bare = _QUOTED.sub(" ", connector.sql).strip().removesuffix(";")
    if ";" in bare or "\\'" in connector.sql:
        found = "more than one statement" if ";" in bare else "a backslash before a quote"
        yield Objection(
            "sql",
            found,
            "one statement",
            "Make a look-up of each; write a quote inside a text twice ('').",
            "sql-statement",
        )
    first = (bare.split(None, 1) or [""])[0].lower()
    if first in WRITES and not connector.changes:
        remedy = "Add 'changes: true' if it is meant to change data."
        yield Objection("sql", f"{first.upper()}, which changes data", "SELECT", remedy, "look-up-changes")
    elif first not in READS + WRITES:
        wanted = "a statement that begins with " + ", ".join(word.upper() for word in READS + WRITES)
        yield Objection("sql", repr(first[:20]), wanted, "Ask in one SELECT.", "sql-statement")


def _request(connector: Connector) -> Iterator[Objection]:
    example = "such as GET https://api.example.com/parcels/{number}"
    method, address = request(connector.http)
    if method not in METHODS:
        remedy = f"Begin with one of {', '.join(METHODS)}."
        yield Objection(
            "http",
            repr(method) if method else "no method",
            f"method and address, {example}",
            remedy,
            "http-method",
        )
    if method in WRITE_METHODS and not connector.changes:
        remedy = "Add 'changes: true'."
        yield Objection("http", f"{method}, which changes data", "GET or POST", remedy, "look-up-changes")
    if method == "GET" and connector.body is not None:
        remedy = "Put the parameters into the address, or use POST."
        yield Objection("body", "a body with GET", "no body", remedy, "http-method")
    if trouble := _bad_address(address):
        yield Objection("http", trouble, f"an address {example}", "Write it out in full.", "http-address")
    for name, value in connector.headers.items():
        if name.lower() in OUR_HEADERS or not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
            remedy = "Remove it; the connection sets what it needs."
            yield Objection(f"headers/{name}", f"the header {name!r}", "another one", remedy, "http-header")
        elif not value.isascii() or not value.isprintable():
            remedy = "Keep to plain letters, digits and signs."
            yield Objection(
                f"headers/{name}", "letters no header may hold", "ASCII text", remedy, "http-header"
            )


def _bad_address(address: str) -> str:
    """What is wrong with an address, "" for nothing."""
    try:
        url = urlsplit(address)
        url.port  # noqa: B018 (raises where it is no number)
    except ValueError:
        return f"{address[:60]!r}, which is no address"
    if url.scheme not in ("https", "http") or not url.hostname:
        return f"{address[:60]!r} without https:// and a host"
    if "{" in url.netloc:
        return "a parameter in the host"
    if "@" in url.netloc:
        return "a user before the host"
    if url.fragment or "#" in address:
        return "a # in the address"
    if not address.isascii() or any(letter.isspace() for letter in PLACE.sub("", address)):
        return "blanks or letters outside ASCII in the address"
    return ""


def _parameters(connector: Connector) -> Iterator[Objection]:
    where = "sql" if connector.sql.strip() else "http"
    wanted = wanted_parameters(connector)
    for name in sorted(wanted - set(connector.parameters)):
        otherwise = f"Add {name!r} to 'parameters'."
        if where == "sql":
            otherwise += f" Where only a colon is meant, write \\:{name}."
        remedy = near.remedy(name, connector.parameters, otherwise)
        yield Objection(
            where, f"the parameter {name!r}", "one that 'parameters' names", remedy, "unknown-parameter"
        )
    for place, name in enumerate(connector.parameters):
        if name not in wanted:
            how = f":{name}" if where == "sql" else f"{{{name}}}"
            remedy = f"Write {how} where it belongs, or remove it."
            yield Objection(
                f"parameters/{place}",
                f"the parameter {name!r}",
                "one that is used",
                remedy,
                "unused-parameter",
            )
    for text in _texts_of(connector.body):
        try:
            placeholder(text)
        except ValueError as error:
            kind = str(error)
            yield Objection("body", f"the kind {kind!r}", "a known kind", _kinds(kind), "unknown-kind")


def _fields(connector: Connector) -> Iterator[Objection]:
    for name, text in connector.fields.items():
        try:
            source(text, is_column=bool(connector.sql.strip()))
        except ValueError as error:
            kind = str(error)
            if kind == text:
                wanted, remedy = "'column' or 'column as kind'", "Write where the value stands."
                yield Objection(f"fields/{name}", repr(text[:60]), wanted, remedy, "look-up-field")
            else:
                yield Objection(
                    f"fields/{name}", f"the kind {kind!r}", "a known kind", _kinds(kind), "unknown-kind"
                )
    if not connector.found_if:
        return
    try:
        read = uses(connector.found_if, is_condition=True).names
    except TemplateFailed as failed:
        remedy = failed.remedy or "Write it like: status == 'open'."
        yield Objection("found_if", failed.found, "a condition on the fields", remedy, "template")
        return
    for name in sorted(read - set(connector.fields)):
        remedy = near.remedy(name, connector.fields)
        yield Objection("found_if", f"the name {name!r}", "a field of this look-up", remedy, "unknown-name")


def _texts_of(part: Any) -> Iterator[str]:
    """Every text in a body."""
    match part:
        case str():
            yield part
        case dict():
            for inner in part.values():
                yield from _texts_of(inner)
        case list():
            for inner in part:
                yield from _texts_of(inner)


def _kind(text: str | None) -> Kind | None:
    """Raises ValueError with the word that is no kind."""
    for kind in KINDS:
        if text == kind:
            return kind
    if text is None:
        return None
    raise ValueError(text)


def _kinds(wrong: str) -> str:
    return near.remedy(wrong, KINDS, f"There is: {', '.join(KINDS)}.")


def address_of(connector: Connector) -> SplitResult:
    """The address of ``http``, split; only where ``objections`` has none against it."""
    return urlsplit(request(connector.http)[1])
