"""One node for all tests that leave it whole, and tests that may be coroutines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from coroutines import within
from systemkit import Node, running

pytest_pyfunc_call = within(60)


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Shared: a test may kill a gateway of it, and must leave its faults off."""
    with running(tmp_path_factory.mktemp("node")) as started:
        yield started
