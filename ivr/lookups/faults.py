"""What is wrong with the look-ups of a book on this installation: databases, hosts and secrets that are not there,
statements that the database does not understand, columns that no statement gives.

Asks the databases; what a file itself tells is judged when it is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from ivr.errors import Fault, LookupFailed
from ivr.flow import near
from ivr.flow.connectors import Connector, address_of, secrets, source
from ivr.flow.faults import place_of
from ivr.flow.site import Book
from ivr.lookups.connect import Reach
from ivr.mask import mask_text

SHOWN = 160
"""Characters of a database's own words that a fault repeats."""
_NOT_THERE = re.compile(
    r"unable to open|could not|connection|refused|timeout|timed out|resolve", re.IGNORECASE
)


def faults(book: Book, reach: Reach) -> tuple[Fault, ...]:
    """Every fault of the book's look-ups with these settings; a database that does not answer is a warning."""
    return tuple(fault for connector in book.look_ups.values() for fault in _faults(connector, reach))


def _faults(connector: Connector, reach: Reach) -> Iterator[Fault]:
    if connector.sql:
        yield from _of_sql(connector, reach)
        return
    address = address_of(connector)
    if not reach.services.is_allowed(address):
        found = f"the host {address.netloc!r} over {address.scheme}, which the settings do not allow"
        host = address.netloc if address.scheme == "https" else f"http://{address.netloc}"
        yield _fault(
            connector, "http", found, "a host of lookups.hosts", f"Add {host} there.", "host-not-allowed"
        )
    for name in sorted(secrets(connector)):
        if not reach.services.has_secret(name):
            remedy = f"Set IVR_LOOKUPS__SECRETS__{name.upper()} or lookups.secret_files.{name}."
            found, wanted = f"the secret {name!r}, which is not set", "a secret of the settings"
            yield _fault(connector, "headers", found, wanted, remedy, "unknown-secret")


def _of_sql(connector: Connector, reach: Reach) -> Iterator[Fault]:
    if connector.database not in reach.databases.names:
        remedy = near.remedy(connector.database, reach.databases.names)
        found, wanted = (
            f"the database {connector.database!r}",
            "a name under lookups.databases of the settings",
        )
        path = "database" if "database" in connector.places else "sql"
        yield _fault(connector, path, found, wanted, remedy, "unknown-database")
        return
    try:
        columns = reach.databases.columns(connector)
    except LookupFailed as failed:
        remedy = f"Mend lookups.databases.{connector.database}."
        yield _fault(connector, "sql", str(failed), "a database address", remedy, "unknown-database")
        return
    except SQLAlchemyError as error:
        yield _refused(connector, error)
        return
    for name, written in connector.fields.items() if columns is not None else ():
        read = source(written, is_column=True)
        (column,) = read.path
        if columns is not None and column not in columns and not read.may_lack:
            yield _fault(
                connector,
                f"fields/{name}",
                f"the column {column!r}",
                "a column that the statement gives",
                near.remedy(column, columns),
                "unknown-column",
            )


def _refused(connector: Connector, error: SQLAlchemyError) -> Fault:
    """A statement that the database does not take, or a database that is not there now: only a warning."""
    words = mask_text(" ".join(str(getattr(error, "orig", None) or error).split()))[:SHOWN]
    if isinstance(error, OperationalError | InterfaceError) and _NOT_THERE.search(words):
        found = f"the database {connector.database!r}, which does not answer ({words})"
        remedy = "Start it, or mend its address in the settings; the statement was not checked."
        wanted = "a database that answers"
        return _fault(connector, "sql", found, wanted, remedy, "no-database", is_warning=True)
    wanted, remedy = "a statement that the database understands", "Mend the statement."
    return _fault(connector, "sql", f"a statement it refuses: {words}", wanted, remedy, "sql-error")


def _fault(
    connector: Connector,
    path: str,
    found: str,
    wanted: str,
    remedy: str,
    code: str,
    *,
    is_warning: bool = False,
) -> Fault:
    line, column = place_of(connector.places, path)
    if not any(part in connector.places for part in (path, path.rpartition("/")[0])):
        line, column = connector.places.get("", (1, 1))
    return Fault(connector.file, line, found, wanted, remedy, code, column, is_warning)
