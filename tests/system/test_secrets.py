"""What a caller keys in secret, and whose account it is, stands in no log, journal, record or listing."""

from __future__ import annotations

import asyncio
import json
import re

from systemkit import BALANCE, DEMO, Node, calling, until

RANDOM = re.compile(r"\b[A-Z]{2}[0-9a-f]{32}\b|\"at_ms\": \d+")
"""What holds any digits by chance: the carrier's ids, and times."""


def has_number(number: str, text: str) -> bool:
    return re.search(rf"(?<!\d){number}(?!\d)", RANDOM.sub("", text)) is not None


async def test_pin_and_account_number_are_written_nowhere(node: Node) -> None:
    begun = node.log.stat().st_size
    async with calling(node) as caller:
        await caller.to_pin()
        await caller.press(DEMO.pin)
        await caller.said(BALANCE)
        await caller.phone.hang_up()
        await caller.is_over()
        sid = caller.sid
        journal = json.dumps([entry.fields for entry in node.store.entries(sid)])
    await until(lambda: "caller_hung_up" in node.tool("calls", "show", sid).stdout)
    shown = await asyncio.to_thread(node.tool, "calls", "show", sid)
    records = b"".join(path.read_bytes() for path in node.data.glob("records.sqlite*")).decode("latin-1")
    with node.log.open(encoding="utf-8") as log:
        log.seek(begun)
        logged = log.read()
    assert sid in logged and sid in records and BALANCE in shown.stdout
    for place in (journal, shown.stdout, logged):
        assert DEMO.account not in place
        assert not has_number(DEMO.pin, place)
        assert '"digit"' not in place
    assert DEMO.account not in records
    keys = [entry for entry in json.loads(journal) if entry.get("type") == "pressed"]
    pressed = "".join(str(entry["key"]) for entry in keys)
    assert DEMO.pin not in pressed and DEMO.account not in pressed
    assert f'"key": "{DEMO.pin[0]}"' not in journal
