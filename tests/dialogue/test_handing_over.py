"""Whole conversations around people: waiting, callbacks, messages, being with a person and coming back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from talkkit import STARTED, Talk

from ivr import checkdigit
from ivr.actions import (
    BookCallback,
    Bridge,
    Dequeue,
    Enqueue,
    Hangup,
    Hush,
    LeaveMessage,
    Play,
    Record,
    Ticket,
)
from ivr.dialogue.callback import begin_callback
from ivr.dialogue.state import begin, from_json, to_json
from ivr.events import AgentOffered, AgentRefused, CallbackBooked, CallEnded, Overflowed

NUMBER = STARTED.caller
SPOKEN_NUMBER = "zero one six, three two nine six, zero zero zero one"
TICKET = Ticket(
    ticket_id="CA0.t4", call_id="CA0", queue="complaints", reason="Complaint about a parcel or a delivery.",
    intent="parcel", caller=NUMBER, name="Ann Lee", identity="pin", fields={"parcel_number": "1234567895"},
    priority=20, joined_ms=1_795_420_000_000, kind="callback", done=("found the parcel",),
)  # fmt: skip


def to_line(talk, place=2, **more):
    talk.hears()
    talk.says("I want to talk to someone")
    talk.placed(place, **more)
    talk.hears()


def bridged(talk):
    to_line(talk)
    talk.answered()


@pytest.fixture
def called_back(book):
    """A call of ours to the caller of ``TICKET``."""
    return Talk(book, begin_callback(book, STARTED, TICKET))


def withheld(book):
    started = replace(STARTED, caller="anonymous")
    return Talk(book, begin(book, started))


# Place and wait


def test_place_and_wait_are_said_when_they_are_good_news(talk, golden):
    to_line(talk, 3, wait_m=(2, 4.5))
    assert "two callers before you" in "\n".join(talk.lines)
    assert "two to five minutes" in "\n".join(talk.lines)
    talk.placed(3, after_ms=16_000, wait_m=(2, 4.5))
    assert not talk.words(), "nothing has changed"
    talk.placed(3, after_ms=16_000, wait_m=(5, 8))
    assert not talk.words(), "bad news is not pressed on anybody"
    talk.placed(3, after_ms=1_000, wait_m=(1, 2))
    assert "one to two minutes" in talk.words()
    talk.hears()
    talk.placed(2, after_ms=5_000, wait_m=(1, 1.5))
    assert not talk.words(), "not twice within 15 s"
    talk.placed(2, after_ms=11_000, wait_m=(0, 0.5))
    assert "one caller before you" in talk.words() and "about a minute" in talk.words()
    talk.hears()
    talk.placed(2, after_ms=90_000, wait_m=(3, 3))
    assert "about three minutes" in talk.words() and "press one" in talk.words()
    golden(talk)


@pytest.mark.parametrize(
    ("announce", "has_place", "has_wait"),
    [("place", True, False), ("wait", False, True), ("both", True, True), ("none", False, False)],
)
def test_a_queue_announces_what_its_designer_chose(book, announce, has_place, has_wait):
    queue = book.site.queues["customer_service"].model_copy(update={"announce": announce})
    site = book.site.model_copy(update={"queues": {**book.site.queues, "customer_service": queue}})
    talk = Talk(book.model_copy(update={"site": site}))
    talk.hears()
    talk.presses("0")
    talk.placed(1, wait_m=(2, 3))
    assert ("next in line" in talk.words(), "two to three minutes" in talk.words()) == (has_place, has_wait)
    talk.presses("9")
    assert "next in line" in talk.words() and "two to three minutes" in talk.words(), "asked, it is told"


def test_nobody_is_there(talk, golden):
    talk.hears()
    talk.says("I need legal advice")
    talk.placed(1, has_agents=False)
    assert "nobody" not in talk.words(), "the offer that follows says so"
    talk.news(Overflowed, to="callback", queue="specialists", why="nobody")
    assert "nobody is at their desk for our specialists" in talk.words() and "call you back" in talk.words()
    talk.hears()
    talk.says("no")
    assert "you keep your place" in talk.words()
    talk.hears()
    talk.news(Overflowed, to="callback", queue="specialists", why="nobody")
    assert not talk.words(), "each offer is made once"
    talk.says("how long")
    assert "nobody is at their desk" in talk.words(), "no place in a line nobody serves"
    talk.hears()
    talk.placed(1, after_ms=16_000, has_agents=True, wait_m=(0, 2))
    assert "next in line" in talk.words(), "somebody is there now: good news"
    golden(talk)


def test_nobody_is_there_and_nothing_is_offered(book):
    queue = book.site.queues["customer_service"]
    queue = queue.model_copy(update={"overflow": queue.overflow.model_copy(update={"when_nobody": None})})
    site = book.site.model_copy(update={"queues": {**book.site.queues, "customer_service": queue}})
    talk = Talk(book.model_copy(update={"site": site}))
    talk.hears()
    talk.presses("0")
    talk.placed(1, has_agents=False)
    assert "nobody is at their desk" in talk.words() and "call me back" in talk.words()
    talk.hears()
    talk.placed(1, after_ms=16_000, has_agents=False)
    assert not talk.words()


# A callback


def test_a_callback_to_the_calling_number(talk, golden):
    to_line(talk)
    talk.says("call me back")
    assert SPOKEN_NUMBER in talk.words()
    talk.hears()
    assert talk.playing, "music while the caller thinks"
    talk.says("yes")
    assert talk.of(BookCallback)[0].number == NUMBER
    talk.news(CallbackBooked, is_booked=True)
    assert "haven't lost your place" in talk.words() and talk.of(Hangup)[0].outcome == "callback"
    talk.hears()
    talk.hangs_up()
    assert not talk.of(Dequeue), "the ticket lives on"
    assert talk.state.outcome == "callback"
    golden(talk)


def test_a_callback_by_keys_to_another_number(talk, golden):
    to_line(talk)
    talk.presses("1")
    talk.presses("2")
    assert "Which number" in talk.words()
    talk.presses("02079460")
    talk.presses("5*958#")
    assert "zero two zero, seven nine four six, zero nine five eight" in talk.words()
    talk.presses("1")
    assert talk.of(BookCallback)[0].number == "+442079460958"
    golden(talk)


def test_a_callback_for_a_withheld_number(book, golden):
    talk = withheld(book)
    to_line(talk)
    talk.says("call me back")
    assert "Which number" in talk.words()
    talk.says("oh one six three two nine six oh oh oh one")
    assert SPOKEN_NUMBER in talk.words()
    talk.says("yes")
    assert talk.of(BookCallback)[0].number == NUMBER
    golden(talk)


def test_a_number_that_may_not_be_called(book, golden):
    talk = withheld(book)
    to_line(talk)
    talk.presses("1")
    talk.presses("0033123456789#")
    assert "can't call that number" in talk.words() and "Which number" in talk.words()
    talk.presses("12#")
    assert "keep your place" in talk.words() and talk.state.waiting.errand is None
    golden(talk)


def test_a_withheld_number_where_no_other_may_be_called(book):
    site = book.site.model_copy(update={"callback_countries": ()})
    talk = withheld(book.model_copy(update={"site": site}))
    to_line(talk)
    talk.says("call me back")
    assert "couldn't arrange" in talk.words() and "leave a message" in talk.words()


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("duplicate", "arranged already"),
        ("hours", "couldn't arrange"),
        ("gone", "couldn't arrange"),
        ("country", "can't call that number"),
    ],
)
def test_a_callback_that_cannot_be_booked_keeps_the_place(talk, reason, words):
    to_line(talk)
    talk.presses("1")
    talk.presses("1")
    talk.news(CallbackBooked, is_booked=False, reason=reason)
    assert words in talk.words() and talk.state.phase == "waiting"


def test_a_queue_that_does_not_answer_a_booking(talk):
    to_line(talk)
    talk.presses("11")
    talk.fails("book_callback", talk.ticket_id)
    assert "couldn't arrange" in talk.words() and talk.state.waiting.errand is None
    talk.hears()
    talk.presses("11")
    talk.hears()
    talk.waits("errand", 8_000)
    assert "couldn't arrange" in talk.words()


def test_a_caller_who_hangs_up_while_the_callback_is_booked_is_called_back(talk):
    to_line(talk)
    talk.presses("11")
    talk.hangs_up()
    assert not talk.of(Dequeue)


def test_silence_at_the_offer_of_a_callback_keeps_the_place(talk, golden):
    to_line(talk)
    talk.news(Overflowed, 300_000, to="callback", queue="customer_service", why="wait")
    assert "longer than it should" in talk.words()
    talk.hears()
    talk.waits("errand", 6_000)
    assert "Shall we call you back" in talk.words()
    talk.hears()
    talk.waits("errand", 6_000)
    assert "you keep your place" in talk.words()
    talk.hears()
    assert talk.playing and talk.state.waiting.errand is None
    golden(talk)


def test_star_gives_up_what_is_being_settled_and_then_the_line(talk):
    to_line(talk)
    talk.presses("1")
    talk.presses("*")
    assert "keep your place" in talk.words() and talk.state.phase == "waiting"
    talk.presses("1")
    talk.says("never mind")
    assert talk.state.phase == "waiting"
    talk.presses("*")
    assert talk.of(Dequeue) and talk.state.phase == "asking"


def test_half_a_yes_books_nothing(talk):
    to_line(talk)
    talk.says("call me back")
    talk.says("yes", confidence=0.5)
    assert not talk.of(BookCallback)


# A message


def test_a_message(talk, golden):
    to_line(talk)
    talk.says("leave a message")
    assert "say your message now" in talk.words()
    talk.hears()
    assert talk.of(Record) and not talk.playing, "nothing is played into the message"
    talk.recorded(9_000, "my fence is broken please call")
    message = talk.of(LeaveMessage)[0]
    assert (message.duration_ms, message.text) == (9_000, "my fence is broken please call")
    talk.hears()
    assert talk.of(Hangup)[0].outcome == "message"
    talk.hears()
    talk.hangs_up()
    assert not talk.of(Dequeue)
    golden(talk)


def test_a_message_of_nothing(talk, golden):
    to_line(talk)
    talk.presses("2")
    talk.hears()
    talk.recorded(300)
    assert "no message" in talk.words() and not talk.of(LeaveMessage)
    talk.hears()
    assert talk.playing, "back to the music"
    golden(talk)


@pytest.mark.parametrize("action", ["record", "leave_message"])
def test_a_message_that_cannot_be_kept_is_not_said_to_be_kept(talk, action):
    to_line(talk)
    talk.presses("2")
    talk.hears()
    if action == "leave_message":
        talk.recorded(5_000)
    talk.fails(action, talk.ticket_id)
    assert "I have no message" in talk.words() and talk.state.waiting is not None


def test_a_recording_that_never_ends(talk):
    to_line(talk)
    talk.presses("2")
    talk.hears()
    talk.waits("errand", 128_000)
    assert "no message" in talk.words()


def test_closed_offers_a_message(talk, golden):
    to_line(talk)
    talk.news(Overflowed, to="message", queue="customer_service", why="closed")
    assert "customer service is closed just now" in talk.words()
    talk.presses("1")
    talk.hears()
    assert talk.of(Record)
    golden(talk)


# The line moves


def test_a_ticket_that_moves_to_another_queue(talk, golden):
    talk.hears()
    talk.says("I have a complaint")
    talk.says("a parcel")
    talk.placed(3)
    talk.hears()
    talk.news(Overflowed, to="queue", queue="customer_service", why="wait")
    assert "moved you to customer service" in talk.words()
    talk.placed(2)
    assert "one caller before you" in talk.words(), "the place there is news"
    assert talk.state.waiting.ticket.queue == "customer_service"
    golden(talk)


def test_phones_that_ring_and_are_not_answered(talk, golden):
    to_line(talk)
    talk.news(AgentOffered, 1_000, offer_id="O1")
    assert "phone is ringing" in talk.words()
    talk.hears()
    talk.placed(1, after_ms=16_000)
    assert not talk.words(), "a ringing phone is better news than any place"
    talk.news(AgentRefused, offer_id="O1", reason="no_answer", tries=1)
    assert "trying the next person" in talk.words()
    talk.hears()
    talk.news(AgentOffered, offer_id="O2")
    assert not talk.words(), "at most once in 30 s"
    talk.news(AgentRefused, 3_000, offer_id="O2", reason="declined", tries=2)
    assert not talk.words(), "they were told of nothing"
    talk.news(AgentOffered, 30_000, offer_id="O3")
    talk.news(AgentRefused, 3_000, offer_id="O3", reason="busy", tries=3)
    assert "haven't reached anybody" in talk.words() and "call you back" in talk.words()
    talk.says("no")
    talk.news(AgentOffered, 60_000, offer_id="O4")
    talk.news(AgentRefused, 3_000, offer_id="O4", reason="busy", tries=4)
    assert "call you back" not in talk.words(), "each offer is made once"
    golden(talk)


def test_a_ringing_phone_that_is_never_heard_of_again_hides_no_place_for_long(talk):
    to_line(talk)
    talk.news(AgentOffered, 1_000, offer_id="O1")
    talk.hears()
    talk.placed(1, after_ms=20_000)
    assert not talk.words()
    talk.placed(1, after_ms=20_000)
    assert "next in line" in talk.words()


def test_asking_for_a_person_while_waiting_for_one_tells_the_place(talk):
    to_line(talk)
    talk.says("let me talk to a real person", confidence=0.6)
    assert not talk.words(), "talk in the room is no question"
    talk.says("let me talk to a real person")
    assert "one caller before you" in talk.words()


def test_another_was_first(talk):
    to_line(talk)
    talk.news(AgentOffered, 1_000, offer_id="O1")
    talk.hears()
    talk.news(AgentRefused, offer_id="O1", reason="rescinded", tries=3)
    assert not talk.words()


# With a person


def test_a_person_accepts(talk, golden):
    to_line(talk)
    talk.answered()
    assert [type(action) for action in talk.last if isinstance(action, Hush | Bridge)] == [Hush, Bridge]
    assert (talk.state.phase, talk.state.exit) == ("bridged", "bridge")
    before = talk.state
    talk.answered()
    assert not talk.of(Bridge) and talk.state.waiting == before.waiting, "the same news twice"
    talk.waits("bridge", 2_000)
    assert "connecting you" in talk.words()
    talk.hears()
    assert talk.of(Play)
    talk.emit(CallEnded(at_ms=talk.at_ms))
    golden(talk)


def test_a_person_accepts_in_the_middle_of_something(talk):
    to_line(talk)
    talk.presses("2")
    talk.hears()
    assert talk.state.waiting.errand.kind == "recording"
    talk.answered()
    assert talk.of(Bridge)
    talk.left("lost")
    talk.hears()
    assert talk.playing and talk.state.waiting.errand is None, "what was being settled is no more"


def test_the_stream_comes_back_while_the_person_is_still_there(talk):
    bridged(talk)
    talk.resumes()
    assert talk.of(Bridge)[0].room == "room-O1"


def test_no_way_into_the_room(talk, golden):
    bridged(talk)
    talk.fails("bridge", talk.ticket_id)
    assert "You keep your place" in talk.words() and talk.of(Enqueue)
    assert (talk.state.phase, talk.state.exit) == ("waiting", "")
    talk.answered("O2")
    assert talk.of(Bridge)[0].room == "room-O2"
    golden(talk)


@pytest.mark.parametrize("reason", ["lost", "never_came"])
def test_a_person_who_is_lost_puts_the_caller_first_again(talk, reason):
    bridged(talk)
    ticket_id = talk.ticket_id
    talk.left(reason)
    assert "first in line again" in talk.words()
    assert talk.of(Enqueue)[0].ticket.ticket_id == ticket_id
    talk.placed(1)
    talk.answered("O2")
    assert talk.of(Bridge)


def test_the_person_hangs_up_and_the_caller_is_asked_how_it_was(talk, golden):
    bridged(talk)
    talk.left("hung_up")
    assert "How well did we help you" in talk.words() and talk.state.waiting is None
    talk.says("very well")
    assert talk.state.fields["rating"] == "five"
    assert talk.of(Hangup)[0].outcome == "surveyed"
    golden(talk)


def test_a_survey_keeps_nobody(talk):
    bridged(talk)
    talk.left("hung_up")
    talk.hears()
    talk.says("purple elephants dance")
    talk.says("purple elephants dance")
    assert talk.of(Hangup) and not talk.of(Enqueue)


def test_a_queue_without_a_flow_for_afterwards_says_goodbye(talk):
    talk.hears()
    talk.says("I need legal advice")
    talk.answered()
    talk.left("hung_up")
    assert "Goodbye" in talk.words() and talk.of(Hangup)


def test_handed_back_for_the_survey_goes_on_where_the_call_was(talk):
    talk.hears()
    talk.says("I have a complaint")
    talk.says("a parcel")
    talk.answered()
    talk.left("handed_back", "survey", order_number="447129")
    assert talk.state.fields["order_number"] == "447129" and "How well" in talk.words()


def test_when_the_flow_of_a_hand_back_is_done_the_call_goes_on_where_it_was(book):
    site = book.site.model_copy(update={"hand_back": {"hours": "hours"}})
    talk = Talk(book.model_copy(update={"site": site}))
    talk.hears()
    talk.says("I have a complaint")
    talk.says("a parcel")
    talk.answered()
    talk.left("handed_back", "hours")
    talk.says("the bank")
    talk.looked_up(is_open=True, closes="17:00", opens="09:00", is_holiday=False, holiday="")
    assert "Is there anything else?" in talk.words()


def test_handed_back_to_prove_who_they_are(talk, golden):
    bridged(talk)
    account = checkdigit.append("luhn", "4471229")
    talk.left("handed_back", "identify", account=account)
    assert "PIN" in talk.words(), "the number the person knows is not asked again"
    talk.presses("1234")
    talk.looked_up(verified=True, is_locked=False, tries_left=3, name="Ann Lee")
    ticket = talk.of(Enqueue)[0].ticket
    assert (ticket.identity, ticket.name, ticket.priority) == ("pin", "Ann Lee", 60)
    assert ticket.done == ("checked who they are by PIN",)
    assert ticket.joined_ms == 0 and "1234" not in json.dumps(str(ticket))
    golden(talk)


def test_handed_back_for_another_request(talk, golden):
    bridged(talk)
    talk.left("handed_back", "another", identity_checked=True, name="Ann Lee", company="Evil", now="never")
    assert talk.words() == "What else can I do for you?"
    assert len(talk.state.stack) == 1, "the call begins again"
    assert (talk.state.identity, talk.state.name, talk.state.agent) == ("agent", "Ann Lee", "Bea")
    assert "identity_checked" not in talk.state.fields and "company" not in talk.state.fields
    talk.says("where is my parcel")
    assert "parcel number" in talk.words()
    golden(talk)


def test_handed_back_for_something_unknown_begins_anew(talk):
    bridged(talk)
    talk.left("handed_back", "dance")
    assert "What else can I do for you?" in talk.words()


def test_a_second_person_on_the_same_call(talk):
    bridged(talk)
    talk.left("handed_back", "another")
    talk.presses("0")
    assert talk.ticket_id != "CA1.t4"
    talk.answered("O9")
    assert talk.of(Bridge)[0].room == "room-O9"


# We call back


def test_a_callback_that_is_welcome(called_back, golden):
    assert "calling you back, as you asked, about a parcel" in called_back.words()
    called_back.hears()
    called_back.says("yes")
    ticket = called_back.of(Enqueue)[0].ticket
    assert (ticket.ticket_id, ticket.joined_ms, ticket.kind) == ("CA0.t4", TICKET.joined_ms, "call")
    assert (ticket.call_id, ticket.identity, ticket.fields) == ("CA1", "caller_id", TICKET.fields)
    assert ticket.done == TICKET.done
    called_back.placed(1)
    called_back.answered()
    assert called_back.of(Bridge)
    golden(called_back)


def test_a_callback_by_key(called_back):
    called_back.presses("1")
    assert called_back.of(Enqueue)


def test_a_callback_at_no_good_time(called_back, golden):
    called_back.hears()
    called_back.presses("2")
    assert "call again later" in called_back.words()
    called_back.presses("1")
    assert called_back.of(Hangup)[0].outcome == "not_confirmed" and not called_back.of(Dequeue)
    golden(called_back)


def test_a_callback_that_is_cancelled(called_back, golden):
    called_back.says("no")
    called_back.says("no")
    assert called_back.of(Dequeue)[0].ticket_id == "CA0.t4"
    assert called_back.of(Hangup)[0].outcome == "callback_cancelled"
    golden(called_back)


def test_a_voicemail_is_never_bridged(called_back, golden):
    called_back.says("the person you have called is not available")
    called_back.hears()
    called_back.says("please leave a message after the tone")
    called_back.hears()
    called_back.waits("no_input", 5_000)
    assert called_back.of(Hangup)[0].outcome == "not_confirmed" and not called_back.of(Enqueue)
    golden(called_back)


def test_a_callback_whose_line_breaks_asks_again(called_back):
    called_back.resumes()
    assert "calling you back" in called_back.words()


def test_a_callback_hung_up_on_is_not_confirmed(called_back):
    called_back.hangs_up()
    assert called_back.state.outcome == "not_confirmed" and not called_back.of(Dequeue)


# Upset callers


def test_an_upset_caller_gets_a_person_at_once(talk, golden):
    talk.hears()
    talk.says("where is my fucking parcel you useless people")
    assert "frustrating" in talk.words()
    ticket = talk.of(Enqueue)[0].ticket
    assert (ticket.queue, ticket.priority, ticket.mood) == ("complaints", 20, "upset")
    assert ticket.mood_evidence.words == ("fucking", "useless")
    assert "fucking parcel" in ticket.mood_why and "0.60" in ticket.mood_why
    golden(talk)


def test_an_upset_caller_who_goes_back_is_not_sent_away_twice(talk):
    talk.hears()
    talk.says("this is absolutely ridiculous you idiots")
    talk.says("back to the menu")
    talk.hears()
    talk.says("you are all useless idiots")
    assert talk.state.phase == "asking"
    talk.presses("0")
    assert talk.of(Enqueue)[0].ticket.priority == 20, "the person still knows"


def test_a_complaint_in_calm_words_is_only_tense(talk):
    talk.hears()
    talk.says("this is unacceptable")
    assert talk.state.phase == "asking"
    talk.presses("0")
    ticket = talk.of(Enqueue)[0].ticket
    assert (ticket.mood, ticket.priority) == ("tense", 0)


def test_a_number_given_with_a_curse_is_a_number(talk):
    talk.hears()
    talk.presses("3")
    talk.says("four four seven one two nine for fuck's sake you idiot", confidence=1.0)
    assert talk.state.fields["order_number"] == "447129" and talk.state.phase == "looking_up"


def test_mood_that_is_switched_off(book):
    site = book.site.model_copy(update={"mood": book.site.mood.model_copy(update={"is_on": False})})
    talk = Talk(book.model_copy(update={"site": site}))
    talk.hears()
    talk.says("you are all useless idiots")
    assert talk.state.phase == "asking" and talk.state.mood is None
    talk.presses("0")
    assert talk.of(Enqueue)[0].ticket.mood == ""


def test_a_caller_who_has_said_nothing_has_no_mood(talk):
    talk.presses("0")
    assert talk.of(Enqueue)[0].ticket.mood == ""


def test_a_calm_caller(talk):
    talk.hears()
    talk.says("I want to talk to someone")
    assert talk.of(Enqueue)[0].ticket.mood == "calm"


def test_a_pin_is_no_evidence(talk):
    talk.hears()
    talk.says("what is my balance")
    talk.presses(checkdigit.append("luhn", "4471229"))
    talk.looked_up(account="44712297")
    talk.says("one two three four you useless fucking idiots")
    assert "one two" not in to_json(talk.state)


def test_a_state_from_before_there_were_people_still_loads(talk):
    to_line(talk)
    old = json.loads(to_json(talk.state))
    for name in ("agent", "callback", "done", "mood", "is_soothed"):
        del old[name]
    old["waiting"] = {name: old["waiting"][name] for name in ("ticket", "place", "said_place", "failures")}
    assert from_json(json.dumps(old)).waiting.place == 2
