"""A real SIP telephone (baresip) as a process: orders as JSON lines on standard input, news on standard output.

Orders: ``dial`` (uri), ``register``, ``answer``, ``decline``, ``hangup``, ``hold``, ``resume``, ``keys`` (digits),
``play`` (pitch_hz, seconds), ``heard`` (path: what came to the ear since the last ``heard``, PCM16 8 kHz), ``quit``.
One process each: baresip allows one runtime a process. Started with its user and its registrar (127.0.0.1: none).
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import socket
import struct
import sys
from pathlib import Path
from typing import Any

from baresip.call import Call
from baresip.config import Account, Config
from baresip.errors import BaresipError
from baresip.events import Event, StackEvent
from baresip.runtime import Runtime
from baresip.ua import UserAgent

RATE_HZ = 8000
FRAME_S = 0.020


def tell(on: str, **more: Any) -> None:
    print(json.dumps({"on": on, **more}), flush=True)


class Telephone:
    def __init__(self, runtime: Runtime, agent: UserAgent) -> None:
        self._runtime = runtime
        self._agent = agent
        self._call: Call | None = None
        self._heard = bytearray()
        self._to_say = bytearray()
        agent.on_incoming(self._ring)
        runtime.subscribe(self._note)

    def _ring(self, call: Call) -> None:
        self._take(call)
        tell("incoming")

    def _take(self, call: Call) -> None:
        self._call = call
        call.on_dtmf(lambda digit: tell("key", key=digit.digit))

    def _note(self, event: StackEvent) -> None:
        """Of the whole telephone: a call that is established before ``dial`` has given it would not tell us."""
        names = {
            Event.CALL_ESTABLISHED: "established",
            Event.CALL_RINGING: "ringing",
            Event.CALL_CLOSED: "closed",
        }
        if event.event in names:
            tell(names[event.event], text=event.text or "")

    async def obey(self, order: dict[str, Any]) -> None:
        call = self._call
        match order["do"]:
            case "dial":
                self._take(await self._agent.dial(order["uri"]))
            case "register":
                await self._agent.register()
                tell("registered")
            case "keys" if call is not None:
                await call.send_dtmf(order["digits"])
            case "answer" if call is not None:
                await call.answer()
            case "decline" if call is not None:
                await call.reject()
            case "hangup" if call is not None:
                await call.hangup()
            case "hold" if call is not None:
                await call.hold()
                tell("held")
            case "resume" if call is not None:
                await call.resume()
                tell("resumed")
            case "play":
                count = int(order["seconds"] * RATE_HZ)
                wave = (math.sin(2 * math.pi * order["pitch_hz"] * at / RATE_HZ) for at in range(count))
                self._to_say += struct.pack(f"<{count}h", *(round(8000 * value) for value in wave))
            case "heard":
                Path(order["path"]).write_bytes(self._heard)
                self._heard.clear()
                tell("saved")

    async def sound(self) -> None:
        """Keep the ear empty and the mouth a little ahead."""
        while True:
            await asyncio.sleep(FRAME_S)
            if self._call is None:
                continue
            try:
                self._heard += self._call.audio.read(1 << 16)
                if self._to_say and self._call.audio.info().tx_buffered < 3200:
                    taken = self._call.audio.write(bytes(self._to_say[:1600]))
                    del self._to_say[:taken]
            except BaresipError:
                continue


def free_port() -> int:
    """A port for SIP over UDP and TCP, the next one for TLS: baresip takes them all, and does not say which.

    Below those that systems give away by themselves, so that nobody takes it before baresip does.
    """
    while True:
        port = random.randrange(12_000, 30_000)
        try:
            for kind, number in (
                (socket.SOCK_DGRAM, port),
                (socket.SOCK_STREAM, port),
                (socket.SOCK_STREAM, port + 1),
            ):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind(("127.0.0.1", number))
        except OSError:
            continue
        return port


async def main(user: str, domain: str) -> None:
    runtime, port = Runtime(), free_port()
    listen = f"sip_listen 127.0.0.1:{port}\n"
    await runtime.start(Config(net_interface="127.0.0.1", extra_config_text=listen))
    interval_s = 0 if domain == "127.0.0.1" else 60
    account = Account(user, domain, "", reg_interval=interval_s, audio_codecs=("pcmu",))
    telephone = Telephone(runtime, await UserAgent.create(runtime, account))
    sounding = asyncio.create_task(telephone.sound())
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    tell("ready", port=port)
    async for line in reader:
        order = json.loads(line)
        if order["do"] == "quit":
            break
        try:
            await telephone.obey(order)
        except BaresipError as error:
            tell("error", text=str(error))
    sounding.cancel()
    await runtime.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
