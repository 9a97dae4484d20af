"""A real node for callers who speak, whatever language its settings name."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from ivr import config, supervisor
from ivr.redisserver import RedisServer


@contextmanager
def node(settings: config.Config) -> Iterator[supervisor.Node]:
    """A running node with an exchange, kept by an event loop in a thread of its own.

    Its Redis is started here, because a server of our own ends with the thread that started it.
    """
    started: Future[tuple[supervisor.Node, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        over = asyncio.Event()
        chosen = settings.model_copy(update={"redis": settings.redis.model_copy(update={"url": redis.url})})
        async with supervisor.running(chosen, with_exchange=True) as running:
            started.set_result((running, asyncio.get_running_loop(), over))
            await over.wait()

    def keep() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    with RedisServer(settings.data.folder) as redis:
        thread = threading.Thread(target=keep, name="node")
        thread.start()
        running, loop, over = started.result()
        try:
            yield running
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join()


def settings(folder: Path, **more) -> config.Config:
    return config.load(folder, data={"folder": folder}, server={"port": 0}, log={"level": "error"}, **more)
