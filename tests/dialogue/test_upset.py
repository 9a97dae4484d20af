"""Mood on a call: what is said about it, words and voice over turns, topics, secrets, and what is left out."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from talkkit import Talk

from ivr.actions import Enqueue, Listen
from ivr.dialogue.engine import handle
from ivr.dialogue.state import from_json, to_json
from ivr.events import EVENT, Heard, Hypothesis, Voice
from ivr.flow.site import Book, Topic

CALM = Voice(voiced_ms=1_500, level_db=-28.0, pitch_hz=120.0, spread_st=4.0, tilt_db=-9.0, pace_hz=4.0)
RAISED = replace(CALM, level_db=-17.0, pitch_hz=165.0, tilt_db=-4.0, pace_hz=5.6)
DISPLEASED = "honestly this is shocking"
"""Not enough alone."""


def listening(book: Book, **changes: object) -> Book:
    """The book with an ear for voices, or other rules of mood."""
    mood = book.site.mood.model_copy(update={"is_voice_heard": True, **changes})
    return book.model_copy(update={"site": book.site.model_copy(update={"mood": mood})})


def says(talk: Talk, text: str, voice: Voice | None) -> None:
    """As ``Talk.says``, with the sound of the voice; the event goes through JSON too."""
    talk.starts_to_speak()
    talk.at_ms += 1_200
    found = (Hypothesis(text=text, confidence=0.95),) if text else ()
    heard = Heard(at_ms=talk.at_ms, hypotheses=found, voice=voice)
    talk.emit(EVENT.validate_json(EVENT.dump_json(heard)))


def test_who_is_listened_to_is_told_so_once_before_the_first_question(book: Book) -> None:
    talk = Talk(listening(book))
    assert talk.words() == (
        "Hello, this is Fernhill. Your words and your tone of voice tell me when you need a person. "
        "How can I help you today?"
    )
    assert talk.of(Listen)[-1].expect.is_mood_heard
    talk.hears()
    talk.says("start over")
    assert "tone of voice" not in talk.words()


def test_who_is_not_listened_to_is_told_nothing(book: Book) -> None:
    talk = Talk(book)
    assert "tone of voice" not in talk.words() and not talk.of(Listen)[-1].expect.is_mood_heard
    off = Talk(listening(book, is_on=False))
    assert "tone of voice" not in off.words() and not off.of(Listen)[-1].expect.is_mood_heard


def test_a_raised_voice_tips_the_scales_of_words(book: Book) -> None:
    loud, quiet = Talk(listening(book)), Talk(listening(book))
    for talk, voice in ((loud, RAISED), (quiet, CALM)):
        talk.hears()
        says(talk, "what did you say", CALM)
        talk.hears()
        says(talk, DISPLEASED, voice)
    assert quiet.state.phase == "asking" and quiet.state.mood is not None
    ticket = loud.of(Enqueue)[0].ticket
    assert ticket.mood == "upset" and "louder by 11 dB" in ticket.mood_why
    assert "higher by 6 semitones" in ticket.mood_evidence.words


def test_a_raised_voice_alone_decides_nothing(book: Book) -> None:
    talk = Talk(listening(book))
    talk.hears()
    says(talk, "what did you say", CALM)
    for text in ("what did you say", "", "say that again"):
        talk.hears()
        says(talk, text, RAISED)
    assert talk.state.phase == "asking" and talk.state.mood is None


def test_the_beginning_is_the_first_three_utterances_that_are_long_enough(book: Book) -> None:
    talk = Talk(listening(book))
    for voice in (replace(CALM, voiced_ms=300), CALM, None, CALM, CALM, RAISED):
        talk.hears()
        says(talk, "what did you say", voice)
    assert talk.state.voices == (CALM,) * 3


def test_displeasure_adds_up_over_turns(book: Book) -> None:
    talk = Talk(book)
    for _ in range(4):
        talk.hears()
        talk.says(DISPLEASED)
        if talk.state.phase != "asking":
            break
    assert talk.of(Enqueue) and "upset before" in talk.state.mood.words


def test_a_topic_goes_to_a_person_with_its_words(book: Book) -> None:
    topics = {"legal": Topic(queue="complaints", priority=40), "recall": Topic(phrases=("the recall",))}
    talk = Talk(listening(book, topics=topics))
    talk.hears()
    talk.says("where is my parcel my solicitor wants to know")
    ticket = talk.of(Enqueue)[0].ticket
    assert (ticket.queue, ticket.priority) == ("complaints", 40)
    assert ticket.reason == "The caller spoke of a legal matter: \u201cmy solicitor\u201d."
    talk.says("back to the menu")
    talk.hears()
    talk.says("my solicitor")
    assert not any("spoke of" in each.ticket.reason for each in talk.of(Enqueue)), "once a call"


def test_a_topic_dealt_with_hides_no_other(book: Book) -> None:
    talk = Talk(listening(book, topics={"legal": Topic(), "threat": Topic(queue="complaints")}))
    talk.hears()
    talk.says("my solicitor says so")
    talk.says("back to the menu")
    talk.hears()
    talk.says("my solicitor says I know where you live")
    assert talk.of(Enqueue)[-1].ticket.queue == "complaints"


def test_a_topic_of_the_site_s_own(book: Book) -> None:
    talk = Talk(listening(book, topics={"product_recall": Topic(phrases=("the recall",), say="One moment.")}))
    talk.hears()
    talk.says("it's about the recall")
    ticket = talk.of(Enqueue)[0].ticket
    assert (ticket.queue, ticket.priority, talk.words()) == ("customer_service", 30, "One moment.")
    assert ticket.reason == "The caller spoke of a product recall matter: \u201cthe recall\u201d."


def test_a_choice_of_the_topic_s_name_goes_the_way_of_the_flow(book: Book) -> None:
    talk = Talk(listening(book, topics={"complaint": Topic(queue="customer_service")}))
    talk.hears()
    talk.says("I have a complaint")
    assert talk.state.intent == "complaint" and not talk.of(Enqueue)


def test_half_a_minute_of_swearing_is_short_evidence(book: Book) -> None:
    talk = Talk(book)
    talk.hears()
    talk.says("you useless fucking bastards " * 40)
    assert len(talk.of(Enqueue)[0].ticket.mood_evidence.text) <= 201


def test_nothing_of_a_pin_is_evidence(book: Book) -> None:
    talk = Talk(book)
    talk.hears()
    talk.says("what is my balance")
    for _ in range(2):
        talk.says("how much longer do you expect me to say four four one two")
    kept = to_json(talk.state)
    assert "four four" not in kept and "four one" not in kept


def test_in_a_language_whose_anger_is_not_known_nobody_is_called_calm(book: Book) -> None:
    chinese = book.site.model_copy(update={"language": "zh"})
    talk = Talk(listening(book.model_copy(update={"site": chinese})))
    assert not talk.of(Listen)[-1].expect.is_mood_heard
    talk.hears()
    talk.says("where is my fucking parcel")
    assert talk.state.mood is None
    talk.says("agent")
    assert talk.of(Enqueue)[0].ticket.mood == ""


@pytest.mark.parametrize("part", ["mood-text", "mood-voice"])
def test_a_part_that_is_left_out(book: Book, part: str) -> None:
    talk = Talk(listening(book).leaving_out(part))
    talk.hears()
    says(talk, "what did you say", CALM)
    talk.hears()
    says(talk, DISPLEASED, RAISED)
    assert talk.state.phase == "asking"
    assert (talk.state.mood is None) == (part == "mood-text")


def test_a_state_from_before_voices_were_heard_still_loads(book: Book) -> None:
    talk = Talk(listening(book))
    talk.hears()
    says(talk, DISPLEASED, CALM)
    old = json.loads(to_json(talk.state))
    for name in ("moods", "voices", "is_mood_told", "topics"):
        del old[name]
    state = from_json(json.dumps(old))
    assert state.voices == () and handle(talk.book, state, Heard(at_ms=10**6, voice=RAISED))
