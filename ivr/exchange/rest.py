"""Twilio's REST API as far as this project calls it: twilio-python works against it by its base URL.

Calls (create, fetch, list, update), conferences (fetch, list, update) and their participants (create,
fetch, list, update, delete). Basic authentication, Twilio's error numbers, and the REST fault knob.
"""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiohttp import web
from multidict import MultiDictProxy

from ivr.exchange import resources, sound, verbs
from ivr.exchange.calls import Call, Callback, Script
from ivr.exchange.conference import Conference, Member, open_conference
from ivr.exchange.hub import Hub
from ivr.exchange.script import wait_clip
from ivr.exchange.twiml import Document, DocumentError, Verb

ROOT = f"/{resources.VERSION}/"
RING_S = 60
"""How long a phone rings unless ``Timeout`` is given."""
TWIML_LIMIT = 4000
"""Characters of the ``Twiml`` parameter, error 32018."""
_HANG_S = 120
"""How long a request hangs under the fault ``timeout``."""
_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
_PARTICIPANT = {
    "Label": "participantLabel",
    "Muted": "muted",
    "Beep": "beep",
    "StartConferenceOnEnter": "startConferenceOnEnter",
    "EndConferenceOnExit": "endConferenceOnExit",
    "WaitUrl": "waitUrl",
    "WaitMethod": "waitMethod",
    "CallSidToCoach": "coach",
    "ConferenceStatusCallback": "statusCallback",
    "ConferenceStatusCallbackMethod": "statusCallbackMethod",
}
"""REST parameters of a participant and the attributes of ``<Conference>`` that mean the same."""
_FAULTS = {
    "429": (429, 20429, "Too Many Requests"),
    "21220": (400, 21220, "Call is not in-progress. Cannot redirect."),
    "20404": (404, 20404, "The requested resource was not found"),
    "500": (500, 20500, "Internal Server Error"),
}

Form = MultiDictProxy[Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RestError(Exception):
    """A request that is refused; ``code`` is Twilio's error number."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status = status
        self.code = code
        super().__init__(message)


def add_routes(application: web.Application, hub: Hub) -> None:
    """Put the API below ``ROOT``."""
    account = f"{ROOT}Accounts/{hub.settings.account_sid}"
    calls, rooms = _Calls(hub), _Conferences(hub)
    one = account + "/Conferences/{conference}"
    routes: list[tuple[str, str, Handler]] = [
        ("POST", account + "/Calls.json", calls.create),
        ("GET", account + "/Calls.json", calls.list),
        ("GET", account + "/Calls/{call}.json", calls.fetch),
        ("POST", account + "/Calls/{call}.json", calls.update),
        ("GET", account + "/Conferences.json", rooms.list),
        ("GET", one + ".json", rooms.fetch),
        ("POST", one + ".json", rooms.update),
        ("POST", one + "/Participants.json", rooms.invite),
        ("GET", one + "/Participants.json", rooms.members),
        ("GET", one + "/Participants/{member}.json", rooms.member),
        ("POST", one + "/Participants/{member}.json", rooms.change),
        ("DELETE", one + "/Participants/{member}.json", rooms.remove),
        ("*", ROOT + "{rest:.*}", _unknown),
    ]
    for method, where, handler in routes:
        application.router.add_route(method, where, _guarded(hub, handler))


def _guarded(hub: Hub, handler: Handler) -> Handler:
    """Check who asks, let the fault knob act, and write errors as Twilio does."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            _authenticate(hub, request)
            await _misbehave(hub)
            return await handler(request)
        except RestError as error:
            more = f"https://www.twilio.com/docs/errors/{error.code}"
            body = {"code": error.code, "message": str(error), "more_info": more, "status": error.status}
            return web.json_response(body, status=error.status)

    return guarded


def _authenticate(hub: Hub, request: web.Request) -> None:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    wanted = f"{hub.settings.account_sid}:{hub.settings.auth_token}".encode()
    try:
        found = b64decode(secret)
    except ValueError:
        found = b""
    if kind.lower() != "basic" or not hmac.compare_digest(found, wanted):
        raise RestError(401, 20003, "Authenticate")


async def _misbehave(hub: Hub) -> None:
    kind = hub.faults.rest
    if not kind or hub.faults.rest_times == 0:
        return
    if hub.faults.rest_times > 0:
        hub.faults = replace(hub.faults, rest_times=hub.faults.rest_times - 1)
    if kind == "timeout":
        await asyncio.sleep(_HANG_S)
        kind = "500"
    raise RestError(*_FAULTS[kind])


async def _unknown(request: web.Request) -> web.StreamResponse:
    raise _missing(request)


def _missing(request: web.Request) -> RestError:
    return RestError(404, 20404, f"The requested resource {request.path} was not found")


class _Calls:
    """The Calls resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def create(self, request: web.Request) -> web.Response:
        form = await request.post()
        script = _script(form)
        if script is None:
            raise RestError(400, 21205, "Url parameter is required.")
        call = _outgoing(self._hub, form)
        self._hub.spawn(_place(call, form, script))
        return web.json_response(resources.call_json(call), status=201)

    async def list(self, request: web.Request) -> web.Response:
        wanted = {name: request.query.get(name) for name in ("To", "From", "Status", "ParentCallSid")}
        rows = [resources.call_json(call) for call in reversed(self._hub.calls.values())]
        keys = {"To": "to", "From": "from", "Status": "status", "ParentCallSid": "parent_call_sid"}
        chosen = [
            row for row in rows if all(value in (None, row[keys[name]]) for name, value in wanted.items())
        ]
        return web.json_response(resources.page("calls", request.path_qs, chosen))

    async def fetch(self, request: web.Request) -> web.Response:
        return web.json_response(resources.call_json(self._find(request)))

    async def update(self, request: web.Request) -> web.Response:
        call = self._find(request)
        form = await request.post()
        script = _script(form)
        status = _text(form, "Status")
        if status not in ("", "completed", "canceled"):
            raise RestError(400, 21218, f"Status: found {status!r}; wanted completed or canceled")
        if status and call.is_live:
            call.end("completed" if call.status == "in-progress" else "canceled")
        elif status or script is not None:
            if call.status != "in-progress" or script is None:
                raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
            call.fallback_url = _text(form, "FallbackUrl") or call.fallback_url
            if _text(form, "StatusCallback"):
                call.callback = _callback(self._hub, form, call.sid)
            await call.replace(script)
        return web.json_response(resources.call_json(call))

    def _find(self, request: web.Request) -> Call:
        call = self._hub.calls.get(request.match_info["call"])
        if call is None:
            raise _missing(request)
        return call


def _text(form: Form, name: str) -> str:
    return str(form.get(name, ""))


def _script(form: Form) -> Script | None:
    """What a call is to run, by ``Url`` or ``Twiml``; None where neither is given."""
    url, twiml = _text(form, "Url"), _text(form, "Twiml")
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
    return verbs.from_url(url, _text(form, "Method").upper() or "POST")


def _callback(hub: Hub, form: Form, call_sid: str) -> Callback | None:
    """Who is told; a list of events that Twilio does not know means nobody is (error 21626)."""
    url = _text(form, "StatusCallback")
    if not url:
        return None
    events = [str(event) for event in form.getall("StatusCallbackEvent", ["completed"])]
    unknown = [event for event in events if event not in _EVENTS]
    if unknown:
        hub.note(21626, f"StatusCallbackEvent: {', '.join(unknown)}", level="warning", call_sid=call_sid)
        return None
    return Callback(url, frozenset(events), _text(form, "StatusCallbackMethod").upper() or "POST")


def _outgoing(hub: Hub, form: Form) -> Call:
    if not _text(form, "To"):
        raise RestError(400, 21201, "No 'To' number is specified")
    if not _text(form, "From"):
        raise RestError(400, 21213, "'From' phone number is required")
    call = Call(
        hub,
        to=_text(form, "To"),
        from_=_text(form, "From"),
        direction="outbound-api",
        fallback_url=_text(form, "FallbackUrl"),
    )
    call.callback = _callback(hub, form, call.sid)
    return call


async def _place(call: Call, form: Form, script: Script) -> None:
    timeout = _text(form, "Timeout")
    if await call.ring(int(timeout) if timeout.isdigit() else RING_S):
        call.start(script)


class _Conferences:
    """The Conferences resource and its Participants."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def list(self, request: web.Request) -> web.Response:
        name, status = request.query.get("FriendlyName"), request.query.get("Status")
        chosen = [
            self._json(conference)
            for conference in reversed(self._hub.conferences.values())
            if name in (None, conference.name) and status in (None, conference.status)
        ]
        return web.json_response(resources.page("conferences", request.path_qs, chosen))

    async def fetch(self, request: web.Request) -> web.Response:
        return web.json_response(self._json(self._find(request)))

    async def update(self, request: web.Request) -> web.Response:
        conference = self._find(request)
        form = await request.post()
        if _text(form, "AnnounceUrl"):
            for member in conference.members.values():
                self._announce(member, form)
        if _text(form, "Status") == "completed":
            conference.end("conference-ended-via-api")
        return web.json_response(self._json(conference))

    async def invite(self, request: web.Request) -> web.Response:
        form = await request.post()
        call = _outgoing(self._hub, form)
        attributes = {ours: _text(form, name) for name, ours in _PARTICIPANT.items() if name in form}
        events = form.getall("ConferenceStatusCallbackEvent", [])
        attributes["statusCallbackEvent"] = " ".join(str(event) for event in events)
        conference = self._open(request.match_info["conference"], attributes)
        noun = Verb("Conference", attributes, conference.name, (), "")
        script = verbs.from_document(Document((Verb("Dial", {}, "", (noun,), ""),)))
        self._hub.spawn(self._bring(call, form, script, conference))
        body = resources.invited_json(call, conference, _text(form, "Label"))
        return web.json_response(body, status=201)

    async def members(self, request: web.Request) -> web.Response:
        rows = [resources.participant_json(member) for member in self._find(request).members.values()]
        return web.json_response(resources.page("participants", request.path_qs, rows))

    async def member(self, request: web.Request) -> web.Response:
        return web.json_response(resources.participant_json(self._find_member(request)))

    async def change(self, request: web.Request) -> web.Response:
        member = self._find_member(request)
        form = await request.post()
        held = _flag(form, "Hold")
        if "Coaching" in form:
            member.wish.coach = _text(form, "CallSidToCoach") if _flag(form, "Coaching") else ""
        member.conference.change(
            member, muted=_flag(form, "Muted"), held=held, ends=_flag(form, "EndConferenceOnExit")
        )
        if held:
            self._hub.spawn(self._amuse(member, form))
        if _text(form, "AnnounceUrl"):
            self._announce(member, form)
        return web.json_response(resources.participant_json(member))

    async def remove(self, request: web.Request) -> web.Response:
        member = self._find_member(request)
        member.conference.leave(member, "participant_removed_via_api")
        return web.Response(status=204)

    async def _bring(self, call: Call, form: Form, script: Script, conference: Conference) -> None:
        await _place(call, form, script)
        if not call.is_live and not conference.members:
            conference.end("last-participant-left")

    async def _amuse(self, member: Member, form: Form) -> None:
        """Hold music: the document at ``HoldUrl``, or the exchange's own."""
        url = _text(form, "HoldUrl")
        method = _text(form, "HoldMethod").upper() or "GET"
        clip = await wait_clip(member.call, url, method) if url else sound.hold_music()
        if member.is_held and clip:
            member.aside = sound.Player(clip, loops=True)

    def _announce(self, member: Member, form: Form) -> None:
        self._hub.spawn(
            self._play(member, _text(form, "AnnounceUrl"), _text(form, "AnnounceMethod").upper() or "POST")
        )

    async def _play(self, member: Member, url: str, method: str) -> None:
        await member.listen(await wait_clip(member.call, url, method))
        member.conference.tell("announcement-end", member)

    def _open(self, key: str, attributes: dict[str, str]) -> Conference:
        if key in self._hub.conferences:
            return self._hub.conferences[key]
        url = attributes.get("statusCallback", "")
        events = frozenset(attributes["statusCallbackEvent"].split())
        method = attributes.get("statusCallbackMethod", "POST")
        return open_conference(self._hub, key, Callback(url, events, method) if url else None)

    def _find(self, request: web.Request) -> Conference:
        conference = self._hub.conferences.get(request.match_info["conference"])
        if conference is None:
            raise _missing(request)
        return conference

    def _find_member(self, request: web.Request) -> Member:
        member = self._find(request).find(request.match_info["member"])
        if member is None:
            raise _missing(request)
        return member

    def _json(self, conference: Conference) -> dict[str, Any]:
        return resources.conference_json(conference, self._hub.settings.account_sid)


def _flag(form: Form, name: str) -> bool | None:
    if name not in form:
        return None
    word = _text(form, name).lower()
    if word not in ("true", "false"):
        raise RestError(400, 20001, f"{name}: found {word!r}; wanted true or false")
    return word == "true"
