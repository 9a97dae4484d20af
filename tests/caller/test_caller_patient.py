"""A patient caller keys yes to what is asked back, says again what was not understood, and only then goes on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from ivr.caller import Caller
from ivr.line.text import Keyed

ASKS = {"kind": "action", "type": "set_timer", "timer": "no_input"}
OVER = {"kind": "over", "outcome": "completed"}


def listens(step: str, *options: str) -> list[dict[str, Any]]:
    return [{"kind": "action", "type": "listen", "options": list(options), "step": step}, ASKS]


DOUBT = listens("main.menu", "yes", "no", "parcel")
CALL = [
    listens("main.menu", "parcel"),
    listens("main.menu", "parcel"),
    DOUBT,
    listens("main.number"),
    DOUBT,
    [OVER],
]
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
    ("is_patient", "script", "pressed"),
    [(True, "47", ["4", "4", "1", "7", "1"]), (False, "47112", ["4", "7", "1", "1", "2"])],
)
def test_the_script_goes_on_when_the_machine_has(is_patient: bool, script: str, pressed: list[str]) -> None:
    desk = Desk()
    caller = Caller(desk, desk, lambda text: None)
    trace = asyncio.run(caller.call("+1", "+2", [Keyed(key) for key in script], is_patient=is_patient))
    assert (desk.pressed, trace.outcome) == (pressed, "completed")
