"""An agents' counter for browser tests: real Redis, queue, hand-over, web application, gateway and phones, no calls.

The carrier is the local exchange for nothing but ringing: rooms exist only in words, and the test itself says
that a caller or an agent has come into one. Run as ``python counter.py DESCRIPTOR FOLDER``: serves on the inherited
socket; FOLDER/ready holds the address of its Redis once it does.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agents import ACCOUNT, TOKEN

from ivr import database
from ivr.accounts.door import Door
from ivr.accounts.sessions import Sessions
from ivr.accounts.throttle import Throttle
from ivr.accounts.users import Users
from ivr.agents.distributor import Distributor
from ivr.agents.rules import rules_of
from ivr.errors import LookupFailed
from ivr.exchange.server import Exchange
from ivr.exchange.settings import Settings
from ivr.flow.load import load
from ivr.gateway import Gateway, MediaSocket, Server
from ivr.handover import Handover
from ivr.legs import Legs
from ivr.lookups.ask import Answer
from ivr.newsroom import Newsroom
from ivr.records.store import Call
from ivr.redisserver import RedisServer
from ivr.store import CallStore, connect
from ivr.telephony import twiml
from ivr.telephony.addresses import Addresses
from ivr.telephony.webhook import SignatureChecker
from ivr.web import About, Parts, create_web, serve_web
from ivr.web.console import ConsoleParts
from ivr.web.console.windows import Windows

FLOWS = Path(__file__).parents[2] / "call_flows"
SLOW, FAILING = "+447700900998", "+447700900999"
"""Callers about whom the company's data is slow, or cannot be asked."""


class Network:
    """A carrier that does as it is told."""

    def hang_up(self, call_sid: str) -> None: ...
    def redirect(self, call_sid: str, url: str = "") -> None: ...
    def change(self, conference: str, call_sid: str, **wish: Any) -> None: ...

    def conference(self, room: str) -> str | None:
        return "CF" + "0c" * 16

    def invite(self, room: str, to: str, *, label: str, status_url: str, timeout_s: int) -> str:
        return "CA" + "0e" * 16


async def ask(name: str, parameters: Mapping[str, Any]) -> Answer:
    """The company's data, as good as the caller's number says."""
    if parameters.get("phone") == SLOW:
        await asyncio.sleep(60)
    if parameters.get("phone") == FAILING:
        raise LookupFailed("error")
    match name:
        case "open_orders":
            return Answer(True, {"orders": ["482913", "482977"], "expected": "2026-11-24"})
        case "balance":
            return Answer(True, {"balance": "1284.56", "currency": "GBP", "last_on": "2026-11-20"})
        case _:
            return Answer(False)


def earlier(caller: str) -> list[Call]:
    began = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
    ends = [("parcel", "completed", 94_000), ("complaint", "caller_hung_up", 31_000)]
    return [
        Call(f"CA{n}", began - timedelta(days=n), began, "", "", flow, outcome, ms)
        for n, (flow, outcome, ms) in enumerate(ends)
    ]


async def run(listener: socket.socket, folder: Path, redis_url: str) -> None:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    client = connect(redis_url)
    book = load(FLOWS)
    queue, legs, store = Distributor(client, rules_of(book.site)), Legs(client), CallStore(client)
    signatures = SignatureChecker(TOKEN, url)
    fallback = twiml.fallback("", apology="Sorry.", goodbye="Goodbye.")
    users = Users(database.connect(f"sqlite:///{folder / 'people.sqlite'}"))
    hands = Handover(queue, Network(), legs, Addresses(url))
    parts = Parts(
        public_url=url,
        signatures=signatures,
        store=store,
        queue=queue,
        hands=hands,
        legs=legs,
        fallback_twiml=lambda: fallback,
        divert_twiml=lambda: fallback,
        about=lambda: About(engine="scripted", model="none", flows="a1b2c3d", calls=0),
        bury=lambda call_id: None,
        faults=lambda: (),
        door=Door(users, Sessions(client), Throttle(client), lambda kind, told: None),
        phone_token=lambda identity: "",
        console=ConsoleParts(
            queue,
            hands,
            lambda: book,
            ask,
            earlier,
            Windows(client),
            folder / "messages",
            lambda call_id, code, about, note: client.hset("noted", call_id, f"{code}: {about}: {note}"),
        ),
    )
    web = folder / "web"
    threading.Thread(target=serve_web, args=(create_web(parts), web), daemon=True).start()
    threading.Thread(target=_tick, args=(queue,), daemon=True).start()
    settings = Settings(account_sid=ACCOUNT, auth_token=TOKEN, numbers={})
    newsroom = Newsroom(queue)
    async with Exchange(settings) as exchange:
        gateway = Gateway(
            carry=_carry,
            is_signed=signatures.is_valid_upgrade,
            web=web,
            fallback_twiml=lambda: fallback,
            journal=store,
            desks=queue,
            newsroom=newsroom,
            exchange=exchange.url,
        )
        server = Server(gateway, listener)
        reading = asyncio.create_task(newsroom.run())
        serving = asyncio.create_task(server.serve())
        while not (server.started and web.exists()):
            await asyncio.sleep(0.01)
        (folder / "exchange").write_text(exchange.url)
        (folder / "ready.part").write_text(redis_url)
        (folder / "ready.part").rename(folder / "ready")
        await serving
        reading.cancel()


async def _carry(line: MediaSocket) -> None:
    """Nobody calls here."""


def _tick(queue: Distributor) -> None:
    while True:
        queue.tick()
        time.sleep(0.2)


if __name__ == "__main__":
    with RedisServer(Path(sys.argv[2])) as redis_server:
        asyncio.run(run(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]), redis_server.url))
