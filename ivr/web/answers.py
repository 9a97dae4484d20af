"""What the webhooks share: who is let in, reading what was asked, and the answers that more than one gives."""

from __future__ import annotations

import logging

from flask import Response, request
from werkzeug.exceptions import HTTPException

from ivr.errors import FormError
from ivr.telephony import twiml
from ivr.telephony.addresses import Addresses
from ivr.telephony.webhook import IncomingCall, StatusCallback, read_form
from ivr.web.parts import Parts

MAX_FORM = 64 * 1024
"""Bytes; Twilio's own forms stay below 4 kB."""
SEEN_S = 24 * 3600
"""How long a callback's second arrival is recognised."""
NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response />'
OUTGOING = "outbound-api"
"""Direction of a call that we placed."""

_log = logging.getLogger(__name__)


def admit(parts: Parts) -> Response | None:
    """Lets nothing pass that the carrier has not signed."""
    request.max_content_length = MAX_FORM
    try:
        body = request.get_data()
        fields = read_form(body)
    except (HTTPException, FormError) as error:
        _log.warning("%s refused: %s", request.path, error)
        return xml(NOTHING, 400)
    target = request.environ.get("REQUEST_URI") or request.full_path.rstrip("?")
    if not parts.signatures.is_valid(request.method, target, fields, body, dict(request.headers)):
        _log.warning("%s refused: its signature is wrong or missing", request.path)
        return xml(NOTHING, 403)
    return None


def form() -> list[tuple[str, str]]:
    """The fields of the request."""
    return read_form(request.get_data())


def field(name: str) -> str:
    """One of them; empty where it is missing."""
    return dict(form()).get(name, "")


def xml(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/xml; charset=utf-8")


def ill_formed(error: FormError) -> Response:
    _log.warning("%s refused: %s", request.path, error)
    return xml(NOTHING, 400)


def connect(parts: Parts, call: IncomingCall) -> str:
    """The call's sound comes to us, with a token good once; on a call that we placed, the customer is the caller."""
    addresses = Addresses(parts.public_url)
    parties = {"caller": call.caller, "called": call.called}
    if call.direction == OUTGOING:
        held = parts.queue.of_call(call.call_sid)
        parties = {"caller": call.called, "called": call.caller}
        parties["callback"] = held.ticket.ticket_id if held is not None else ""
    parameters = {"token": parts.store.issue_token(call.call_sid)}
    parameters.update({name: value for name, value in parties.items() if value})
    media_url = "ws" + parts.public_url.removeprefix("http") + "/media"
    stream_url = f"{parts.public_url}/voice/stream"
    return twiml.connect_stream(media_url, parameters, addresses.resume, stream_url)


def note_status(parts: Parts, callback: StatusCallback) -> None:
    """Where a caller's call stands, told in any order and perhaps twice; one that is over leaves nothing behind."""
    call_id, store = callback.call_sid, parts.store
    if store.is_first(f"status:{call_id}:{callback.sequence}:{callback.status}", SEEN_S):
        line = {"type": "status", "status": callback.status, "sequence": callback.sequence}
        store.note(call_id, {"kind": "carrier", **line})
    if callback.has_ended:
        parts.bury(call_id)
        parts.queue.leave_call(call_id, "caller_hung_up")
        # The process that carries a call writes its end; a call that never had one gets it here, once.
        if store.load(call_id) is None and store.is_first(f"ended:{call_id}", SEEN_S):
            store.note(call_id, {"kind": "over", "at_ms": 0, "outcome": callback.status})
