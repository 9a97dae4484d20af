"""The webhooks of people's telephones: signed, safe when late, twice and in any order."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
import redis
from werkzeug.test import TestResponse

from ivr.actions import Ticket
from ivr.agents.distributor import Distributor
from ivr.agents.shapes import Agent, Held
from ivr.audio import wav
from ivr.dialogue.state import State, to_json
from ivr.redisserver import RedisServer
from ivr.store import connect
from ivr.telephony.addresses import Addresses, Errand
from ivr.web import Parts, create_web

CALL = "CA" + "0123456789abcdef" * 2
LEG = "CA" + "0e" * 16
CONSULTED = "CA" + "0f" * 16
ROOM_SID = "CF" + "0c" * 16
NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response />'
TICKET = Ticket(
    ticket_id="t1", call_id=CALL, queue="service", reason="a parcel is missing", name="Ann Example"
)
BASE = "https://ivr.example.com"
PATHS = [
    *("agent/screen", "agent/key", "agent/after", "agent/status", "agent/consult"),
    *("conference", "callback/answer", "callback/status"),
]


@pytest.fixture
def queue(parts: Parts) -> Distributor:
    return parts.queue


@pytest.fixture
def errand(queue: Distributor) -> Errand:
    """Bob's telephone rings for a caller."""
    queue.sign_in(Agent("bob", "Bob", ("service",), endpoint="+15550142"), "")
    queue.choose("bob", "ready")
    queue.join(TICKET)
    (offer,) = queue.desk("bob").offers
    return Errand(offer.offer_id, "t1", "bob")


def path(name: str, errand: Errand, **more: str) -> str:
    found = getattr(Addresses(BASE), name)
    return found(errand, **more).removeprefix(BASE)


def verbs(answer: TestResponse) -> list[str]:
    return [verb.tag for verb in ElementTree.fromstring(answer.text)]


def held(queue: Distributor) -> Held:
    found = queue.held("t1")
    assert found is not None
    return found


def leg(carrier, address: str, **form: str) -> TestResponse:
    return carrier.post(address, **({"CallSid": LEG, "To": "+15550142", "From": "+15550100"} | form))


def room_told(carrier, held: Held, event: str, call_sid: str, **form: str) -> TestResponse:
    told = {
        "ConferenceSid": ROOM_SID,
        "FriendlyName": held.room,
        "StatusCallbackEvent": event,
        "CallSid": call_sid,
        "SequenceNumber": "0",
    }
    return carrier.post("/voice/conference?ticket=t1", **(told | form))


@pytest.fixture
def talking(carrier, queue: Distributor, errand: Errand) -> Held:
    """Bob talks with the caller."""
    leg(carrier, path("screen", errand))
    leg(carrier, path("key", errand, turn=1), Digits="1")
    for call_sid in (LEG, CALL):
        room_told(carrier, held(queue), "participant-join", call_sid)
    assert held(queue).state == "bridged"
    return held(queue)


# who is let in


@pytest.mark.parametrize("name", [*PATHS, "hold"])
def test_a_bad_signature_is_refused_before_any_work(carrier, client: redis.Redis, name: str) -> None:
    for signature in ("", "bm90IHRoaXMgb25l"):
        answer = carrier.post(f"/voice/{name}?ticket=t1&offer=o1&agent=bob", signature=signature)
        assert (answer.status_code, answer.text) == (403, NOTHING)
    assert client.dbsize() == 0


def test_what_the_address_says_is_signed_too(carrier, errand: Errand) -> None:
    good = path("key", errand, turn=1)
    fields = {"CallSid": LEG, "To": "+15550142", "From": "+1", "CallStatus": "in-progress", "Digits": "1"}
    answer = create_web(carrier.parts).test_client().post(good.replace("bob", "eve"), data=fields)
    assert answer.status_code == 403


@pytest.mark.parametrize("name", PATHS)
def test_a_leg_of_nothing_is_ill_formed(carrier, name: str) -> None:
    assert carrier.post(f"/voice/{name}").status_code == 400
    assert carrier.post(f"/voice/{name}?ticket=t1", CallSid="CA1").status_code == 400


def test_without_redis_callbacks_are_told_the_truth(carrier, tmp_path) -> None:
    with RedisServer(tmp_path) as server:
        gone = Distributor(connect(server.url), {})
    lost = carrier.having(queue=gone, hands=replace_queue(carrier.parts, gone))
    assert leg(lost, "/voice/agent/screen?ticket=t1&offer=o1&agent=bob").status_code == 503


def replace_queue(parts: Parts, queue: Distributor):
    hands = parts.hands
    return type(hands)(queue, hands._carrier, parts.legs, Addresses(BASE))


# the announcement


def test_a_person_hears_who_calls_and_what_to_press(carrier, errand: Errand) -> None:
    answer = leg(carrier, path("screen", errand))
    assert verbs(answer) == ["Gather", "Hangup"]
    said = ElementTree.fromstring(answer.text).findtext("Gather/Say")
    assert said.startswith("Ann Example, not identified. A parcel is missing.")
    assert said.endswith("Press 1 to accept, 2 to decline, 3 to repeat.")
    page = leg(carrier, path("screen", errand), To="client:bob")
    assert "Press" not in ElementTree.fromstring(page.text).findtext("Gather/Say"), "they have buttons"


def test_key_1_leads_into_the_room_however_often_it_comes(
    carrier, queue: Distributor, errand: Errand
) -> None:
    for _ in range(2):
        answer = leg(carrier, path("key", errand, turn=1), Digits="1")
        conference = ElementTree.fromstring(answer.text).find("Dial/Conference")
        assert conference.text == held(queue).room
        assert conference.get("endConferenceOnExit") == "false"
        query = parse_qs(urlsplit(conference.get("statusCallback")).query)
        assert query == {"ticket": ["t1"]}
    assert held(queue).agent_id == "bob"


def test_key_2_declines(carrier, queue: Distributor, errand: Errand) -> None:
    for _ in range(2):
        assert verbs(leg(carrier, path("key", errand, turn=1), Digits="2")) == ["Hangup"]
    assert held(queue).declined == ("bob",)
    assert held(queue).tries == 1


def test_key_3_repeats_but_not_for_ever(carrier, queue: Distributor, errand: Errand) -> None:
    address = path("screen", errand)
    for _ in range(3):
        answer = leg(carrier, address, Digits="3")
        assert verbs(answer) == ["Gather", "Hangup"]
        address = ElementTree.fromstring(answer.text).find("Gather").get("action").removeprefix(BASE)
    assert verbs(leg(carrier, address, Digits="3")) == ["Hangup"]
    assert held(queue).tries == 1


@pytest.mark.parametrize(("to", "state"), [("+15550142", "rona"), ("client:bob", "rona")])
def test_no_key_is_no_person(carrier, queue: Distributor, errand: Errand, to: str, state: str) -> None:
    leg(carrier, path("screen", errand), To=to)
    assert verbs(leg(carrier, path("key", errand, turn=1), Digits="", To=to)) == ["Hangup"]
    assert queue.desk("bob").state == state
    assert queue.desk("bob").reason == ("voicemail" if to.startswith("+") else "no_answer")


def test_no_key_after_a_click_leads_into_the_room_all_the_same(
    carrier, queue: Distributor, errand: Errand
) -> None:
    """The carrier could not be told of the click; the announcement runs to its end."""
    assert queue.accept(errand.offer_id, "bob")
    assert verbs(leg(carrier, path("key", errand, turn=1), Digits="")) == ["Dial", "Hangup"]


def test_an_offer_that_is_over_is_hung_up(carrier, queue: Distributor, errand: Errand) -> None:
    queue.leave("t1", "caller_hung_up")
    assert verbs(leg(carrier, path("screen", errand))) == ["Hangup"]
    assert verbs(leg(carrier, path("key", errand, turn=1), Digits="1")) == ["Say", "Hangup"]


def test_a_question_that_comes_late_changes_nothing(carrier, queue: Distributor, errand: Errand) -> None:
    for name, more in (("screen", {}), ("key", {"turn": 1})):
        answer = leg(carrier, path(name, errand, **more), CallStatus="completed", Digits="1")
        assert verbs(answer) == ["Hangup"]
    assert held(queue).state == "offered"


# how a leg fares


@pytest.mark.parametrize(
    ("status", "reason"),
    [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "failed"), ("completed", "voicemail")],
)
def test_a_leg_that_leads_to_nobody(
    carrier, queue: Distributor, errand: Errand, status: str, reason: str
) -> None:
    for _ in range(2):
        assert leg(carrier, path("agent_status", errand), CallStatus=status).text == NOTHING
    assert queue.desk("bob").reason == reason
    assert held(queue).tries == 1


def test_a_leg_that_rings_for_an_offer_that_is_over_is_hung_up(
    carrier, queue, errand: Errand, network
) -> None:
    queue.refuse(errand.offer_id, "carrier")
    leg(carrier, path("agent_status", errand), CallStatus="ringing")
    assert network.asked == [("hang_up", LEG)]


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_a_leg_that_ends_takes_its_person_away(
    carrier, queue, errand: Errand, talking: Held, status: str
) -> None:
    for _ in range(2):
        leg(carrier, path("agent_status", errand), CallStatus=status)
    departure = queue.departure(CALL)
    assert departure.reason == {"completed": "hung_up", "failed": "lost"}[status]


@pytest.mark.parametrize(("session", "reason"), [("page", "lost"), ("", "hung_up")])
def test_a_page_that_breaks_gives_its_caller_back(carrier, queue, session: str, reason: str) -> None:
    """A person at a page hangs up by the page, which says so; a plain telephone has no other way."""
    queue.sign_in(Agent("eve", "Eve", ("service",)), session)
    queue.choose("eve", "ready")
    queue.join(TICKET)
    errand = Errand(queue.desk("eve").offers[0].offer_id, "t1", "eve")
    leg(carrier, path("screen", errand), To="client:eve")
    assert queue.accept(errand.offer_id, "eve")
    for call_sid in (LEG, CALL):
        room_told(carrier, held(queue), "participant-join", call_sid)
    leg(carrier, path("agent_status", errand), CallStatus="completed", To="client:eve")
    assert queue.departure(CALL).reason == reason


def test_a_leg_that_leaves_the_room_against_its_will_goes_back(
    carrier, queue, errand: Errand, talking: Held
) -> None:
    assert verbs(leg(carrier, path("after", errand), DialCallStatus="completed")) == ["Dial", "Hangup"]
    assert verbs(leg(carrier, path("after", errand), DialCallStatus="failed")) == ["Hangup"]
    assert held(queue).state == "bridged"
    assert verbs(leg(carrier, path("after", errand), CallStatus="completed")) == ["Hangup"]
    assert queue.departure(CALL).reason == "hung_up"
    assert verbs(leg(carrier, path("after", errand))) == ["Hangup"]


# rooms


def test_both_in_the_room_in_any_order_are_bridged(carrier, queue, errand: Errand) -> None:
    leg(carrier, path("screen", errand))
    leg(carrier, path("key", errand, turn=1), Digits="1")
    for call_sid in (CALL, CALL, LEG):
        assert held(queue).state == "briefing"
        room_told(carrier, held(queue), "participant-join", call_sid)
    assert held(queue).state == "bridged"


def test_news_of_another_room_do_not_count(carrier, queue, errand: Errand) -> None:
    leg(carrier, path("screen", errand))
    leg(carrier, path("key", errand, turn=1), Digits="1")
    for call_sid in (CALL, LEG):
        room_told(carrier, held(queue), "participant-join", call_sid, FriendlyName="an older one")
    assert held(queue).state == "briefing"


@pytest.mark.parametrize("who", ["caller", "agent"])
def test_who_is_moved_by_us_has_not_left(carrier, queue, talking: Held, who: str) -> None:
    moved = {"ReasonParticipantLeft": "participant_updated_via_api", "ParticipantCallStatus": "in-progress"}
    room_told(carrier, talking, "participant-leave", {"caller": CALL, "agent": LEG}[who], **moved)
    assert held(queue).state == "bridged"


def test_a_person_who_hung_up_has_left(carrier, queue, talking: Held) -> None:
    left = {"ReasonParticipantLeft": "participant_hung_up", "ParticipantCallStatus": "completed"}
    for _ in range(2):
        room_told(carrier, talking, "participant-leave", LEG, **left)
    assert queue.departure(CALL).reason == "hung_up"
    assert queue.desk("bob").state == "wrapup"


def test_a_caller_who_hung_up_ends_it(carrier, queue, talking: Held) -> None:
    room_told(carrier, talking, "participant-leave", CALL, ReasonParticipantLeft="participant_hung_up")
    assert queue.held("t1") is None
    assert queue.departure(CALL) is None
    assert queue.desk("bob").state == "wrapup"


def test_hold_is_what_the_room_says(carrier, queue, talking: Held) -> None:
    room_told(carrier, talking, "participant-hold", CALL)
    assert held(queue).state == "held"
    room_told(carrier, talking, "participant-unhold", CALL)
    assert held(queue).state == "bridged"


def test_what_waits_hears_music_of_our_own(carrier) -> None:
    answer = carrier.post("/voice/hold")
    (play,) = ElementTree.fromstring(answer.text)
    assert (play.tag, play.get("loop")) == ("Play", "0")
    music = create_web(carrier.parts).test_client().get(play.text.removeprefix(BASE))
    assert music.content_type == "audio/wav"
    with io.BytesIO(music.data) as file:
        assert len(wav.read(file)) == 24 * 8000 * 2


# the caller's way


def bridged_state(carrier) -> None:
    state = State(
        call_id=CALL, caller="", called="", started_at="", book_version="v", phase="bridged", exit="bridge"
    )
    carrier.parts.store.save(CALL, to_json(state), 0)


def test_a_caller_whose_person_waits_goes_to_the_room(carrier, queue, talking: Held) -> None:
    bridged_state(carrier)
    answer = carrier.post("/voice/resume")
    assert verbs(answer) == ["Dial", "Redirect"]
    conference = ElementTree.fromstring(answer.text).find("Dial/Conference")
    assert (conference.text, conference.get("endConferenceOnExit")) == (talking.room, "true")
    assert conference.get("waitUrl") == f"{BASE}/voice/hold"


def test_a_caller_whose_person_left_comes_back_to_us(carrier, queue, talking: Held) -> None:
    bridged_state(carrier)
    queue.depart("t1", "hung_up")
    for _ in range(6):
        assert verbs(carrier.post("/voice/resume", DialCallStatus="completed")) == ["Connect", "Redirect"]


def test_a_caller_who_cannot_be_let_into_the_room_waits_again(carrier, queue, talking: Held) -> None:
    bridged_state(carrier)
    assert verbs(carrier.post("/voice/resume", DialCallStatus="failed")) == ["Connect", "Redirect"]
    assert queue.departure(CALL).reason == "never_came"
    assert held(queue).state in ("waiting", "offered")


def test_the_question_of_an_aborted_dial_changes_nothing(carrier, queue, talking: Held) -> None:
    """Twilio asks it when a call in a room is redirected, and throws the answer away."""
    bridged_state(carrier)
    for _ in range(3):
        assert verbs(carrier.post("/voice/resume", DialCallStatus="completed")) == ["Dial", "Redirect"]
    assert held(queue).state == "bridged"


# consultations


def test_who_is_asked_and_goes_again(carrier, queue, talking: Held, network) -> None:
    queue.sign_in(Agent("eve", "Eve", ("other",)), "")
    assert carrier.parts.hands.consult("t1", "bob", "eve").__class__.__name__ == "Done"
    room_told(carrier, talking, "participant-join", LEG, ParticipantLabel="consult", CallSid="CA" + "0e" * 16)
    assert carrier.parts.legs.consult("t1").is_joined
    address = Addresses(BASE).consult_status("t1", "eve").removeprefix(BASE)
    leg(carrier, address, CallStatus="completed", CallSid=CONSULTED)
    assert carrier.parts.legs.consult("t1") is not None, "another leg's end"
    leg(carrier, address, CallStatus="completed", CallSid="CA" + "0e" * 16)
    assert carrier.parts.legs.consult("t1") is None
    assert queue.desk("eve").state == "break"
