"""What strangers and broken carriers send on one media socket, while another call goes on undisturbed."""

from __future__ import annotations

import secrets

import pytest
from systemkit import BALANCE, DEMO, Node, calling, until
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from ivr.line.audio import FAULTS
from ivr.telephony.media import TwilioSide


async def opened(node: Node) -> tuple[ClientConnection, TwilioSide]:
    """A media socket as the carrier opens it, with a call of its own; ``start`` is not sent yet."""
    url = node.url.replace("http", "ws") + "/media"
    signed = RequestValidator(node.auth_token).compute_signature(url, {})
    socket = await connect(
        url, additional_headers={"x-twilio-signature": signed}, proxy=None, ping_interval=None
    )
    return socket, TwilioSide("MZ" + secrets.token_hex(16), "CA" + secrets.token_hex(16), "AC" + "0" * 32)


async def closed(socket: ClientConnection) -> int:
    """The code with which the other side closed."""
    with pytest.raises(ConnectionClosed):
        while True:
            await socket.recv()
    return socket.close_code or 0


async def test_garbage_on_one_socket_does_not_disturb_another_call(node: Node) -> None:
    begun = node.log.stat().st_size
    async with calling(node) as caller:
        await caller.to_pin()
        garbage = [
            "",
            "{",
            "[]",
            '{"event":"media"}',
            '{"event":"dtmf","dtmf":{"digit":"x"}}',
            "\u0000",
            "9" * 5000,
        ]
        for number in range(4):
            socket, side = await opened(node)
            await socket.send(side.connected())
            token = node.store.issue_token(side.call_sid)
            await socket.send(side.start({"token": token}))
            match number:
                case 0:  # not of the protocol, until it is given up
                    for count in range(FAULTS):
                        await socket.send(garbage[count % len(garbage)])
                    assert await closed(socket) == 1000
                case 1:  # oversized
                    await socket.send("x" * 70_000)
                    assert await closed(socket) == 1009
                case 2:  # out of order, from a broken clock
                    await socket.send(side.media(900_000_000_000, b"\xff" * 160))
                    await socket.send(side.media(20, b"\xff" * 160))
                    await socket.send(side.media(999_999_999_999_999, b"\xff" * 160))
                    await socket.send(side.start({"token": token}))
                    await socket.send(side.stop())
                    assert await closed(socket) == 1000
                case _:  # gone without a word
                    socket.transport.abort()
            await until(lambda side=side: node.store.owner(side.call_sid) is None)
        await caller.press(DEMO.pin)
        await caller.said(BALANCE)
    assert not [line for line in node.errors(begun) if "Traceback" in line or "nobody foresaw" in line]


async def test_a_socket_that_does_not_begin_with_a_good_start_carries_nothing(node: Node) -> None:
    for first in ("nonsense", '{"event":"media"}'):
        socket, side = await opened(node)
        await socket.send(first)
        assert await closed(socket) == 1000
    socket, side = await opened(node)
    await socket.send(side.start({"token": "made up"}))
    assert await closed(socket) == 1000
    assert node.store.load(side.call_sid) is None
