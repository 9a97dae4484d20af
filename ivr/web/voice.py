"""The carrier's webhooks: what shall become of a call, asked by the carrier and answered in TwiML.

Every request is signed or refused before any work. Every one may come twice, late, or after the call is over.
Without Redis the caller still hears the fallback: it is static.
"""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from ivr.dialogue.state import from_json
from ivr.errors import FormError, QueueError, StoreError
from ivr.telephony import twiml
from ivr.telephony.webhook import RESUME, IncomingCall, read_call, read_form, read_status, read_stream
from ivr.web.parts import Parts

MAX_FORM = 64 * 1024
"""Bytes; Twilio's own forms stay below 4 kB."""
MAX_RESUMES = 3
RESUME_WINDOW_S = 60
"""A stream that breaks more than ``MAX_RESUMES`` times within the window is not worth another try."""
UNREACHED = "11200"
"""The carrier's error for a webhook that broke off: a process died with the question in its hands
(https://www.twilio.com/docs/api/errors/11200)."""
SEEN_S = 24 * 3600
"""How long a callback's second arrival is recognised."""
NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response />'

_log = logging.getLogger(__name__)
_UNHEARD = frozenset({"voice.status", "voice.stream"})


def voice(parts: Parts) -> Blueprint:
    """The blueprint of ``/voice/*``."""
    blueprint = Blueprint("voice", __name__, url_prefix="/voice")
    hooks = _Hooks(parts)
    blueprint.before_request(hooks.admit)
    blueprint.post("/incoming", endpoint="incoming")(hooks.incoming)
    blueprint.post("/resume", endpoint="resume")(hooks.resume)
    blueprint.post("/status", endpoint="status")(hooks.status)
    blueprint.post("/stream", endpoint="stream")(hooks.stream)
    blueprint.post("/fallback", endpoint="fallback")(hooks.fallback)
    blueprint.register_error_handler(FormError, hooks.ill_formed)
    blueprint.register_error_handler(StoreError, hooks.without_store)
    blueprint.register_error_handler(QueueError, hooks.without_store)
    return blueprint


class _Hooks:
    """The five webhooks and what goes before and wrong with them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._media_url = "ws" + parts.public_url.removeprefix("http") + "/media"
        self._resume_url = parts.public_url + RESUME
        self._stream_url = f"{parts.public_url}/voice/stream"

    def admit(self) -> Response | None:
        """Lets nothing pass that the carrier has not signed."""
        request.max_content_length = MAX_FORM
        try:
            body = request.get_data()
            form = read_form(body)
        except (HTTPException, FormError) as error:
            _log.warning("%s refused: %s", request.path, error)
            return _xml(NOTHING, 400)
        target = request.environ.get("REQUEST_URI") or request.full_path.rstrip("?")
        if not self._parts.signatures.is_valid(request.method, target, form, body, dict(request.headers)):
            _log.warning("%s refused: its signature is wrong or missing", request.path)
            return _xml(NOTHING, 403)
        return None

    def incoming(self) -> Response:
        """A call comes in."""
        call = read_call(_form())
        if self._parts.store.is_first(f"incoming:{call.call_sid}", SEEN_S):
            self._parts.store.note(call.call_sid, {"kind": "carrier", "type": "incoming"})
        return _xml(twiml.hangup() if call.has_ended else self._connect(call))

    def resume(self) -> Response:
        """A stream is over, for whatever reason: the call's state says what next."""
        return self._next(read_call(_form()))

    def _next(self, call: IncomingCall) -> Response:
        if call.has_ended:
            return _xml(twiml.hangup())
        saved = self._parts.store.load(call.call_sid)
        if saved is None:
            return _xml(self._connect(call))
        state = from_json(saved.state_json)
        if state.exit == "divert":
            return _xml(self._parts.divert_twiml)
        if state.exit == "hangup" or state.phase == "over":
            return _xml(twiml.hangup())
        if self._may_resume(call.call_sid):
            return _xml(self._connect(call))
        _log.error("call %s: its stream broke too often; diverted", call.call_sid)
        self._parts.store.note(
            call.call_sid, {"kind": "carrier", "type": "divert", "reason": "stream broke too often"}
        )
        return _xml(self._parts.fallback_twiml)

    def status(self) -> Response:
        """Where a call stands, in any order and perhaps twice."""
        callback = read_status(_form())
        call_id = callback.call_sid
        if self._parts.store.is_first(f"status:{call_id}:{callback.sequence}:{callback.status}", SEEN_S):
            line = {"type": "status", "status": callback.status, "sequence": callback.sequence}
            self._parts.store.note(call_id, {"kind": "carrier", **line})
        if callback.has_ended:
            self._parts.bury(call_id)
            self._parts.queue.leave_call(call_id, "caller_hung_up")
            self._note_end(call_id, callback.status)
        return _xml(NOTHING)

    def stream(self) -> Response:
        """What became of a media stream."""
        found = read_stream(_form())
        if self._parts.store.is_first(f"stream:{found.stream_sid}:{found.event}", SEEN_S):
            line = {"type": "stream", "event": found.event, "stream": found.stream_sid, "error": found.error}
            self._parts.store.note(found.call_sid, {"kind": "carrier", **line})
        if found.error:
            _log.error("call %s: media stream failed: %s", found.call_sid, found.error)
        return _xml(NOTHING)

    def fallback(self) -> Response:
        """Our other answers could not be had or used."""
        call = read_call(_form())
        _log.error("call %s: fallback asked, error %s at %s", call.call_sid, call.error_code, call.error_url)
        if call.error_code == UNREACHED and call.error_url.partition("?")[0] == self._resume_url:
            return self._next(call)
        return _xml(self._parts.fallback_twiml)

    def ill_formed(self, error: FormError) -> Response:
        _log.warning("%s refused: %s", request.path, error)
        return _xml(NOTHING, 400)

    def without_store(self, error: Exception) -> Response:
        """Callbacks are told the truth: nobody hears their answer, and the carrier may try again."""
        _log.error("%s without its store: %s", request.path, error)
        return _xml(NOTHING, 503) if request.endpoint in _UNHEARD else _xml(self._parts.fallback_twiml)

    def _connect(self, call: IncomingCall) -> str:
        parameters = {"token": self._parts.store.issue_token(call.call_sid)}
        parties = {"caller": call.caller, "called": call.called}
        parameters.update({name: value for name, value in parties.items() if value})
        return twiml.connect_stream(self._media_url, parameters, self._resume_url, self._stream_url)

    def _may_resume(self, call_id: str) -> bool:
        slots = (f"resume:{call_id}:{slot}" for slot in range(MAX_RESUMES))
        return any(self._parts.store.is_first(slot, RESUME_WINDOW_S) for slot in slots)

    def _note_end(self, call_id: str, status: str) -> None:
        """The process that carries a call writes its end; a call that never had one gets it here, once."""
        if self._parts.store.load(call_id) is None and self._parts.store.is_first(f"ended:{call_id}", SEEN_S):
            self._parts.store.note(call_id, {"kind": "over", "at_ms": 0, "outcome": status})


def _form() -> list[tuple[str, str]]:
    return read_form(request.get_data())


def _xml(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/xml; charset=utf-8")
