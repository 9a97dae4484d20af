"""How soon a saved change of the flows is heard by new callers, while others' calls run.

After each save callers ring one after the other; the first who is greeted in the new words, and nobody after them in
the old, tells how long the change took. It touches a copy of the flows only.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from ivr.bench.crowd import Journals
from ivr.bench.figures import RELOAD, Figure
from ivr.bench.talk import FROM
from ivr.errors import CarrierError
from ivr.exchange.client import Phone

EVERY_S = 0.1
"""A caller rings so often after a save."""
RINGING_S = 1.5
"""For so long; a change that nobody has heard of by then was not live."""
PAUSE_S = 2.0
"""Between two saves."""
PATIENCE_S = 5.0
"""A greeting must come within it."""
_COMPANY = re.compile(r"^company: (.*?)( number \d+)?$", re.MULTILINE)


@dataclass(slots=True)
class Reloaded:
    """What the callers heard."""

    live_ms: list[float] = field(default_factory=list)
    """By save: how long after it that caller rang."""
    failures: list[str] = field(default_factory=list)

    def figures(self) -> list[Figure]:
        return [Figure.of(RELOAD, self.live_ms)]


async def reloads(folder: Path, exchange_url: str, number: str, journals: Journals, times: int) -> Reloaded:
    """Save ``site.yaml`` of ``folder`` so often, each time with another name of the company."""
    found, site = Reloaded(), folder / "site.yaml"
    for count in range(1, times + 1):
        await asyncio.sleep(PAUSE_S)
        text = site.read_text(encoding="utf-8")
        name = f"number {count}"
        site.write_text(_COMPANY.sub(rf"company: \1 {name}", text, count=1), encoding="utf-8")
        saved_s = time.monotonic()
        calls = []
        while time.monotonic() < saved_s + RINGING_S:
            calls.append(asyncio.create_task(_greeting(exchange_url, number, journals)))
            await asyncio.sleep(EVERY_S)
        try:
            greetings = await asyncio.gather(*calls)
        except (CarrierError, TimeoutError) as error:
            await asyncio.gather(*calls, return_exceptions=True)
            found.failures.append(f"A caller after a save gave up: {error}.")
            continue
        last_old_s = max((rang_s for rang_s, words in greetings if name not in words), default=0.0)
        new_s = [rang_s for rang_s, _ in greetings if rang_s > last_old_s]
        if new_s:
            found.live_ms.append((min(new_s) - saved_s) * 1000)
        else:
            found.failures.append(f"Nobody was greeted by save {count} within {RINGING_S} s.")
    return found


async def _greeting(exchange_url: str, number: str, journals: Journals) -> tuple[float, str]:
    """When the caller rang, which is now, and the words they are greeted in."""
    rang_s = time.monotonic()
    async with await Phone.connect(exchange_url) as phone:
        call_sid = await phone.call(number, FROM)
        follower = journals.follow(call_sid)
        try:
            await phone.answered()
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    said = [entry for entry in follower.trace.entries if entry.get("type") == "say"]
                    if said:
                        return rang_s, str(said[0]["text"])
                    follower.moved.clear()
                    await follower.moved.wait()
        finally:
            journals.drop(call_sid)
