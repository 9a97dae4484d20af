"""The part of the page that changes: made anew for every look and every act, and who may ask for it."""

from __future__ import annotations

import time
from zoneinfo import ZoneInfo

from flask import Response, abort, jsonify, make_response, render_template, request

from ivr.accounts.users import User
from ivr.agents.shapes import Held
from ivr.records.answers import BEYOND
from ivr.web.access import current_user
from ivr.web.console import words
from ivr.web.console.parts import ConsoleParts
from ivr.web.console.screen import Screen
from ivr.web.console.view import look

PAGE_HEADER = "X-Console-Page"
"""Names the browser window that asks: one window of an agent works, others only watch."""
ELSEWHERE = "The console is open in another window."


class Fragment:
    """Renders the desk of whoever asks."""

    def __init__(self, parts: ConsoleParts) -> None:
        self.parts = parts
        self.screen = Screen(parts)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.parts.book().site.time_zone)

    def text(self, user: User, notice: str = "") -> str:
        """The desk as it stands now, with one sentence on what has just been tried."""
        view = look(self.parts, user)
        card = view.card
        site = self.parts.book().site
        return render_template(
            "console/desk.html",
            view=view,
            desk=view.desk,
            card=card,
            notice=notice,
            queues={name: queue.name for name, queue in site.queues.items()},
            entry=site.entry,
            facts=words.facts(card.held.ticket.fields, self.zone) if card else [],
            screen=self.screen.shown(card.held.ticket) if card else {},
            has_browser_phone=not user.endpoint,
            words=words,
            beyond=BEYOND,
            now_ms=int(time.time() * 1000),
        )

    def answer(self, notice: str = "", status: int = 200) -> Response:
        return make_response(self.text(current_user(), notice), status)

    def facts(self, fields: object) -> list[words.Fact]:
        return words.facts(fields, self.zone) if isinstance(fields, dict) else []


def page_id() -> str:
    return request.headers.get(PAGE_HEADER, "")[:64]


def elsewhere() -> Response:
    """Told to a window that is not (any more) the one that works."""
    return make_response(jsonify(error=ELSEWHERE), 409)


def owned(parts: ConsoleParts, ticket_id: str) -> Held | None:
    """The ticket, if it is offered to whoever asks, or theirs, or a colleague's who asks them."""
    login = current_user().login
    held = parts.distributor.held(ticket_id)
    if held is None:
        return None
    is_offered = any(offer.agent_id == login for offer in held.offers)
    return held if is_offered or login in (held.agent_id, held.consulted_id) else None


def own(parts: ConsoleParts, ticket_id: str) -> Held:
    """Like ``owned``; 404 for any other."""
    held = owned(parts, ticket_id)
    if held is None:
        abort(404)
    return held
