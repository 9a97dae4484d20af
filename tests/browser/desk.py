"""A front desk for browser tests: real Redis, web application, gateway and exchange; a scripted machine.

The machine greets with a tone, tells the journal what it is sent, and hangs up at ``#``. Run as
``python desk.py DESCRIPTOR FOLDER``: serves on the inherited socket, touches FOLDER/ready once it does.
"""

from __future__ import annotations

import asyncio
import math
import socket
import struct
import sys
import threading
from pathlib import Path

from counter import Network

from ivr import database
from ivr.accounts.door import Door
from ivr.accounts.sessions import Sessions
from ivr.accounts.throttle import Throttle
from ivr.accounts.users import Users
from ivr.agents.distributor import Distributor
from ivr.audio import mulaw
from ivr.dialogue.state import State, to_json
from ivr.exchange.server import Exchange
from ivr.exchange.settings import Number, Settings
from ivr.gateway import Gateway, MediaSocket, Server
from ivr.handover import Handover
from ivr.legs import Legs
from ivr.newsroom import Newsroom
from ivr.redisserver import RedisServer
from ivr.store import CallStore, connect
from ivr.telephony import media, twiml
from ivr.telephony.addresses import Addresses
from ivr.telephony.webhook import SignatureChecker
from ivr.web import About, Parts, create_web, serve_web

TOKEN = "12345"
NUMBER = "+15550100"
CALLER = "+15550123"
TONE_HZ = 440
VOICED = 1000
"""Peak of a 16-bit frame above which the scripted machine takes it for speech."""


class Machine:
    """What answers: no recognition, no flow."""

    def __init__(self, store: CallStore) -> None:
        self._store = store

    async def carry(self, line: MediaSocket) -> None:
        call, has_spoken = "", False
        while (text := await line.receive()) is not None:
            match media.decode(text):
                case media.Start() as start:
                    call = start.call_sid
                    if not self._store.take_token(call, start.parameters["token"]):
                        return
                    await self._say(line, start.stream_sid, call, "Good morning. How can I help you?")
                case media.Media() as sound if not has_spoken and _peak(sound.payload) > VOICED:
                    has_spoken = True
                    heard = [{"text": "what is my balance", "confidence": 0.9}]
                    self._note(call, 2400, "heard", hypotheses=heard)
                case media.Dtmf(key="#"):
                    state = State(
                        call_id=call,
                        caller="",
                        called="",
                        started_at="2026-01-01T09:00:00Z",
                        book_version="1",
                        exit="hangup",
                    )
                    self._store.save(call, to_json(state), 0)
                    self._store.note(call, {"kind": "over", "at_ms": 9000, "outcome": "completed"})
                    return
                case media.Dtmf(key):
                    self._note(call, 5000, "pressed", key=key, step="balance.pin")

    async def _say(self, line: MediaSocket, stream: str, call: str, words: str) -> None:
        self._note(call, 0, "say", text=words)
        for start in range(0, 8000, 160):
            wave = [round(8000 * math.sin(math.tau * TONE_HZ * (start + n) / 8000)) for n in range(160)]
            await line.send(media.encode_media(stream, mulaw.encode(struct.pack("<160h", *wave))))

    def _note(self, call: str, at_ms: int, name: str, step: str = "main.ask", **told: object) -> None:
        self._store.note(call, {"kind": "event", "at_ms": at_ms, "step": step, "type": name, **told})


def _peak(payload: bytes) -> int:
    pcm = mulaw.decode(payload)
    return max(abs(value) for value in struct.unpack(f"<{len(pcm) // 2}h", pcm))


def _door(folder: Path, redis_url: str) -> Door:
    client = connect(redis_url)
    users = Users(database.connect(f"sqlite:///{folder / 'people.sqlite'}"))
    return Door(users, Sessions(client), Throttle(client), lambda kind, told: None)


async def run(listener: socket.socket, folder: Path, redis_url: str) -> None:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    client = connect(redis_url)
    store, queue, legs = CallStore(client), Distributor(client, {}), Legs(client)
    signatures = SignatureChecker(TOKEN, url)
    fallback = twiml.fallback("", apology="Sorry.", goodbye="Goodbye.")
    parts = Parts(
        public_url=url,
        signatures=signatures,
        store=store,
        queue=queue,
        hands=Handover(queue, Network(), legs, Addresses(url)),
        legs=legs,
        fallback_twiml=lambda: fallback,
        divert_twiml=lambda: fallback,
        about=lambda: About(engine="scripted", model="none", flows="a1b2c3d", calls=0),
        bury=lambda call_id: None,
        faults=lambda: (),
        door=_door(folder, redis_url),
        demo_number=NUMBER,
        demo_caller=CALLER,
    )
    web = folder / "web"
    threading.Thread(target=serve_web, args=(create_web(parts), web), daemon=True).start()
    number = Number(voice_url=f"{url}/voice/incoming", status_callback=f"{url}/voice/status")
    settings = Settings(account_sid="AC" + "0" * 32, auth_token=TOKEN, numbers={NUMBER: number})
    async with Exchange(settings) as exchange:
        gateway = Gateway(
            carry=Machine(store).carry,
            is_signed=signatures.is_valid_upgrade,
            web=web,
            fallback_twiml=lambda: fallback,
            journal=store,
            desks=queue,
            newsroom=Newsroom(queue),
            exchange=exchange.url,
        )
        server = Server(gateway, listener)
        serving = asyncio.create_task(server.serve())
        while not (server.started and web.exists()):
            await asyncio.sleep(0.01)
        (folder / "ready").touch()
        await serving


if __name__ == "__main__":
    with RedisServer(Path(sys.argv[2])) as redis_server:
        asyncio.run(run(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]), redis_server.url))
