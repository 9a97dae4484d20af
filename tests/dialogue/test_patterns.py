"""What happens on every call as flows of the site's own: they run, and the call goes on where it stood."""

from __future__ import annotations

from sitekit import book
from talkkit import Talk

from ivr.actions import Enqueue, Hangup, Listen
from ivr.dialogue import patterns
from ivr.dialogue.engine import where
from ivr.dialogue.turn import Turn
from ivr.flow.site import Book

MAIN = """
flow: main
start: menu
steps:
  menu:
    ask: What would you like?
    choices:
      hours: { key: 1, phrases: [hours], next: hours }
      enough: { key: 2, phrases: [that was all], next: bye }
      loud: { key: 3, phrases: [loud], next: loud }
  hours:
    say: We are open.
    next: number
  number:
    collect: number
    ask: Your number?
    digits: 3
    no_match: [Three digits please.]
    next: done
  loud:
    hang_up: Off you go.
  bye:
    hang_up: ""
"""
SAYS = "flow: {0}\nstart: one\nsteps:\n  one:\n    say: {1}\n    next: done\n"
ASKS = """
flow: {0}
start: one
steps:
  one:
    ask: {1}
    choices:
      fine: {{ key: 1, phrases: [fine], next: done }}
      person: {{ key: 2, phrases: [somebody], next: person }}
      twice: {{ key: 3, phrases: [again], next: one }}
  person:
    transfer: desk
    reason: Wants somebody.
"""


def site(**flows: str) -> Book:
    """A site with a flow for each pattern."""
    named = ", ".join(f"{pattern}: {pattern}" for pattern in flows)
    return book(MAIN, *flows.values(), site=f"patterns: {{ {named} }}\n")


def says(pattern: str, words: str) -> dict[str, str]:
    return {pattern: SAYS.format(pattern, words)}


def asks(pattern: str, words: str) -> dict[str, str]:
    return {pattern: ASKS.format(pattern, words)}


def at(talk: Talk) -> str:
    return where(talk.state)


def silent(talk: Talk) -> None:
    talk.hears()
    talk.waits("no_input")


def test_silence_is_the_sites_own_and_the_question_follows() -> None:
    talk = Talk(site(**says("silence", "'Silence {{ misses }}.'")))
    silent(talk)
    assert talk.words() == "Silence 1. What would you like?" and talk.of(Listen)
    silent(talk)
    assert talk.words() == "Silence 2. What would you like?"
    assert (at(talk), talk.state.visit.no_input, talk.state.asides) == ("main.menu", 2, ())


def test_a_step_s_own_words_stay_in_place_of_its_question() -> None:
    talk = Talk(site(**says("no_match", "Hm.")))
    talk.presses("1")
    talk.hears()
    talk.says("purple elephants")
    assert talk.words() == "Hm. Three digits please."


def test_a_pattern_may_ask_and_what_was_counted_stays() -> None:
    talk = Talk(site(**asks("no_match", "Shall I get you somebody?")))
    talk.hears()
    talk.says("purple elephants")
    assert (at(talk), talk.words()) == ("no_match.one", "Shall I get you somebody?")
    talk.says("fine")
    assert (at(talk), talk.words()) == ("main.menu", "What would you like?")
    assert (talk.state.visit.no_match, len(talk.state.history)) == (1, 1)
    talk.presses("1")
    assert at(talk) == "main.number"


def test_too_many_misses_still_end_with_a_person() -> None:
    talk = Talk(site(**says("silence", "Silence.")))
    for _ in range(3):
        silent(talk)
    silent(talk)
    assert talk.state.phase == "waiting" and "Let me get you a person" in talk.words()


def test_a_pattern_that_meets_silence_has_the_machine_s_own_words() -> None:
    talk = Talk(site(**asks("silence", "Are you there?")))
    silent(talk)
    assert at(talk) == "silence.one"
    silent(talk)
    assert talk.words() == "I heard nothing. Are you there?" and len(talk.state.asides) == 1
    talk.says("fine")
    assert at(talk) == "main.menu"


def test_a_person_out_of_a_pattern_ends_it() -> None:
    talk = Talk(site(**asks("silence", "Are you there?")))
    silent(talk)
    talk.presses("2")
    (queued,) = talk.of(Enqueue)
    assert (queued.ticket.intent, talk.state.asides) == ("main", ())
    talk.answered()
    talk.left("hung_up")
    assert talk.of(Hangup)


def test_going_back_leaves_a_pattern() -> None:
    talk = Talk(site(**asks("silence", "Are you there?")))
    talk.presses("1")
    silent(talk)
    assert at(talk) == "silence.one"
    talk.says("go back")
    assert (at(talk), talk.state.asides) == ("main.number", ())
    talk.presses("123")
    assert talk.of(Hangup)


def test_starting_over_leaves_a_pattern() -> None:
    talk = Talk(site(**asks("silence", "Are you there?")))
    silent(talk)
    talk.says("start over")
    assert (at(talk), talk.state.asides) == ("main.menu", ())


def test_a_line_that_breaks_in_a_pattern_goes_on_there() -> None:
    talk = Talk(site(**asks("silence", "Are you there?")))
    silent(talk)
    talk.resumes()
    assert at(talk) == "silence.one" and "Are you there?" in talk.words()
    talk.says("fine")
    assert at(talk) == "main.menu"


def test_repeat_says_all_since_the_last_answer_again() -> None:
    talk = Talk(site(**says("repeat", "Gladly.")))
    talk.presses("1")
    talk.hears()
    talk.says("repeat")
    assert talk.words() == "Gladly. We are open. Your number?"
    talk.hears()
    talk.presses("9")
    talk.waits("keys")
    assert talk.words() == "Gladly. We are open. Your number?"


def test_a_person_because_the_machine_cannot_go_on() -> None:
    talk = Talk(site(**asks("cannot_help", "'It is my fault: {{ why }}. All right?'")))
    for _ in range(4):
        silent(talk)
    assert talk.words() == "It is my fault: silence. All right?"
    talk.says("fine")
    (queued,) = talk.of(Enqueue)
    assert queued.ticket.reason == "The caller did not answer."
    assert talk.words().endswith("I'm putting you through to the front desk.")


def test_goodbye_in_place_of_the_site_s_words() -> None:
    talk = Talk(site(**asks("goodbye", "Anything else before you go?")))
    talk.presses("2")
    assert at(talk) == "goodbye.one" and not talk.of(Hangup)
    talk.says("fine")
    assert talk.of(Hangup) and "Goodbye" not in talk.words()
    assert (talk.state.outcome, talk.state.phase) == ("completed", "leaving")


def test_the_flow_for_goodbye_keeps_the_outcome_of_the_call() -> None:
    bye = "flow: goodbye\nstart: one\nsteps:\n  one:\n    hang_up: Farewell.\n"
    main = MAIN.replace('hang_up: ""', 'hang_up: ""\n    outcome: sold')
    talk = Talk(book(main, bye, site="patterns: { goodbye: goodbye }\n"))
    talk.presses("2")
    assert talk.words().endswith("Farewell.") and talk.state.outcome == "sold"


def test_last_words_of_a_step_s_own_are_the_last_words() -> None:
    talk = Talk(site(**says("goodbye", "Farewell.")))
    talk.presses("3")
    assert talk.words().endswith("Off you go.") and talk.of(Hangup)


def test_goodbye_when_the_flow_is_done_and_when_a_person_has_hung_up() -> None:
    talk = Talk(site(**says("goodbye", "Farewell.")))
    talk.presses("1123")
    assert talk.words().endswith("Farewell.") and talk.of(Hangup)
    talk = Talk(site(**says("goodbye", "Farewell.")))
    talk.says("agent")
    talk.answered()
    talk.left("hung_up")
    assert talk.words() == "Farewell." and talk.of(Hangup)


def test_a_survey_after_a_person_where_the_queue_names_nothing_else() -> None:
    talk = Talk(site(**asks("survey", "How was it?"), **says("goodbye", "Farewell.")))
    talk.says("agent")
    talk.answered()
    talk.left("hung_up")
    assert at(talk) == "survey.one" and talk.words() == "How was it?"
    talk.presses("1")
    assert talk.words() == "Farewell." and talk.of(Hangup)


def test_a_correction_is_told_what_became_what_but_no_secret() -> None:
    words = "'Not {{ before }} but {{ value }}.'"
    talk = Talk(site(**says("correction", words)))
    for secrets, said in (((), "Not 12 but 13. What would you like?"), (("number",), "Not but . What would")):
        turn = Turn(talk.book, talk.state)
        turn.set(secrets=secrets)
        assert patterns.run(turn, "correction", field="number", value="13", before="12")
        phrases = [phrase for action in turn.actions for phrase in getattr(action, "phrases", ())]
        assert " ".join(phrases).startswith(said)


def test_after_a_correction_the_flow_may_go_on_elsewhere() -> None:
    talk = Talk(site(**says("correction", "Changed.")))
    turn = Turn(talk.book, talk.state)
    assert patterns.run(turn, "correction", then="number", field="number", value="13", before="12")
    assert where(turn.state) == "main.number"


def test_nothing_comes_between_a_secret_and_its_question() -> None:
    main = MAIN.replace("    digits: 3\n", "    digits: 3\n    secret: true\n").replace(
        "collect: number", "collect: pin"
    )
    named = "patterns: { silence: silence, repeat: repeat, no_match: no_match }\n"
    flows = (ASKS.format(name, "Well?") for name in ("silence", "repeat", "no_match"))
    talk = Talk(book(main, *flows, site=named))
    talk.presses("1")
    silent(talk)
    assert talk.words() == "I heard nothing. Your number?"
    talk.hears()
    talk.says("repeat")
    assert talk.words().endswith("Your number?") and "Well?" not in talk.words()
    talk.hears()
    talk.says("purple elephants")
    assert talk.words() == "Three digits please." and at(talk) == "main.number"


def test_without_a_flow_of_its_own_nothing_runs() -> None:
    talk = Talk(site(**says("goodbye", "Farewell.")))
    assert not patterns.run(Turn(talk.book, talk.state), "correction", field="a", value="1", before="2")


CIRCLE = """
flow: main
start: menu
steps:
  menu:
    ask: What would you like?
    choices: { hours: { key: 1, phrases: [hours], next: done } }
    if_silent: again
    if_unclear: again
  again:
    say: Let us try once more.
    next: menu
"""


def test_ways_out_that_lead_back_to_silence_end_at_a_person() -> None:
    talk = Talk(book(CIRCLE))
    for _ in range(11):
        assert talk.state.phase == "asking"
        silent(talk)
    assert talk.state.phase == "waiting" and talk.of(Enqueue)[0].ticket.reason == "The caller did not answer."
