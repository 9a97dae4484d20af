"""A person is rung, announced a caller, and talks with them; both come apart again, in every order."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import redis
from stage import CALLER, LINE, RULES, Stage
from switchboard import level_at

from ivr.exchange import sound
from ivr.handover import Done, Gone


async def test_an_accepted_caller_and_the_person_hear_each_other(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent = await stage.agent()
        caller = await stage.caller()
        ringing = await asyncio.wait_for(agent.incoming.get(), 5)
        assert (ringing.from_, ringing.to) == (LINE, "client:ann")
        await agent.answer()
        await stage.until(lambda: stage.desk("ann").state == "ringing")
        (offer,) = stage.desk("ann").offers
        assert await stage.do(stage.hands.accept, offer.offer_id, "ann") == Done()
        accepted = time.monotonic()
        held = await stage.bridged("ann")
        assert time.monotonic() - accepted < 1
        assert held.ticket.caller == CALLER
        assert stage.conferences() == [["agent", "caller"]]
        before = len(agent.heard.sound), len(caller.heard.sound)
        await asyncio.gather(caller.play(sound.tone(0.4, 600)), agent.play(sound.tone(0.4, 900)))
        await asyncio.sleep(0.1)
        assert level_at(sound.mulaw.decode(bytes(agent.heard.sound[before[0] :]))[: 320 * 20], 600) > 1500
        assert level_at(sound.mulaw.decode(bytes(caller.heard.sound[before[1] :]))[: 320 * 20], 900) > 1500
        told = stage.kinds(held.ticket.call_id)
        assert [kind for kind in ("joined", "offered", "ringing", "accepted", "bridged") if kind in told] == [
            "joined",
            "offered",
            "ringing",
            "accepted",
            "bridged",
        ]


async def test_the_person_hangs_up_and_the_caller_is_back_within_a_second(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent, caller, held = await stage.talking()
        await agent.hang_up()
        hung_up = time.monotonic()
        await stage.until(lambda: stage.departures)
        assert time.monotonic() - hung_up < 1
        ((call_id, departure),) = stage.departures
        assert (call_id, departure.reason) == (held.ticket.call_id, "hung_up")
        assert stage.desk("ann").state == "wrapup"
        assert not caller.reason
        assert stage.kinds(call_id).count("ended") == 1


async def test_the_caller_hangs_up_and_the_person_is_free_for_wrap_up(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent, caller, held = await stage.talking()
        await caller.hang_up()
        hung_up = time.monotonic()
        assert await agent.ended(5) == "completed"
        assert time.monotonic() - hung_up < 1
        await stage.until(lambda: stage.desk("ann").state == "wrapup")
        assert stage.queue.of_call(held.ticket.call_id) is None
        await stage.until(lambda: stage.conferences() == [])
        assert stage.departures == []


async def test_both_hang_up_at_once_and_there_is_one_end(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent, caller, held = await stage.talking()
        await asyncio.gather(agent.hang_up(), caller.hang_up())
        await asyncio.gather(agent.ended(5), caller.ended(5))
        await stage.until(lambda: stage.desk("ann").state == "wrapup")
        await asyncio.sleep(0.3)
        assert stage.kinds(held.ticket.call_id).count("ended") == 1
        assert stage.exchange.calls[held.ticket.call_id].status == "completed"


async def test_the_person_hangs_up_on_their_page(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent, caller, held = await stage.talking()
        ticket_id = held.ticket.ticket_id
        assert await stage.do(stage.hands.hang_up, ticket_id, "ann") == Done()
        await stage.until(lambda: stage.departures)
        assert await agent.ended(5) == "completed"
        assert await stage.do(stage.hands.hang_up, ticket_id, "ann") == Gone("ticket"), "a second click"
        assert not caller.reason
        assert [departure.reason for _, departure in stage.departures] == ["hung_up"]


async def test_the_person_hands_back_what_they_know(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent, caller, held = await stage.talking()
        act = stage.hands.hand_back
        assert await stage.do(act, held.ticket.ticket_id, "bob", "survey") == Gone("ticket"), "not theirs"
        assert await stage.do(act, held.ticket.ticket_id, "ann", "survey", {"name": "Ann"}) == Done()
        await stage.until(lambda: stage.departures)
        ((_, departure),) = stage.departures
        assert (departure.reason, departure.target, departure.fields) == (
            "handed_back",
            "survey",
            {"name": "Ann"},
        )
        await agent.ended(5)
        assert not caller.reason
        assert stage.conferences() == []


async def test_a_telephone_takes_the_call_by_key(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent = await stage.agent("bob", "+15550142")
        await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        await agent.answer()
        await stage.announced(agent)
        await agent.press("3")
        await asyncio.sleep(0.2)
        assert stage.desk("bob").state == "ringing"
        await agent.press("1")
        await stage.bridged("bob")
        assert stage.conferences() == [["agent", "caller"]]


async def test_a_telephone_declines_by_key_and_is_not_asked_again(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent = await stage.agent("bob", "+15550142")
        caller = await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        await agent.answer()
        await stage.announced(agent)
        await agent.press("2")
        assert await agent.ended(5) == "completed"
        await stage.until(lambda: "refused" in stage.kinds())
        assert stage.refusals() == ["declined"]
        assert stage.desk("bob").state == "ready"
        assert not caller.reason
        ann = await stage.agent("ann")
        await asyncio.wait_for(ann.incoming.get(), 5)
        assert agent.incoming.empty()


async def test_an_accept_on_the_page_before_the_telephone_is_answered(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent = await stage.agent()
        await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        await stage.until(lambda: stage.desk("ann").offers)
        offer_id = stage.desk("ann").offers[0].offer_id
        for _ in range(2):
            assert await stage.do(stage.hands.accept, offer_id, "ann") == Done()
        await agent.answer()
        await stage.bridged("ann")
        assert stage.conferences() == [["agent", "caller"]]


async def test_a_double_click_does_not_shake_the_room(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        _, _, held = await stage.talking()
        members = stage.members()
        assert await stage.do(stage.hands.accept, held.offer_id, "ann") == Done()
        await asyncio.sleep(0.3)
        assert stage.members() == members, "nobody had to leave and come back"
        assert "departed" not in stage.kinds()


async def test_the_first_of_two_gets_the_caller_and_the_other_stops_ringing(client: redis.Redis) -> None:
    async with Stage(client, replace(RULES, at_once=2)) as stage:
        ann, bob = await stage.agent("ann"), await stage.agent("bob")
        await stage.caller()
        for phone in (ann, bob):
            await asyncio.wait_for(phone.incoming.get(), 5)
            await phone.answer()
        await stage.until(lambda: all(stage.desk(name).state == "ringing" for name in ("ann", "bob")))
        offers = {name: stage.desk(name).offers[0].offer_id for name in ("ann", "bob")}
        outcomes = await asyncio.gather(
            *(stage.do(stage.hands.accept, offers[name], name) for name in offers)
        )
        assert sorted(map(repr, outcomes)) == ["Done()", "Gone(what='offer')"]
        winner, loser = (("ann", bob), ("bob", ann))[outcomes[0] != Done()]
        await stage.bridged(winner)
        assert await loser.ended(5) == "completed"
        assert stage.conferences() == [["agent", "caller"]]


async def test_a_caller_who_leaves_stops_the_ringing_within_a_second(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent = await stage.agent()
        caller = await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        await caller.hang_up()
        left = time.monotonic()
        assert await agent.ended(5) == "canceled"
        assert time.monotonic() - left < 1
        await stage.until(lambda: stage.desk("ann").state == "ready")


async def test_a_caller_who_leaves_after_the_acceptance_leaves_nobody_in_the_room(
    client: redis.Redis,
) -> None:
    async with Stage(client) as stage:
        stage.is_bridging = False
        agent = await stage.agent()
        caller = await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        await agent.answer()
        await stage.until(lambda: stage.desk("ann").offers)
        await stage.do(stage.hands.accept, stage.desk("ann").offers[0].offer_id, "ann")
        await stage.until(lambda: stage.conferences() == [["agent"]])
        await caller.hang_up()
        assert await agent.ended(5) == "completed"
        await stage.until(lambda: stage.desk("ann").state == "ready" and stage.conferences() == [])


async def test_hold_mute_and_back(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent, caller, held = await stage.talking()
        ticket_id = held.ticket.ticket_id
        assert await stage.do(stage.hands.hold, ticket_id, "ann") == Done()
        assert stage.desk("ann").state == "holding"
        before = len(caller.heard.sound)
        await asyncio.sleep(1.2)
        assert caller.heard.voiced(before // 160).mean() > 0.5, "music of our own"
        assert stage.codes() == []
        assert await stage.do(stage.hands.unhold, ticket_id, "ann") == Done()
        assert stage.desk("ann").state == "talking"
        assert await stage.do(stage.hands.mute, ticket_id, "ann", True) == Done()
        await asyncio.sleep(0.1)
        before = len(caller.heard.sound)
        await agent.play(sound.tone(0.3, 900))
        assert level_at(sound.mulaw.decode(bytes(caller.heard.sound[before:])), 900) < 100
        assert await stage.do(stage.hands.hold, ticket_id, "bob") == Gone("ticket")


async def test_who_listens_to_the_announcement_has_time_to_press_a_key(client: redis.Redis) -> None:
    """Ringing is over after a second here; what is said to them takes longer."""
    async with Stage(client, replace(RULES, ring_ms=1000)) as stage:
        agent = await stage.agent("bob", "+15550142")
        await stage.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        await agent.answer()
        await stage.announced(agent)
        await asyncio.sleep(1.2)
        await agent.press("1")
        await stage.bridged("bob")
        assert stage.refusals() == []
