"""A node: its public socket, its processes in the order they start in, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ivr.config import Config, reachable
from ivr.errors import ConfigError, IvrError, StoreError
from ivr.redisserver import RedisServer
from ivr.speech.models import ears
from ivr.supervisor.child import Child, keep, stop
from ivr.supervisor.notice import announced
from ivr.supervisor.settings import as_environment, check, made_up_account

log = logging.getLogger(__name__)

READY_S = 60.0
"""How long a start may take before it is called failed."""
ANSWER_S = 2.0
"""How long one question whether it is ready may take."""
DRAIN_S = 3600.0
"""How long calls may go on after SIGTERM."""
LOOK_S = 0.5
"""How often the Redis of our own is looked after."""
LISTEN_BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class Node:
    """A running node."""

    url: str
    """Where people and the carrier reach it."""
    environment: Mapping[str, str]
    """The settings its processes run with."""
    children: tuple[Child, ...]
    has_exchange: bool = False

    def child(self, name: str) -> Child:
        return next(child for child in self.children if child.name == name)


def listen(host: str, port: int) -> socket.socket:
    """The one public socket, bound and listening. Raises ConfigError where the port is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(LISTEN_BACKLOG)
    except OSError as error:
        sock.close()
        raise ConfigError(
            f"cannot listen on {host}:{port} ({error.strerror}); "
            "stop what uses it or set another port: IVR_SERVER__PORT=8081 (0 picks a free one)"
        ) from None
    return sock


@contextlib.asynccontextmanager
async def running(config: Config, *, with_exchange: bool = False) -> AsyncIterator[Node]:
    """A node that runs for as long as the context; yields a ``Node`` that answers.

    ``with_exchange``: with a local exchange in place of Twilio, and an account made up for this run. Raises
    IvrError with the reason where the node cannot run.
    """
    check(config, with_exchange=with_exchange)
    sock = listen(config.server.host, config.server.port)
    host, port = sock.getsockname()[:2]
    with contextlib.ExitStack() as stack:
        stack.enter_context(sock)
        redis = None if config.redis.url else stack.enter_context(RedisServer(config.data.folder))
        redis_url = config.redis.url if redis is None else redis.url
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ivr-")))
        settings = {
            "IVR_REDIS__URL": redis_url,
            "IVR_SERVER__PORT": str(port),
            "IVR_FLOWS__FOLDER": str(config.flows.folder.resolve()),
        }
        url = f"http://{reachable(host)}:{port}"
        if with_exchange:
            settings |= made_up_account(config) | {"IVR_SERVER__PUBLIC_URL": url}
        environment = {**os.environ, **as_environment(config), **settings}
        children = _children(config.server.gateways, sock.fileno(), folder, with_exchange=with_exchange)
        node = Node(url, environment, children, with_exchange)
        stack.enter_context(announced(config, url, environment))
        is_open = asyncio.Event()
        first = [child for child in children if not child.is_spare]
        watchers = [asyncio.create_task(keep(child, environment, is_open)) for child in first]
        if redis is not None:
            watchers.append(asyncio.create_task(_keep_redis(redis)))
        try:
            await _ready(node, watchers)
            is_open.set()
            spare = [child for child in children if child.is_spare]
            watchers += [asyncio.create_task(keep(child, environment, is_open)) for child in spare]
            yield node
        finally:
            for watcher in watchers:
                watcher.cancel()
            await asyncio.gather(*watchers, return_exceptions=True)
            await asyncio.gather(*(stop(child) for child in children))


def _children(gateways: int, fd: int, folder: Path, *, with_exchange: bool) -> tuple[Child, ...]:
    """The processes of a node, in the order they start in; ``fd`` is the public socket's, ``folder`` theirs alone."""
    web_socket = str(folder / "web.sock")
    gateway = ("gateway", "--fd", str(fd), "--web", web_socket)
    children = [Child("web", ("web", "--socket", web_socket))]
    for number in range(1, gateways + 1):
        children.append(Child(f"gateway {number}", gateway, (fd,), is_spare=number > 1))
    children.append(Child("dispatch", ("dispatch",)))
    if with_exchange:
        children.append(Child("exchange", ("exchange",)))
    for number, child in enumerate(children):
        child.reason = folder / f"reason-{number}"
    return tuple(children)


async def serve(config: Config) -> None:
    """Run a node until SIGINT or SIGTERM; on SIGTERM its calls are let to their ends first."""
    async with running(config) as node:
        ends = asked_to_end()
        print(f"Ears: {ears(config)}.")
        print(f"The front desk is open at {node.url}", flush=True)
        if await ends.get() is signal.SIGTERM:
            await either(drain(node), ends.get())


async def either(first: Coroutine[Any, Any, Any], second: Coroutine[Any, Any, Any]) -> None:
    """Returns when one of them has ended; the other is given up."""
    tasks = [asyncio.create_task(first), asyncio.create_task(second)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def asked_to_end() -> asyncio.Queue[signal.Signals]:
    """SIGINT and SIGTERM as they come. Call it before saying that all is ready: one may come at once."""
    loop = asyncio.get_running_loop()
    came: asyncio.Queue[signal.Signals] = asyncio.Queue()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, came.put_nowait, number)
    return came


async def drain(node: Node) -> None:
    """Take and place no new call, and return when the calls that live have ended."""
    gateways = [child for child in node.children if child.name.startswith("gateway")]
    for child in (node.child("dispatch"), *gateways):
        child.is_leaving = child in gateways
        if child.process is not None and child.pid:
            child.process.send_signal(signal.SIGUSR1)
    ends = [child.process.wait() for child in gateways if child.process is not None]
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*ends), DRAIN_S)


async def _keep_redis(server: RedisServer) -> None:
    """Start the Redis of our own again when it died; what it knew it has on disk."""
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            if server.revive():
                log.error("Redis had ended; it was started again")
        except StoreError as error:
            log.error("Redis cannot be started again: %s", error)


async def _ready(node: Node, watchers: list[asyncio.Task[None]]) -> None:
    """Returns when the node answers. Raises IvrError where a child cannot run, and after ``READY_S``."""
    exchange_url = node.environment.get("IVR_TWILIO__API_URL", "")
    wanted = [f"{node.url}/readyz"] + ([f"{exchange_url}/health"] if node.has_exchange else [])
    asking = asyncio.create_task(_answer(wanted))
    try:
        done, _ = await asyncio.wait(
            (asking, *watchers), timeout=READY_S, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        asking.cancel()
    for task in done:
        task.result()
    if not done:
        raise IvrError(
            f"the node did not answer within {READY_S:.0f} s; its log says why (IVR_LOG__LEVEL=info)"
        )


async def _answer(urls: list[str]) -> None:
    """Returns when every one of them has said that it is well."""
    for url in urls:
        while not await asyncio.to_thread(_is_well, url):
            await asyncio.sleep(0.02)


def _is_well(url: str) -> bool:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=ANSWER_S)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == 200
    except (HTTPException, OSError):
        return False
    finally:
        connection.close()
