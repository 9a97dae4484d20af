"""Whole conversations over the sample company's flows, against goldens one can read."""

from __future__ import annotations

from ivr import checkdigit
from ivr.actions import Dequeue, Divert, Enqueue, Hush, Lookup, Play

ACCOUNT = checkdigit.append("luhn", "4471229")
PARCEL = checkdigit.append("gs1", "123456789")
STARTED_MS = 1_795_428_000_000
"""When the call of a test started, ms since 1970."""
SPOKEN = dict(enumerate(["oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]))
MONEY = {
    "balance": "1250.40", "currency": "GBP", "last_amount": "-12.50", "last_text": "card payment",
    "last_on": "2026-11-20",
}  # fmt: skip


def spoken(digits):
    return " ".join(SPOKEN[int(digit)] for digit in digits)


def to_pin(talk):
    talk.hears()
    talk.says("what is my balance")
    talk.presses(ACCOUNT)
    talk.looked_up(account=ACCOUNT)


def test_balance_with_the_right_pin(talk, golden):
    to_pin(talk)
    talk.presses("1234")
    talk.looked_up(verified=True, is_locked=False, tries_left=3, name="Ann Lee")
    talk.looked_up(**MONEY)
    talk.hears()
    assert "one thousand two hundred" in "\n".join(talk.lines)
    talk.says("no thanks")
    talk.says("no that's all")
    talk.hears()
    talk.hangs_up()
    assert talk.state.outcome == "completed"
    assert "pin" not in talk.state.fields and "1234" not in str(talk.state)
    golden(talk)


def test_balance_with_a_wrong_pin_until_it_is_locked(talk, golden):
    to_pin(talk)
    talk.presses("1111")
    talk.looked_up(verified=False, is_locked=False, tries_left=2, name="")
    talk.presses("2222")
    talk.looked_up(verified=False, is_locked=True, tries_left=0, name="")
    talk.placed(1)
    assert talk.state.waiting.ticket.identity == "none"
    assert "2222" not in str(talk.state) and "1111" not in str(talk.state)
    golden(talk)


def test_parcel_by_voice(talk, golden):
    talk.hears()
    talk.says("where is my parcel")
    talk.says(spoken(PARCEL), confidence=0.6)
    assert talk.state.fields["parcel_number"] == PARCEL
    talk.waits("filler", 1_500)
    talk.looked_up(status="in transit", expected="2026-11-24", last_place="Leeds")
    golden(talk)


def test_parcel_by_keys_with_corrections(talk, golden):
    talk.hears()
    talk.presses("2")
    talk.presses("99**" + PARCEL[:5] + "7*" + PARCEL[5:] + "#")
    assert talk.state.fields["parcel_number"] == PARCEL
    talk.looked_up(False)
    talk.hears()
    talk.says("no")
    assert talk.state.denied == {"parcel_number": (PARCEL,)}
    talk.says(spoken(PARCEL))
    assert talk.state.phase == "asking", "a number the caller denied must not be understood again"
    golden(talk)


def test_wrong_check_digit_is_never_looked_up(talk, golden):
    talk.hears()
    talk.presses("2")
    wrong = PARCEL[:-1] + str((int(PARCEL[-1]) + 1) % 10)
    talk.presses(wrong)
    assert "digit" in talk.words()
    talk.says(spoken(wrong))
    assert talk.state.phase == "asking"
    golden(talk)


def test_digits_in_two_breaths(talk, golden):
    talk.hears()
    talk.presses("3")
    talk.says("four four seven", confidence=1.0)
    talk.says("one two nine", confidence=1.0)
    assert talk.state.fields["order_number"] == "447129"
    golden(talk)


def test_doubtful_digits_are_read_back(talk, golden):
    talk.hears()
    talk.presses("3")
    talk.says("four four seven one two nine", confidence=0.6)
    talk.says("yes")
    assert talk.state.fields["order_number"] == "447129"
    golden(talk)


def test_keys_typed_ahead(talk, golden):
    talk.presses("1" + ACCOUNT + "#")
    talk.presses("12")
    talk.looked_up(account=ACCOUNT)
    assert not talk.words(), "the question is already being answered"
    talk.presses("34")
    assert talk.state.phase == "looking_up"
    golden(talk)


def test_noise_during_a_prompt(talk, golden):
    talk.hears()
    talk.says("I want to complain")
    talk.starts_to_speak(played=2)
    talk.utters()
    assert talk.words() == "Is it about your account, a parcel, an order, or something else?"
    assert talk.state.misses == 0
    talk.starts_to_speak(played=0)
    talk.utters("uh")
    assert talk.playing[0].barge_in == "hotword", "what noise has cut twice is not cut again"
    talk.starts_to_speak()
    talk.utters()
    talk.hears()
    assert "no_input" in talk.state.sound.timers
    golden(talk)


def test_help_repeat_back_and_restart(talk, golden):
    talk.hears()
    talk.says("help")
    talk.hears()
    talk.says("repeat that")
    talk.says("opening hours")
    talk.presses("9")
    talk.says("go back")
    talk.says("go back")
    talk.says("where is my parcel")
    talk.presses("9")
    talk.waits("keys", 3_000)
    talk.says("help")
    talk.says("start over")
    assert talk.state.fields == {}
    golden(talk)


def test_back_undoes_the_answer(talk, golden):
    to_pin(talk)
    assert talk.state.fields["account"] == ACCOUNT
    talk.says("go back")
    assert "account" not in talk.state.fields
    golden(talk)


def test_a_person_by_voice(talk, golden):
    talk.hears()
    talk.says("I want to speak to a real person")
    assert talk.state.waiting.ticket.reason == "The caller asked for a person."
    golden(talk)


def test_a_person_by_key_while_digits_are_collected(talk, golden):
    talk.hears()
    talk.presses("2")
    talk.presses("0")
    assert talk.state.phase == "asking", "0 is a digit here until the pause"
    talk.waits("keys", 3_000)
    assert talk.state.phase == "waiting"
    golden(talk)


def test_silence_until_a_person(talk, golden):
    for _ in range(4):
        talk.hears()
        talk.waits("no_input", 5_000)
    assert talk.state.phase == "waiting"
    golden(talk)


def test_nonsense_until_a_person(talk, golden):
    talk.hears()
    for _ in range(4):
        talk.says("purple elephants dance", confidence=0.7)
    assert talk.state.waiting.ticket.reason == "The machine did not understand the caller."
    golden(talk)


def test_who_surely_wants_something_else_is_asked_once_and_then_has_a_person(talk):
    talk.hears()
    talk.says("purple elephants dance")
    assert talk.state.phase == "asking"
    talk.says("the elephants dance on the moon")
    assert talk.state.waiting.ticket.reason == "The caller wants something the machine cannot do."


def test_misses_of_the_whole_call(talk, golden):
    talk.hears()
    talk.says("purple elephants dance", confidence=0.7)
    talk.says("purple elephants dance", confidence=0.7)
    talk.says("what is my balance")
    talk.says("purple elephants dance", confidence=0.7)
    talk.says("purple elephants dance", confidence=0.7)
    talk.says("purple elephants dance", confidence=0.7)
    assert talk.state.phase == "asking"
    talk.says("start over")
    talk.says("purple elephants dance", confidence=0.7)
    assert talk.state.phase == "waiting"
    golden(talk)


def test_a_doubtful_choice_is_asked_back(talk, golden):
    talk.hears()
    talk.says("opening hours", confidence=0.6)
    assert "opening" not in talk.state.intent
    talk.says("no")
    talk.says("opening hours", confidence=0.6)
    assert not any("hours" in line for line in talk.lines[-3:]), "what was denied is not offered again"
    golden(talk)


def test_a_doubtful_choice_is_right(talk, golden):
    talk.hears()
    talk.says("opening hours", confidence=0.6)
    talk.says("yes")
    assert talk.state.intent == "hours"
    golden(talk)


def test_a_slow_look_up(talk, golden):
    to_pin(talk)
    talk.presses("1234")
    talk.waits("filler", 1_500)
    talk.hears()
    talk.waits("filler", 2_500)
    talk.hears()
    talk.looked_up(verified=True, is_locked=False, tries_left=3, name="Ann Lee")
    golden(talk)


def test_a_look_up_that_fails(talk, golden):
    to_pin(talk)
    talk.presses("1234")
    talk.fails("lookup", talk.state.lookup_id)
    assert talk.state.phase == "waiting"
    assert "pin" not in talk.state.waiting.ticket.fields
    golden(talk)


def test_a_look_up_that_never_answers(talk, golden):
    talk.hears()
    talk.says("where is my parcel")
    talk.presses(PARCEL)
    late = talk.state.lookup_id
    talk.waits("filler", 1_500)
    talk.hears()
    talk.waits("lookup", 6_500)
    assert talk.state.phase == "waiting"
    before = talk.state
    talk.looked_up(status="delivered")
    assert late != talk.state.lookup_id and talk.state.fields == before.fields
    golden(talk)


def test_waiting_and_back_to_the_menu(talk, golden):
    talk.hears()
    talk.says("I want to talk to someone")
    talk.placed(3)
    talk.hears()
    talk.hears()
    talk.waits("queue_check", 3_000)
    talk.placed(2)
    assert not talk.words(), "not twice within 15 s"
    talk.waits("queue_check", 10_000)
    talk.placed(2)
    assert "one caller" in talk.words()
    talk.hears()
    talk.starts_to_speak()
    talk.utters("nice music")
    assert talk.of(Hush) == []
    talk.utters("how long")
    assert "one caller" in talk.words()
    talk.hears()
    talk.placed(2, after_ms=90_000)
    assert "Thank you for waiting" in talk.words()
    talk.utters("back to the menu")
    assert talk.state.waiting is None and talk.state.phase == "asking"
    golden(talk)


def test_a_queue_that_cannot_be_reached(talk, golden):
    talk.hears()
    talk.presses("0")
    ticket_id = talk.state.waiting.ticket.ticket_id
    for _ in range(5):
        talk.fails("enqueue", ticket_id)
        if not talk.of(Enqueue):
            talk.hears()
            talk.waits("queue_check", 2_000)
        assert talk.of(Enqueue)[0].ticket.joined_ms == STARTED_MS + 3_200, "the age is kept"
    talk.fails("enqueue", ticket_id)
    assert talk.of(Divert)
    golden(talk)


def test_the_line_breaks_at_a_question(talk, golden):
    to_pin(talk)
    talk.presses("12")
    talk.resumes()
    assert "PIN" in talk.words() and talk.state.fields["account"] == ACCOUNT
    talk.presses("1234")
    assert talk.of(Lookup)[0].parameters == {"account": ACCOUNT, "pin": "1234"}
    golden(talk)


def test_the_line_breaks_during_a_look_up(talk, golden):
    to_pin(talk)
    talk.presses("1234")
    talk.resumes()
    assert talk.of(Lookup)[0].parameters["pin"] == "1234"
    golden(talk)


def test_the_line_breaks_while_waiting(talk, golden):
    talk.hears()
    talk.presses("0")
    talk.placed(2)
    ticket = talk.state.waiting.ticket
    talk.resumes()
    talk.hears()
    assert talk.state.waiting.ticket == ticket and talk.of(Play)
    golden(talk)


def test_a_complaint_with_its_reason(talk, golden):
    talk.hears()
    talk.says("I have a complaint")
    talk.says("the courier was rude")
    ticket = talk.state.waiting.ticket
    assert (ticket.queue, ticket.intent) == ("complaints", "complaint")
    assert ticket.reason == "Complaint about a parcel or a delivery."
    assert [turn.text for turn in ticket.turns if turn.who == "caller"] == [
        "I have a complaint",
        "the courier was rude",
    ]
    talk.hangs_up()
    assert talk.of(Dequeue)
    golden(talk)


def test_a_legal_question(talk, golden):
    talk.hears()
    talk.says("I need legal advice")
    assert talk.state.waiting.ticket.queue == "specialists"
    golden(talk)


def test_prompts_that_cannot_be_played(talk, golden):
    for _ in range(3):
        talk.fails("say", talk.playing.pop(0).prompt_id if talk.playing else "p9")
    assert talk.of(Divert)
    golden(talk)


def test_too_long_an_utterance(talk, golden):
    talk.hears()
    talk.starts_to_speak()
    talk.utters("purple elephants dance", is_cut=True)
    assert "a little long" in talk.words()
    golden(talk)


def test_a_choice_that_is_nearly_clear_is_said_and_taken(talk, golden):
    talk.hears()
    talk.says("opening hours", confidence=0.7)
    assert (
        talk.words() == "I understood: our opening hours. Is that the bank, the parcel counter or the shop?"
    )
    assert talk.state.visit.doubt == ""
    golden(talk)


def test_nearly_clear_is_not_enough_where_a_person_would_be_called(talk):
    talk.hears()
    talk.says("I want to complain")
    talk.says("a parcel", confidence=0.7)
    assert talk.state.visit.doubt == "parcel" and talk.state.phase == "asking"
