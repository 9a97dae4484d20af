"""A whole node with its exchange, for a browser to call: prints its address, ends when its input closes."""

import asyncio
import sys

from ivr import config, supervisor


async def main(folder: str) -> None:
    settings = config.load(server={"port": 0}, data={"folder": folder}, log={"level": "error"})
    async with supervisor.running(settings, with_exchange=True) as node:
        print(node.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(main(sys.argv[1]))
