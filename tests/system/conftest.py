"""One node for all tests that leave it whole, and tests that may be coroutines."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator

import pytest
from systemkit import Node, running

LONGEST_S = 60


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run ``async def`` tests of this folder, each on a loop of its own and never longer than ``LONGEST_S``."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), LONGEST_S))
    return True


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Shared: a test may kill a gateway of it, and must leave its faults off."""
    with running(tmp_path_factory.mktemp("node")) as started:
        yield started
