"""Talks acted as text: what the caller does, what is given, and how long it takes by the call's clock."""

from __future__ import annotations

from playkit import BOOK, passes, script, wrong

from ivr.actions import Enqueue
from ivr.events import PromptEnded
from ivr.rehearsal import text
from ivr.rehearsal.judge import judge


def test_a_talk_goes_as_it_is_written() -> None:
    passes(
        """
        - bot: [Welcome to the shop., "Parcel or opening hours?"]
          step: menu
        - caller: my parcel
          bot: Which number?
          within_ms: 400
        - keys: 1234
          looks_up: { parcel: { number: 1234 } }
          fields: { number: 1234, parcel.status: here, parcel.nothing: "" }
          bot_exactly: your PARCEL, is here! Goodbye
          bot_one_of: [gone, here]
          ends: completed
        """
    )


def test_the_end_of_a_turn_takes_as_long_as_the_ear_waits() -> None:
    body = "- caller: {}\n  within_ms: {}\n"
    assert wrong(body.format("my parcel", 249)) == ["within_ms"]
    assert wrong(body.format("my parcel", 250)) == []
    assert wrong(body.format("my dear old parcel please now", 300)) == ["within_ms"]


def test_silence_is_counted_from_the_end_of_the_question() -> None:
    passes("- silent: 3900ms\n  bot_exactly: ''\n- silent: 4100ms\n  bot: I didn't hear you")


def test_a_silent_caller_hears_everything_to_the_end() -> None:
    passes("- silent: 4s\n- silent: 4s\n- silent: 5s\n- silent: 5s\n  ends: gave_up")


def test_a_sound_without_words_is_no_answer() -> None:
    stage = passes("- caller: ''\n  step: menu\n- caller: my parcel\n  step: number")
    assert not stage.is_quiet or stage.is_over


def test_a_caller_may_interrupt() -> None:
    stage = passes("- caller: my parcel\n  interrupts: 300ms\n  bot_exactly: Which number?")
    cut = [m.event for m in stage.moments if isinstance(m.event, PromptEnded) and not m.event.is_finished]
    assert cut and stage.beats[1].ended_ms < 1500


def test_the_caller_hangs_up() -> None:
    passes("- caller: my parcel\n- hangs_up: true\n  ends: caller_hung_up")


DOUBT = "- keys: 1\n- caller: one two three four\n  sure: 0.6\n"


def test_words_that_are_badly_recognised_are_asked_back() -> None:
    passes(DOUBT + "  bot: one, two, three, four. Is that right\n- caller: 'yes'\n  bot: Your parcel is here")


def test_what_may_come_whenever_is_answered_unless_the_talk_expects_it() -> None:
    given = "given: { look_ups: { parcel: { status: here } } }\n"
    given += "whenever: [{ bot: Is that right, caller: 'yes' }]\n"
    passes(DOUBT + "  bot: Your parcel is here", given)
    passes(DOUBT + "  bot: Is that right\n- caller: 'no'\n  step: number", given)


def test_words_that_may_come_at_any_time_are_no_part_of_what_is_said_exactly() -> None:
    given = "given: { look_ups: { parcel: { gives: { status: here }, slow: 3s } } }\n"
    exactly = "- keys: 1\n- keys: 1234\n  bot_exactly: Your parcel is here. Goodbye.\n"
    assert wrong(exactly, given) == ["bot_exactly"]
    passes(exactly, given + "whenever: [{ bot: One moment please. }]\n")


def test_answers_by_case_and_by_turn() -> None:
    given = """given:
  look_ups:
    parcel:
      - { with: { number: 1111 }, gives: not found }
      - { gives: failed, times: 1 }
      - { status: late }
""".replace("- { status: late }", "- gives: { status: late }")
    passes("- keys: 1\n- keys: 1111\n  step: no_such\n- caller: 'no'\n- keys: 2222\n  transfer: desk", given)
    once = given.replace("{ with: { number: 1111 }, gives: not found }", "{ gives: not found, times: 1 }")
    passes("- keys: 1\n- keys: 1111\n  step: no_such\n- caller: 'no'\n- keys: 2222\n  transfer: desk", once)


def test_a_slow_look_up_is_filled_and_a_very_slow_one_given_up() -> None:
    slow = "given: {{ look_ups: {{ parcel: {{ gives: {{ status: here }}, slow: {} }} }} }}\n"
    passes("- keys: 1\n- keys: 1234\n  bot: [One moment please, is here]", slow.format("3s"))
    passes("- keys: 1\n- keys: 1234\n  never: One moment\n  bot: is here", slow.format("500ms"))
    passes("- keys: 1\n- keys: 1234\n  transfer: desk", slow.format("60s"))


def test_a_look_up_that_is_not_given_fails_and_is_told() -> None:
    stage = passes("- keys: 1\n- keys: 1234\n  transfer: desk", "")
    assert stage.world.missing == ["parcel"]


def test_the_clock_and_the_hours_are_given() -> None:
    body = "- keys: 2\n  bot: {}\n"
    passes(body.format("We are open"), "given: { at: 2026-01-05 09:00 }\n")
    passes(body.format("We are closed"), "given: { at: 2026-01-05 13:00 }\n")
    passes(body.format("We are open"), "given: { at: 2026-01-05 13:00, hours: open }\n")
    passes(body.format("We are closed"), "given: { at: 2026-01-05 09:00, hours: { shop: closed } }\n")


def test_a_person_comes_and_goes() -> None:
    given = "given: { agents: { name: Bea, answers: 5s, talks_for: 30s } }\n"
    stage = passes(
        "- keys: 0\n  transfer: desk\n  bot: [through to the desk, How was it]\n- keys: 1\n  ends: rated",
        given,
    )
    assert stage.moments[-1].at_ms > 35_000


def test_a_person_hands_back_what_they_know() -> None:
    given = "given: { agents: { then: hands back, to: again, fields: { number: 77 } } }\n"
    passes("- keys: 0\n  bot: Parcel or opening hours\n  fields: { number: 77 }", given)


def test_a_person_whose_line_breaks_is_waited_for() -> None:
    given = "given: { agents: [{ then: is lost }, { name: Bo, then: hangs up }] }\n"
    stage = passes("- keys: 0\n  step: survey.rating", given)
    assert sum(isinstance(a, Enqueue) for m in stage.moments for a in m.actions) == 2


def test_queues_that_cannot_serve() -> None:
    passes("- keys: 0\n  bot: call you back\n- keys: 1", "given: { agents: none }\n")
    passes(
        "- keys: 0\n  bot: leave a message\n- caller: 'yes'\n- caller: call me tomorrow",
        "given: { agents: full }\n",
    )
    passes("- keys: 3\n  transfer: night\n  bot: the desk", "given: { agents: closed }\n")
    passes("- keys: 0\n- silent: 61s\n  bot: call you back", "given: { agents: busy }\n")


def test_what_must_come_sometime_and_what_never_may() -> None:
    body = """
    given: { look_ups: { parcel: { status: here } } }
    talks:
      one:
        sometime: [{ step: number, bot: Which number }, { looks_up: parcel }]
        never: { step: sorry, transfer: desk, bot: goodnight }
        turns: [{ keys: 1 }, { keys: 1234 }]
    """
    assert not judge(text.perform(script(body), BOOK))
    bad = body.replace("step: sorry", "step: tell").replace("goodnight", "which number")
    bad = bad.replace("{ looks_up: parcel }", "{ ends: gave_up }")
    assert {failure.key for failure in judge(text.perform(script(bad), BOOK))} == {"never", "ends"}
