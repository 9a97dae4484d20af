"""What the verbs share: fetching documents, with fallback; sound; and the ways to leave a document.

How a webhook fails, falls back and is noted is decided here; what the verbs mean is in ``verbs`` and
``dial``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from ivr.errors import IvrError
from ivr.exchange import sound
from ivr.exchange.calls import Callback
from ivr.exchange.legs import Nobody
from ivr.exchange.twiml import Document, DocumentError, Verb, read_reply
from ivr.exchange.webhook import WebhookFailed

if TYPE_CHECKING:
    from ivr.exchange.calls import Call

_UNUSABLE = (WebhookFailed, DocumentError)
"""Why there is no document at an address."""


@dataclass(frozen=True, slots=True)
class Goto:
    """The next document is to be fetched from here."""

    url: str
    method: str = "POST"
    form: Mapping[str, str] = field(default_factory=dict)
    """What the request carries beside the call's own parameters."""


class CallOver(Exception):
    """The document hangs up."""


class ApplicationError(Exception):
    """No document could be got, nor a fallback."""


async def fetch(call: Call, goto: Goto) -> Document:
    """The document at an address, or the fallback's. Raises ApplicationError."""
    try:
        return await _fetch(call, goto)
    except _UNUSABLE as failure:
        call.hub.note(failure.code, str(failure), call_sid=call.sid, url=goto.url)
        if not call.fallback_url:
            raise ApplicationError from None
        why = {"ErrorCode": str(failure.code), "ErrorUrl": urldefrag(goto.url).url}
    try:
        return await _fetch(call, Goto(call.fallback_url, form=why))
    except _UNUSABLE as failure:
        call.hub.note(failure.code, str(failure), call_sid=call.sid, url=call.fallback_url)
        raise ApplicationError from None


async def _fetch(call: Call, goto: Goto) -> Document:
    """Raises WebhookFailed and DocumentError."""
    return read_reply(await call.hub.webhooks.request(goto.url, {**call.form(), **goto.form}, goto.method))


def after(verb: Verb, form: Mapping[str, str]) -> Goto | None:
    """Where a verb's ``action`` leads; None for a verb without one."""
    action = verb.get("action")
    return Goto(verb.address(action), verb.get("method", "POST").upper(), form) if action else None


def callback_of(verb: Verb, default_events: str = "completed") -> Callback | None:
    """Who is told of what happens under this noun."""
    url = verb.get("statusCallback")
    if not url:
        return None
    events = frozenset(verb.get("statusCallbackEvent", default_events).split())
    return Callback(verb.address(url), events, verb.get("statusCallbackMethod", "POST").upper())


async def play(call: Call, clip: bytes, *, loops: bool = False) -> None:
    """Play a clip to its end at the caller's ear."""
    player = sound.Player(clip, loops=loops)
    call.listener = player
    try:
        await player.ended.wait()
    finally:
        if call.listener is player:
            call.listener = Nobody()


async def clip_of(call: Call, verb: Verb) -> tuple[bytes, bool]:
    """The sound of a Play, Say or Pause, and whether it goes on for ever; what cannot be had is noted."""
    times = verb.number("loop", 1)
    match verb.name:
        case "Pause":
            return sound.silence(verb.number("length", 1)), False
        case "Say":
            clip = await _speak(call, verb.text)
        case _:
            clip = await fetch_clip(call, verb.address(verb.text))
    return clip * max(times, 1), times == 0


async def _speak(call: Call, text: str) -> bytes:
    """A text as the exchange's voice says it; silence, and a note, where the voice fails."""
    try:
        return await call.hub.render(text)
    except IvrError as error:
        call.hub.note(13520, f"Say: {error}", call_sid=call.sid)
        return b""


async def fetch_clip(call: Call, url: str) -> bytes:
    """A sound file from an address; silence, and a note, where it cannot be had."""
    try:
        reply = await call.hub.webhooks.request(url, {}, "GET")
        return sound.read_clip(reply.body, reply.content_type)
    except WebhookFailed as failure:
        call.hub.note(failure.code, str(failure), call_sid=call.sid, url=url)
    except ValueError as error:
        call.hub.note(12300, str(error), call_sid=call.sid, url=url)
    return b""


async def wait_clip(call: Call, url: str, method: str) -> bytes:
    """What a waiting or held member hears: a sound file, or the sounds of a document, as one clip."""
    try:
        document = await _fetch(call, Goto(url, method))
    except _UNUSABLE as failure:
        call.hub.note(failure.code, str(failure), call_sid=call.sid, url=url)
        return b""
    clips = [await clip_of(call, verb) for verb in document.verbs if verb.name in ("Play", "Say", "Pause")]
    return b"".join(clip for clip, _ in clips)
