"""A caller who agrees keys yes to what is asked back, and the script goes on behind that."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from ivr.caller import Caller
from ivr.line.text import Keyed

ASKS = {"kind": "action", "type": "set_timer", "timer": "no_input"}
DIGITS = {"kind": "action", "type": "listen", "options": []}
DOUBT = {"kind": "action", "type": "listen", "options": ["yes", "no", "parcel"]}
OVER = {"kind": "over", "outcome": "completed"}
CALL = [[DIGITS, ASKS], [DOUBT, ASKS], [DIGITS, ASKS], [DOUBT, ASKS], [OVER]]
"""What the machine does at first, and after each turn of the caller."""


@dataclass
class Entry:
    entry_id: str
    fields: dict[str, Any]


@dataclass
class Desk:
    """A phone, and the journal of a machine that goes on when a key was pressed."""

    pressed: list[str] = field(default_factory=list)
    told: int = 0

    async def call(self, to: str, from_: str) -> str:
        return "CA1"

    async def answered(self) -> None:
        return None

    async def press(self, keys: str, gap_s: float) -> None:
        self.pressed.append(keys)

    def entries(self, call_sid: str, after: str, block_ms: int) -> list[Entry]:
        if self.told > len(self.pressed):
            return []
        self.told += 1
        return [Entry(str(self.told), entry) for entry in CALL[self.told - 1]]


@pytest.mark.parametrize(
    ("agrees", "script", "pressed"),
    [(True, "47", ["4", "1", "7", "1"]), (False, "4711", ["4", "7", "1", "1"])],
)
def test_yes_is_keyed_to_what_is_asked_back(agrees: bool, script: str, pressed: list[str]) -> None:
    desk = Desk()
    caller = Caller(desk, desk, lambda text: None)
    trace = asyncio.run(caller.call("+1", "+2", [Keyed(key) for key in script], agrees=agrees))
    assert (desk.pressed, trace.outcome) == (pressed, "completed")
