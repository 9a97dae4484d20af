"""A whole node as a process, and callers on its exchange who follow what happens by the call's journal."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

from ivr.agents.distributor import Distributor
from ivr.config import DEMO_NUMBER
from ivr.dialogue.state import State, from_json
from ivr.exchange.client import Phone
from ivr.lookups.seed import DEMO
from ivr.store import CallStore, connect

ROOT = Path(__file__).parents[2]
FALLBACK = "+15550111"
START_S = 40.0
PATIENCE_S = 15.0
"""How long anything that must happen may take on a busy machine."""
BALANCE = "one thousand two hundred and eighty-four pounds"


class Node:
    """A running node of its own process group of programs, with its logs in a file."""

    def __init__(self, process: subprocess.Popen[str], data: Path, log: Path, told: dict[str, str]) -> None:
        self.process = process
        self.data = data
        self.log = log
        self.url = told["url"]
        self.exchange_url = told["IVR_TWILIO__API_URL"]
        self.redis_url = told["IVR_REDIS__URL"]
        self.auth_token = told["IVR_TWILIO__AUTH_TOKEN"]
        self.account_sid = told["IVR_TWILIO__ACCOUNT_SID"]
        self.api_key_sid = told["IVR_TWILIO__API_KEY_SID"]
        self.api_key_secret = told["IVR_TWILIO__API_KEY_SECRET"]
        client = connect(self.redis_url)
        self.store = CallStore(client)
        self.queue = Distributor(client, {})

    def pids(self, words: str) -> list[int]:
        """Processes of this node whose command line holds these words."""
        told = subprocess.run(
            ["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
        )
        rows = [line.split(None, 2) for line in told.stdout.splitlines()[1:]]
        return [int(row[0]) for row in rows if int(row[1]) == self.process.pid and words in row[2]]

    def is_whole(self) -> bool:
        """Whether both gateways answer, after whatever was killed."""
        log = self.log.read_text(encoding="utf-8")
        return log.count('"message": "ears: ') - len(re.findall(r'"message": "gateway \d ended', log)) == 2

    def carrier_of(self, call_sid: str) -> int:
        """The gateway process that carries a call."""
        owner = self.store.owner(call_sid)
        assert owner is not None, f"nobody carries {call_sid}"
        return int(owner.split("/")[1])

    def state(self, call_sid: str) -> State:
        saved = self.store.load(call_sid)
        assert saved is not None, f"no state of {call_sid}"
        return from_json(saved.state_json)

    def tickets(self) -> list[str]:
        return [one.ticket.ticket_id for one in self.queue.waiting()]

    def errors(self, begun: int = 0) -> list[str]:
        """Lines of the log from a place on that tell of an error."""
        with self.log.open(encoding="utf-8") as log:
            log.seek(begun)
            return [line for line in log if '"level": "error"' in line or "Traceback" in line]

    async def faults(self, **changes: Any) -> None:
        """Turn the exchange's knobs."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.exchange_url}/faults", json=changes) as answer,
        ):
            assert answer.status == 200, await answer.text()

    def tool(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the program beside the node."""
        return ivr(*arguments, IVR_DATA__FOLDER=str(self.data), **settings)


def ivr(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ivr", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=ROOT, env=surroundings(**settings)
    )


def surroundings(**settings: str) -> dict[str, str]:
    """The environment of a program under test: this one's without its settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IVR_")}
    return kept | settings


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Node]:
    """A node on data of its own; it must end by itself when told to."""
    data, log = folder / "data", folder / "node.log"
    environment = surroundings(
        IVR_DATA__FOLDER=str(data),
        IVR_SERVER__PORT="0",
        IVR_SPEECH__ENGINE="pocketsphinx",
        IVR_TWILIO__FALLBACK_NUMBER=FALLBACK,
        IVR_LOG__LEVEL="debug",
        **settings,
    )
    script = str(Path(__file__).parent / "noderun.py")
    with log.open("w", encoding="utf-8") as written:
        process = subprocess.Popen(
            [sys.executable, script],
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
            cwd=ROOT,
            env=environment,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, log.read_text(encoding="utf-8")
        yield Node(process, data, log, json.loads(line))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(START_S)
        finally:
            process.kill()
            process.wait()


class Caller:
    """A person with a phone, and the journal of their call."""

    def __init__(self, node: Node, phone: Phone) -> None:
        self.node = node
        self.phone = phone
        self.entries: list[dict[str, Any]] = []
        self._read = 0
        self._moved = asyncio.Condition()

    @property
    def sid(self) -> str:
        return self.phone.call_sid

    async def follow(self) -> None:
        after = "0"
        while True:
            with contextlib.suppress(Exception):
                found = await asyncio.to_thread(self.node.store.entries, self.sid, after, 300)
                async with self._moved:
                    for entry in found:
                        after = entry.entry_id
                        self.entries.append(entry.fields)
                    self._moved.notify_all()
                continue
            await asyncio.sleep(0.2)

    async def happened(
        self, is_it: Callable[[dict[str, Any]], bool], within_s: float = PATIENCE_S
    ) -> dict[str, Any]:
        """The next line of the journal that is it; earlier ones count as read."""

        def find() -> int | None:
            places = range(self._read, len(self.entries))
            return next((place for place in places if is_it(self.entries[place])), None)

        try:
            async with asyncio.timeout(within_s), self._moved:
                await self._moved.wait_for(lambda: find() is not None)
        except TimeoutError:
            raise AssertionError(f"it did not happen; the call so far:\n{self.told()}") from None
        place = find()
        assert place is not None
        self._read = place + 1
        return self.entries[place]

    async def said(self, words: str, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """The machine's next words that hold these."""
        return await self.happened(
            lambda entry: entry.get("type") == "say" and words in entry["text"], within_s
        )

    async def did(self, kind: str, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """The next event or action of a type."""
        return await self.happened(lambda entry: entry.get("type") == kind, within_s)

    async def press(self, keys: str) -> None:
        await self.phone.press(keys, 0.05)

    async def to_account(self) -> None:
        await self.said("How can I help")
        await self.press("1")
        await self.said("account number")

    async def to_pin(self) -> None:
        await self.to_account()
        await self.press(DEMO.account)
        await self.said("PIN")

    async def to_queue(self) -> str:
        """Ask for a person; the ticket's id."""
        await self.said("How can I help")
        await self.press("0")
        return (await self.did("enqueue"))["ticket_id"]

    async def is_over(self) -> None:
        await self.happened(lambda entry: entry.get("kind") == "over")

    async def hears(self, after_s: float, within_s: float = PATIENCE_S) -> float:
        """When the phone's first sound after a time came (``time.monotonic``)."""
        until = time.monotonic() + within_s
        while (at_s := self.phone.heard.first_voiced_s(after_s)) is None:
            assert time.monotonic() < until, f"no sound within {within_s} s; the call so far:\n{self.told()}"
            await asyncio.sleep(0.02)
        return at_s

    def sound_again(self, after_s: float) -> float:
        """When sound came back after its longest pause since a time (``time.monotonic``)."""
        at_s = np.array(self.phone.heard.at_s)
        heard = at_s[self.phone.heard.voiced() & (at_s > after_s)]
        return float(heard[np.diff(np.concatenate(([after_s], heard))).argmax()])

    def silences(self, from_s: float, to_s: float) -> float:
        """The longest time without sound at the ear, in seconds."""
        at_s = np.array(self.phone.heard.at_s)
        heard = at_s[self.phone.heard.voiced() & (at_s > from_s) & (at_s < to_s)]
        return float(np.diff(np.concatenate(([from_s], heard, [to_s]))).max())

    def told(self) -> str:
        lines = [
            f"{entry.get('at_ms', '')} {entry.get('type', entry.get('kind'))} {entry.get('text', '')}"
            for entry in self.entries
        ]
        return "\n".join([*lines[-40:], f"phone: {self.phone.reason} {self.phone.errors}"])


@asynccontextmanager
async def calling(node: Node, from_: str = "+447700900777") -> AsyncIterator[Caller]:
    """A caller whose call is answered."""
    async with await Phone.connect(node.exchange_url) as phone:
        await phone.call(DEMO_NUMBER, from_)
        await phone.answered()
        async with followed(Caller(node, phone)) as caller:
            yield caller


@asynccontextmanager
async def followed(caller: Caller) -> AsyncIterator[Caller]:
    """A caller whose call's journal is read for as long as the context lasts."""
    following = asyncio.create_task(caller.follow())
    try:
        yield caller
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def until(is_so: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    """Wait for something outside the call."""
    end = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.05)
