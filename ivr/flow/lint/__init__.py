"""What a good designer of telephone dialogues would tell another: warnings about flows that load and run.

What keeps a flow from loading is ``check``'s; what only engines can tell is the room ``proof``'s.
"""

from __future__ import annotations

from collections.abc import Mapping

from ivr.errors import Fault
from ivr.flow import translate, words
from ivr.flow.faults import Notes, order
from ivr.flow.lint import journeys, options, questions, secrets, sites, unset
from ivr.flow.lookups import Signature
from ivr.flow.site import Book


def lint(book: Book, lookups: Mapping[str, Signature] | None = None) -> tuple[Fault, ...]:
    """Every warning about a book that has been loaded, as a reader goes through its files."""
    notes = Notes()
    known = words.known(book.site, book.flows, lookups)
    journeys.judge(book, notes)
    questions.judge(book, notes)
    options.judge(book, notes)
    secrets.judge(book, known.secret, notes)
    sites.judge(book, notes)
    unset.judge(book, known, notes)
    return tuple(sorted({*notes.faults, *translate.missing(book)}, key=order))
