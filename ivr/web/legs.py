"""The telephones of people, and of customers who are called back: what they hear, and what became of them.

Every request is signed like those of callers, and may come twice, late, and in any order; each is answered from
the queue, which alone knows who has whom.
"""

from __future__ import annotations

import io
import logging
from functools import cache

from flask import Blueprint, Response, request

from ivr.agents.shapes import Departing, Held
from ivr.audio import wav
from ivr.audio.music import hold_clip
from ivr.dialogue.brief import KEYS, brief
from ivr.errors import FormError, QueueError, StoreError
from ivr.events import Refusal
from ivr.handover import CONSULT, caller_leg, entering, is_theirs
from ivr.telephony import twiml
from ivr.telephony.addresses import HOLD_SOUND, Addresses, Errand
from ivr.telephony.webhook import ENDED, IncomingCall, RoomChange, read_call, read_room, read_status
from ivr.web.access import open_to_all
from ivr.web.answers import NOTHING, admit, connect, field, form, ill_formed, note_status, xml
from ivr.web.parts import Parts

ANNOUNCE_MS = 20_000
"""Until the last key may come: 8 s of brief, 4 s of keys, ``twiml.KEY_S`` to think, and the ways between."""
TURNS = 3
"""How often a call is announced to one telephone."""
CLIENT = "client:"
"""How the address of a browser's telephone begins."""
TAKEN = "A colleague was faster, or the caller has left. Goodbye."
DAY_S = 24 * 3600

_log = logging.getLogger(__name__)
_REFUSALS: dict[str, Refusal] = {"busy": "busy", "no-answer": "no_answer", "failed": "failed"}
_HUNG_UP = "participant_hung_up"
"""Twilio's reason for a member who left by hanging up; all others are our own doing, or follow from it."""


def legs(parts: Parts) -> Blueprint:
    """The blueprint of ``/voice/agent/*``, ``/voice/conference``, ``/voice/hold`` and ``/voice/callback/*``."""
    blueprint = Blueprint("legs", __name__, url_prefix="/voice")
    hooks = _Hooks(parts)
    blueprint.before_request(lambda: admit(parts))
    blueprint.post("/agent/screen", endpoint="screen")(hooks.screen)
    blueprint.post("/agent/key", endpoint="key")(hooks.key)
    blueprint.post("/agent/after", endpoint="after")(hooks.after)
    blueprint.post("/agent/status", endpoint="status")(hooks.status)
    blueprint.post("/agent/consult", endpoint="consult")(hooks.consult)
    blueprint.post("/conference", endpoint="conference")(hooks.conference)
    blueprint.post("/hold", endpoint="hold")(hooks.hold)
    blueprint.post("/callback/answer", endpoint="callback_answer")(hooks.callback_answer)
    blueprint.post("/callback/status", endpoint="callback_status")(hooks.callback_status)
    blueprint.register_error_handler(FormError, ill_formed)
    blueprint.register_error_handler(StoreError, _without_store)
    blueprint.register_error_handler(QueueError, _without_store)
    return blueprint


def sound() -> Blueprint:
    """The blueprint of the hold music, which carriers fetch unsigned."""
    blueprint = Blueprint("sound", __name__)

    @blueprint.get(HOLD_SOUND)
    @open_to_all
    def hold() -> Response:
        response = Response(_hold_sound(), content_type="audio/wav")
        response.headers["Cache-Control"] = f"public, max-age={DAY_S}"
        return response

    return blueprint


@cache
def _hold_sound() -> bytes:
    """The same on every run; made when first wanted, which takes 0.2 s."""
    file = io.BytesIO()
    wav.write(file, hold_clip())
    return file.getvalue()


class _Hooks:
    """The webhooks, and what the queue makes of them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._queue = parts.queue
        self._addresses = Addresses(parts.public_url)

    # a person's telephone

    def screen(self) -> Response:
        """It was answered, or is to do what its person has decided meanwhile."""
        call, errand = read_call(form()), _errand()
        if call.has_ended:
            return xml(twiml.hangup())
        self._queue.rang(errand.offer_id, call.call_sid)
        return xml(self._announced(call, errand, 1))

    def key(self) -> Response:
        """A key was pressed while the call was announced, or none to the end of it."""
        call, errand, key = read_call(form()), _errand(), field("Digits")
        if call.has_ended:
            return xml(twiml.hangup())
        if key == "1":
            return xml(self._accepted(errand))
        if key == "2":
            self._queue.refuse(errand.offer_id, "declined")
            return xml(twiml.hangup())
        turn = _number(request.args.get("turn", "")) + 1
        if key and turn <= TURNS:
            return xml(self._announced(call, errand, turn))
        self._queue.refuse(errand.offer_id, _unheard(call))
        return xml(self._announced(call, errand, turn))

    def after(self) -> Response:
        """It has left the room. Where that was not its person's doing, they belong into it all the same."""
        call, errand = read_call(form()), _errand()
        held = self._parts.hands.theirs(errand)
        if held is None or field("DialCallStatus") == "failed":
            return xml(twiml.hangup())
        if call.has_ended:
            self._left(held, call.status)
            return xml(twiml.hangup())
        return xml(self._room(held, errand))

    def status(self) -> Response:
        """How it fares."""
        callback, errand = read_status(form()), _errand()
        if callback.status in ("ringing", "in-progress"):
            if not self._queue.rang(errand.offer_id, callback.call_sid):
                self._parts.hands.drop(callback.call_sid)
        elif callback.has_ended:
            refusal = _REFUSALS.get(callback.status, _unheard(read_call(form())))
            if not self._queue.refuse(errand.offer_id, refusal):
                held = self._parts.hands.theirs(errand)
                if held is not None:
                    self._left(held, callback.status)
        return xml(NOTHING)

    def consult(self) -> Response:
        """How the telephone fares of one who is asked for advice."""
        callback, errand = read_status(form()), _errand()
        if callback.has_ended:
            self._parts.hands.consult_over(errand.ticket_id, callback.call_sid)
            held = self._queue.held(errand.ticket_id)
            if held is not None and self._parts.hands.agent_leg(held) == callback.call_sid:
                self._left(held, callback.status)
        return xml(NOTHING)

    # a room

    def conference(self) -> Response:
        """Somebody came in, left, or was put on hold."""
        change = read_room(form())
        held = self._queue.held(_errand().ticket_id)
        if held is not None and change.room == held.room:
            self._changed(held, change)
        elif change.event == "participant-leave" and change.label == CONSULT:
            self._parts.hands.fetch_alone(change.conference_sid)
        return xml(NOTHING)

    def hold(self) -> Response:
        """What is heard by whoever waits."""
        return xml(twiml.music(self._addresses.hold_sound))

    # a customer who is called back

    def callback_answer(self) -> Response:
        """The customer has picked up: the machine speaks first."""
        call, errand = read_call(form()), _errand()
        self._queue.dialed(errand.ticket_id, call.call_sid)
        if call.has_ended or not self._queue.answered(errand.ticket_id):
            return xml(twiml.hangup())
        return xml(connect(self._parts, call))

    def callback_status(self) -> Response:
        """How the call to the customer fares."""
        callback, errand = read_status(form()), _errand()
        if callback.has_ended and callback.status != "completed":
            self._queue.unanswered(errand.ticket_id, _REFUSALS.get(callback.status, "failed"))
        note_status(self._parts, callback)
        return xml(NOTHING)

    # how

    def _announced(self, call: IncomingCall, errand: Errand, turn: int) -> str:
        """The call is announced while it is offered to them, and is theirs once they have taken it."""
        held = self._queue.held(errand.ticket_id)
        if held is not None and is_theirs(held, errand):
            return self._room(held, errand)
        if held is None or errand.offer_id not in {offer.offer_id for offer in held.offers}:
            return twiml.hangup()
        self._queue.announce(errand.offer_id, ANNOUNCE_MS)
        text = brief(held.ticket)
        if not call.called.startswith(CLIENT):
            text = f"{text} {KEYS}"
        return twiml.screen(text, self._addresses.key(errand, turn), held.ticket.language)

    def _accepted(self, errand: Errand) -> str:
        if self._queue.accept(errand.offer_id, errand.agent_id) is not None:
            self._parts.legs.intend(entering(errand.offer_id))
            held = self._parts.hands.theirs(errand)
            if held is not None:
                return self._room(held, errand)
        return twiml.say_and_hangup(TAKEN)

    def _room(self, held: Held, errand: Errand) -> str:
        status_url = self._addresses.conference(errand.ticket_id)
        return twiml.agent_room(held.room, after_url=self._addresses.after(errand), status_url=status_url)

    def _changed(self, held: Held, change: RoomChange) -> None:
        ticket_id = held.ticket.ticket_id
        is_caller = change.call_sid == caller_leg(held)
        is_agent = change.call_sid == self._parts.hands.agent_leg(held)
        is_gone = change.reason == _HUNG_UP or change.call_status in ENDED
        match change.event:
            case "participant-join" if change.label == CONSULT:
                self._parts.hands.consult_joined(ticket_id, change.call_sid)
            case "participant-join" if is_caller:
                self._queue.bridged(ticket_id, "caller")
            case "participant-join" if is_agent:
                self._queue.bridged(ticket_id, "agent")
            case "participant-leave" if is_caller and is_gone:
                self._queue.leave(ticket_id, "caller_hung_up")
            case "participant-leave" if is_agent and is_gone:
                self._left(held, change.call_status)
            case "participant-leave" if change.label == CONSULT:
                self._parts.hands.consult_over(ticket_id, change.call_sid)
            case "participant-hold" if is_caller:
                self._queue.hold(ticket_id)
            case "participant-unhold" if is_caller:
                self._queue.unhold(ticket_id)

    def _left(self, held: Held, call_status: str) -> None:
        """Their telephone is gone. A page says itself that its person hangs up: its telephone only breaks."""
        desk = self._queue.desk(held.agent_id)
        is_gone = desk is None or desk.state in ("lost", "offline")
        is_broken = desk is not None and desk.has_page and desk.agent.endpoint.startswith(CLIENT)
        reason: Departing = "lost" if call_status == "failed" or is_gone or is_broken else "hung_up"
        if held.state == "briefing":
            reason = "never_came"
        self._parts.hands.depart(held.ticket.ticket_id, held.agent_id, reason)


def _errand() -> Errand:
    """What the leg was placed for, as its address says, which is signed."""
    found = {name: request.args.get(name, "") for name in ("offer", "ticket", "agent")}
    if not found["ticket"]:
        raise FormError("found no ticket in the address; wanted one of ours, as in the call we placed")
    return Errand(found["offer"], found["ticket"], found["agent"])


def _unheard(call: IncomingCall) -> Refusal:
    """Nobody said yes: at a telephone that was answered by a machine, or on a page that nobody watches."""
    return "no_answer" if call.called.startswith(CLIENT) else "voicemail"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else TURNS


def _without_store(error: Exception) -> Response:
    """Nobody is lost by it: the carrier may ask again, and what nobody told the sweep finds."""
    _log.error("%s without its store: %s", request.path, error)
    return xml(NOTHING, 503)
