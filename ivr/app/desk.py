"""What every process and tool of an installation shares: its data, its flows, its Redis, its records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from ivr import database
from ivr.accounts.users import Users
from ivr.agents.distributor import Distributor
from ivr.agents.rules import rules_of
from ivr.config import Config
from ivr.errors import Fault
from ivr.flow.site import Book
from ivr.flow.template import render
from ivr.lookups.ask import Lookups
from ivr.lookups.connect import Reach, reach
from ivr.lookups.faults import faults
from ivr.lookups.sample import Sample
from ivr.lookups.schema import METADATA
from ivr.lookups.seed import prepare
from ivr.profiles import Profiles, secret_in
from ivr.records.store import Records
from ivr.shelf import Shelf
from ivr.store import CallStore, connect
from ivr.telephony import twiml

MESSAGES = "messages"
"""Folder of callers' messages, in the data folder."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every tool beside a call needs: the company's data, the flows, Redis, the records."""

    lookups: Lookups
    shelf: Shelf
    store: CallStore
    queue: Distributor
    records: Records

    @property
    def book(self) -> Book:
        """The flows in force."""
        return self.shelf.book


@contextmanager
def open_records(config: Config) -> Iterator[Records]:
    """The call records; written out at the end."""
    records = Records(_engine(config, config.database.url, "records"), secret=config.auth_token())
    try:
        yield records
    finally:
        records.close()


def open_users(config: Config) -> Users:
    """The people who work here, in the database of the records."""
    return Users(_engine(config, config.database.url, "records"))


def open_profiles(config: Config) -> Profiles:
    """What callers have agreed to have kept of them, in the database of the records."""
    engine = _engine(config, config.database.url, "records")
    return Profiles(engine, secret=secret_in(config.data.folder), keep_days=config.data.profile_days)


@contextmanager
def desk(config: Config, *, look_s: float | None = None) -> Iterator[Desk]:
    """The desk of an installation whose Redis is running; records are written out at the end.

    ``look_s``: how often a process that goes on looks for saved flows; where those are broken at its start, it takes
    those of its siblings. Raises FlowError.
    """
    lookups = open_lookups(config)
    client = connect(config.redis.url)
    shelf = Shelf(config.flows.folder, client, lookups.signatures())
    queue = Distributor(client, rules_of(shelf.open(or_last=look_s is not None).site))
    shelf.follow(lambda book: queue.follow(rules_of(book.site)))
    with open_records(config) as records:
        parts = Desk(lookups, shelf, CallStore(client), queue, records)
        with nullcontext() if look_s is None else shelf.watching(look_s):
            yield parts


def prepare_company(config: Config) -> None:
    """Make the sample company where none is configured. Call it from one process, before the others."""
    if not config.database.company_url:
        prepare(_engine(config, "", "company"), datetime.now(UTC).date())


def open_lookups(config: Config) -> Lookups:
    """The company's data: look-ups in code, and whatever the connectors of a book may reach. Raises ConfigError."""
    engine = _engine(config, config.database.company_url, "company")
    return Lookups(Sample(engine, now=lambda: datetime.now(UTC)).lookups(), _reach(config))


def lookup_faults(config: Config, book: Book) -> tuple[Fault, ...]:
    """What is wrong with the book's look-ups on this installation; asks the databases. Raises ConfigError."""
    if not (config.data.folder / "company.sqlite").exists():
        prepare_company(config)
    elif not config.database.company_url:
        METADATA.create_all(_engine(config, "", "company"))
    return faults(book, _reach(config))


def fallback_twiml(config: Config, book: Book, *, is_told: bool = False) -> str:
    """What becomes of a caller whom the machine cannot help: static, made once. ``is_told``: we said so already."""
    prompts = book.site.prompts
    values = {"company": book.site.company}
    return twiml.fallback(
        config.twilio.fallback_number,
        apology="" if is_told else render(prompts.cannot_help, values),
        goodbye=render(prompts.goodbye, values),
        language=book.site.language,
    )


def _reach(config: Config) -> Reach:
    return reach(config, _url(config, config.database.company_url, "company"))


def _engine(config: Config, url: str, name: str) -> Engine:
    return database.connect(_url(config, url, name))


def _url(config: Config, url: str, name: str) -> str:
    """Where a database is: in a SQLite file of the data folder unless the settings name another."""
    if url:
        return url
    config.data.folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{config.data.folder / name}.sqlite"
