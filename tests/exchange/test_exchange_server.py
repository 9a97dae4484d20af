"""The exchange as a server: who may come in, what it remembers, its life as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import textwrap
import time

import aiohttp
import pytest
from switchboard import ACCOUNT, CALLER, LINE, TOKEN, World

from ivr.errors import CarrierError, ConfigError
from ivr.exchange import hub, sound
from ivr.exchange.client import Phone
from ivr.exchange.clock import Clock
from ivr.exchange.settings import Number, Settings


async def test_a_page_of_another_site_cannot_use_the_phones() -> None:
    async with World() as world, aiohttp.ClientSession() as http:
        url = f"{world.exchange.url}/phone"
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await http.ws_connect(url, headers={"Origin": "https://elsewhere.example"})
        async with http.ws_connect(url, headers={"Origin": "http://127.0.0.1:8080"}) as socket:
            assert not socket.closed


async def test_numbers_are_given_other_webhooks_while_it_runs() -> None:
    async with World() as world, aiohttp.ClientSession() as http:
        world.pages["/other"] = "<Hangup/>"
        change = {"+15550777": {"voice_url": f"{world.base}/other"}}
        async with http.post(f"{world.exchange.url}/numbers", json=change) as answer:
            assert answer.status == 200
        phone = await world.phone()
        await phone.call("+15550777", CALLER)
        await phone.ended()
        assert world.asked("/other")
        async with http.post(f"{world.exchange.url}/numbers", json={"+1": {"voice": "x"}}) as answer:
            assert answer.status == 400


async def test_where_no_exchange_is_none_is_reached() -> None:
    async with World() as world:
        url = world.exchange.url
    with pytest.raises(CarrierError, match="no exchange"):
        await Phone.connect(url)


async def test_old_calls_are_forgotten_and_live_ones_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "KEPT", 2)
    async with World() as world:
        world.pages["/voice"] = "<Say>hello</Say><Pause length='9'/>"
        lasting = await world.caller()
        world.pages["/voice"] = "<Hangup/>"
        for _ in range(5):
            phone = await world.phone()
            await phone.call(LINE, CALLER)
            await phone.ended()
        assert lasting.call_sid in world.exchange.calls
        assert len(world.exchange.calls) == 4


async def test_more_sound_than_ten_minutes_is_thrown_away() -> None:
    async with World() as world:
        world.pages["/voice"] = world.stream_page()
        await world.caller()
        socket = await world.stream()
        minute = sound.silence(60)
        for _ in range(11):
            await socket.play(minute)
        await socket.send("clear")
        await socket.mark("done")
        await socket.until("mark")
        assert world.codes() == [31931]


async def test_a_line_that_fails_leaves_the_clock_running_for_others() -> None:
    class Broken:
        def tick(self) -> None:
            raise RuntimeError("broken")

    class Counting:
        count = 0

        def tick(self) -> None:
            self.count += 1

    clock, good = Clock(), Counting()
    clock.add(Broken())
    clock.add(good)
    clock.start()
    await asyncio.sleep(0.5)
    await clock.stop()
    assert 22 <= good.count <= 26


@pytest.mark.parametrize(("stall_s", "ticks"), [(0.4, 30), (1.5, 10)])
async def test_a_short_stall_is_made_good_and_a_long_one_is_not(stall_s: float, ticks: int) -> None:
    class Counting:
        count = 0

        def tick(self) -> None:
            self.count += 1

    clock, line = Clock(), Counting()
    clock.add(line)
    clock.start()
    await asyncio.sleep(0)
    time.sleep(stall_s)
    await asyncio.sleep(0.2)
    await clock.stop()
    assert ticks - 2 <= line.count <= ticks + 2
    assert clock.worst_late_ms >= stall_s * 1000 - 30


def test_wrong_settings_are_named() -> None:
    with pytest.raises(ConfigError, match="account_sid"):
        Settings("AC12", TOKEN)
    with pytest.raises(ConfigError, match="auth_token"):
        Settings(ACCOUNT, "")
    assert TOKEN not in repr(Settings(ACCOUNT, TOKEN, {LINE: Number("http://a/")}))


async def test_a_process_of_its_own_ends_its_calls_at_sigterm() -> None:
    program = f"""
        import asyncio
        from ivr.exchange.server import serve
        from ivr.exchange.settings import Settings
        settings = Settings({ACCOUNT!r}, {TOKEN!r})
        asyncio.run(serve(settings, on_ready=lambda exchange: print(exchange.url, flush=True)))
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(program), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await asyncio.wait_for(process.stdout.readline(), 10)).decode().strip()
    phone = await Phone.connect(url)
    await phone.register("client:anna")
    os.kill(process.pid, signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 5) == 0
    assert await phone.ended(2) == "lost"
    await phone.close()
