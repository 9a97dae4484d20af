"""Forms: several values from one sentence, corrections at any time, all read back, and any event at any field."""

from __future__ import annotations

import random

import pytest
from sitekit import OTHERS
from talkkit import STARTED, Line, Talk

from ivr.actions import Listen, Say
from ivr.dialogue.engine import handle, is_secret
from ivr.dialogue.state import State, begin, from_json, to_json
from ivr.events import (
    CallEnded,
    CallResumed,
    HandFailed,
    Heard,
    Hypothesis,
    LookedUp,
    Pressed,
    PromptEnded,
    Silent,
    SpeechStarted,
)
from ivr.flow.load import parse
from ivr.flow.site import Book

ORDER = """
flow: main
start: order
steps:
  order:
    form:
      number:
        label: the order number
        digits: 4
        ask: Which order number?
        no_match: Sorry, the number has four digits. Which is it?
        no_input: Are you there? Please tell me the order number.
        help: The number is on your letter.
      day: { type: date, at_least: today, ask: For which day?, label: the delivery day }
      wrapped: { type: yes_no, ask: Shall I wrap it?, optional: true }
    ask: Which order would you like, and when?
    help: Tell me the number and the day.
    confirm: "Order {{ number | digits }} {{ day | on_date }}. Is that right?"
    next: more
  more:
    ask: Anything else?
    choices:
      again: { phrases: [another one, once more], next: order }
      back: { phrases: [wrong number], next: right }
      enough: { phrases: ["no", that is all], next: done }
  right:
    confirm: Is {{ number | digits }} wrong?
    of: number
    "yes": done
    "no": order
"""
ASKED = "Which order would you like, and when?"
READ_BACK = "Order one two three four on Wednesday the twenty-fifth of November. Is that right?"
CORRECTION = """
flow: correction
start: told
steps:
  told:
    say: "Corrected {{ field }} from {{ before | date }} to {{ value | date }}."
    next: done
"""


@pytest.fixture(scope="module")
def book() -> Book:
    return parse({**OTHERS, "main.yaml": ORDER})


@pytest.fixture
def talk(book: Book) -> Talk:
    return Talk(book)


def says(talk: Talk, *texts: str, confidence: float = 0.95) -> str:
    """What the caller hears next."""
    talk.hears()
    talk.says(*texts, confidence=confidence)
    return talk.words()


def keys(talk: Talk, pressed: str) -> str:
    talk.hears()
    talk.presses(pressed)
    return talk.words()


def at(talk: Talk) -> str:
    return talk.state.stack[-1].step


def test_all_values_of_one_sentence_fill_their_fields(talk):
    assert talk.words() == ASKED
    assert says(talk, "order one two three four for wednesday") == READ_BACK
    assert says(talk, "yes") == "Anything else?"
    assert talk.state.fields == {"number": "1234", "day": "2026-11-25"}


def test_a_value_taken_back_in_the_same_sentence(talk):
    assert says(talk, "order one two three four for tuesday no wednesday") == READ_BACK


def test_what_is_missing_is_asked_for(talk):
    assert says(talk, "for wednesday") == "Which order number?"
    assert says(talk, "one two three four") == READ_BACK


def test_half_spoken_half_keyed(talk):
    assert says(talk, "for wednesday") == "Which order number?"
    assert keys(talk, "1234") == READ_BACK
    assert keys(talk, "1") == "Anything else?"


def test_keys_at_the_opening_question_are_for_the_first_field(talk):
    assert keys(talk, "1234") == "For which day?"
    keys(talk, "2511#")
    assert talk.words() == READ_BACK, "read back by the form, and not twice"


AHEAD = """  first:
    look_up: anything
    found: order
    failed: order
"""


def test_keys_typed_ahead_answer_one_field_after_the_other():
    flow = ORDER.replace("start: order", "start: first").replace("steps:\n", f"steps:\n{AHEAD}")
    talk = Talk(parse({**OTHERS, "main.yaml": flow}))
    talk.presses("12342511#1")
    talk.looked_up(True)
    assert at(talk) == "more" and talk.state.fields["day"] == "2026-11-25" and talk.state.keys == ""
    assert [action.phrases for action in talk.of(Say)] == [("Anything else?",)], (
        "nothing is asked that is answered"
    )


def test_the_first_digits_spoken_the_rest_keyed(talk):
    assert says(talk, "one two") == ""
    assert keys(talk, "34") == "For which day?"


def test_an_optional_field_is_taken_but_not_asked_for(talk):
    says(talk, "order one two three four for wednesday")
    says(talk, "yes")
    assert "wrapped" not in talk.state.fields and at(talk) == "more"


def test_a_correction_while_another_field_is_asked_for(talk):
    says(talk, "for tuesday")
    said = says(talk, "no for wednesday")
    assert said == "All right, Wednesday the twenty-fifth of November. Which order number?"
    assert talk.state.fields == {"day": "2026-11-25"} and talk.state.denied == {"day": ("2026-11-24",)}


def test_a_changed_mind_may_come_back_to_the_first_value(talk):
    says(talk, "for tuesday")
    says(talk, "no wednesday")
    assert says(talk, "no tuesday after all").startswith("All right, tomorrow.")
    assert talk.state.fields == {"day": "2026-11-24"}


def test_a_correction_in_the_answer_to_the_read_back(talk):
    says(talk, "order one two three four for tuesday")
    assert says(talk, "no for wednesday").endswith(READ_BACK)
    assert says(talk, "yes") == "Anything else?" and talk.state.fields["day"] == "2026-11-25"


def test_yes_with_another_value_is_a_correction(talk):
    says(talk, "order one two three four for tuesday")
    assert says(talk, "yes but for wednesday").endswith(READ_BACK) and at(talk) == "order"


def test_a_value_said_again_to_the_read_back_is_a_yes(talk):
    says(talk, "order one two three four for wednesday")
    assert says(talk, "wednesday") == "Anything else?"


def test_a_no_to_the_read_back_asks_what_to_change(talk):
    says(talk, "order one two three four for wednesday")
    asked = "What shall I change: the order number, the delivery day or wrapped?"
    assert says(talk, "no") == asked
    assert says(talk, "the delivery day") == "For which day?"
    assert talk.state.denied == {"day": ("2026-11-25",)} and "day" not in talk.state.fields
    assert says(talk, "friday").startswith("Order one two three four on Friday")
    assert keys(talk, "2") == asked
    assert keys(talk, "1") == "Which order number?"
    assert keys(talk, "4321").startswith("Order four three two one on Friday")
    says(talk, "no")
    assert says(talk, "the day should be thursday").endswith(
        "on Thursday the twenty-sixth of November. Is that right?"
    )


def test_a_field_is_called_wrong_at_any_time(talk):
    says(talk, "for tuesday")
    assert says(talk, "the delivery day is wrong") == "For which day?"
    says(talk, "wednesday")
    says(talk, "one two three four")
    assert says(talk, "the delivery day is wrong") == "For which day?"


@pytest.mark.parametrize("words", ["right", "what is the delivery day", "is the day ok"])
def test_words_that_are_only_like_calling_a_field_wrong_undo_nothing(talk, words):
    says(talk, "for wednesday")
    says(talk, words)
    assert talk.state.fields == {"day": "2026-11-25"} and talk.state.visit.no_match == 1


def test_a_value_given_up_without_another(talk):
    says(talk, "one two three four")
    assert says(talk, "no one two three four") == "Which order number?"
    assert talk.state.denied == {"number": ("1234",)} and talk.state.fields == {}
    says(talk, "one two three five")
    said = says(talk, "no one two three five on friday")
    assert said == "Which order number?" and talk.state.fields == {"day": "2026-11-27"}


def test_back_undoes_the_last_field_and_then_the_question_before(talk):
    says(talk, "one two three four")
    says(talk, "for wednesday")
    assert says(talk, "go back") == "For which day?"
    assert says(talk, "go back") == "Which order number?" and talk.state.fields == {}
    assert says(talk, "go back").startswith("We're at the start")


def test_back_from_the_step_after_asks_for_the_last_field_only(talk):
    says(talk, "order one two three four for wednesday")
    says(talk, "yes")
    assert says(talk, "go back") == "For which day?" and talk.state.fields == {"number": "1234"}


def test_back_from_a_doubt_asks_again(talk):
    says(talk, "one two three four")
    says(talk, "for wednesday", confidence=0.7)
    talk = Talk(parse({**OTHERS, "main.yaml": ORDER.replace('    confirm: "Order', '    note: "Order')}))
    says(talk, "one two three four")
    assert says(talk, "for wednesday", confidence=0.7).startswith("I heard Wednesday")
    assert says(talk, "go back") == "For which day?" and not talk.state.visit.guesses


def test_a_form_that_is_entered_again_begins_anew(talk):
    says(talk, "order one two three four for wednesday")
    says(talk, "yes")
    assert says(talk, "another one") == ASKED and talk.state.fields == {}


def test_a_form_that_lacks_one_field_asks_for_that_only(talk):
    says(talk, "order one two three four for wednesday")
    says(talk, "yes")
    assert says(talk, "wrong number") == "Is one two three four wrong?"
    assert says(talk, "no") == "Which order number?" and talk.state.fields == {"day": "2026-11-25"}


def test_each_field_has_words_and_misses_of_its_own(talk):
    says(talk, "for wednesday")
    assert says(talk, "purple elephants") == "Sorry, the number has four digits. Which is it?"
    talk.hears()
    talk.waits("no_input")
    assert talk.words() == "Are you there? Please tell me the order number.", (
        "which tell of keys where that helps"
    )
    assert says(talk, "help").startswith("The number is on your letter.")
    says(talk, "one two three four")
    assert talk.state.visit.no_match == talk.state.visit.no_input == 0


def test_who_does_not_get_on_with_the_opening_question_is_asked_one_by_one(talk):
    assert says(talk, "purple elephants").endswith(ASKED)
    assert says(talk, "purple elephants").endswith("Which order number?")
    assert says(talk, "one two three four") == "For which day?"


def test_too_many_misses_at_a_field_lead_to_a_person(talk):
    says(talk, "for wednesday")
    for _ in range(4):
        says(talk, "purple elephants")
    assert talk.state.phase == "waiting" and talk.state.waiting.ticket.fields == {"day": "2026-11-25"}


def test_ways_out_of_a_form():
    flow = ORDER.replace(
        "    next: more\n", "    next: more\n    misses: 0\n    if_unclear: more\n    if_silent: right\n", 1
    )
    talk = Talk(parse({**OTHERS, "main.yaml": flow}))
    says(talk, "purple elephants")
    assert at(talk) == "more"


def test_a_value_in_doubt_is_told_in_passing_while_it_can_still_be_corrected():
    flow = ORDER.replace('    confirm: "Order', '    note: "Order')
    talk = Talk(parse({**OTHERS, "main.yaml": flow}))
    assert (
        says(talk, "for wednesday", confidence=0.7)
        == "Wednesday the twenty-fifth of November. Which order number?"
    )
    assert says(talk, "one two three four", confidence=0.7) == "I heard one two three four. Is that right?"
    assert says(talk, "no one two three five", confidence=1.0) == "I heard one two three five. Is that right?"
    assert says(talk, "yes") == "Anything else?"
    assert talk.state.fields == {"day": "2026-11-25", "number": "1235"}


def test_a_bare_no_is_about_the_value_that_was_told_in_passing():
    flow = ORDER.replace('    confirm: "Order', '    note: "Order')
    talk = Talk(parse({**OTHERS, "main.yaml": flow}))
    says(talk, "for wednesday", confidence=0.7)
    assert says(talk, "no") == "For which day?" and talk.state.denied == {"day": ("2026-11-25",)}
    assert (
        says(talk, "thursday", confidence=0.7) == "Thursday the twenty-sixth of November. Which order number?"
    )
    assert says(talk, "I don't know") == "Sorry, the number has four digits. Which is it?"
    assert talk.state.fields == {"day": "2026-11-26"}
    talk = Talk(talk.book)
    says(talk, "thursday")
    assert says(talk, "no") == "Sorry, the number has four digits. Which is it?", "nothing was told"


def test_a_no_is_about_what_was_told_while_the_same_field_is_still_asked_for():
    flow = ORDER.replace('    confirm: "Order', '    note: "Order')
    talk = Talk(parse({**OTHERS, "main.yaml": flow}))
    says(talk, "purple elephants")
    says(talk, "purple elephants")
    assert says(talk, "for wednesday", confidence=0.7).endswith("Which order number?")
    assert says(talk, "no") == "For which day?"


def test_a_denied_value_does_not_take_the_others_with_it():
    flow = ORDER.replace('    confirm: "Order', '    note: "Order')
    talk = Talk(parse({**OTHERS, "main.yaml": flow}))
    says(talk, "one two three four for wednesday", confidence=0.55)
    said = "Sorry, I misheard. I heard Wednesday the twenty-fifth of November. Is that right?"
    assert says(talk, "no") == said
    assert says(talk, "yes") == "Which order number?" and talk.state.fields == {"day": "2026-11-25"}


def test_what_may_be_said_at_a_field(talk):
    """All fields, the asked one first; only what is known can be called wrong; a yes is the value of no field while
    something is asked back."""

    def listened() -> tuple[list[str], list[str]]:
        expect = talk.of(Listen)[-1].expect
        return [slot.name for slot in expect.slots], [option.name for option in expect.options]

    assert listened() == (["number", "day", "wrapped"], [])
    says(talk, "one two three four")
    assert listened() == (["day", "number", "wrapped"], ["change:number"])
    says(talk, "for wednesday")
    assert listened() == (["number", "day"], ["yes", "no", "change:number", "change:day"])


def test_several_values_in_doubt_are_settled_one_after_the_other():
    flow = ORDER.replace('    confirm: "Order', '    note: "Order')
    talk = Talk(parse({**OTHERS, "main.yaml": flow}))
    assert (
        says(talk, "one two three four for wednesday", confidence=0.55)
        == "I heard one two three four. Is that right?"
    )
    assert says(talk, "yes") == "I heard Wednesday the twenty-fifth of November. Is that right?"
    assert says(talk, "no") == "Sorry, I misheard. For which day?"
    assert says(talk, "thursday") == "Anything else?"


def test_a_correction_that_was_misheard_leaves_no_value_the_caller_gave_up(talk):
    flow = ORDER.replace('    confirm: "Order', '    note: "Order')
    talk = Talk(parse({**OTHERS, "main.yaml": flow}))
    says(talk, "for wednesday")
    says(talk, "no friday", confidence=0.5)
    assert talk.words() == "I heard Friday the twenty-seventh of November. Is that right?"
    assert says(talk, "no") == "Sorry, I misheard. For which day?" and talk.state.fields == {}
    assert talk.state.denied == {"day": ("2026-11-25", "2026-11-27")}


def test_repeat_and_a_line_that_comes_back_say_the_field_again(talk):
    says(talk, "for wednesday")
    assert says(talk, "repeat") == "Which order number?"
    talk.resumes()
    assert talk.words().endswith("Which order number?")


def test_a_correction_runs_the_flow_of_the_site_for_it():
    site = OTHERS["site.yaml"].replace(
        "entry: main\n", "entry: main\npatterns: { correction: correction }\n", 1
    )
    talk = Talk(parse({**OTHERS, "site.yaml": site, "main.yaml": ORDER, "correction.yaml": CORRECTION}))
    says(talk, "for tuesday")
    said = says(talk, "no for wednesday")
    assert "Corrected day from tomorrow to Wednesday the twenty-fifth of November." in said
    assert said.endswith("Which order number?") and at(talk) == "order"
    assert says(talk, "one two three four") == READ_BACK


MISS = """
flow: missed
start: told
steps:
  told:
    say: "Missed {{ misses }} times."
    next: done
"""


def test_why_a_value_cannot_be_is_said_after_the_flow_of_the_site_for_misses():
    site = OTHERS["site.yaml"].replace("entry: main\n", "entry: main\npatterns: { no_match: missed }\n", 1)
    talk = Talk(parse({**OTHERS, "site.yaml": site, "main.yaml": ORDER, "missed.yaml": MISS}))
    says(talk, "one two three four")
    keys(talk, "24112020")
    said = "Missed one times. I'm sorry, it has to be today or later. For which day?"
    assert talk.words() == said.replace("one", "1")


SECRET = """
flow: main
start: order
steps:
  order:
    form:
      pin: { digits: 4, secret: true, ask: Your PIN?, exists: pin_right }
      day: { type: date, ask: For which day?, confirm: implicit }
      amount: { type: money, ask: How much? }
      size: { type: choice, options: { small: [small], large: [large] }, ask: Which size? }
    ask: What may I do for you?
    next: pay
  pay:
    look_up: pay
    with: { pin: "{{ pin }}", amount: "{{ amount }}" }
    found: order
    failed: done
"""


def test_a_form_with_a_secret_is_secret_as_a_whole():
    book = parse({**OTHERS, "main.yaml": SECRET})
    talk = Talk(book)
    assert is_secret(book, talk.state)
    assert all(action.expect.is_secret for action in talk.of(Listen))
    says(talk, "seven three nine one tomorrow")
    assert is_secret(book, talk.state) and "7391" not in " ".join(note.text for note in talk.state.turns)
    talk.looked_up(True)
    assert talk.words() == "Tomorrow. How much?"
    says(talk, "I want an agent")
    assert talk.state.waiting.ticket.fields == {"day": "2026-11-24"}


def test_a_secret_that_is_corrected_is_not_said():
    talk = Talk(parse({**OTHERS, "main.yaml": SECRET}))
    says(talk, "seven three nine one")
    talk.looked_up(True)
    assert "7391" not in str(talk.of(Listen))
    says(talk, "no seven three nine eight")
    assert talk.state.phase == "looking_up" and "pin" not in talk.state.fields
    talk.looked_up(True)
    assert talk.state.fields == {"pin": "7398"} and talk.words() == "For which day?"
    assert talk.state.denied == {}


def test_words_beside_a_command_may_be_the_secret():
    talk = Talk(parse({**OTHERS, "main.yaml": SECRET}))
    says(talk, "my mother was a tremlett let me talk to a real person")
    assert [turn.text for turn in talk.state.turns if turn.who == "caller"] == ["agent"]
    assert "tremlett" not in to_json(talk.state)


KNOWN = ORDER.replace("        digits: 4\n", "        digits: 4\n        exists: order_known\n")


@pytest.mark.parametrize("is_found", [True, False])
def test_keys_pressed_while_spoken_words_are_looked_for_answer_nothing(is_found):
    talk = Talk(parse({**OTHERS, "main.yaml": KNOWN}))
    says(talk, "order one two three four for wednesday", confidence=1.0)
    talk.presses("1")
    talk.looked_up(is_found)
    asked = READ_BACK if is_found else "I'm sorry, I can't find that. Which order number?"
    assert (talk.words(), talk.state.keys, talk.state.visit.entry) == (asked, "", "")


def test_keys_typed_ahead_of_a_value_that_is_not_in_the_data_answer_nothing_else():
    talk = Talk(parse({**OTHERS, "main.yaml": KNOWN}))
    keys(talk, "12342511")
    talk.looked_up(False)
    assert talk.words() == "I'm sorry, I can't find that. Which order number?"
    assert (talk.state.keys, talk.state.fields) == ("", {})


def test_the_rest_of_a_keyed_number_is_no_other_reading_of_it():
    talk = Talk(parse({**OTHERS, "main.yaml": KNOWN}))
    keys(talk, "12")
    talk.says("three four")
    (guess,) = talk.state.visit.guesses
    assert (guess.value, guess.others) == ("1234", ())


def test_what_else_was_said_is_kept_where_one_value_is_not_in_the_data():
    talk = Talk(parse({**OTHERS, "main.yaml": KNOWN}))
    says(talk, "order one two three four for wednesday", confidence=1.0)
    talk.looked_up(False)
    assert talk.words() == "I'm sorry, I can't find that. Which order number?"
    assert talk.state.fields == {"day": "2026-11-25"} and talk.state.visit.guesses == ()


def test_a_secret_is_forgotten_once_it_was_used():
    talk = Talk(parse({**OTHERS, "main.yaml": SECRET}))
    says(talk, "seven three nine one tomorrow")
    talk.looked_up(True)
    says(talk, "ten pounds")
    says(talk, "yes")
    says(talk, "small")
    assert at(talk) == "pay"
    talk.looked_up(True)
    assert "7391" not in to_json(talk.state)


WORDS = (
    "yes", "no", "help", "go back", "start over", "operator", "tomorrow", "no wednesday", "ten pounds",
    "one two three four", "one two", "one two three four for friday", "for the first of june", "small", "large",
    "the delivery day", "the day is wrong", "no", "not tomorrow", "purple elephants", "", "uh", "repeat",
)  # fmt: skip


def some_event(rng: random.Random, state: State, at_ms: int) -> object:
    playing = state.sound.playing + state.sound.hushed
    match rng.randrange(10):
        case 0:
            return SpeechStarted(at_ms=at_ms)
        case 1 | 2 | 3:
            said = tuple(
                Hypothesis(text=rng.choice(WORDS), confidence=rng.random() ** 0.3)
                for _ in range(rng.randrange(4))
            )
            return Heard(at_ms=at_ms, hypotheses=said)
        case 4 | 5:
            return Pressed(at_ms=at_ms, key=rng.choice("0123456789*#111222"))
        case 6:
            return Silent(at_ms=at_ms, timer=rng.choice((*state.sound.timers, "no_input", "lookup")))
        case 7 if playing:
            prompt = rng.choice(playing)
            return PromptEnded(at_ms=at_ms, prompt_id=prompt.prompt_id, played=0, is_finished=True)
        case 8:
            lookup_id = rng.choice((state.lookup_id, state.lookup_id, "l0"))
            return LookedUp(at_ms=at_ms, lookup_id=lookup_id, is_found=rng.random() < 0.5, fields={})
        case 9 if rng.random() < 0.2:
            return CallResumed(at_ms=at_ms)
    return HandFailed(at_ms=at_ms, action="lookup", ref=state.lookup_id)


@pytest.mark.parametrize("seed", range(60))
def test_any_event_at_any_field(book, seed):
    """A result in every state, never silence, and nothing kept that is not a value of its field."""
    rng = random.Random(seed)
    flows = book if seed % 2 else parse({**OTHERS, "main.yaml": SECRET})
    state, line, at_ms = begin(flows, STARTED), Line(), 0
    state, actions = handle(flows, state, STARTED)
    line.after(actions)
    for _ in range(150):
        at_ms += rng.randrange(3_000)
        event = some_event(rng, state, at_ms)
        line.before(event, state.phase)
        state, actions = handle(flows, state, event)
        line.after(actions)
        assert from_json(to_json(state)) == state and len(actions) <= 30
        visit = state.visit
        if state.phase not in ("over", "leaving"):
            assert line.playing or line.timers, f"mute in {state.phase} after {event}"
        if state.phase == "asking":
            assert bool(visit.doubt) == bool(visit.guesses) or state.stack[-1].step == "more"
        assert state.phase != "looking_up" or state.stack[-1].step == "pay" or visit.guesses
        assert state.waiting is None or "The flow failed" not in state.waiting.ticket.reason
    state, _ = handle(flows, state, CallEnded(at_ms=at_ms))
    assert state.phase == "over" and not state.visit.guesses
