"""Dial: numbers, clients, screening, conferences."""

from __future__ import annotations

import asyncio

from switchboard import CALLER, LINE, World, level_at

from ivr.exchange import sound

AGENT = "+15550142"
SCREENED = f'<Number url="/screen">{AGENT}</Number>'


async def test_an_answered_dial_joins_the_two_and_its_action_tells_how_it_went() -> None:
    async with World() as world:
        world.pages["/voice"] = f'<Dial action="/after"><Number>{AGENT}</Number></Dial>'
        agent = await world.phone(AGENT)
        caller = await world.caller()
        call = await asyncio.wait_for(agent.incoming.get(), 5)
        assert (call.from_, call.to) == (CALLER, AGENT)
        await agent.answer()
        await asyncio.sleep(0.1)
        heard_before = len(caller.heard.sound)
        await asyncio.gather(caller.play(sound.tone(0.4, 600)), agent.play(sound.tone(0.4, 900)))
        await asyncio.sleep(0.1)
        await agent.hang_up()
        request = await world.until("/after")
        await caller.ended()
    assert level_at(agent.heard.pcm()[: 320 * 25], 600) > 1500
    assert level_at(sound.mulaw.decode(bytes(caller.heard.sound[heard_before:]))[: 320 * 20], 900) > 1500
    assert request.form["DialCallStatus"] == "completed"
    assert request.form["DialBridged"] == "true"
    assert request.form["DialCallSid"] == call.call_sid


async def test_a_declined_dial_is_busy() -> None:
    async with World() as world:
        world.pages["/voice"] = f'<Dial action="/after">{AGENT}</Dial>'
        agent = await world.phone(AGENT)
        await world.caller()
        await agent.incoming.get()
        await agent.decline()
        assert (await world.until("/after")).form["DialCallStatus"] == "busy"


async def test_a_dial_to_a_phone_in_use_is_busy_and_one_that_is_not_there_fails() -> None:
    async with World() as world:
        world.pages["/voice"] = f'<Dial action="/after">{AGENT}</Dial>'
        agent = await world.phone(AGENT)
        await world.caller()
        await agent.incoming.get()
        await agent.answer()
        await world.caller()
        assert (await world.until("/after")).form["DialCallStatus"] == "busy"
        world.pages["/voice"] = '<Dial action="/gone">+15550777</Dial>'
        await world.caller()
        assert (await world.until("/gone")).form["DialCallStatus"] == "failed"


async def test_a_number_of_two_phones_rings_at_the_newest_and_without_it_at_the_one_before() -> None:
    async with World() as world:
        world.pages["/voice"] = f"<Dial>{AGENT}</Dial>"
        before, newest = await world.phone(AGENT), await world.phone(AGENT)
        await world.caller()
        await asyncio.wait_for(newest.incoming.get(), 5)
        assert before.incoming.empty()
        await newest.close()
        await world.caller()
        await asyncio.wait_for(before.incoming.get(), 5)


async def test_a_dial_nobody_answers_rings_the_caller_and_then_goes_on() -> None:
    async with World() as world:
        world.pages["/voice"] = f'<Dial action="/after" timeout="1">{AGENT}</Dial>'
        agent = await world.phone(AGENT)
        caller = await world.caller()
        assert (await world.until("/after")).form["DialCallStatus"] == "no-answer"
        assert await agent.ended() == "no-answer"
    assert level_at(caller.heard.pcm()[: 320 * 40], 440) > 1500, "the ringing tone"


async def test_the_callbacks_of_a_number_tell_its_whole_life_in_order() -> None:
    events = "initiated ringing answered completed"
    async with World() as world:
        world.pages["/voice"] = (
            f'<Dial><Number statusCallback="/status" statusCallbackEvent="{events}">{AGENT}</Number></Dial>'
        )
        agent = await world.phone(AGENT)
        caller = await world.caller()
        await agent.incoming.get()
        await agent.answer()
        await caller.hang_up()
        await world.until("/status", 4)
        told = sorted(world.asked("/status"), key=lambda request: int(request.form["SequenceNumber"]))
    assert [request.form["CallStatus"] for request in told] == [
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    ]
    assert {request.form["ParentCallSid"] for request in told} == {caller.call_sid}
    assert all(request.is_signed for request in told)


async def test_an_agent_who_does_not_press_is_not_connected() -> None:
    async with World() as world:
        world.pages |= {
            "/voice": f'<Dial answerOnBridge="true" action="/after">{SCREENED}</Dial>',
            "/screen": '<Gather numDigits="1" timeout="0" action="/yes"/><Hangup/>',
        }
        agent, caller = await world.phone(AGENT), await world.phone()
        await caller.call(LINE, CALLER)
        await agent.incoming.get()
        await agent.answer()
        request = await world.until("/after")
        screened = await world.until("/screen")
        assert caller.answered_s == 0, "with answerOnBridge the caller goes on ringing"
    assert request.form["DialBridged"] == "false"
    assert screened.form["ParentCallSid"] == caller.call_sid
    assert screened.form["Direction"] == "outbound-dial"


async def test_an_agent_who_presses_is_connected() -> None:
    async with World() as world:
        world.pages |= {
            "/voice": f'<Dial answerOnBridge="true">{SCREENED}</Dial>',
            "/screen": '<Gather numDigits="1" action="/yes"/><Hangup/>',
            "/yes": "",
        }
        agent, caller = await world.phone(AGENT), await world.phone()
        await caller.call(LINE, CALLER)
        await agent.incoming.get()
        await agent.answer()
        await world.until("/screen")
        await asyncio.sleep(0.1)
        await agent.press("1")
        await caller.answered(5)
        await agent.play(sound.tone(0.3, 900))
        await asyncio.sleep(0.1)
    assert caller.heard.voiced().sum() == 15


async def test_the_first_of_several_phones_to_answer_gets_the_call() -> None:
    async with World() as world:
        world.pages["/voice"] = f"<Dial><Number>{AGENT}</Number><Client>anna</Client></Dial>"
        agent, anna = await world.phone(AGENT), await world.phone("client:anna")
        await world.caller()
        await agent.incoming.get()
        await anna.incoming.get()
        await anna.answer()
        assert await agent.ended() == "canceled"
        assert anna.reason == ""


CONFERENCE = "<Conference beep='false' {more}>room</Conference>"


async def test_the_members_of_a_conference_hear_each_other_but_not_themselves() -> None:
    async with World() as world:
        silent = CONFERENCE.format(more="waitUrl=''")
        world.pages["/voice"] = f"<Dial>{silent}</Dial>"
        phones = [await world.caller() for _ in range(3)]
        await asyncio.sleep(0.1)
        before = [len(phone.heard.sound) for phone in phones]
        await asyncio.gather(phones[0].play(sound.tone(0.5, 600)), phones[1].play(sound.tone(0.5, 900)))
        await asyncio.sleep(0.1)
    ears = [
        sound.mulaw.decode(bytes(phone.heard.sound[start:]))[: 320 * 25]
        for phone, start in zip(phones, before, strict=True)
    ]
    assert level_at(ears[0], 900) > 1500 > 100 > level_at(ears[0], 600)
    assert level_at(ears[1], 600) > 1500 > 100 > level_at(ears[1], 900)
    assert level_at(ears[2], 600) > 1500 and level_at(ears[2], 900) > 1500


async def test_one_alone_hears_music_until_the_conference_starts() -> None:
    async with World() as world:
        world.pages["/voice"] = f"<Dial>{CONFERENCE.format(more='')}</Dial>"
        first = await world.caller()
        await asyncio.sleep(0.4)
        assert first.heard.voiced().sum() > 10
        await world.caller()
        await asyncio.sleep(0.1)
        count = first.heard.voiced().sum()
        await asyncio.sleep(0.3)
        assert first.heard.voiced().sum() == count


async def test_the_conference_tells_the_first_members_address_and_ends_with_who_ends_it() -> None:
    async with World() as world:
        first = "statusCallback='/first' statusCallbackEvent='start end join leave' participantLabel='agent'"
        second = "statusCallback='/second' statusCallbackEvent='join' endConferenceOnExit='true'"
        world.pages |= {"/after": "<Pause length='5'/>"}
        world.pages["/voice"] = f"<Dial action='/after'>{CONFERENCE.format(more=first)}</Dial>"
        agent = await world.caller()
        world.pages["/voice"] = f"<Dial>{CONFERENCE.format(more=second)}</Dial>"
        caller = await world.caller()
        await world.until("/first", 3)
        await caller.hang_up()
        await world.until("/first", 6)
        told = sorted(world.asked("/first"), key=lambda request: int(request.form["SequenceNumber"]))
        after = await world.until("/after")
        assert not world.asked("/second"), "only the first member's address counts"
    assert [request.form["StatusCallbackEvent"] for request in told] == [
        "participant-join",
        "participant-join",
        "conference-start",
        "participant-leave",
        "participant-leave",
        "conference-end",
    ]
    assert told[0].form["ParticipantLabel"] == "agent"
    assert told[3].form["ReasonParticipantLeft"] == "participant_hung_up"
    assert told[5].form["CallSidEndingConference"] == caller.call_sid
    assert after.form["CallSid"] == agent.call_sid


async def test_a_label_that_is_taken_falls_through() -> None:
    async with World() as world:
        page = CONFERENCE.format(more="participantLabel='agent'")
        world.pages["/voice"] = f"<Dial>{page}</Dial><Redirect>/next</Redirect>"
        await world.caller()
        await world.caller()
        await world.until("/next")
        assert world.codes() == [16025]
