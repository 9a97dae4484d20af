"""Lets the tests of a folder be coroutines: its conftest makes the hook."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable

import pytest


def within(longest_s: float) -> Callable[[pytest.Function], bool | None]:
    """``pytest_pyfunc_call`` that runs each ``async def`` test on a loop of its own, never longer than so."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
        if not inspect.iscoroutinefunction(pyfuncitem.obj):
            return None
        names = inspect.signature(pyfuncitem.obj).parameters
        arguments = {name: pyfuncitem.funcargs[name] for name in names}
        asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), longest_s))
        return True

    return pytest_pyfunc_call
