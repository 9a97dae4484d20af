"""A scene for one call on the flows that the dialogue is tested with."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sessionkit import FLOWS, Scene

from ivr.flow.load import load
from ivr.flow.site import Book


@pytest.fixture(scope="session")
def book() -> Book:
    return load(FLOWS)


@pytest.fixture
def scene(book: Book) -> Iterator[Scene]:
    with ThreadPoolExecutor(4) as executor:
        yield Scene(book, executor)
