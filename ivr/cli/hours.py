"""Says what is open at a date and time, when the rest opens next, and what a caller would hear then.

Nothing is asked of the company's data: a look-up stands in brackets and finds nothing.

For example:

    ivr hours
    ivr hours shop --at "2026-12-25 10:00"
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr import config
from ivr.dialogue.preview import Opening, openings, queue_words
from ivr.errors import IvrError
from ivr.flow import near
from ivr.flow.hours import Moment, look, of_queue
from ivr.flow.load import load
from ivr.flow.site import Book


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="only these hours, this queue or this flow (default: all)")
    parser.add_argument("--at", metavar="'2026-12-25 10:00'", help="in the site's time zone (default: now)")
    parser.add_argument("--folder", type=Path, help="the flows (default: the folder in the settings)")


def run(args: argparse.Namespace) -> int:
    book = load(args.folder or config.load().flows.folder)
    known = (*book.site.hours, *book.site.queues, *book.flows)
    if args.name is not None and args.name not in known:
        raise IvrError(f"found no hours, queue or flow {args.name!r}. {near.remedy(args.name, known)}")
    at = when(args.at, ZoneInfo(book.site.time_zone))
    print("\n".join(told(book, at, args.name)))
    return 0


def when(text: str | None, zone: ZoneInfo) -> datetime:
    """A date and time as written, in the site's zone. Raises IvrError."""
    try:
        found = datetime.fromisoformat(text) if text else datetime.now(UTC)
    except ValueError:
        raise IvrError(f"found the time {text!r}; write it as '2026-12-25 10:00'") from None
    return found.astimezone(zone) if found.tzinfo else found.replace(tzinfo=zone)


def told(book: Book, at: datetime, name: str | None = None) -> Iterator[str]:
    """The lines that are printed; of ``name`` alone where it is given."""
    site = book.site
    holiday = site.holidays.get(at.date().isoformat())
    yield f"{at:%A %-d %B %Y, %H:%M} in {site.time_zone}" + (f" ({holiday})" if holiday else "")
    for key, hours in site.hours.items():
        if name in (None, key):
            yield f"  {key}: {state(look(hours, site, at))}"
    for key, queue in site.queues.items():
        if name in (None, key):
            theirs = of_queue(queue, site)
            yield f"  queue {key}: {state(look(theirs, site, at)) if theirs else 'always open'}"
            if words := queue_words(book, key, at):
                yield f"    {words}"
    if name is None or name in book.flows:
        for opening in openings(book, at, name or ""):
            yield from heard(opening)


def state(moment: Moment) -> str:
    """Open or closed, and until when, in one line."""
    opens, closes = (_day_and_time(text) for text in (moment.opens, moment.closes))
    if moment.is_open:
        return f"open, closes {closes}" if closes else "open, and stays so for two weeks"
    why = f" for {moment.holiday}" if moment.is_holiday else ""
    return f"closed{why}, opens {opens}" if opens else f"closed{why}, and stays so for two weeks"


def heard(opening: Opening) -> Iterator[str]:
    yield f"  flow {opening.flow}: {opening.words or '(nothing is said)'}"
    for label, words in opening.choices:
        yield f"    {label}: {words or '(nothing is said)'}"


def _day_and_time(text: str) -> str:
    return f"{datetime.fromisoformat(text):%a %-d %b %H:%M}" if text else ""
