"""``<Dial>``: rings phones and joins the two calls, or takes the call into a conference.

Source: https://www.twilio.com/docs/voice/twiml/dial and its pages number, client, sip and conference.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urljoin

from ivr.exchange import sound
from ivr.exchange.calls import Call
from ivr.exchange.conference import Member, Wish, open_conference
from ivr.exchange.legs import Nobody
from ivr.exchange.script import (
    ApplicationError,
    CallOver,
    Goto,
    after,
    callback_of,
    fetch,
    wait_clip,
)
from ivr.exchange.twiml import Document, Verb

Runner = Callable[[Call, Document], Awaitable[None]]
RING_S = 30
"""How long a phone rings unless told otherwise."""
LONGEST_S = 4 * 3600
"""Longest talk, Twilio's default ``timeLimit``."""


async def run(call: Call, verb: Verb, run_document: Runner) -> Goto | None:
    """Carry out a Dial. If the call is redirected meanwhile, the action is asked all the same, in vain."""
    conference = next((child for child in verb.children if child.name == "Conference"), None)
    form = {"DialCallStatus": "completed"}
    try:
        if conference is not None:
            form = await _confer(call, conference)
        else:
            form = await _ring(call, verb, run_document)
    except asyncio.CancelledError:
        goto = after(verb, form)
        if call.is_redirected and goto is not None:
            call.hub.spawn(_ask_in_vain(call, goto))
        raise
    finally:
        call.listener = Nobody()
    return after(verb, form)


async def _ask_in_vain(call: Call, goto: Goto) -> None:
    try:
        await fetch(call, goto)
    except ApplicationError:
        return


class _End:
    """One end of a bridge: gives its own caller's sound to the other end."""

    def __init__(self) -> None:
        self.other: _End = self
        self._heard: bytes | None = None

    def tick(self, heard: bytes) -> bytes | None:
        self._heard = heard
        return self.other._heard

    def press(self, key: str) -> None:
        return None


async def _ring(call: Call, verb: Verb, run_document: Runner) -> dict[str, str]:
    nouns = verb.children or (Verb("Number", {}, verb.text, (), verb.base),)
    if call.status == "in-progress":
        call.listener = sound.Player(sound.ringback(), loops=True)
    legs = [_child(call, verb, noun) for noun in nouns]
    timeout_s = verb.number("timeout", RING_S)
    tries = {
        asyncio.create_task(_try(leg, noun, timeout_s, run_document)): leg
        for leg, noun in zip(legs, nouns, strict=True)
    }
    try:
        winner = await _first(tries)
        for leg in legs:
            if leg is not winner:
                _drop(leg)
        if winner is None:
            return _result(legs[-1], is_bridged=False)
        await _bridge(call, winner, verb.number("timeLimit", LONGEST_S))
        return _result(winner, is_bridged=True)
    finally:
        for attempt in tries:
            attempt.cancel()
        for leg in legs:
            _drop(leg)


async def _first(tries: Mapping[asyncio.Task[bool], Call]) -> Call | None:
    """The first leg that is ready to talk; None when none is left."""
    waiting = set(tries)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for attempt in done:
            if not attempt.cancelled() and attempt.result():
                return tries[attempt]
    return None


def _child(call: Call, verb: Verb, noun: Verb) -> Call:
    if noun.name == "Client":
        identity = next((child.text for child in noun.children if child.name == "Identity"), noun.text)
        to = f"client:{identity}"
    else:
        to = noun.text
    return Call(
        call.hub,
        to=to,
        from_=verb.get("callerId") or call.from_,
        direction="outbound-dial",
        callback=callback_of(noun),
        parent=call,
    )


async def _try(leg: Call, noun: Verb, timeout_s: float, run_document: Runner) -> bool:
    """Ring one phone and run its screening document; True where it may be joined."""
    if not await leg.ring(timeout_s):
        return False
    url = noun.get("url")
    if url:
        where = Goto(noun.address(url), noun.get("method", "POST").upper())

        async def screen(leg: Call) -> None:
            try:
                await run_document(leg, await fetch(leg, where))
            except (CallOver, ApplicationError):
                leg.end("completed")

        await asyncio.wait({leg.start(screen, ends=False)})
    return leg.is_live


async def _bridge(call: Call, leg: Call, limit_s: float) -> None:
    call.answer()
    here, there = _End(), _End()
    here.other, there.other = there, here
    call.listener, leg.listener = here, there
    over = {asyncio.ensure_future(leg.ended.wait()), asyncio.ensure_future(leg.moved.wait())}
    try:
        await asyncio.wait(over, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiting in over:
            waiting.cancel()
        _drop(leg)


def _drop(leg: Call) -> None:
    if leg.moved.is_set():
        return
    leg.end("completed" if leg.status == "in-progress" else "canceled")


def _result(leg: Call, *, is_bridged: bool) -> dict[str, str]:
    return {
        "DialCallStatus": leg.status,
        "DialCallSid": leg.sid,
        "DialCallDuration": str(leg.duration_s),
        "DialBridged": "true" if is_bridged else "false",
    }


async def _confer(call: Call, noun: Verb) -> dict[str, str]:
    call.answer()
    hub = call.hub
    conference = open_conference(hub, noun.text, callback_of(noun, default_events=""))
    wish = wish_of(noun)
    if wish.label and conference.find(wish.label) is not None:
        hub.note(16025, f"the label {wish.label} is taken in this conference", call_sid=call.sid)
        return {"DialCallStatus": "failed"}
    if wish.coach and wish.coach not in conference.members:
        hub.note(13240, f"coach names no member: {wish.coach}", call_sid=call.sid)
        return {"DialCallStatus": "failed"}
    member = Member(conference, call, wish)
    call.listener = member
    conference.join(member)
    waiting = hub.spawn(_entertain(member, noun)) if not conference.is_started else None
    try:
        await asyncio.shield(member.left)
    except asyncio.CancelledError:
        conference.leave(
            member, "participant_updated_via_api" if call.is_redirected else "participant_hung_up"
        )
        raise
    finally:
        if waiting is not None:
            waiting.cancel()
    return {"DialCallStatus": "completed"}


async def _entertain(member: Member, noun: Verb) -> None:
    """What one who waits for the conference hears."""
    wait_url = noun.attributes.get("waitUrl")
    if wait_url is None:
        clip = sound.hold_music()
    elif wait_url:
        url = urljoin(noun.base, wait_url)
        clip = await wait_clip(member.call, url, noun.get("waitMethod", "POST").upper())
    else:
        return
    if not member.conference.is_started and not member.left.done() and clip:
        member.aside = sound.Player(clip, loops=True)


def wish_of(noun: Verb) -> Wish:
    """How the attributes of a ``<Conference>`` let a call take part."""
    beep = noun.get("beep", "true")
    return Wish(
        label=noun.get("participantLabel"),
        is_muted=noun.flag("muted", default=False),
        starts=noun.flag("startConferenceOnEnter", default=True),
        ends=noun.flag("endConferenceOnExit", default=False),
        beep=beep if beep in ("true", "false", "onEnter", "onExit") else "true",  # type: ignore[arg-type]
        coach=noun.get("coach"),
    )
