"""The tests of this folder may be coroutines."""

from __future__ import annotations

from coroutines import within

pytest_pyfunc_call = within(20)
