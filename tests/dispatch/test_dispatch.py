"""A person is rung, announced a caller, and talks with them; both come apart again, in every order."""

from __future__ import annotations

import asyncio
import time

import redis
from stage import CALLER, LINE, QUEUE, RULES, Stage
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
