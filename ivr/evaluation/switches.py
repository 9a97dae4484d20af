"""What can be left out to see what it is worth, and the parts of an evaluation that show it.

Each is a part that the product can be built without: nothing is patched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import get_args

from ivr.flow.site import Book, Part

ABLATIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "domain-model": ("sentences", "words"),
        "second-pass": ("sentences", "words"),
        "re-ranking": ("calls", "fields"),
        "confirmation": ("calls",),
        "mood-text": ("mood",),
        "mood-voice": ("mood",),
    }
)


def leaving_out(book: Book, without: Collection[str]) -> Book:
    """A book without the parts of understanding that are switched off; what else is, is the ears'."""
    return book.leaving_out(*(part for part in get_args(Part) if part in without))
