"""What the agent's page asks for: itself, its changing part, its heartbeat, and what stands beside a call."""

from __future__ import annotations

import re

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.wrappers import Response as Answer

from ivr.actions import Ticket
from ivr.errors import IvrError
from ivr.records.store import Call
from ivr.web.access import current_user, requires
from ivr.web.console import words
from ivr.web.console.desk import Fragment, elsewhere, own, page_id
from ivr.web.console.parts import ConsoleParts
from ivr.web.console.view import agent_of

RECORDING = re.compile(r"[\w.-]{1,100}")
EARLIER = 5
"""Earlier calls shown."""
TWILIO_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; "
    "media-src 'self' mediastream: https://sdk.twilio.com; "
    "connect-src 'self' https://eventgw.twilio.com https://sdk.twilio.com wss://voice-js.roaming.twilio.com"
)
"""What Twilio's browser telephone needs besides us (README of @twilio/voice-sdk 2.18, "Content Security Policy")."""


def add_pages(blueprint: Blueprint, parts: ConsoleParts) -> None:
    """``/console``, ``/desk``, ``/here``, ``/beat``, ``/leave`` and ``/calls/<ticket>/...`` to look at."""
    pages = _Pages(parts)
    agent = requires("agent")
    blueprint.get("", endpoint="page")(requires("agent", "supervisor")(pages.page))
    blueprint.get("/desk", endpoint="desk")(agent(pages.desk))
    blueprint.post("/here", endpoint="here")(agent(pages.here))
    blueprint.post("/beat", endpoint="beat")(agent(pages.beat))
    blueprint.post("/close", endpoint="close")(agent(pages.close))
    blueprint.post("/leave", endpoint="leave")(agent(pages.leave))
    blueprint.get("/calls/<ticket_id>/screen/<name>", endpoint="screen")(agent(pages.screen))
    blueprint.get("/calls/<ticket_id>/earlier", endpoint="earlier")(agent(pages.earlier))
    blueprint.get("/calls/<ticket_id>/message", endpoint="message")(agent(pages.message))


class _Pages:
    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self._fragment = Fragment(parts)

    def page(self) -> Response | Answer:
        user = current_user()
        if not user.has_role("agent"):
            return redirect(url_for("console.queues"))
        phone = "" if user.endpoint else self._parts.phone
        text = render_template(
            "console/page.html", fragment=self._fragment.text(user), phone=phone, user=user
        )
        response = make_response(text)
        if phone == "twilio":
            response.headers["Content-Security-Policy"] = TWILIO_POLICY
        return response

    def desk(self) -> Response:
        return self._fragment.answer()

    def here(self) -> Response:
        """This window wants to be the one that works; ``take`` even if another one does."""
        user, page = current_user(), page_id()
        if not page:
            abort(400)
        is_taking = request.form.get("take") == "1"
        if not self._parts.windows.claim(user.login, page, is_taking=is_taking):
            return elsewhere()
        self._parts.distributor.sign_in(agent_of(user), page)
        return self._fragment.answer()

    def beat(self) -> Response:
        """Alive; 410 to one whose agent was counted as lost meanwhile, and has to say ``here`` again."""
        login, page = current_user().login, page_id()
        if not self._parts.windows.claim(login, page):
            return elsewhere()
        return make_response("", 204 if self._parts.distributor.beat(login, page) else 410)

    def close(self) -> Response:
        """The window is closed, or loads anew."""
        self._parts.windows.release(current_user().login, page_id())
        return make_response("", 204)

    def leave(self) -> Response:
        """Signing out: no call shall ring here any more."""
        if self._parts.distributor.desk(current_user().login) is not None:
            self._parts.distributor.sign_out(current_user().login)
        return make_response("", 204)

    def screen(self, ticket_id: str, name: str) -> Response:
        held = own(self._parts, ticket_id)
        part = self._fragment.screen.part(name, held.ticket)
        if part is None:
            abort(404)
        facts = self._fragment.facts(part.fields)
        return make_response(
            render_template("console/part.html", part=part, facts=facts, ticket_id=ticket_id, name=name)
        )

    def earlier(self, ticket_id: str) -> Response:
        held = own(self._parts, ticket_id)
        calls = self._earlier(held.ticket)
        zone = self._fragment.zone
        return make_response(
            render_template("console/earlier.html", calls=calls, zone=zone, ticket_id=ticket_id, words=words)
        )

    def _earlier(self, ticket: Ticket) -> list[Call] | None:
        """None where it cannot be known."""
        try:
            found = self._parts.earlier(ticket.caller) if ticket.caller else []
        except IvrError:
            return None
        return [one for one in found if one.call_id != ticket.call_id][:EARLIER]

    def message(self, ticket_id: str) -> Response:
        """The sound of a message, for the one it is offered to."""
        held = own(self._parts, ticket_id)
        if not held.recording_id or not RECORDING.fullmatch(held.recording_id):
            abort(404)
        return send_from_directory(
            self._parts.messages.absolute(),
            f"{held.recording_id}.wav",
            mimetype="audio/wav",
            conditional=True,
        )
