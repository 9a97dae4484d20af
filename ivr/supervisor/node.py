"""Starts and watches the processes of one node: Redis where none is configured, web, gateways, dispatch, exchange.

Every child is this program again (``python -m ivr run PART``), told its settings by the environment and
holding a pipe from here: when this process ends, however it ends, its children do. A child that dies is
started again, with growing pauses. It carries no call itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from ivr.config import DEMO_NUMBER, Config, is_loopback, reachable
from ivr.errors import ConfigError, IvrError, StoreError
from ivr.redisserver import RedisServer
from ivr.speech.models import ears

log = logging.getLogger(__name__)

READY_S = 60.0
"""How long a start may take before it is called failed."""
ANSWER_S = 2.0
"""How long one question whether it is ready may take."""
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
HEALTHY_S = 10.0
"""A child that lived so long is started again without a pause that has grown."""
DRAIN_S = 3600.0
"""How long calls may go on after SIGTERM."""
STOP_S = 3.0
"""How long a process may take to end when the node stops; its calls go on elsewhere or are over."""
LOOK_S = 0.5
"""How often the Redis of our own is looked after."""
LISTEN_BACKLOG = 1024
NODE_FILE = "node.json"
"""In the data folder: where the running node can be reached."""


@dataclass(slots=True, eq=False)
class Child:
    """One process and how to start it."""

    name: str
    arguments: tuple[str, ...]
    pass_fds: tuple[int, ...] = ()
    process: asyncio.subprocess.Process | None = None
    reason: Path | None = None
    """Where it writes why it can never run."""
    is_spare: bool = False
    """True where the node can take calls without it: it starts once the others are ready."""
    is_leaving: bool = False
    """True once its end is wanted: it is not started again."""

    @property
    def pid(self) -> int:
        """Its process id; 0 where it is not running."""
        return self.process.pid if self.process is not None and self.process.returncode is None else 0


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


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.asynccontextmanager
async def running(config: Config, *, with_exchange: bool = False) -> AsyncIterator[Node]:
    """A node that runs for as long as the context; yields a ``Node`` that answers.

    ``with_exchange``: with a local exchange in place of Twilio, and an account made up for this run. Raises
    IvrError with the reason where the node cannot run.
    """
    _check(config, with_exchange=with_exchange)
    sock = listen(config.server.host, config.server.port)
    host, port = sock.getsockname()[:2]
    with contextlib.ExitStack() as stack:
        stack.enter_context(sock)
        redis = None if config.redis.url else stack.enter_context(RedisServer(config.data.folder))
        redis_url = config.redis.url if redis is None else redis.url
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ivr-")))
        web_socket = str(folder / "web.sock")
        settings = {
            "IVR_REDIS__URL": redis_url,
            "IVR_SERVER__PORT": str(port),
            "IVR_FLOWS__FOLDER": str(config.flows.folder.resolve()),
        }
        url = f"http://{reachable(host)}:{port}"
        if with_exchange:
            settings |= _made_up_account(config) | {"IVR_SERVER__PUBLIC_URL": url}
        environment = {**os.environ, **as_environment(config), **settings}
        fd = sock.fileno()
        children = [Child("web", ("web", "--socket", web_socket))]
        for number in range(1, config.server.gateways + 1):
            arguments = ("gateway", "--fd", str(fd), "--web", web_socket)
            children.append(Child(f"gateway {number}", arguments, (fd,), is_spare=number > 1))
        children.append(Child("dispatch", ("dispatch",)))
        if with_exchange:
            children.append(Child("exchange", ("exchange",)))
        for number, child in enumerate(children):
            child.reason = folder / f"reason-{number}"
        node = Node(url, environment, tuple(children), with_exchange)
        stack.enter_context(_announced(config, node))
        is_open = asyncio.Event()
        first = [child for child in children if not child.is_spare]
        watchers = [asyncio.create_task(_keep(child, environment, is_open)) for child in first]
        if redis is not None:
            watchers.append(asyncio.create_task(_keep_redis(redis)))
        try:
            await _ready(node, watchers)
            is_open.set()
            spare = [child for child in children if child.is_spare]
            watchers += [asyncio.create_task(_keep(child, environment, is_open)) for child in spare]
            yield node
        finally:
            for watcher in watchers:
                watcher.cancel()
            await asyncio.gather(*watchers, return_exceptions=True)
            await asyncio.gather(*(_stop(child) for child in children))


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


def attach(config: Config) -> Config | None:
    """The settings of the node that runs on this data folder now; None where none does."""
    path = config.data.folder / NODE_FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        os.kill(told["pid"], 0)
    except (OSError, ValueError, KeyError):
        return None
    return config.model_copy(
        update={
            "redis": config.redis.model_copy(update={"url": told["redis_url"]}),
            "twilio": config.twilio.model_copy(update={"api_url": told["exchange_url"]}),
        }
    )


@contextlib.contextmanager
def _announced(config: Config, node: Node) -> Iterator[None]:
    """Let the tools of this data folder find the node. For its owner's eyes: a Redis URL may hold a password."""
    path = config.data.folder / NODE_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "pid": os.getpid(),
        "url": node.url,
        "redis_url": node.environment["IVR_REDIS__URL"],
        "exchange_url": node.environment.get("IVR_TWILIO__API_URL", ""),
    }
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(told), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def as_environment(config: Config) -> dict[str, str]:
    """The settings in force as the variables that say them."""
    return {
        f"IVR_{section}__{key}".upper(): _text(value)
        for section, values in config
        for key, value in values
        if value is not None
    }


def _made_up_account(config: Config) -> dict[str, str]:
    """Settings of an account that exists for one run, on a local exchange."""
    return {
        "IVR_TWILIO__CALLER_ID": config.twilio.caller_id or DEMO_NUMBER,
        "IVR_TWILIO__ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "IVR_TWILIO__AUTH_TOKEN": secrets.token_hex(16),
        "IVR_TWILIO__API_KEY_SID": "SK" + secrets.token_hex(16),
        "IVR_TWILIO__API_KEY_SECRET": secrets.token_hex(16),
        "IVR_TWILIO__API_URL": f"http://127.0.0.1:{free_port()}",
    }


def _text(value: object) -> str:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case tuple():
            return ",".join(map(_text, value))
        case dict():
            return json.dumps({name: _text(each) for name, each in value.items()})
    return str(value)


def _check(config: Config, *, with_exchange: bool) -> None:
    """Raises ConfigError, all faults together, where no carrier could ever bring a call here."""
    host = config.server.host
    if not with_exchange:
        faults = config.carrier_faults()
    elif not is_loopback(reachable(host).strip("[]")):
        faults = [
            f"server.host is {host}, and the local exchange streams sound on this machine only; "
            "set server.host to 127.0.0.1, or to 0.0.0.0 for other machines' browsers"
        ]
    else:
        faults = []
    if faults:
        raise ConfigError("\n".join(faults))


async def _keep_redis(server: RedisServer) -> None:
    """Start the Redis of our own again when it died; what it knew it has on disk."""
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            if server.revive():
                log.error("Redis had ended; it was started again")
        except StoreError as error:
            log.error("Redis cannot be started again: %s", error)


async def _keep(child: Child, environment: Mapping[str, str], is_open: asyncio.Event) -> None:
    """Run the child until its end is wanted.

    Raises IvrError where it says (exit 2), before the node has ever answered, that it cannot run.
    """
    loop = asyncio.get_running_loop()
    pause_s = FIRST_PAUSE_S
    while not child.is_leaving:
        begun = loop.time()
        child.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ivr", "run", "--reason", str(child.reason), *child.arguments),
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            pass_fds=child.pass_fds,
            start_new_session=True,
        )
        code = await child.process.wait()
        if child.is_leaving:
            return
        if code == 2 and not is_open.is_set():
            raise IvrError(_reason(child))
        if code == 2:
            log.error("%s: %s", child.name, _reason(child))
        pause_s = FIRST_PAUSE_S if loop.time() - begun > HEALTHY_S else min(2 * pause_s, LONGEST_PAUSE_S)
        log.error("%s ended (code %d); it is started again in %.1f s", child.name, code, pause_s)
        await asyncio.sleep(pause_s)


def _reason(child: Child) -> str:
    """Why it says it cannot run."""
    if child.reason is not None and child.reason.exists():
        return child.reason.read_text(encoding="utf-8")
    return f"{child.name} cannot run; its own words stand above"


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


async def _stop(child: Child) -> None:
    child.is_leaving = True
    process = child.process
    if process is None or process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()
