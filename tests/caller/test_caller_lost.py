"""A caller whose listener is gone ends at once, with the reason, and does not wait for the machine."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import pytest

from ivr.caller import Caller


@dataclass
class Entry:
    entry_id: str
    fields: dict[str, Any]


class Journal:
    """Tells that the call has begun."""

    def entries(self, call_sid: str, after: str, block_ms: int) -> list[Entry]:
        return [Entry("1", {"kind": "event", "type": "call_started"})]


class Phone:
    async def call(self, to: str, from_: str) -> str:
        return "CA1"

    async def answered(self) -> None:
        return None


def test_who_hears_no_more_ends_the_call():
    def told(entry: dict[str, Any]) -> None:
        raise BrokenPipeError("the terminal is closed")

    caller = Caller(Phone(), Journal(), lambda text: None, on_entry=told)
    began_s = time.monotonic()
    with pytest.raises(BrokenPipeError):
        asyncio.run(caller.call("+1", "+2", []))
    assert time.monotonic() - began_s < 5
