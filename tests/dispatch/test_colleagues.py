"""A colleague is asked, joins three, takes over, or goes again; on telephones of a real exchange."""

from __future__ import annotations

import asyncio

import redis
from stage import Stage
from switchboard import level_at

from ivr.exchange import sound
from ivr.exchange.client import Phone
from ivr.handover import Done, Gone, Refused

OUTSIDE = "+15550177"


async def asked(stage: Stage, colleague: Phone, ticket_id: str, to: str) -> None:
    """The colleague has answered and is in the room."""
    assert await stage.do(stage.hands.consult, ticket_id, "ann", to) == Done()
    await asyncio.wait_for(colleague.incoming.get(), 5)
    await colleague.answer()
    await stage.until(lambda: (found := stage.legs.consult(ticket_id)) is not None and found.is_joined)


async def test_a_colleague_is_asked_while_the_caller_hears_music(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent, caller, held = await stage.talking()
        bob = await stage.agent("bob")
        ticket_id = held.ticket.ticket_id
        await asked(stage, bob, ticket_id, "bob")
        assert stage.state_of("ann") == "held"
        assert stage.desk("bob").is_consulted
        assert await stage.do(stage.hands.consult, ticket_id, "ann", OUTSIDE) == Refused("busy")
        before = len(bob.heard.sound), len(caller.heard.sound)
        await agent.play(sound.tone(0.4, 900))
        assert level_at(sound.mulaw.decode(bytes(bob.heard.sound[before[0] :])), 900) > 1000
        assert level_at(sound.mulaw.decode(bytes(caller.heard.sound[before[1] :])), 900) < 100
        assert await stage.do(stage.hands.cancel_consult, ticket_id, "ann") == Done()
        assert await bob.ended(5) == "completed"
        await stage.until(lambda: stage.desk("bob").state == "ready")
        assert stage.state_of("ann") == "bridged"
        assert stage.conferences() == [["agent", "caller"]]
        assert await stage.do(stage.hands.cancel_consult, ticket_id, "ann") == Gone("consult")


async def test_three_talk_and_the_colleague_takes_over(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent, caller, held = await stage.talking()
        bob = await stage.agent("bob")
        ticket_id = held.ticket.ticket_id
        assert await stage.do(stage.hands.join_three, ticket_id, "ann") == Gone("consult")
        await asked(stage, bob, ticket_id, "bob")
        assert await stage.do(stage.hands.join_three, ticket_id, "ann") == Done()
        assert stage.conferences() == [["agent", "caller", "consult"]]
        before = len(caller.heard.sound)
        await bob.play(sound.tone(0.4, 700))
        assert level_at(sound.mulaw.decode(bytes(caller.heard.sound[before:])), 700) > 1000
        assert await stage.do(stage.hands.complete_transfer, ticket_id, "ann") == Done()
        assert await agent.ended(5) == "completed"
        assert stage.desk("ann").state == "wrapup"
        assert stage.desk("bob").state == "talking" and not stage.desk("bob").is_consulted
        assert stage.conferences() == [["caller", "consult"]]
        assert stage.departures == []
        await bob.hang_up()
        await stage.until(lambda: stage.departures)
        assert [departure.reason for _, departure in stage.departures] == ["hung_up"]
        assert stage.desk("bob").state == "wrapup"
        assert not caller.reason


async def test_a_colleague_who_does_not_answer_is_given_back(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        _, _, held = await stage.talking()
        bob = await stage.agent("bob")
        ticket_id = held.ticket.ticket_id
        assert await stage.do(stage.hands.consult, ticket_id, "ann", "bob") == Done()
        await asyncio.wait_for(bob.incoming.get(), 5)
        for act in (stage.hands.join_three, stage.hands.complete_transfer):
            assert await stage.do(act, ticket_id, "ann") == Refused("not_answered")
        await bob.decline()
        await stage.until(lambda: stage.legs.consult(ticket_id) is None)
        assert stage.desk("bob").state == "ready"
        assert stage.state_of("ann") == "held", "the agent says what next"
        assert await stage.do(stage.hands.unhold, ticket_id, "ann") == Done()


async def test_whom_nobody_can_ask(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        _, _, held = await stage.talking()
        ticket_id = held.ticket.ticket_id
        assert await stage.do(stage.hands.consult, ticket_id, "ann", "ann") == Refused("unavailable")
        assert await stage.do(stage.hands.consult, ticket_id, "ann", "nobody") == Refused("number")
        dear = "+15560177"
        assert await stage.do(stage.hands.consult, ticket_id, "ann", dear) == Refused("number")
        assert await stage.do(stage.hands.consult, ticket_id, "bob", "ann") == Gone("ticket")
        stage.exchange.faults = stage.exchange.faults.changed(
            {"rest": "500", "rest_on": "participants.create"}
        )
        assert await stage.do(stage.hands.consult, ticket_id, "ann", OUTSIDE) == Refused("carrier")
        assert stage.state_of("ann") == "bridged"
        assert stage.legs.consult(ticket_id) is None


async def test_a_caller_left_to_somebody_outside_comes_back_in_the_end(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent, caller, held = await stage.talking()
        outside = await stage.phone(OUTSIDE)
        ticket_id = held.ticket.ticket_id
        await asked(stage, outside, ticket_id, OUTSIDE)
        assert await stage.do(stage.hands.complete_transfer, ticket_id, "ann") == Done()
        await agent.ended(5)
        await asyncio.sleep(0.3)
        assert stage.conferences() == [["caller", "consult"]]
        assert stage.departures == []
        await outside.hang_up()
        await stage.until(lambda: stage.departures)
        assert not caller.reason


async def test_a_caller_who_leaves_while_a_colleague_is_asked_ends_it_for_all(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        agent, caller, held = await stage.talking()
        bob = await stage.agent("bob")
        await asked(stage, bob, held.ticket.ticket_id, "bob")
        await caller.hang_up()
        await asyncio.gather(agent.ended(5), bob.ended(5))
        await stage.until(lambda: stage.desk("ann").state == "wrapup" and stage.desk("bob").state == "ready")


async def test_a_colleague_who_still_rings_is_let_go_with_the_call(client: redis.Redis) -> None:
    async with Stage(client) as stage:
        _, caller, held = await stage.talking()
        bob = await stage.agent("bob")
        ticket_id = held.ticket.ticket_id
        assert await stage.do(stage.hands.consult, ticket_id, "ann", "bob") == Done()
        await asyncio.wait_for(bob.incoming.get(), 5)
        assert await stage.do(stage.hands.hand_back, ticket_id, "ann", "survey") == Done()
        assert await bob.ended(5) == "canceled"
        await stage.until(lambda: stage.departures)
        await stage.until(lambda: stage.desk("bob").state == "ready")
        assert not caller.reason
