"""The REST resources Conferences and Participants."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from ivr.exchange import resources, sound, verbs
from ivr.exchange.calls import Call, Callback
from ivr.exchange.conference import Conference, Member, open_conference
from ivr.exchange.dial import wish_of
from ivr.exchange.forms import Form, flag, missing, outgoing, place, text
from ivr.exchange.hub import Hub
from ivr.exchange.script import wait_clip
from ivr.exchange.twiml import Document, Verb

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


class Conferences:
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
        if text(form, "AnnounceUrl"):
            for member in conference.members.values():
                self._announce(member, form)
        if text(form, "Status") == "completed":
            conference.end("conference-ended-via-api")
        return web.json_response(self._json(conference))

    async def invite(self, request: web.Request) -> web.Response:
        form = await request.post()
        call = outgoing(self._hub, form)
        attributes = {ours: text(form, name) for name, ours in _PARTICIPANT.items() if name in form}
        events = form.getall("ConferenceStatusCallbackEvent", [])
        attributes["statusCallbackEvent"] = " ".join(str(event) for event in events)
        conference = self._open(request.match_info["conference"], attributes)
        noun = Verb("Conference", attributes, conference.name, (), "")
        self._hub.spawn(self._bring(call, form, noun, conference))
        body = resources.invited_json(call, conference, text(form, "Label"))
        return web.json_response(body, status=201)

    async def members(self, request: web.Request) -> web.Response:
        rows = [resources.participant_json(member) for member in self._find(request).members.values()]
        return web.json_response(resources.page("participants", request.path_qs, rows))

    async def member(self, request: web.Request) -> web.Response:
        return web.json_response(resources.participant_json(self._find_member(request)))

    async def change(self, request: web.Request) -> web.Response:
        member = self._find_member(request)
        form = await request.post()
        held = flag(form, "Hold")
        if "Coaching" in form:
            member.wish.coach = text(form, "CallSidToCoach") if flag(form, "Coaching") else ""
        member.conference.change(
            member, muted=flag(form, "Muted"), held=held, ends=flag(form, "EndConferenceOnExit")
        )
        if held:
            self._hub.spawn(self._amuse(member, form))
        if text(form, "AnnounceUrl"):
            self._announce(member, form)
        return web.json_response(resources.participant_json(member))

    async def remove(self, request: web.Request) -> web.Response:
        member = self._find_member(request)
        member.conference.leave(member, "participant_updated_via_api", is_kicked=True)
        return web.Response(status=204)

    async def _bring(self, call: Call, form: Form, noun: Verb, conference: Conference) -> None:
        await place(call, form, verbs.from_document(Document((Verb("Dial", {}, "", (noun,), ""),))))
        if call.started is None:
            conference.miss(call, wish_of(noun))

    async def _amuse(self, member: Member, form: Form) -> None:
        """Hold music: the document at ``HoldUrl``, or the exchange's own."""
        url = text(form, "HoldUrl")
        method = text(form, "HoldMethod").upper() or "GET"
        clip = await wait_clip(member.call, url, method) if url else sound.hold_music()
        if member.is_held and clip:
            member.aside = sound.Player(clip, loops=True)

    def _announce(self, member: Member, form: Form) -> None:
        self._hub.spawn(
            self._play(member, text(form, "AnnounceUrl"), text(form, "AnnounceMethod").upper() or "POST")
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
            raise missing(request)
        return conference

    def _find_member(self, request: web.Request) -> Member:
        member = self._find(request).find(request.match_info["member"])
        if member is None:
            raise missing(request)
        return member

    def _json(self, conference: Conference) -> dict[str, Any]:
        return resources.conference_json(conference, self._hub.settings.account_sid)
