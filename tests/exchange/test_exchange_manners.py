"""Telephones that fail as people's telephones do, REST requests that fail alone, callbacks that never come."""

from __future__ import annotations

import asyncio

import pytest
import requests
from switchboard import CALLER, LINE, World, level_at
from test_exchange_rest import ask, client_of
from twilio.base.exceptions import TwilioRestException

from ivr.errors import ConfigError
from ivr.exchange.settings import MANNERS, Faults, Manner

ANNA = "client:anna"
ALL = ["initiated", "ringing", "answered", "completed"]


@pytest.mark.parametrize(
    ("manner", "told"),
    [
        ("busy", ["initiated", "busy"]),
        ("no-answer", ["initiated", "ringing", "no-answer"]),
        ("declines", ["initiated", "ringing", "busy"]),
        ("failed", ["initiated", "ringing", "failed"]),
        ("voicemail", ["initiated", "ringing", "in-progress", "completed"]),
    ],
)
async def test_a_phone_may_be_made_to_fail_in_each_manner(manner: Manner, told: list[str]) -> None:
    async with World(Faults(phones={ANNA: manner})) as world:
        world.pages["/screen"] = "<Gather numDigits='1' timeout='0' action='/yes'/><Hangup/>"
        await world.phone(ANNA)
        client = client_of(world)
        await ask(
            lambda: client.calls.create(
                to=ANNA,
                from_=LINE,
                url=f"{world.base}/screen",
                timeout=1,
                status_callback=f"{world.base}/status",
                status_callback_event=ALL,
            )
        )
        await world.until("/status", len(told))
        found = sorted(world.asked("/status"), key=lambda request: int(request.form["SequenceNumber"]))
        assert not world.asked("/yes"), "a voicemail box presses no key"
    assert [request.form["CallStatus"] for request in found] == told
    assert {"busy": "486", "declines": "603"}.get(manner, found[-1].form["SipResponseCode"]) == (
        found[-1].form["SipResponseCode"]
    )


async def test_a_voicemail_box_is_heard_to_greet() -> None:
    async with World(Faults(phones={ANNA: "voicemail"})) as world:
        world.pages["/voice"] = "<Dial><Client>anna</Client></Dial>"
        caller = await world.caller()
        await asyncio.sleep(0.9)
    assert level_at(caller.heard.pcm()[-6400:], 220) > 1500


async def test_only_the_named_requests_fail() -> None:
    async with World(Faults(rest="429", rest_on="calls.create participants.create")) as world:
        client = client_of(world)
        for refused in (
            lambda: client.calls.create(to=ANNA, from_=LINE, url=world.base),
            lambda: client.conferences("room").participants.create(to=ANNA, from_=LINE),
        ):
            with pytest.raises(TwilioRestException) as caught:
                await ask(refused)
            assert (caught.value.status, caught.value.code) == (429, 20429)
        assert await ask(client.calls.list) == []


async def test_a_request_that_is_not_meant_does_not_count() -> None:
    async with World(Faults(rest="500", rest_on="calls.create", rest_times=1)) as world:
        client = client_of(world)
        await ask(client.calls.list)
        with pytest.raises(TwilioRestException):
            await ask(lambda: client.calls.create(to=ANNA, from_=LINE, url=world.base))
        await ask(lambda: client.calls.create(to=ANNA, from_=LINE, url=world.base))
        assert len(world.exchange.calls) == 1


@pytest.mark.parametrize(("fault", "calls"), [("timeout", 0), ("lost", 1)])
async def test_a_request_without_an_answer_is_done_or_not(fault: str, calls: int) -> None:
    async with World(Faults().changed({"rest": fault})) as world:
        client = client_of(world, timeout_s=0.3)
        with pytest.raises(requests.exceptions.Timeout):
            await ask(lambda: client.calls.create(to=ANNA, from_=LINE, url=world.base))
        assert len(world.exchange.calls) == calls


async def test_callbacks_may_never_come() -> None:
    async with World(Faults(callbacks_lost=1.0, phones={ANNA: "busy"})) as world:
        client = client_of(world)
        made = await ask(
            lambda: client.calls.create(
                to=ANNA, from_=LINE, url=world.base, status_callback=f"{world.base}/status"
            )
        )
        await asyncio.wait_for(world.exchange.calls[made.sid].ended.wait(), 5)
        await asyncio.sleep(0.1)
        assert not world.asked("/status")


async def test_a_browser_that_is_closed_ends_its_call_after_the_grace() -> None:
    async with World(grace_s=0.3) as world:
        world.pages["/voice"] = "<Say loop='0'>hello</Say>"
        phone = await world.caller()
        (call,) = world.exchange.calls.values()
        await phone.vanish()
        await asyncio.sleep(0.1)
        assert call.is_live, "the phone may come back"
        await asyncio.wait_for(call.ended.wait(), 2)
        assert call.status == "completed"


async def test_a_phone_whose_network_is_lost_is_noticed_though_its_socket_stays_open() -> None:
    async with World(grace_s=0.2, heartbeat_s=0.2) as world:
        world.pages["/voice"] = "<Say loop='0'>hello</Say>"
        stays, leaves = await world.caller(), await world.caller()
        leaves.lose_network()
        call = world.exchange.calls[leaves.call_sid]
        await asyncio.wait_for(call.ended.wait(), 3)
        assert call.status == "completed"
        assert world.exchange.calls[stays.call_sid].is_live
        count = len(leaves.heard.at_s)
        await asyncio.sleep(0.1)
        assert len(leaves.heard.at_s) == count


async def test_both_ends_of_a_bridge_may_hang_up_at_once() -> None:
    async with World() as world:
        world.pages["/voice"] = "<Dial action='/after'><Client>anna</Client></Dial>"
        anna = await world.phone(ANNA)
        caller = await world.caller()
        await anna.incoming.get()
        await anna.answer()
        await asyncio.gather(anna.hang_up(), caller.hang_up())
        assert {await anna.ended(5), await caller.ended(5)} == {"completed"}
    assert not any(call.is_live for call in world.exchange.calls.values())


def test_every_wrong_fault_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        Faults().changed(
            {"rest_on": "calls.make", "phones": {ANNA: "asleep"}, "rest": "418", "callbacks_lost": "all"}
        )
    for text in ("calls.make", "asleep", "418", "callbacks_lost", *MANNERS, "calls.create"):
        assert text in str(caught.value)


async def test_what_a_phone_does_may_be_changed_while_the_exchange_runs() -> None:
    async with World() as world:
        world.exchange.faults = world.exchange.faults.changed({"phones": {ANNA: "busy"}})
        world.pages["/voice"] = "<Dial action='/after'><Client>anna</Client></Dial>"
        anna = await world.phone(ANNA)
        await world.caller()
        assert (await world.until("/after")).form["DialCallStatus"] == "busy"
        world.exchange.faults = world.exchange.faults.changed({"phones": {}})
        caller = await world.phone()
        await caller.call(LINE, CALLER)
        await asyncio.wait_for(anna.incoming.get(), 5)


async def test_a_redirect_interrupts_what_is_said_and_what_is_asked_at_once() -> None:
    async with World() as world:
        told = "<Say>" + "a long story " * 20 + "</Say>"
        world.pages |= {"/other": "<Play>/tone.wav</Play><Pause length='9'/>"}
        client = client_of(world)
        for page in (told, f"<Gather numDigits='4' action='/keys' timeout='30'>{told}</Gather>"):
            world.pages["/voice"] = page
            phone = await world.caller()
            await asyncio.sleep(0.2)
            assert level_at(phone.heard.pcm()[-1600:], 300) > 1500
            await phone.press("1")
            count = len(world.asked("/other"))
            began_s = asyncio.get_running_loop().time()
            await ask(lambda sid=phone.call_sid: client.calls(sid).update(url=f"{world.base}/other"))
            await world.until("/other", count + 1)
            assert asyncio.get_running_loop().time() - began_s < 0.5
            await asyncio.sleep(0.1)
            assert level_at(phone.heard.pcm()[-1600:], 300) < 100
            await phone.press("234")
        assert not world.asked("/keys"), "the keys of a question that was dropped go nowhere"
