"""The sample company as it was written down for these tests, a call, and the goldens it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from talkkit import Talk

from ivr.flow.load import load
from ivr.flow.site import Book

GOLDENS = Path(__file__).parent / "goldens"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the goldens anew; read the difference")


@pytest.fixture(scope="session")
def book() -> Book:
    """A copy of the sample company, so that a designer's change of words changes no golden here."""
    return load(Path(__file__).parent / "flows")


@pytest.fixture
def talk(book: Book) -> Talk:
    return Talk(book)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Talk], None]:
    """Compares a conversation with the golden named after the test."""

    def check(talk: Talk) -> None:
        path = GOLDENS / f"{request.node.name.removeprefix('test_')}.txt"
        text = "\n".join(talk.lines).lstrip() + "\n"
        if request.config.getoption("--update", default=False):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing: pytest tests/dialogue --update"
        assert text == path.read_text(encoding="utf-8")

    return check
