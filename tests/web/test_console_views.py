"""The agents' console: what is seen of a caller, what is pressed, and whose calls those are. The queue is real."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.actions import MoodEvidence, Ticket, TurnNote
from ivr.agents.distributor import Distributor
from ivr.agents.rules import rules_of
from ivr.agents.shapes import Agent
from ivr.errors import CarrierError, IvrError, LookupFailed
from ivr.flow.load import load
from ivr.handover import Handover
from ivr.legs import Legs
from ivr.lookups.ask import Answer
from ivr.records.answers import BEYOND
from ivr.redisserver import RedisServer
from ivr.store import connect
from ivr.telephony.addresses import Addresses
from ivr.web import create_web
from ivr.web.console import ConsoleParts, screen
from ivr.web.console.windows import LIVES_S, Windows

BOOK = load(Path(__file__).parents[2] / "call_flows")
PAGE = {"X-Console-Page": "window-1"}
OTHER = {"X-Console-Page": "window-2"}
TICKET = Ticket(
    ticket_id="t1",
    call_id="CA1",
    queue="complaints",
    reason="wants <her> money back",
    intent="complaint",
    caller="+447700900123",
    name="Ada Holloway",
    identity="pin",
    fields={"account": "40718264", "parcel": {"status": "delivered", "expected": "2026-11-24"}, "empty": ""},
    turns=(TurnNote(who="caller", text="it is a disgrace", at_ms=17_000),),
    done=("Checked the PIN",),
    mood="upset",
    mood_evidence=MoodEvidence(
        text="a <b> disgrace", at_ms=17_000, score=0.82, threshold=0.6, words=("disgrace",)
    ),
)


class Desk:
    """Nora at her console, the queue behind it, and what her page answers."""

    def __init__(self, browser, queue: Distributor) -> None:
        self.browser = browser
        self.queue = queue

    def get(self, path: str, **more):
        return self.browser.get(f"/console{path}", **more)

    def post(self, path: str, headers=PAGE, **form):
        return self.browser.post(f"/console{path}", data=form, headers=headers)

    def ready(self) -> None:
        self.post("/here")
        self.post("/state", state="ready")

    def rung(self, ticket: Ticket = TICKET) -> str:
        """An offer of this ticket to her."""
        self.ready()
        self.queue.join(ticket)
        return self.state.offers[0].offer_id

    def talking(self, ticket: Ticket = TICKET) -> str:
        """In a call with this ticket's caller."""
        assert self.post(f"/offers/{self.rung(ticket)}/accept").status_code == 200
        for who in ("agent", "caller"):
            self.queue.bridged(ticket.ticket_id, who)
        return ticket.ticket_id

    @property
    def state(self):
        return self.queue.desk("nora")

    @property
    def page(self) -> str:
        return self.get("/desk").text


async def ask(name, parameters):
    return Answer(True, {"asked": name} | dict(parameters))


@pytest.fixture
def console(client, network, tmp_path) -> ConsoleParts:
    queue, legs = Distributor(client, rules_of(BOOK.site)), Legs(client)
    hands = Handover(queue, network, legs, Addresses("https://ivr.example.com"), lambda: ("+44",))
    windows = Windows(client)
    return ConsoleParts(
        queue, hands, lambda: BOOK, ask, lambda number: [], windows, tmp_path, lambda *told: None
    )


@pytest.fixture
def at(parts, console, sign_in):
    """Somebody's console; ``changes`` are of its parts."""

    def open_(login: str = "nora", *roles: str, **changes) -> Desk:
        made = replace(console, **changes)
        app = create_web(replace(parts, console=made))
        queues = ("complaints",)
        return Desk(sign_in(*(roles or ("agent",)), login=login, queues=queues, app=app), console.distributor)

    return open_


@pytest.fixture
def desk(at) -> Desk:
    return at()


def test_whoever_opens_the_page_is_on_a_break_until_they_choose(desk):
    page = desk.get("").text
    assert "You are offline" in page and desk.state is None
    assert desk.post("/here").status_code == 200
    assert desk.state.state == "break" and desk.state.agent == Agent(
        "nora", "Nora", ("complaints",), (), "client:nora"
    )
    assert "Ready for calls" in desk.post("/state", state="ready").text
    assert desk.state.state == "ready"
    assert "On a break: lunch" in desk.post("/state", state="break", reason="lunch").text
    assert desk.post("/state", state="holidays").status_code == 400


def test_a_break_has_only_reasons_that_the_page_offers(desk):
    desk.ready()
    desk.post("/state", state="break", reason="<b>smoke</b>")
    assert (desk.state.state, desk.state.reason) == ("break", "")


def test_what_is_chosen_during_a_call_is_shown_as_pending(desk):
    desk.talking()
    page = desk.post("/state", state="break", reason="lunch").text
    assert "After this call: <strong>On a break</strong>" in page
    assert desk.state.state == "talking"


def test_the_ring_shows_all_that_is_known(desk):
    desk.rung()
    page = desk.page
    for known in ("Ada Holloway", "+44 7700 900123", "Identity proved by PIN", "wants &lt;her&gt; money back",
                  "Complaint", "customer care", "it is a disgrace", "Checked the PIN", "40718264", "delivered",
                  "Tue 24 Nov 2026", "score 0.82, upset from 0.60", "at 0:17"):  # fmt: skip
        assert known in page
    assert "a &lt;b&gt; <mark>disgrace</mark>" in page
    assert ">Empty<" not in page and "<her>" not in page
    assert desk.state.offers[0].offer_id in page


def test_a_caller_whose_wish_is_not_known_has_no_topic(desk):
    desk.rung(replace(TICKET, intent=BOOK.site.entry, mood="calm", mood_evidence=None))
    assert ">Main<" not in desk.page and "mood: calm" in desk.page


def test_what_is_read_out_of_a_ring_has_one_full_stop_after_each_sentence(desk):
    desk.rung(replace(TICKET, reason="The caller is upset."))
    assert "Ada Holloway. The caller is upset. Identity proved" in desk.page


@pytest.mark.parametrize(
    ("identity", "words"),
    [("caller_id", "Known by phone number only, not proved"), ("none", "Not identified: ask who is calling")],
)
def test_how_well_a_caller_is_known_is_said_in_words(desk, identity, words):
    desk.rung(replace(TICKET, identity=identity, name="", caller="anonymous"))
    assert words in desk.page and "Number withheld" in desk.page


def test_accepting_talking_holding_and_the_end(desk, network):
    ticket_id = desk.talking()
    assert desk.state.state == "talking"
    assert "Talking" in desk.page and "Hold" in desk.page
    assert "Resume" in desk.post(f"/calls/{ticket_id}/hold").text
    assert desk.state.state == "holding" and 'data-hold="' in desk.page
    assert "Resume" not in desk.post(f"/calls/{ticket_id}/unhold").text
    page = desk.post(f"/calls/{ticket_id}/hang-up").text
    assert desk.state.state == "wrapup" and "How did it end?" in page
    assert "To be followed up" in page


def test_a_second_click_and_an_old_page_do_no_harm(desk):
    offer_id = desk.rung()
    for _ in range(2):
        assert desk.post(f"/offers/{offer_id}/accept").status_code == 200
    assert desk.queue.held("t1").agent_id == "nora"
    for who in ("agent", "caller"):
        desk.queue.bridged("t1", who)
    for _ in range(2):
        desk.post("/calls/t1/hold")
    assert desk.state.state == "holding"
    desk.post("/calls/t1/hang-up")
    late = desk.post("/calls/t1/hang-up")
    assert late.status_code == 404 and "Nothing was done." in late.text
    assert "a colleague was faster" in desk.post(f"/offers/{offer_id}/accept").text
    assert desk.state.state == "wrapup"


def test_declining_sends_the_caller_on_and_keeps_the_place(desk):
    desk.post(f"/offers/{desk.rung()}/decline")
    held = desk.queue.held("t1")
    assert held.state == "waiting" and held.declined == ("nora",)
    assert desk.state.state == "ready"


def test_a_missed_call_says_why_and_needs_one_click(desk):
    desk.queue.refuse(desk.rung(), "no_answer")
    assert "You missed a call" in desk.page and "It rang and nobody answered." in desk.page
    desk.queue.leave("t1", "caller_hung_up")
    desk.post("/state", state="ready")
    assert desk.state.state == "ready"


def test_notes_go_with_their_call_and_to_no_later_one(desk):
    desk.talking()
    desk.post("/calls/t1/hang-up")
    since = re.search(r'name="since" value="(\d+)"', desk.page)[1]
    assert "Choose how the call ended." in desk.post("/wrap-up", since=since, code="invented").text
    desk.post("/wrap-up", since="1", code="solved", note="of another call")
    assert desk.state.state == "wrapup"
    desk.post("/wrap-up", since=since, code="solved", note="  all well  ")
    [news] = [one for one in desk.queue.news("0") if one.kind == "wrapped"]
    assert (news.ticket_id, news.reason, news.fields["note"]) == ("t1", "solved", "all well")
    assert desk.state.state == "ready"


def test_what_the_machine_had_wrong_is_noted_with_its_call(at):
    noted: list[tuple[str, ...]] = []
    desk = at(noted=lambda *told: noted.append(told))
    for about in ("order", BEYOND, "", "invented", "finished"):
        desk.talking(replace(TICKET, ticket_id=f"t{about}", call_id=f"CA{about}"))
        desk.post(f"/calls/t{about}/hang-up")
        page = desk.page
        assert '<option value="order">An order</option>' in page and ">That was all<" not in page
        since = re.search(r'name="since" value="(\d+)"', page)[1]
        desk.post("/wrap-up", since="1", code="solved", about=about)
        desk.post("/wrap-up", since=since, code="solved", about=about, note=" hers ")
    assert noted == [
        ("CAorder", "solved", "order", "hers"),
        (f"CA{BEYOND}", "solved", BEYOND, "hers"),
        *((f"CA{about}", "solved", "", "hers") for about in ("", "invented", "finished")),
    ]


def test_more_time_for_notes(desk):
    desk.talking()
    desk.post("/calls/t1/hang-up")
    before_ms = desk.state.until_ms
    desk.post("/wrap-up/more")
    assert desk.state.until_ms == before_ms + 30_000


def test_back_to_the_machine_with_what_its_flow_would_ask(desk):
    desk.talking()
    assert 'name="field.account" value="40718264"' in desk.page
    assert desk.post("/calls/t1/back", target="nowhere").status_code == 400
    form = {"target": "identify", "field.account": " 40718265 ", "field.pin": "2580", "field.other": "x"}
    desk.post("/calls/t1/back", **form)
    left = desk.queue.departure("CA1")
    assert (left.reason, left.target, left.fields) == ("handed_back", "identify", {"account": "40718265"})


def test_a_colleague_is_asked_joined_and_given_the_call(at, desk, network, console):
    ben = at("ben")
    ben.post("/here")
    desk.talking()
    assert re.findall(r'name="colleague" value="(\w+)"', desk.page) == ["ben"]
    page = desk.post("/calls/t1/consult", colleague="ben").text
    assert "Ringing <strong>Ben</strong>. The caller hears music." in page and "Hand over" not in page
    console.hands.consult_joined("t1", console.hands.consulted("t1", "nora").leg)
    assert "You and <strong>Ben</strong> hear each other." in desk.page
    assert "the caller hear each other" in desk.post("/calls/t1/three").text
    desk.post("/calls/t1/transfer")
    assert desk.state.state == "wrapup"
    assert desk.queue.held("t1").agent_id == "ben"
    assert "Ada Holloway" in ben.page and "End the call" in ben.page


def test_a_number_is_read_as_people_write_it(desk, network):
    desk.talking()
    assert (
        "That is no colleague and no number you may call."
        in desk.post("/calls/t1/consult", number="12 34").text
    )
    desk.post("/calls/t1/consult", number="+44 (20) 7946-0018")
    assert "+442079460018" in [part for one in network.asked for part in one], network.asked
    page = desk.page
    assert "Ringing <strong>the number you called</strong>. The caller hears music." in page
    assert (
        "You are asking a colleague already." in desk.post("/calls/t1/consult", number="+442079460018").text
    )
    assert "Your colleague has not answered yet." in desk.post("/calls/t1/transfer").text
    desk.post("/calls/t1/cancel")
    assert "Ringing <strong>" not in desk.page


def test_a_carrier_that_refuses_is_told_in_one_sentence(desk, network):
    desk.talking()
    network.refusal = CarrierError("busy", code=20429)
    assert "The telephone network did not answer. Try again." in desk.post("/calls/t1/hold").text
    assert desk.state.state == "talking"


def test_an_agent_sees_and_touches_only_their_own_calls(at, desk):
    desk.talking()
    other = at("ben")
    other.post("/here")
    for path in (
        "/calls/t1/earlier",
        "/calls/t1/screen/orders",
        "/calls/t1/message",
        "/calls/nothing/earlier",
    ):
        assert other.get(path).status_code == 404
    for act in ("hold", "hang-up", "back", "consult", "done"):
        assert other.post(f"/calls/t1/{act}", target="survey").status_code == 404
    assert desk.state.state == "talking" and "Ada" not in other.page
    offer_id = desk.queue.held("t1").offer_id
    assert "That call is not yours any more" in other.post(f"/offers/{offer_id}/accept").text
    assert desk.queue.held("t1").agent_id == "nora"


def test_what_no_act_is_called_is_not_found(desk):
    desk.talking()
    assert desk.post("/calls/t1/explode").status_code == 404
    assert desk.post("/offers/x/explode").status_code == 404


def test_one_window_works_and_the_other_is_told(desk, client):
    assert desk.post("/here").status_code == 200
    assert desk.post("/here", headers=OTHER).status_code == 409
    for path in ("/state", "/offers/x/accept", "/wrap-up", "/beat"):
        assert desk.post(path, headers=OTHER, state="ready").status_code == 409
    assert desk.state.state == "break"
    assert desk.post("/here", headers=OTHER, take="1").status_code == 200
    assert desk.post("/beat", headers=OTHER).status_code == 204
    assert desk.post("/beat").status_code == 409
    assert 0 < client.ttl("ivr:{q}:window:nora") <= LIVES_S
    desk.post("/close")
    assert desk.post("/here").status_code == 409, "not its own to let go"
    desk.post("/close", headers=OTHER)
    assert desk.post("/here").status_code == 200


def test_loading_anew_takes_up_where_it_was(desk):
    desk.talking()
    assert desk.post("/here").status_code == 200
    assert desk.state.state == "talking" and "Ada Holloway" in desk.page
    assert desk.post("/here", headers={}).status_code == 400


def test_who_was_counted_as_lost_is_told_to_sign_in_again(desk):
    desk.post("/here")
    desk.queue.sign_out("nora")
    assert desk.post("/beat").status_code == 410
    desk.post("/here")
    assert desk.post("/beat").status_code == 204


def test_signing_out_ends_the_ringing(desk):
    desk.rung()
    assert desk.post("/leave").status_code == 204
    assert desk.queue.held("t1").state == "waiting"
    assert "You are offline" in desk.page


def test_the_companys_data_stands_beside_the_call(desk):
    desk.rung()
    assert "Open orders" in desk.page
    part = desk.get("/calls/t1/screen/orders").text
    assert "+447700900123" in part and "open_orders" in part
    assert desk.get("/calls/t1/screen/nothing").status_code == 404


def test_a_part_that_cannot_be_filled_is_not_there(desk):
    desk.rung(replace(TICKET, fields={}))
    assert "Open orders" in desk.page and ">Account<" not in desk.page
    assert desk.get("/calls/t1/screen/balance").status_code == 404


def test_data_that_fails_hangs_or_knows_nothing_says_so(at, monkeypatch):
    async def failing(name, parameters):
        raise LookupFailed("error")

    async def hanging(name, parameters):
        await asyncio.sleep(60)

    async def nothing(name, parameters):
        return Answer(False)

    monkeypatch.setattr(screen, "TIMEOUT_S", 0.05)
    at().rung()
    late = "Could not be looked up now."
    for answer, words in ((failing, late), (hanging, late), (nothing, "Nothing found.")):
        assert words in at(ask=answer).get("/calls/t1/screen/orders").text


def test_slow_data_takes_no_more_than_its_share_of_threads(at, monkeypatch):
    monkeypatch.setattr(screen, "AT_ONCE", 0)
    desk = at()
    desk.rung()
    assert 'hx-trigger="load delay:1s"' in desk.get("/calls/t1/screen/orders").text


def test_earlier_calls_and_what_is_said_without_them(at, console):
    at().rung()
    assert "This is the first call from this number." in at().get("/calls/t1/earlier").text

    def broken(number):
        raise IvrError("no database")

    assert "Could not be looked up now." in at(earlier=broken).get("/calls/t1/earlier").text


def test_a_message_is_heard_by_whom_it_is_offered_to(at, desk, console):
    (console.messages / "rec1.wav").write_bytes(b"RIFF0000WAVE")
    desk.queue.join(TICKET)
    assert desk.queue.leave_message("t1", "rec1", "please call me <now>", 4_000)
    desk.ready()
    page = desk.page
    assert "A message for you" in page and "please call me &lt;now&gt;" in page
    heard = desk.get("/calls/t1/message")
    assert (heard.status_code, heard.mimetype, heard.data) == (200, "audio/wav", b"RIFF0000WAVE")
    assert at("ben").get("/calls/t1/message").status_code == 404
    desk.post(f"/offers/{desk.state.offers[0].offer_id}/accept")
    assert "<audio" in desk.page
    desk.post("/calls/t1/done")
    assert desk.queue.held("t1") is None


def test_no_recording_leads_out_of_its_folder(desk, console):
    (console.messages.parent / "secret.wav").write_bytes(b"x")
    desk.queue.join(TICKET)
    desk.queue.leave_message("t1", "../secret", "", 1)
    desk.ready()
    assert desk.get("/calls/t1/message").status_code == 404


def test_the_page_of_a_plain_telephone_has_no_browser_phone(at, parts):
    desk = at()
    parts.door._users.change("nora", endpoint="+447700900555")
    page = desk.get("").text
    assert 'data-phone=""' in page and "Your calls go to +44 7700 900555" in page
    desk.rung()
    assert "Answer it, and press 1 or Accept." in desk.page and "Listen first" not in desk.page


def test_the_policy_lets_in_twilio_only_where_twilio_carries_the_phone(at):
    assert "twilio" not in at().get("").headers["Content-Security-Policy"]
    page = at(phone="twilio").get("")
    assert "wss://voice-js.roaming.twilio.com" in page.headers["Content-Security-Policy"]
    assert "vendor/twilio-voice.js" in page.text


def test_supervisors_see_who_waits_and_who_is_there(at, desk):
    desk.post("/here")
    desk.queue.join(TICKET)
    boss = at("boss", "supervisor")
    assert boss.get("").location.endswith("/console/queues")
    page = boss.get("/queues").text
    assert "Ada Holloway" in page and "Nora" in page and "Nobody is signed in for this queue." in page
    assert "Ada Holloway" in boss.get("/queues/lines").text
    assert desk.get("/queues").status_code == 403


def test_supervisors_see_how_far_callbacks_came(at, desk):
    boss = at("boss", "supervisor")
    assert "booked" not in boss.get("/queues").text
    for ticket in (TICKET, replace(TICKET, ticket_id="t2", call_id="CA2", caller="+442079460002")):
        desk.queue.join(ticket)
        assert desk.queue.book_callback(ticket.ticket_id, ticket.caller) == ""
    desk.queue.done("t2", "cancelled")
    assert "Of 2 booked callbacks: 1 never called, 1 still to be called." in boss.get("/queues").text


def test_without_redis_the_page_says_so(parts, console, sign_in, tmp_path):
    with RedisServer(tmp_path / "other") as server:
        gone = Distributor(connect(server.url), {})
    app = create_web(replace(parts, console=replace(console, distributor=gone)))
    answer = sign_in("agent", login="nora", app=app).get("/console/desk")
    assert answer.status_code == 503 and "The queue does not answer" in answer.text
