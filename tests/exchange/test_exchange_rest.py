"""Twilio's own client library against the exchange's REST side, and the faults of both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from switchboard import ACCOUNT, LINE, TOKEN, World, level_at
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from ivr.exchange import sound
from ivr.exchange.client import Phone
from ivr.exchange.settings import Faults

AGENT = "+15550142"


def client_of(world: World, *, token: str = TOKEN, timeout_s: float = 5) -> Client:
    client = Client(ACCOUNT, token, http_client=TwilioHttpClient(timeout=timeout_s))
    client.api.base_url = world.exchange.url
    return client


async def ask(work: Callable[[], Any]) -> Any:
    """Twilio's library blocks: beside the loop."""
    return await asyncio.to_thread(work)


async def test_a_call_is_made_answered_and_told_of() -> None:
    events = ["initiated", "ringing", "answered", "completed"]
    async with World() as world:
        world.pages["/outgoing"] = "<Say>This is your bank</Say>"
        agent = await world.phone(AGENT)
        client = client_of(world)
        made = await ask(
            lambda: client.calls.create(
                to=AGENT,
                from_=LINE,
                url=f"{world.base}/outgoing",
                status_callback=f"{world.base}/status",
                status_callback_event=events,
            )
        )
        assert made.sid.startswith("CA") and made.direction == "outbound-api"
        assert (await agent.incoming.get()).from_ == LINE
        await agent.answer()
        assert await agent.ended() == "completed"
        await world.until("/status", 4)
        told = sorted(world.asked("/status"), key=lambda request: int(request.form["SequenceNumber"]))
        fetched = await ask(lambda: client.calls(made.sid).fetch())
        listed = await ask(lambda: client.calls.list(to=AGENT))
    assert [request.form["CallStatus"] for request in told] == [
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    ]
    assert fetched.status == "completed"
    assert fetched.end_time is not None and fetched.end_time.tzinfo is not None
    assert [call.sid for call in listed] == [made.sid]
    assert world.asked("/outgoing")[0].form["Direction"] == "outbound-api"


async def test_a_redirect_in_mid_stream_gives_stop_and_then_the_new_document() -> None:
    async with World() as world:
        world.pages |= {
            "/voice": world.stream_page("<Redirect>/resume</Redirect>"),
            "/new": "<Say>on to something else</Say>",
        }
        phone = await world.caller()
        socket = await world.stream()
        client = client_of(world)
        await ask(lambda: client.calls(phone.call_sid).update(url=f"{world.base}/new"))
        await socket.until("stop")
        assert await phone.ended() == "completed"
        assert len(world.asked("/new")) == 1
        assert not world.asked("/resume")


async def test_a_redirect_during_dial_also_asks_the_action() -> None:
    async with World() as world:
        world.pages |= {"/voice": f'<Dial action="/after">{AGENT}</Dial>', "/after": "<Say>never</Say>"}
        agent = await world.phone(AGENT)
        phone = await world.caller()
        await agent.incoming.get()
        await agent.answer()
        client = client_of(world)
        await ask(
            lambda: client.calls(phone.call_sid).update(twiml="<Response><Pause length='5'/></Response>")
        )
        await world.until("/after")
        assert await agent.ended() == "completed"
        assert phone.reason == ""


async def test_a_caller_goes_from_the_machine_to_an_agent_and_back() -> None:
    """The warm transfer: the agent waits in a conference, which replaces the caller's stream for a while."""
    room = "<Dial><Conference beep='false' waitUrl=''>room</Conference></Dial>"
    async with World() as world:
        world.pages["/voice"] = world.stream_page("<Redirect>/resume</Redirect>")
        agent = await world.phone(AGENT)
        caller = await world.caller()
        first = await world.stream()
        client = client_of(world)
        twiml = f"<Response>{room}</Response>"
        await ask(lambda: client.calls.create(to=AGENT, from_=LINE, twiml=twiml))
        await agent.incoming.get()
        await agent.answer()
        await ask(lambda: client.calls(caller.call_sid).update(twiml=twiml))
        await first.until("stop")
        await asyncio.sleep(0.1)
        assert await _hears(caller, agent) and await _hears(agent, caller)
        await ask(lambda: client.calls(caller.call_sid).update(url=f"{world.base}/voice"))
        second = await world.stream()
        assert second.sid != first.sid
        assert second.of("start")[0]["start"]["callSid"] == caller.call_sid
        assert agent.reason == "", "the agent stays behind in the conference"


async def test_a_dialled_agent_may_be_moved_out_of_the_bridge() -> None:
    async with World() as world:
        world.pages |= {"/voice": f'<Dial action="/after">{AGENT}</Dial>', "/after": "<Pause length='9'/>"}
        agent = await world.phone(AGENT)
        await world.caller()
        await agent.incoming.get()
        await agent.answer()
        client = client_of(world)
        twiml = "<Response><Say>something else for the agent</Say></Response>"
        await ask(lambda: client.calls(agent.call_sid).update(twiml=twiml))
        await world.until("/after")
        assert agent.reason == "", "the agent's call goes on by itself"
        assert await agent.ended() == "completed"
    assert agent.heard.voiced().sum() > 50


async def test_a_call_is_ended_and_cannot_be_redirected_afterwards() -> None:
    async with World() as world:
        world.pages["/voice"] = "<Say>words</Say><Pause length='9'/>"
        phone = await world.caller()
        client = client_of(world)
        ended = await ask(lambda: client.calls(phone.call_sid).update(status="completed"))
        assert ended.status == "completed"
        assert await phone.ended() == "completed"
        with pytest.raises(TwilioRestException) as refused:
            await ask(lambda: client.calls(phone.call_sid).update(twiml="<Response/>"))
        assert (refused.value.status, refused.value.code) == (400, 21220)


async def test_a_call_in_mid_ring_is_canceled() -> None:
    async with World() as world:
        agent = await world.phone(AGENT)
        client = client_of(world)
        made = await ask(lambda: client.calls.create(to=AGENT, from_=LINE, twiml="<Response/>"))
        await agent.incoming.get()
        await ask(lambda: client.calls(made.sid).update(status="canceled"))
        assert await agent.ended() == "canceled"


async def test_a_conference_is_run_by_rest() -> None:
    async with World() as world:
        world.pages |= {
            "/voice": "<Dial><Conference beep='false' waitUrl=''>room</Conference></Dial>",
            "/hold": "<Say>please hold the line for a moment</Say>",
        }
        agent = await world.phone(AGENT)
        caller = await world.caller()
        client = client_of(world)
        invited = await ask(
            lambda: client.conferences("room").participants.create(
                to=AGENT, from_=LINE, label="agent", beep="false", early_media=True
            )
        )
        await agent.incoming.get()
        await agent.answer()
        await asyncio.sleep(0.1)
        room = client.conferences(invited.conference_sid)
        assert (await ask(room.fetch)).status == "in-progress"
        members = await ask(room.participants.list)
        assert {member.call_sid for member in members} == {caller.call_sid, agent.call_sid}
        assert await _hears(agent, caller)
        muted = await ask(lambda: room.participants("agent").update(muted=True))
        assert muted.muted
        assert not await _hears(agent, caller)
        await ask(lambda: room.participants("agent").update(muted=False))
        held = await ask(
            lambda: room.participants(caller.call_sid).update(
                hold=True, hold_url=f"{world.base}/hold", hold_method="POST"
            )
        )
        assert held.hold
        count = caller.heard.voiced().sum()
        await asyncio.sleep(0.3)
        assert caller.heard.voiced().sum() > count + 5, "hold music"
        assert await ask(lambda: room.participants("agent").delete())
        assert await agent.ended() == "completed"
        ended = await ask(lambda: room.update(status="completed"))
        assert (ended.status, ended.reason_conference_ended) == ("completed", "conference-ended-via-api")
        assert await caller.ended() == "completed"
        listed = await ask(lambda: client.conferences.list(friendly_name="room"))
        assert [conference.sid for conference in listed] == [invited.conference_sid]


async def _hears(speaker: Phone, listener: Phone) -> bool:
    before = len(listener.heard.sound)
    await speaker.play(sound.tone(0.2, 900))
    await asyncio.sleep(0.08)
    return level_at(sound.mulaw.decode(bytes(listener.heard.sound[before:])), 900) > 700


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("429", 429, 20429), ("21220", 400, 21220), ("20404", 404, 20404), ("500", 500, 20500)],
)
async def test_each_rest_fault_reaches_the_library_with_its_code(fault: Any, status: int, code: int) -> None:
    async with World(Faults(rest=fault, rest_times=1)) as world:
        client = client_of(world)
        with pytest.raises(TwilioRestException) as refused:
            await ask(lambda: client.calls.create(to=AGENT, from_=LINE, twiml="<Response/>"))
        assert (refused.value.status, refused.value.code) == (status, code)
        assert await ask(client.calls.list) == [], "once only"


async def test_the_timeout_fault_lets_the_library_give_up() -> None:
    async with World(Faults(rest="timeout")) as world:
        client = client_of(world, timeout_s=0.3)
        with pytest.raises(Exception, match=r"[Tt]imed out"):
            await ask(client.calls.list)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"to": AGENT, "from_": LINE}, 21205),
        ({"to": AGENT, "from_": LINE, "url": "not an address"}, 21205),
        ({"to": AGENT, "from_": LINE, "url": "http://a/", "twiml": "<Response/>"}, 21205),
        ({"to": AGENT, "from_": LINE, "twiml": "<Response>" + " " * 4000 + "</Response>"}, 32018),
        ({"to": AGENT, "from_": LINE, "twiml": "<Response>"}, 12100),
        ({"to": "", "from_": LINE, "twiml": "<Response/>"}, 21201),
    ],
)
async def test_a_wrong_call_is_refused(arguments: dict[str, str], code: int) -> None:
    async with World() as world:
        client = client_of(world)
        with pytest.raises(TwilioRestException) as refused:
            await ask(lambda: client.calls.create(**arguments))
        assert refused.value.code == code
        assert not world.exchange.calls


async def test_a_wrong_token_and_an_unknown_call_are_refused() -> None:
    async with World() as world:
        with pytest.raises(TwilioRestException) as refused:
            await ask(client_of(world, token="another").calls("CA" + "0" * 32).fetch)
        assert (refused.value.status, refused.value.code) == (401, 20003)
        with pytest.raises(TwilioRestException) as missing:
            await ask(lambda: client_of(world).calls("CA" + "0" * 32).fetch())
        assert (missing.value.status, missing.value.code) == (404, 20404)


async def test_events_twilio_does_not_know_give_a_call_without_callbacks() -> None:
    async with World() as world:
        client = client_of(world)
        await ask(
            lambda: client.calls.create(
                to=AGENT,
                from_=LINE,
                twiml="<Response/>",
                status_callback=f"{world.base}/status",
                status_callback_event=["answered,completed"],
            )
        )
        await asyncio.sleep(0.1)
        assert world.codes() == [21626]
        assert not world.asked("/status")


async def _all_events(world: World) -> list[str]:
    """The statuses told of one call from first to last, as they arrive."""
    agent = await world.phone(AGENT)
    client = client_of(world)
    await ask(
        lambda: client.calls.create(
            to=AGENT,
            from_=LINE,
            twiml="<Response/>",
            status_callback=f"{world.base}/status",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
        )
    )
    await agent.incoming.get()
    await agent.answer()
    await agent.ended()
    await world.until("/status", 4)
    await asyncio.sleep(0.5)
    return [request.form["SequenceNumber"] for request in world.asked("/status")]


async def test_callbacks_may_come_twice() -> None:
    async with World(Faults(callbacks_duplicated=1.0)) as world:
        numbers = await _all_events(world)
    assert sorted(numbers) == ["0", "0", "1", "1", "2", "2", "3", "3"]


async def test_callbacks_may_come_in_another_order() -> None:
    async with World(Faults(callbacks_reordered=0.5), seed=3) as world:
        numbers = await _all_events(world)
    assert sorted(numbers) == ["0", "1", "2", "3"]
    assert numbers != sorted(numbers)
