"""Conferences as a hand-over uses them: who is told why of whom, hold, invited phones of every kind."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from switchboard import CALLER, LINE, Request, World, level_at
from test_exchange_rest import ask, client_of
from wirephone import WirePhone

from ivr.exchange import sound
from ivr.exchange.settings import Faults

ROOM = (
    "<Dial><Conference beep='false' waitUrl='' participantLabel='{label}' endConferenceOnExit='{ends}' "
    "statusCallback='/room' statusCallbackEvent='start end join leave hold'>room</Conference></Dial>"
)


async def told(world: World, event: str, count: int = 1) -> Request:
    """The count-th callback of a conference event."""
    async with asyncio.timeout(5):
        while True:
            found = [each for each in world.asked("/room") if each.form["StatusCallbackEvent"] == event]
            if len(found) >= count:
                return found[count - 1]
            await asyncio.sleep(0.01)


async def both(world: World, *, agent_ends: bool = False, caller_ends: bool = True) -> tuple[str, str]:
    """An agent and a caller in one conference; their CallSids."""
    world.pages["/voice"] = ROOM.format(label="agent", ends=str(agent_ends).lower())
    agent = await world.caller()
    world.pages["/voice"] = ROOM.format(label="caller", ends=str(caller_ends).lower())
    caller = await world.caller()
    await told(world, "conference-start")
    return agent.call_sid, caller.call_sid


async def test_an_agent_who_hangs_up_leaves_the_caller_in() -> None:
    async with World() as world:
        agent, caller = await both(world)
        world.exchange.calls[agent].hang_up()
        left = (await told(world, "participant-leave")).form
        (conference,) = world.exchange.conferences.values()
        assert conference.is_started and set(conference.members) == {caller}
    assert (left["CallSid"], left["ParticipantLabel"]) == (agent, "agent")
    assert (left["ReasonParticipantLeft"], left["ParticipantCallStatus"]) == (
        "participant_hung_up",
        "completed",
    )


async def test_a_caller_who_hangs_up_ends_it_for_all() -> None:
    async with World() as world:
        agent, caller = await both(world)
        world.exchange.calls[caller].hang_up()
        leaves = [(await told(world, "participant-leave", count)).form for count in (1, 2)]
        end = (await told(world, "conference-end")).form
    reasons = {form["CallSid"]: form["ReasonParticipantLeft"] for form in leaves}
    assert reasons == {caller: "participant_hung_up", agent: "moderator_ended_conference"}
    assert end["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert end["CallSidEndingConference"] == caller
    assert end["ParticipantLabelEndingConference"] == "caller"


async def test_a_member_who_is_redirected_leaves_for_that_reason_and_goes_on() -> None:
    async with World() as world:
        agent, caller = await both(world, caller_ends=False)
        world.pages["/resume"] = "<Pause length='9'/>"
        client = client_of(world)
        await ask(lambda: client.calls(caller).update(url=f"{world.base}/resume"))
        left = (await told(world, "participant-leave")).form
        await world.until("/resume")
        assert world.exchange.calls[agent].is_live
    assert left["ReasonParticipantLeft"] == "participant_updated_via_api"
    assert left["ParticipantCallStatus"] == "in-progress"


async def test_a_conference_ended_by_rest_says_so_to_all() -> None:
    async with World() as world:
        await both(world)
        client = client_of(world)
        (sid,) = world.exchange.conferences
        await ask(lambda: client.conferences(sid).update(status="completed"))
        leaves = [(await told(world, "participant-leave", count)).form for count in (1, 2)]
        end = (await told(world, "conference-end")).form
    assert {form["ReasonParticipantLeft"] for form in leaves} == {"conference_ended_via_api"}
    assert end["ReasonConferenceEnded"] == "conference-ended-via-api"


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("caller", "participant-with-end-conference-on-exit-kicked"),
        ("agent", ""),
    ],
)
async def test_a_member_is_removed_by_rest(label: str, reason: str) -> None:
    async with World() as world:
        await both(world)
        client = client_of(world)
        (sid,) = world.exchange.conferences
        await ask(lambda: client.conferences(sid).participants(label).delete())
        await told(world, "participant-leave")
        (conference,) = world.exchange.conferences.values()
        assert conference.reason == reason


async def test_a_held_member_hears_the_hold_document_and_the_others_go_on() -> None:
    async def music(request: Request) -> web.StreamResponse:
        return web.Response(body=sound.tone(1.0, 700), content_type="audio/basic")

    async with World() as world:
        world.pages |= {"/music.ulaw": music, "/hold": "<Play loop='0'>/music.ulaw</Play>"}
        world.pages["/voice"] = ROOM.format(label="agent", ends="false")
        agent = await world.caller()
        world.pages["/voice"] = ROOM.format(label="caller", ends="true")
        caller = await world.caller()
        client = client_of(world)
        (sid,) = world.exchange.conferences
        one = client.conferences(sid).participants("caller")
        held = await ask(lambda: one.update(hold=True, hold_url=f"{world.base}/hold"))
        assert held.hold
        await asyncio.gather(agent.play(sound.tone(0.6, 900)), caller.play(sound.tone(0.6, 600)))
        assert (
            level_at(caller.heard.pcm()[-4800:], 700) > 1500 > 100 > level_at(caller.heard.pcm()[-4800:], 900)
        )
        assert level_at(agent.heard.pcm()[-4800:], 600) < 100
        await ask(lambda: one.update(hold=False))
        await told(world, "participant-unhold")
        await agent.play(sound.tone(0.5, 900))
        assert level_at(caller.heard.pcm()[-4000:], 900) > 1500
        asked = world.asked("/hold")
    assert len(asked) == 1


async def test_the_first_member_hears_the_wait_document() -> None:
    async def music(request: Request) -> web.StreamResponse:
        return web.Response(body=sound.tone(1.0, 700), content_type="audio/basic")

    async with World() as world:
        world.pages |= {"/music.ulaw": music, "/wait": "<Play>/music.ulaw</Play>"}
        world.pages["/voice"] = "<Dial><Conference beep='false' waitUrl='/wait'>room</Conference></Dial>"
        first = await world.caller()
        await asyncio.sleep(0.5)
        assert level_at(first.heard.pcm()[-3200:], 700) > 1500


@pytest.mark.parametrize("kind", ["client", "sip", "number"])
async def test_a_phone_of_any_kind_is_invited_with_a_label(kind: str) -> None:
    async with World(sip_t1_s=0.05) as world, WirePhone(world.exchange.trunk.address) as wire:
        world.pages["/voice"] = ROOM.format(label="caller", ends="true")
        await world.caller()
        client = client_of(world)
        to = {"client": "client:anna", "sip": wire.address, "number": "+15550142"}[kind]
        phone = await world.phone(to if kind != "sip" else "")
        made = await ask(
            lambda: client.conferences("room").participants.create(
                to=to,
                from_=LINE,
                label="agent",
                early_media=True,
                timeout=20,
                beep="false",
                status_callback=f"{world.base}/leg",
                status_callback_event=["ringing", "answered"],
            )
        )
        if kind == "sip":
            wire.respond(await wire.until("INVITE"), 200, wire.sdp())
            await wire.until("ACK")
        else:
            await phone.incoming.get()
            await phone.answer()
        joined = await told(world, "participant-join", 2)
        await world.until("/leg", 2)
        found = await ask(lambda: client.conferences(made.conference_sid).participants("agent").fetch())
        assert (found.call_sid, found.status) == (made.call_sid, "connected")
    assert joined.form["ParticipantLabel"] == "agent"


async def test_one_who_is_invited_in_vain_is_told_of_and_the_conference_goes_on() -> None:
    async with World(Faults(phones={"client:anna": "declines"})) as world:
        world.pages["/voice"] = ROOM.format(label="caller", ends="true")
        caller = await world.caller()
        await told(world, "participant-join")
        client = client_of(world)
        await ask(
            lambda: client.conferences("room").participants.create(
                to="client:anna", from_=CALLER, label="agent"
            )
        )
        left = (await told(world, "participant-leave")).form
        (conference,) = world.exchange.conferences.values()
        assert set(conference.members) == {caller.call_sid}
        assert conference.status == "init"
    assert (left["ReasonParticipantLeft"], left["ParticipantCallStatus"]) == (
        "participant_add_failed",
        "busy",
    )
    assert left["ParticipantLabel"] == "agent"
