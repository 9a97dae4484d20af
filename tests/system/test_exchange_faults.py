"""A bad network and a carrier that says things twice, late and out of order: the call gets its answer."""

from __future__ import annotations

from typing import Any

import pytest
from systemkit import BALANCE, DEMO, Node, calling, until

CALLBACKS = {"callbacks_duplicated": 1.0, "callbacks_late_ms": 300, "callbacks_reordered": 0.5}
SOUND = {"media_lost": 0.05, "media_jitter_ms": 60}


@pytest.mark.parametrize(
    "faults",
    [{**CALLBACKS, **SOUND}, {"is_stop_unclosed": True}, {"is_closed_unstopped": True}],
    ids=["callbacks and sound", "stop without close", "close without stop"],
)
async def test_the_call_gets_its_answer(node: Node, faults: dict[str, Any]) -> None:
    begun = node.log.stat().st_size
    await node.faults(**faults)
    try:
        async with calling(node) as caller:
            await caller.to_pin()
            await caller.press(DEMO.pin)
            await caller.said(BALANCE)
            await caller.phone.hang_up()
            await caller.phone.ended()
            await until(lambda: node.store.owner(caller.sid) is None)
            await until(lambda: node.state(caller.sid).phase == "over")
    finally:
        await node.faults(**{name: type(value)() for name, value in faults.items()})
    assert node.errors(begun) == []
