"""What an agent presses: every act names what it is about, so that a second click or an old page does no harm.

Each answers with the desk as it stands then, and one sentence where the wish was not met.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import assert_never

from flask import Blueprint, Response, abort, request

from ivr.handover import Done, Gone, Outcome, Refused
from ivr.records.answers import BEYOND
from ivr.web.access import current_user, requires
from ivr.web.console import words
from ivr.web.console.desk import Fragment, elsewhere, owned, page_id
from ivr.web.console.parts import ConsoleParts
from ivr.web.console.view import targets, topics

MORE_MS = 30_000
"""What one press adds to the time for notes."""
LONGEST_NOTE = 2_000
LONGEST_FIELD = 80
GONE = {
    "offer": "That call is not yours any more: a colleague was faster, or the caller has left.",
    "ticket": "That call is not yours any more. Nothing was done.",
    "caller": "The caller has hung up.",
    "consult": "Nobody is being consulted any more.",
}
REFUSED = {
    "carrier": "The telephone network did not answer. Try again.",
    "busy": "You are asking a colleague already.",
    "unavailable": "That colleague cannot take a call now.",
    "number": "That is no colleague and no number you may call. Write numbers as +44 20 7946 0018.",
    "not_answered": "Your colleague has not answered yet.",
}


def add_acts(blueprint: Blueprint, parts: ConsoleParts) -> None:
    """``/state``, ``/wrap-up``, ``/offers/<offer>/...`` and ``/calls/<ticket>/...`` to press."""
    acts = _Acts(parts)

    def add(path: str, endpoint: str, view: Callable[..., Response]) -> None:
        blueprint.post(path, endpoint=endpoint)(requires("agent")(acts.from_the_working_window(view)))

    add("/state", "state", acts.state)
    add("/wrap-up", "wrap_up", acts.wrap_up)
    add("/wrap-up/more", "more", acts.more)
    add("/offers/<offer_id>/<act>", "offer", acts.offer)
    add("/calls/<ticket_id>/<act>", "call", acts.call)


class _Acts:
    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self._hands = parts.hands
        self._fragment = Fragment(parts)

    def from_the_working_window(self, view: Callable[..., Response]) -> Callable[..., Response]:
        """Only the window that works may act."""

        def act(**arguments: str) -> Response:
            if not self._parts.windows.claim(current_user().login, page_id()):
                return elsewhere()
            return view(**arguments)

        return act

    def state(self) -> Response:
        """Ready, on a break, or offline; during a call it is pending until the call's wrap-up ends."""
        match request.form.get("state"):
            case "ready" | "offline" as state:
                self._parts.distributor.choose(current_user().login, state)
            case "break":
                reason = request.form.get("reason", "")
                self._parts.distributor.choose(
                    current_user().login, "break", reason if reason in words.BREAKS else ""
                )
            case _:
                abort(400)
        return self._fragment.answer()

    def wrap_up(self) -> Response:
        """The call's code and note; a page that shows an older wrap-up than the one that runs changes nothing."""
        login = current_user().login
        code = request.form.get("code", "")
        desk = self._parts.distributor.desk(login)
        if desk is None or desk.state != "wrapup" or str(desk.since_ms) != request.form.get("since", ""):
            return self._fragment.answer()
        if code not in self._parts.book().site.wrap_up_codes:
            return self._fragment.answer("Choose how the call ended.")
        note, about = request.form.get("note", "").strip()[:LONGEST_NOTE], request.form.get("about", "")
        self._parts.distributor.wrap_up(login, code, note)
        if about not in (BEYOND, *(name for name, _ in topics(self._parts.book()))):
            about = ""
        self._parts.noted(desk.last_call_id, code, about, note)
        return self._fragment.answer()

    def more(self) -> Response:
        self._parts.distributor.extend_wrap_up(current_user().login, MORE_MS)
        return self._fragment.answer()

    def offer(self, offer_id: str, act: str) -> Response:
        login = current_user().login
        match act:
            case "accept":
                outcome = self._hands.accept(offer_id, login)
            case "decline":
                outcome = self._hands.decline(offer_id, login)
            case _:
                abort(404)
        return self._told(outcome)

    def call(self, ticket_id: str, act: str) -> Response:
        login, hands = current_user().login, self._hands
        if owned(self._parts, ticket_id) is None:
            return self._fragment.answer(GONE["ticket"], 404)
        match act:
            case "hold":
                outcome = hands.hold(ticket_id, login)
            case "unhold":
                outcome = hands.unhold(ticket_id, login)
            case "mute" | "unmute":
                outcome = hands.mute(ticket_id, login, act == "mute")
            case "consult":
                outcome = hands.consult(ticket_id, login, _address(request.form))
            case "three":
                outcome = hands.join_three(ticket_id, login)
            case "transfer":
                outcome = hands.complete_transfer(ticket_id, login)
            case "cancel":
                outcome = hands.cancel_consult(ticket_id, login)
            case "hang-up":
                outcome = hands.hang_up(ticket_id, login)
            case "back":
                outcome = self._back(ticket_id)
            case "done":
                self._parts.distributor.done(ticket_id, "dealt_with")
                outcome = Done()
            case _:
                abort(404)
        return self._told(outcome)

    def _back(self, ticket_id: str) -> Outcome:
        """Back to the machine, with what the agent has learned and its flow would ask."""
        target = request.form.get("target", "")
        known = {one.name: one for one in targets(self._parts)}.get(target)
        if known is None:
            abort(400)
        said = {name: request.form.get(f"field.{name}", "").strip()[:LONGEST_FIELD] for name in known.fields}
        fields = {name: value for name, value in said.items() if value}
        return self._hands.hand_back(ticket_id, current_user().login, target, fields)

    def _told(self, outcome: Outcome) -> Response:
        match outcome:
            case Done():
                return self._fragment.answer()
            case Gone(what):
                return self._fragment.answer(GONE[what])
            case Refused(reason):
                return self._fragment.answer(REFUSED[reason])
        assert_never(outcome)


def _address(form: Mapping[str, str]) -> str:
    """A colleague, or an outside number as people write it."""
    number = form.get("number", "").strip()
    if not number:
        return form.get("colleague", "")
    return number if number.startswith("sip:") else re.sub(r"[\s().-]", "", number)
