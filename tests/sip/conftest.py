"""The tests of this folder may be coroutines."""

from __future__ import annotations

from coroutines import pytest_pyfunc_call

__all__ = ["pytest_pyfunc_call"]
