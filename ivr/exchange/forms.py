"""What the REST resources share: reading a request's form, making the call it asks for, and refusing it.

Error numbers: https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from multidict import MultiDictProxy

from ivr.exchange import verbs
from ivr.exchange.calls import Call, Callback, Script
from ivr.exchange.hub import Hub
from ivr.exchange.twiml import DocumentError

RING_S = 60
"""How long a phone rings unless ``Timeout`` is given."""
TWIML_LIMIT = 4000
"""Characters of the ``Twiml`` parameter, error 32018."""
_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})

Form = MultiDictProxy[Any]


class RestError(Exception):
    """A request that is refused; ``code`` is Twilio's error number."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status = status
        self.code = code
        super().__init__(message)


def missing(request: web.Request) -> RestError:
    return RestError(404, 20404, f"The requested resource {request.path} was not found")


def text(form: Form, name: str) -> str:
    return str(form.get(name, ""))


def script_of(form: Form) -> Script | None:
    """What a call is to run, by ``Url`` or ``Twiml``; None where neither is given."""
    url, twiml = text(form, "Url"), text(form, "Twiml")
    if url and twiml:
        raise RestError(400, 21205, "Url and Twiml exclude each other")
    if len(twiml) > TWIML_LIMIT:
        raise RestError(400, 32018, f"Twiml is longer than {TWIML_LIMIT} characters")
    if twiml:
        try:
            return verbs.from_text(twiml)
        except DocumentError as error:
            raise RestError(400, error.code, str(error)) from None
    if not url:
        return None
    if not url.startswith(("http://", "https://")):
        raise RestError(400, 21205, f"Url is not a valid URL: {url}")
    return verbs.from_url(url, text(form, "Method").upper() or "POST")


def callback_of(hub: Hub, form: Form, call_sid: str) -> Callback | None:
    """Who is told; a list of events that Twilio does not know means nobody is (error 21626)."""
    url = text(form, "StatusCallback")
    if not url:
        return None
    events = [str(event) for event in form.getall("StatusCallbackEvent", ["completed"])]
    unknown = [event for event in events if event not in _EVENTS]
    if unknown:
        hub.note(21626, f"StatusCallbackEvent: {', '.join(unknown)}", level="warning", call_sid=call_sid)
        return None
    return Callback(url, frozenset(events), text(form, "StatusCallbackMethod").upper() or "POST")


def outgoing(hub: Hub, form: Form) -> Call:
    if not text(form, "To"):
        raise RestError(400, 21201, "No 'To' number is specified")
    if not text(form, "From"):
        raise RestError(400, 21213, "'From' phone number is required")
    call = Call(
        hub,
        to=text(form, "To"),
        from_=text(form, "From"),
        direction="outbound-api",
        fallback_url=text(form, "FallbackUrl"),
    )
    call.callback = callback_of(hub, form, call.sid)
    return call


async def place(call: Call, form: Form, script: Script) -> None:
    timeout = text(form, "Timeout")
    if await call.ring(int(timeout) if timeout.isdigit() else RING_S):
        call.start(script)


def flag(form: Form, name: str) -> bool | None:
    if name not in form:
        return None
    word = text(form, name).lower()
    if word not in ("true", "false"):
        raise RestError(400, 20001, f"{name}: found {word!r}; wanted true or false")
    return word == "true"
