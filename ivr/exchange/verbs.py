"""Runs a call's document, verb after verb, fetching the next one where a verb says so.

``Dial`` has its own module; fetching and playing are in ``script``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from ivr.exchange import dial, sound
from ivr.exchange.legs import Nobody
from ivr.exchange.phones import KEYS
from ivr.exchange.script import ApplicationError, CallOver, Goto, after, callback_of, clip_of, fetch, play
from ivr.exchange.stream import Stream
from ivr.exchange.twiml import Document, Verb, parse

if TYPE_CHECKING:
    from ivr.exchange.calls import Call, Script

_SILENT = frozenset({"Redirect", "Reject", "Hangup", "Pause"})
"""Verbs that do not answer a ringing call (docs/voice/twiml/pause, "as the first verb")."""


def from_url(url: str, method: str = "POST") -> Script:
    """A script that runs the document at an address."""

    async def script(call: Call) -> None:
        await _guarded(call, Goto(url, method))

    return script


def from_text(twiml: str) -> Script:
    """A script that runs a document given as text. Raises DocumentError at once if it cannot be run."""
    return from_document(parse(twiml))


def from_document(document: Document) -> Script:
    """A script that runs a document that is already read."""

    async def script(call: Call) -> None:
        await _guarded(call, document)

    return script


async def _guarded(call: Call, first: Goto | Document) -> None:
    try:
        await run(call, await fetch(call, first) if isinstance(first, Goto) else first)
    except CallOver:
        return
    except ApplicationError:
        call.answer()
        await play(call, sound.application_error())


async def run(call: Call, document: Document) -> None:
    """Run a document and all that follow it. Raises CallOver and ApplicationError."""
    following: Document | None = document
    while following is not None:
        for text in following.warnings:
            call.hub.note(12200, text, level="warning", call_sid=call.sid)
        goto = await _run_verbs(call, following.verbs)
        following = await fetch(call, goto) if goto is not None else None


async def _run_verbs(call: Call, verbs: tuple[Verb, ...]) -> Goto | None:
    for verb in verbs:
        is_quiet_dial = verb.name == "Dial" and verb.flag("answerOnBridge", default=False)
        if verb.name not in _SILENT and not is_quiet_dial:
            call.answer()
        goto = await _HANDLERS[verb.name](call, verb)
        if goto is not None:
            return goto
    return None


async def _sound(call: Call, verb: Verb) -> None:
    clip, loops = await clip_of(call, verb)
    await play(call, clip, loops=loops)


async def _pause(call: Call, verb: Verb) -> None:
    if call.status == "in-progress":
        await _sound(call, verb)
    else:
        await asyncio.sleep(verb.number("length", 1))
        call.answer()


async def _connect(call: Call, verb: Verb) -> Goto | None:
    for noun in verb.children:
        stream = Stream(
            call,
            noun.address(noun.get("url")),
            {child.get("name"): child.get("value") for child in noun.children},
            name=noun.get("name"),
            callback=callback_of(noun),
        )
        call.listener = stream
        try:
            await stream.run()
        finally:
            call.listener = Nobody()
    return after(verb, {})


async def _gather(call: Call, verb: Verb) -> Goto | None:
    """Collect keys while the nested prompts play, and for ``timeout`` seconds after the last of either."""
    if "speech" in verb.get("input").split():
        call.hub.note(12200, "<Gather> takes keys here, no speech", level="warning", call_sid=call.sid)
    keys: asyncio.Queue[str] = asyncio.Queue()
    prompts = asyncio.get_running_loop().create_task(_prompts(call, verb))
    call.on_key = keys.put_nowait
    timeout_s = verb.number("timeout", 5)
    most = verb.number("numDigits", 0)
    finish = verb.get("finishOnKey", "#")
    digits, finished_by = "", ""
    try:
        while not (finished_by or (most and len(digits) >= most)):
            key = await _next_key(keys, prompts, timeout_s)
            if not key:
                break
            prompts.cancel()
            if key in finish:
                finished_by = key
            elif key in KEYS:
                digits += key
    finally:
        prompts.cancel()
        call.on_key = None
    if not digits and not verb.flag("actionOnEmptyResult", default=False):
        return None
    form = {"Digits": digits, "FinishedOnKey": finished_by}
    return after(verb, form) or Goto(verb.base, form=form)


async def _prompts(call: Call, verb: Verb) -> None:
    for child in verb.children:
        clip, loops = await clip_of(call, child)
        await play(call, clip, loops=loops)


async def _next_key(keys: asyncio.Queue[str], prompts: asyncio.Task[None], timeout_s: float) -> str:
    """The next key; empty when none came within the time, which starts when the prompts are over."""
    getting = asyncio.ensure_future(keys.get())
    try:
        await asyncio.wait({getting, prompts}, return_when=asyncio.FIRST_COMPLETED)
        done, _ = await asyncio.wait({getting}, timeout=timeout_s)
        return getting.result() if done else ""
    finally:
        getting.cancel()


async def _dial(call: Call, verb: Verb) -> Goto | None:
    return await dial.run(call, verb, run)


async def _redirect(call: Call, verb: Verb) -> Goto:
    return Goto(verb.address(verb.text), verb.get("method", "POST").upper())


async def _hangup(call: Call, verb: Verb) -> None:
    raise CallOver


async def _reject(call: Call, verb: Verb) -> None:
    if call.status != "in-progress":
        call.end("busy" if verb.get("reason") == "busy" else "failed")
    raise CallOver


_HANDLERS: Mapping[str, Callable[[Call, Verb], Awaitable[Goto | None]]] = {
    "Connect": _connect,
    "Dial": _dial,
    "Gather": _gather,
    "Hangup": _hangup,
    "Pause": _pause,
    "Play": _sound,
    "Redirect": _redirect,
    "Reject": _reject,
    "Say": _sound,
}
