"""Twilio's REST API as far as this project calls it: twilio-python works against it by its base URL.

Routes, who may ask, the fault knob, and the resource Calls (create, fetch, list, update); conferences and
their participants are in ``rooms``.
"""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from aiohttp import web

from ivr.exchange import resources
from ivr.exchange.calls import Call
from ivr.exchange.forms import RestError, callback_of, missing, outgoing, place, script_of, text
from ivr.exchange.hub import Hub
from ivr.exchange.rooms import Conferences
from ivr.exchange.settings import RestFault

ROOT = f"/{resources.VERSION}/"
_HANG_S = 120
"""How long a request hangs under the faults ``timeout`` and ``lost``."""
_FAULTS: Mapping[RestFault, tuple[int, int, str]] = {
    "429": (429, 20429, "Too Many Requests"),
    "21220": (400, 21220, "Call is not in-progress. Cannot redirect."),
    "20404": (404, 20404, "The requested resource was not found"),
    "500": (500, 20500, "Internal Server Error"),
    "timeout": (504, 20504, "Gateway Timeout"),
}


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_routes(application: web.Application, hub: Hub) -> None:
    """Put the API below ``ROOT``."""
    account = f"{ROOT}Accounts/{hub.settings.account_sid}"
    calls, rooms = Calls(hub), Conferences(hub)
    one = account + "/Conferences/{conference}"
    routes: list[tuple[str, str, str, Handler]] = [
        ("POST", account + "/Calls.json", "calls.create", calls.create),
        ("GET", account + "/Calls.json", "calls.list", calls.list),
        ("GET", account + "/Calls/{call}.json", "calls.fetch", calls.fetch),
        ("POST", account + "/Calls/{call}.json", "calls.update", calls.update),
        ("GET", account + "/Conferences.json", "conferences.list", rooms.list),
        ("GET", one + ".json", "conferences.fetch", rooms.fetch),
        ("POST", one + ".json", "conferences.update", rooms.update),
        ("POST", one + "/Participants.json", "participants.create", rooms.invite),
        ("GET", one + "/Participants.json", "participants.list", rooms.members),
        ("GET", one + "/Participants/{member}.json", "participants.fetch", rooms.member),
        ("POST", one + "/Participants/{member}.json", "participants.update", rooms.change),
        ("DELETE", one + "/Participants/{member}.json", "participants.delete", rooms.remove),
        ("*", ROOT + "{rest:.*}", "", _unknown),
    ]
    for method, where, name, handler in routes:
        application.router.add_route(method, where, _guarded(hub, name, handler))


def _guarded(hub: Hub, name: str, handler: Handler) -> Handler:
    """Check who asks, let the fault knob act, and write errors as Twilio does."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            _authenticate(hub, request)
            fault = _fault(hub, name)
            if fault == "timeout":
                await asyncio.sleep(_HANG_S)
            if fault in _FAULTS:
                raise RestError(*_FAULTS[fault])
            answer = await handler(request)
            if fault == "lost":
                await asyncio.sleep(_HANG_S)
            return answer
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


def _fault(hub: Hub, name: str) -> RestFault:
    """What is to go wrong with this request, counted down."""
    faults = hub.faults
    is_meant = not faults.rest_on or name in faults.rest_on.split()
    if not faults.rest or not is_meant or faults.rest_times == 0:
        return ""
    if faults.rest_times > 0:
        hub.faults = replace(faults, rest_times=faults.rest_times - 1)
    return faults.rest


async def _unknown(request: web.Request) -> web.StreamResponse:
    raise missing(request)


class Calls:
    """The Calls resource."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def create(self, request: web.Request) -> web.Response:
        form = await request.post()
        script = script_of(form)
        if script is None:
            raise RestError(400, 21205, "Url parameter is required.")
        call = outgoing(self._hub, form)
        self._hub.spawn(place(call, form, script))
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
        script = script_of(form)
        status = text(form, "Status")
        if status not in ("", "completed", "canceled"):
            raise RestError(400, 21218, f"Status: found {status!r}; wanted completed or canceled")
        if status and call.is_live:
            call.end("completed" if call.status == "in-progress" else "canceled")
        elif status or script is not None:
            if call.status != "in-progress" or script is None:
                raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
            call.fallback_url = text(form, "FallbackUrl") or call.fallback_url
            if text(form, "StatusCallback"):
                call.callback = callback_of(self._hub, form, call.sid)
            await call.replace(script)
        return web.json_response(resources.call_json(call))

    def _find(self, request: web.Request) -> Call:
        call = self._hub.calls.get(request.match_info["call"])
        if call is None:
            raise missing(request)
        return call
