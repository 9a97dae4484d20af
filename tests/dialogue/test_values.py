"""One value of each type: spoken, keyed, asked back, refused, looked for, and kept from every log."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sitekit import OTHERS
from talkkit import Talk

from ivr.actions import Listen, Lookup
from ivr.dialogue.engine import is_secret
from ivr.dialogue.state import to_json
from ivr.flow.load import parse
from ivr.flow.site import Book

FLOW = """
flow: main
start: value
steps:
  value:
    collect: it
    ask: What is it?
{lines}
    next: after
  after:
    ask: Anything else?
    choices:
      again: {{ phrases: [once more], next: value }}
      enough: {{ phrases: ["no"], next: done }}
"""


def book_of(**keys: str) -> Book:
    lines = "\n".join(f"    {key}: {value}" for key, value in keys.items())
    return parse({**OTHERS, "main.yaml": FLOW.format(lines=lines)})


@pytest.fixture
def ask() -> Callable[..., Talk]:
    """A call that has heard the question for one value."""

    def begin(**keys: str) -> Talk:
        talk = Talk(book_of(**keys))
        talk.hears()
        return talk

    return begin


def says(talk: Talk, *texts: str, confidence: float = 0.95) -> str:
    """What the caller hears next."""
    talk.hears()
    talk.says(*texts, confidence=confidence)
    return talk.words()


def value(talk: Talk) -> object:
    return talk.state.fields.get("it")


CHOICE = {"type": "choice", "options": '{ small: [small], large: [large, big], "no": ["no box"] }'}
KEYED = [
    ({"type": "number"}, "12*5#", "twelve point five", 12.5),
    ({"type": "number", "at_least": "1"}, "9~", "nine", 9),
    ({"type": "money"}, "10*5#", "ten pounds and fifty pence", "10.50"),
    ({"type": "money", "currency": "EUR"}, "7~", "seven euros", "7.00"),
    ({"type": "date"}, "0312~", "Thursday the third of December", "2026-12-03"),
    ({"type": "date"}, "0101#", "Friday the first of January twenty twenty-seven", "2027-01-01"),
    (
        {"type": "date", "at_most": "today"},
        "0312#",
        "Wednesday the third of December twenty twenty-five",
        "2025-12-03",
    ),
    ({"type": "date"}, "29021988", "Monday the twenty-ninth of February nineteen eighty-eight", "1988-02-29"),
    ({"type": "time"}, "1730", "five thirty p m", "17:30"),
    ({"type": "time"}, "930#", "nine thirty a m", "09:30"),
    ({"type": "number"}, "12*3*45#", "forty-five", 45),
    ({"type": "date"}, "05**0312#", "Thursday the third of December", "2026-12-03"),
]


@pytest.mark.parametrize(("keys", "pressed", "said", "wanted"), KEYED)
def test_what_keys_were_taken_for_is_said_before_it_is_used(ask, keys, pressed, said, wanted):
    talk = ask(**keys)
    for key in pressed:
        talk.waits("keys") if key == "~" else talk.presses(key)
    assert talk.words() == f"I heard {said}. Is that right?" and value(talk) is None
    talk.presses("1")
    assert value(talk) == wanted and type(value(talk)) is type(wanted)
    assert talk.state.stack[-1].step == "after"


AT_ONCE = [
    ({"type": "yes_no"}, "1", True),
    ({"type": "yes_no"}, "2", False),
    (CHOICE, "2", "large"),
    ({"type": "phone"}, "01632960001#", "+441632960001"),
    ({"type": "phone"}, "004930123456#", "+4930123456"),
    ({"type": "digits", "digits": "4"}, "1234", "1234"),
    ({"type": "digits", "min": "2", "max": "5"}, "1*90#", "90"),
]


@pytest.mark.parametrize(("keys", "pressed", "wanted"), AT_ONCE)
def test_keys_that_are_the_value_are_taken(ask, keys, pressed, wanted):
    talk = ask(**keys)
    talk.presses(pressed)
    assert value(talk) == wanted and talk.state.stack[-1].step == "after"


@pytest.mark.parametrize(
    ("keys", "pressed"),
    [
        ({"type": "number"}, "9999999999999"),
        ({"type": "date"}, "01010000"),
        ({"type": "date"}, "3113#"),
        ({"type": "date"}, "31022027"),
        ({"type": "date"}, "123#"),
        ({"type": "time"}, "2460"),
        ({"type": "money"}, "1*234#"),
        ({"type": "money"}, "*#"),
        ({"type": "phone"}, "12#"),
        (CHOICE, "4"),
        ({"type": "yes_no"}, "3"),
    ],
)
def test_keys_that_are_no_value_are_a_miss(ask, keys, pressed):
    talk = ask(**keys)
    talk.presses(pressed)
    assert value(talk) is None and talk.state.visit.no_match == 1
    assert talk.words() == "Sorry, I didn't get that. What is it?"


@pytest.mark.parametrize("type_", ["letters", "name"])
def test_what_cannot_be_keyed_says_so(ask, type_):
    talk = ask(type=type_)
    talk.presses("5")
    assert talk.words() == "This can't be keyed in, so please say it. What is it?"
    assert "can't be keyed in" in says(talk, "help")


def test_zero_and_nine_ask_for_a_person_and_for_the_question_where_they_are_no_value(ask):
    talk = ask(type="date")
    talk.presses("9")
    talk.waits("keys")
    assert talk.words() == "What is it?" and talk.state.misses == 0
    talk = ask(type="number", at_least="1")
    talk.presses("0")
    talk.waits("keys")
    assert talk.state.phase == "waiting"
    talk = ask(type="name")
    talk.presses("0")
    assert talk.state.phase == "waiting"


SPOKEN = [
    ({"type": "number"}, "three", 3),
    ({"type": "date"}, "tomorrow", "2026-11-24"),
    ({"type": "time"}, "nine thirty in the morning", "09:30"),
    (CHOICE, "the big one please", "large"),
    ({"type": "yes_no"}, "yes please", True),
    ({"type": "yes_no"}, "no thanks", False),
    ({"type": "letters", "digits": "3"}, "b as in bravo c as in charlie d as in delta", "BCD"),
    ({"type": "phone"}, "oh one six three two nine six oh oh oh one", "+441632960001"),
]


@pytest.mark.parametrize(("keys", "words", "wanted"), SPOKEN)
def test_values_that_are_spoken(ask, keys, words, wanted):
    talk = ask(**keys)
    if "Is that right?" in says(talk, words, confidence=1.0):
        talk.says("yes")
    assert value(talk) == wanted and talk.state.stack[-1].step == "after"


def test_how_surely_it_was_understood_decides_whether_it_is_asked_back(ask):
    talk = ask(type="date")
    assert says(talk, "tomorrow", confidence=0.9) == "Anything else?"
    talk = ask(type="date")
    assert says(talk, "tomorrow", confidence=0.7) == "I heard tomorrow. Is that right?"
    talk = ask(type="date")
    assert says(talk, "tomorrow", confidence=0.3) == "Sorry, I didn't get that. What is it?"


def test_a_step_says_how_it_is_confirmed(ask):
    assert says(ask(type="date", confirm="explicit"), "tomorrow", confidence=1.0).startswith("I heard")
    assert says(ask(type="date", confirm="never"), "tomorrow", confidence=0.5) == "Anything else?"
    assert (
        says(ask(type="date", confirm="implicit"), "tomorrow", confidence=0.5) == "Tomorrow. Anything else?"
    )


def test_money_is_asked_back_however_sure_unless_never(ask):
    assert says(ask(type="money"), "ten pounds", confidence=1.0) == "I heard ten pounds. Is that right?"
    assert says(ask(type="money", confirm="implicit"), "ten pounds").startswith("I heard")
    assert says(ask(type="money", confirm="never"), "ten pounds", confidence=1.0) == "Anything else?"


def test_digits_are_read_back_in_groups(ask):
    talk = ask(digits="8")
    said = says(talk, "one two three four five six seven eight", confidence=0.7)
    assert said == "I heard one two three four, five six seven eight. Is that right?"


def test_what_was_denied_is_not_offered_again(ask):
    talk = ask(type="date")
    says(talk, "tuesday", confidence=0.7)
    assert says(talk, "no") == "Sorry, I misheard. What is it?"
    assert says(talk, "tuesday", "thursday", confidence=0.7) == (
        "I heard Thursday the twenty-sixth of November. Is that right?"
    )
    assert talk.state.denied == {"it": ("2026-11-24",)}


def test_the_answer_to_a_doubt_may_be_the_right_value(ask):
    talk = ask(type="date")
    says(talk, "tuesday", confidence=0.7)
    assert says(talk, "no wednesday") == "Anything else?"
    assert value(talk) == "2026-11-25" and talk.state.denied == {"it": ("2026-11-24",)}
    talk = ask(digits="4")
    says(talk, "one two three four", confidence=0.7)
    said = says(talk, "no one two three five", confidence=1.0)
    assert said == "I heard one two three five. Is that right?", (
        "a string that was misheard once may be again"
    )
    assert says(talk, "yes") == "Anything else?" and value(talk) == "1235"


def test_the_value_said_again_is_a_yes(ask):
    talk = ask(type="date")
    says(talk, "tuesday", confidence=0.7)
    assert says(talk, "tuesday") == "Anything else?" and value(talk) == "2026-11-24"


def test_after_a_repair_that_failed_the_keys_are_offered(ask):
    talk = ask(**CHOICE)
    assert "Press" not in says(talk, "purple elephants")
    heard = says(talk, "purple elephants")
    assert "Press one for small. Press two for large. Press three for no box. What is it?" in heard
    talk = ask(type="date")
    says(talk, "tuesday", confidence=0.7)
    says(talk, "no")
    says(talk, "thursday", confidence=0.7)
    assert says(talk, "no") == (
        "Sorry, I misheard. You can also key in the day and the month, two digits each. What is it?"
    )


def test_after_a_repair_that_failed_the_keys_are_offered_for_digits_too(ask):
    own = ["One by one, please.", "It stands on your bill. You can key it in."]
    for words, told in (
        ({}, "You can also key it in."),
        ({"no_match": own[:1]}, "One by one, please. You can also key it in."),
        ({"no_match": own}, own[1]),
    ):
        talk = ask(type="digits", digits=4, **words)
        says(talk, "one two three four", confidence=0.7)
        assert "key" not in says(talk, "no")
        assert told in says(talk, "purple elephants")


def test_too_many_denials_lead_to_a_person(ask):
    talk = ask(type="number")
    for word in ("one", "two", "three", "four"):
        assert talk.state.phase == "asking"
        says(talk, word, confidence=0.7)
        says(talk, "no")
    assert talk.state.phase == "waiting" and "not understand" in talk.state.waiting.ticket.reason


def test_bounds_are_worked_out_for_the_day_of_the_call(ask):
    talk = Talk(book_of(type="date", at_least="today", at_most="today+3"))
    (slot,) = talk.of(Listen)[0].expect.slots
    assert (slot.at_least, slot.at_most) == ("2026-11-23", "2026-11-26")
    talk.presses("0112#")
    assert talk.words() == (
        "I'm sorry, it has to be from today to Thursday the twenty-sixth of November. What is it?"
    )
    assert says(talk, "next month the third") != "Anything else?"
    assert says(talk, "tomorrow") == "Anything else?"


@pytest.mark.parametrize(
    ("keys", "pressed", "why"),
    [
        ({"type": "number", "at_least": "1", "at_most": "5"}, "6#", "from one to five"),
        ({"type": "money", "at_least": "10"}, "9*99#", "ten pounds or more"),
        ({"type": "money", "at_most": "10"}, "10*01#", "ten pounds or less"),
        ({"type": "time", "at_least": '"09:00"'}, "0859", "nine a m or later"),
        ({"type": "time", "at_most": '"9:30"'}, "0931", "nine thirty a m or earlier"),
    ],
)
def test_a_value_out_of_bounds_says_what_is_possible(ask, keys, pressed, why):
    talk = ask(**keys)
    talk.presses(pressed)
    assert talk.words() == f"I'm sorry, it has to be {why}. What is it?" and value(talk) is None


def test_half_spoken_half_keyed(ask):
    talk = ask(digits="6")
    assert says(talk, "one two three") == ""
    talk.presses("456")
    assert value(talk) == "123456"
    talk = ask(digits="6")
    talk.presses("123")
    says(talk, "one two three")
    assert talk.state.visit.entry == "123", "read out along with the keys"
    says(talk, "four five six", confidence=1.0)
    assert value(talk) == "123456"


def test_a_value_is_looked_for_before_it_is_taken(ask):
    talk = ask(digits="4", exists="order_exists")
    says(talk, "one two three four", confidence=0.9)
    (lookup,) = talk.of(Lookup)
    assert (lookup.name, lookup.parameters, lookup.secrets) == ("order_exists", {"it": "1234"}, ())
    assert talk.state.phase == "looking_up" and value(talk) is None
    talk.waits("filler")
    assert talk.words() == "One moment, I'm looking that up."
    talk.looked_up(True)
    assert value(talk) == "1234", "what exists is surer than it sounded"


def test_a_value_that_does_not_exist_is_asked_for_again(ask):
    talk = ask(digits="4", exists="order_exists")
    talk.presses("1234")
    talk.looked_up(False)
    assert talk.words() == "I'm sorry, I can't find that. What is it?" and value(talk) is None
    assert not talk.state.visit.guesses and talk.state.lookup_id == ""


def test_another_reading_is_tried_where_the_first_does_not_exist(ask):
    talk = ask(digits="4", exists="order_exists")
    says(talk, "one two three four", "one two three five", "one two three nine", confidence=0.5)
    tried = []
    while talk.state.phase == "looking_up":
        tried.append(talk.of(Lookup)[0].parameters["it"])
        talk.looked_up(tried[-1] == "1239")
    assert (tried[0], tried[-1]) == ("1234", "1239") and len(tried) <= 4
    assert talk.words() == "I heard one two three nine. Is that right?"
    talk.says("yes")
    assert value(talk) == "1239"


@pytest.mark.parametrize("end", ["fails", "late"])
def test_a_look_up_that_fails_takes_the_value(ask, end):
    talk = ask(digits="4", exists="order_exists")
    talk.presses("1234")
    late = talk.state.lookup_id
    talk.fails("lookup", late) if end == "fails" else talk.waits("lookup")
    assert value(talk) == "1234" and talk.state.stack[-1].step == "after"
    assert not {"filler", "lookup"} & set(talk.state.sound.timers)


def test_a_line_that_comes_back_while_a_value_is_looked_for(ask):
    talk = ask(digits="4", exists="order_exists")
    talk.presses("1234")
    talk.resumes()
    assert talk.of(Lookup)[0].parameters == {"it": "1234"} and "back" in talk.words()
    talk.looked_up(True)
    assert value(talk) == "1234"


def test_keys_pressed_while_a_value_is_looked_for_answer_what_comes_next(ask):
    talk = ask(digits="4", exists="order_exists")
    talk.presses("12340")
    talk.looked_up(True)
    assert value(talk) == "1234" and talk.state.phase == "waiting"


SECRETS = [
    ({"type": "digits", "digits": "4"}, ("seven three nine one", "seven three nine eight"), "7391"),
    (
        {"type": "date"},
        ("the third of march nineteen eighty", "the first of may nineteen eighty"),
        "1980-03-03",
    ),
    ({"type": "letters", "digits": "3"}, ("x as in xray y as in yankee z as in zulu",), "XYZ"),
    ({"type": "name"}, ("rumpelstiltskin jones",), "Rumpelstiltskin Jones"),
]


@pytest.mark.parametrize(("keys", "words", "wanted"), SECRETS)
def test_a_secret_of_any_type_is_nowhere_but_in_its_field(ask, keys, words, wanted):
    talk = ask(**keys, secret="true", exists="pin_right")
    assert is_secret(talk.book, talk.state)
    says(talk, *words, confidence=0.7)
    (lookup,) = talk.of(Lookup)
    assert lookup.secrets == ("it",) and is_secret(talk.book, talk.state)
    assert talk.state.visit.guesses[0].others == (), "secrets are not guessed at"
    talk.looked_up(True)
    assert value(talk) == wanted and talk.words() == "Anything else?", "never said back"
    assert talk.state.secrets == ("it",) and talk.state.denied == {}
    rest = to_json(talk.state).replace(f'"it":"{wanted}"', "")
    assert wanted not in rest and not talk.state.visit.guesses
    assert all(word not in " ".join(note.text for note in talk.state.turns) for word in words)
    talk.says("I want an agent")
    assert wanted not in str(talk.state.waiting.ticket)


def test_a_secret_that_was_hardly_understood_is_not_said_back_either(ask):
    talk = ask(digits="4", secret="true")
    assert says(talk, "seven three nine one", confidence=0.5) == "Anything else?"


def test_a_secret_that_is_keyed_ahead(ask):
    talk = ask(digits="4", secret="true", exists="pin_right")
    talk.presses("73919")
    assert talk.state.keys == "9" and is_secret(talk.book, talk.state)
    assert "7391" not in " ".join(note.text for note in talk.state.turns)
    talk.hangs_up()
    assert "7391" not in to_json(talk.state)
