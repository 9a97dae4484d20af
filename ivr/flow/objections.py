"""What is wrong with a look-up as it is written, in a designer's words.

What needs the settings, or the database itself, is judged by ``lookups.faults``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from ivr.flow import near
from ivr.flow.connectors import (
    KINDS,
    PLACE,
    Connector,
    placeholder,
    request,
    source,
    texts_of,
    wanted_parameters,
)
from ivr.flow.template import TemplateFailed, uses

READS = ("select", "with", "values")
WRITES = ("insert", "update", "delete")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WRITE_METHODS = ("PUT", "PATCH", "DELETE")
"""Methods that change something by what they mean (RFC 9110, 9.2.1); a POST may be a search."""
OUR_HEADERS = ("host", "content-length", "transfer-encoding", "connection", "accept-encoding", "cookie")
"""Headers that the connection sets itself."""
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong with a connector, and where in it."""

    path: str
    """Such as ``sql`` or ``fields/status``."""
    found: str
    wanted: str
    remedy: str
    code: str


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
    for text in texts_of(connector.body):
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


def _kinds(wrong: str) -> str:
    return near.remedy(wrong, KINDS, f"There is: {', '.join(KINDS)}.")
