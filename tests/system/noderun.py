"""One node with a local exchange: says as JSON where it is, runs until a signal; SIGTERM drains it first."""

from __future__ import annotations

import asyncio
import json
import signal

from ivr import config, logs, supervisor

TOLD = (
    "IVR_REDIS__URL",
    *(
        f"IVR_TWILIO__{name}"
        for name in ("API_URL", "ACCOUNT_SID", "AUTH_TOKEN", "API_KEY_SID", "API_KEY_SECRET")
    ),
)


async def run() -> None:
    settings = config.load()
    logs.setup(settings.log.level)
    async with supervisor.running(settings, with_exchange=True) as node:
        ends = supervisor.asked_to_end()
        print(json.dumps({"url": node.url, **{name: node.environment[name] for name in TOLD}}), flush=True)
        if await ends.get() is signal.SIGTERM:
            await supervisor.drain(node)


if __name__ == "__main__":
    asyncio.run(run())
