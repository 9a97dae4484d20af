"""Phones of pages through the public port to the local exchange."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web
from websockets.exceptions import InvalidStatus


@pytest.fixture
def exchange(tmp_path: Path):
    """Answers on a Unix socket where an exchange would: says back what it hears, ends at ``bye``."""

    async def phone(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                await socket.send_bytes(message.data)
            elif message.data == "bye":
                break
            else:
                await socket.send_str(json.dumps({"path": request.path, "heard": message.data}))
        return socket

    loop = asyncio.new_event_loop()
    app = web.Application()
    app.router.add_get("/phone", phone)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.UnixSite(runner, str(tmp_path / "exchange")).start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield tmp_path / "exchange"
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def test_words_and_sound_pass_both_ways(serve, exchange):
    with serve(exchange=exchange).open("/exchange/phone") as phone:
        phone.send("hello")
        assert json.loads(phone.recv(5)) == {"path": "/phone", "heard": "hello"}
        phone.send(b"\xff" * 160)
        assert phone.recv(5) == b"\xff" * 160


def test_a_phone_learns_that_the_exchange_hung_up(serve, exchange):
    with serve(exchange=exchange).open("/exchange/phone") as phone:
        phone.send("bye")
        assert [message for message in phone] == []
        assert phone.close_code == 1000


def test_only_pages_of_this_site_get_a_phone(serve, exchange):
    running = serve(exchange=exchange)
    own = f"http://127.0.0.1:{running.port}"
    with running.open("/exchange/phone", origin=own):
        pass
    with pytest.raises(InvalidStatus) as refused:
        running.open("/exchange/phone", origin="https://elsewhere.example")
    assert refused.value.response.status_code == 403


def test_an_exchange_that_is_not_running_is_said_before_the_upgrade(serve, tmp_path):
    with pytest.raises(InvalidStatus) as refused:
        serve(exchange=tmp_path / "nobody").open("/exchange/phone")
    assert refused.value.response.status_code == 403


def test_without_a_local_exchange_there_is_no_phone(serve):
    with pytest.raises(InvalidStatus) as refused:
        serve().open("/exchange/phone")
    assert refused.value.response.status_code == 403


def test_the_rest_of_the_exchange_cannot_be_reached(serve, exchange, web):
    running = serve(exchange=exchange, web=web)
    with pytest.raises(InvalidStatus) as refused:
        running.open("/exchange/admin")
    assert refused.value.response.status_code == 403
    assert json.loads(running.ask("GET", "/exchange/phone").text)["target"] == "/exchange/phone"
