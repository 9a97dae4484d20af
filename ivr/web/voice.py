"""The carrier's webhooks: what shall become of a call, asked by the carrier and answered in TwiML.

Every request is signed or refused before any work. Every one may come twice, late, or after the call is over.
Without Redis the caller still hears the fallback: it is static.
"""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request

from ivr.agents.machine import WITH_AGENT
from ivr.agents.shapes import Held
from ivr.dialogue.state import from_json
from ivr.errors import FormError, QueueError, StoreError
from ivr.telephony import twiml
from ivr.telephony.addresses import Addresses
from ivr.telephony.webhook import IncomingCall, read_call, read_status, read_stream
from ivr.web.answers import NOTHING, SEEN_S, admit, connect, field, form, ill_formed, note_status, xml
from ivr.web.parts import Parts

MAX_RESUMES = 3
RESUME_WINDOW_S = 60
"""A stream that breaks more than ``MAX_RESUMES`` times within the window is not worth another try."""
UNREACHED = "11200"
"""The carrier's error for a webhook that broke off: a process died with the question in its hands
(https://www.twilio.com/docs/api/errors/11200)."""
MAX_RETURNS = 12
"""The same for a caller who comes back from a person's room."""

_log = logging.getLogger(__name__)
_UNHEARD = frozenset({"voice.status", "voice.stream"})


def voice(parts: Parts) -> Blueprint:
    """The blueprint of ``/voice/*``."""
    blueprint = Blueprint("voice", __name__, url_prefix="/voice")
    hooks = _Hooks(parts)
    blueprint.before_request(lambda: admit(parts))
    blueprint.post("/incoming", endpoint="incoming")(hooks.incoming)
    blueprint.post("/resume", endpoint="resume")(hooks.resume)
    blueprint.post("/status", endpoint="status")(hooks.status)
    blueprint.post("/stream", endpoint="stream")(hooks.stream)
    blueprint.post("/fallback", endpoint="fallback")(hooks.fallback)
    blueprint.register_error_handler(FormError, ill_formed)
    blueprint.register_error_handler(StoreError, hooks.without_store)
    blueprint.register_error_handler(QueueError, hooks.without_store)
    return blueprint


class _Hooks:
    """The five webhooks, and what is answered without the store."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._addresses = Addresses(parts.public_url)

    def incoming(self) -> Response:
        """A call comes in."""
        call = read_call(form())
        if self._parts.store.is_first(f"incoming:{call.call_sid}", SEEN_S):
            self._parts.store.note(call.call_sid, {"kind": "carrier", "type": "incoming"})
        return xml(twiml.hangup() if call.has_ended else connect(self._parts, call))

    def resume(self) -> Response:
        """A stream is over, for whatever reason: the call's state says what next."""
        return self._next(read_call(form()))

    def _next(self, call: IncomingCall) -> Response:
        if call.has_ended:
            return xml(twiml.hangup())
        saved = self._parts.store.load(call.call_sid)
        if saved is None:
            return xml(connect(self._parts, call))
        state = from_json(saved.state_json)
        if state.exit == "divert":
            return xml(self._parts.divert_twiml())
        if state.exit == "hangup" or state.phase == "over":
            return xml(twiml.hangup())
        if state.phase == "bridged":
            held = self._with_agent(call)
            if held is not None:
                return xml(self._room(held))
        if self._may_resume(call.call_sid, MAX_RETURNS if state.phase == "bridged" else MAX_RESUMES):
            return xml(connect(self._parts, call))
        _log.error("call %s: its stream broke too often; diverted", call.call_sid)
        self._parts.store.note(
            call.call_sid, {"kind": "carrier", "type": "divert", "reason": "stream broke too often"}
        )
        return xml(self._parts.fallback_twiml())

    def status(self) -> Response:
        """Where a call stands, in any order and perhaps twice."""
        note_status(self._parts, read_status(form()))
        return xml(NOTHING)

    def stream(self) -> Response:
        """What became of a media stream."""
        found = read_stream(form())
        if self._parts.store.is_first(f"stream:{found.stream_sid}:{found.event}", SEEN_S):
            line = {"type": "stream", "event": found.event, "stream": found.stream_sid, "error": found.error}
            self._parts.store.note(found.call_sid, {"kind": "carrier", **line})
        if found.error:
            _log.error("call %s: media stream failed: %s", found.call_sid, found.error)
        return xml(NOTHING)

    def fallback(self) -> Response:
        """Our other answers could not be had or used."""
        call = read_call(form())
        _log.error("call %s: fallback asked, error %s at %s", call.call_sid, call.error_code, call.error_url)
        if call.error_code == UNREACHED and call.error_url.partition("?")[0] == self._addresses.resume:
            return self._next(call)
        return xml(self._parts.fallback_twiml())

    def without_store(self, error: Exception) -> Response:
        """Callbacks are told the truth: nobody hears their answer, and the carrier may try again."""
        _log.error("%s without its store: %s", request.path, error)
        return xml(NOTHING, 503) if request.endpoint in _UNHEARD else xml(self._parts.fallback_twiml())

    def _with_agent(self, call: IncomingCall) -> Held | None:
        """The caller's ticket while a person has it: then the caller belongs into their room.

        One who could not be let in there has to go on with us. Twilio asks this too when it has been told already
        where the call goes next, and throws the answer away: nothing may be changed here for any other reason.
        """
        held = self._parts.queue.of_call(call.call_sid)
        if held is None or held.state not in WITH_AGENT or not held.room:
            return None
        if field("DialCallStatus") == "failed":
            self._parts.queue.depart(held.ticket.ticket_id, "never_came")
            return None
        return held

    def _room(self, held: Held) -> str:
        return twiml.caller_room(
            held.room,
            resume_url=self._addresses.resume,
            status_url=self._addresses.conference(held.ticket.ticket_id),
            wait_url=self._addresses.hold,
        )

    def _may_resume(self, call_id: str, times: int) -> bool:
        slots = (f"resume:{call_id}:{slot}" for slot in range(times))
        return any(self._parts.store.is_first(slot, RESUME_WINDOW_S) for slot in slots)
