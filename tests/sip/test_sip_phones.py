"""Real SIP telephones on the exchange: calls both ways, conference, sound by RTP, keys by RFC 4733."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from switchboard import ACCOUNT, CALLER, LINE, TOKEN, World, level_at
from telephones import Telephone
from twilio.rest import Client

pytest.importorskip("baresip", reason="no wheel of baresip-python for this system", exc_type=ImportError)

ROOM = "<Dial><Conference beep='false' waitUrl=''>room</Conference></Dial>"


def carrier(world: World) -> Client:
    client = Client(ACCOUNT, TOKEN)
    client.api.base_url = world.exchange.url
    return client


async def call_out(world: World, to: str, **more: object) -> str:
    made = await asyncio.to_thread(
        carrier(world).calls.create, to=to, from_=LINE, url=f"{world.base}/agent", **more
    )
    return str(made.sid)


async def ended(world: World, sid: str) -> str:
    call = world.exchange.calls[sid]
    await asyncio.wait_for(call.ended.wait(), 5)
    return call.status


def dial(world: World, phone: Telephone) -> None:
    phone.do("dial", uri=f"sip:{LINE}@{world.exchange.trunk.address}")


async def test_a_caller_and_an_agent_on_sip_phones_press_keys_meet_and_hear_each_other(
    tmp_path: Path,
) -> None:
    async with World() as world, Telephone(CALLER) as caller, Telephone("anna") as agent:
        world.pages |= {
            "/voice": "<Gather numDigits='3' action='/in'/>",
            "/in": ROOM,
            "/agent": "<Gather numDigits='1' action='/yes'/><Hangup/>",
            "/yes": ROOM,
        }
        dial(world, caller)
        await caller.until("established")
        asked = await world.until("/voice")
        assert (asked.form["From"], asked.form["To"], asked.form["Direction"]) == (CALLER, LINE, "inbound")
        caller.do("keys", digits="1*5")
        assert (await world.until("/in")).form["Digits"] == "1*5"
        await call_out(world, agent.address)
        await agent.until("incoming")
        agent.do("answer")
        await agent.until("established")
        await world.until("/agent")
        agent.do("keys", digits="1")
        assert (await world.until("/yes")).form["Digits"] == "1"
        await asyncio.sleep(0.2)
        await asyncio.gather(caller.play(600, 1), agent.play(900, 1))
        await asyncio.sleep(0.3)
        at_agent, at_caller = await agent.heard(tmp_path), await caller.heard(tmp_path)
        agent.do("hangup")
        caller.do("hangup")
        await asyncio.gather(agent.until("closed"), caller.until("closed"))
        statuses = [await ended(world, sid) for sid in world.exchange.calls]
    assert statuses == ["completed", "completed"]
    assert level_at(at_agent[-16000:], 600) > 1500 > 100 > level_at(at_agent[-16000:], 900)
    assert level_at(at_caller[-16000:], 900) > 1500 > 100 > level_at(at_caller[-16000:], 600)


async def test_a_call_that_a_sip_phone_declines_is_busy() -> None:
    async with World() as world, Telephone("anna") as agent:
        sid = await call_out(world, agent.address)
        await agent.until("incoming")
        agent.do("decline")
        assert await ended(world, sid) == "busy"


async def test_a_sip_phone_that_rings_in_vain_is_told_to_stop() -> None:
    async with World() as world, Telephone("anna") as agent:
        sid = await call_out(world, agent.address, timeout=1)
        await agent.until("incoming")
        assert await ended(world, sid) == "no-answer"
        await agent.until("closed")


async def test_a_registered_sip_phone_rings_at_its_number_and_hears_who_hangs_up() -> None:
    async with World() as world:
        world.pages["/agent"] = "<Pause length='1'/><Hangup/>"
        async with Telephone("+15550142", registrar=world.exchange.trunk.address) as agent:
            agent.do("register")
            await agent.until("registered")
            sid = await call_out(world, "+15550142")
            await agent.until("incoming")
            agent.do("answer")
            await agent.until("closed")
            assert await ended(world, sid) == "completed"


async def test_a_sip_phone_on_hold_hears_nothing_and_goes_on_afterwards(tmp_path: Path) -> None:
    async with World(media_timeout_s=1.0) as world, Telephone("anna") as agent:
        world.pages["/agent"] = "<Say loop='0'>a long story, told without end</Say>"
        await call_out(world, agent.address)
        await agent.until("incoming")
        agent.do("answer")
        await agent.until("established")
        await asyncio.sleep(0.5)
        agent.do("hold")
        await agent.until("held")
        await asyncio.sleep(0.2)
        await agent.heard(tmp_path)
        await asyncio.sleep(1.2)
        silence = await agent.heard(tmp_path)
        agent.do("resume")
        await agent.until("resumed")
        await asyncio.sleep(0.5)
        story = await agent.heard(tmp_path)
        assert world.exchange.calls, "the silence of a held phone does not end the call"
        assert [call.is_live for call in world.exchange.calls.values()] == [True]
    assert level_at(silence or bytes(2), 300) < 100
    assert level_at(story[-6400:], 300) > 1500


async def test_a_sip_phone_that_is_gone_without_a_word_ends_its_call() -> None:
    async with World(media_timeout_s=1.0) as world, Telephone("anna") as agent:
        world.pages["/agent"] = "<Pause length='60'/>"
        sid = await call_out(world, agent.address)
        await agent.until("incoming")
        agent.do("answer")
        await agent.until("established")
        await asyncio.sleep(0.3)
        agent.kill()
        assert await ended(world, sid) == "completed"


async def test_a_dial_rings_a_sip_phone_and_joins_it(tmp_path: Path) -> None:
    async with World() as world, Telephone("anna") as agent:
        world.pages["/voice"] = f"<Dial action='/after'><Sip>{agent.address}</Sip></Dial>"
        caller = await world.caller()
        await agent.until("incoming")
        agent.do("answer")
        await agent.until("established")
        await asyncio.sleep(0.2)
        count = len(caller.heard.at_s)
        await agent.play(900, 0.6)
        agent.do("hangup")
        assert (await world.until("/after")).form["DialCallStatus"] == "completed"
    assert level_at(caller.heard.pcm()[count * 320 + 3200 :][:6400], 900) > 1500
