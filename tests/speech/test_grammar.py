"""What PocketSphinx is told to listen for, from the expectation alone."""

from __future__ import annotations

import logging

import pytest

from ivr.actions import Expectation, Option, Slot
from ivr.speech.grammar import grammar
from ivr.speech.lexicon import Lexicon, guess
from ivr.speech.stt import phrases_of, words_of

MENU = (
    Option(name="parcel", phrases=("Track my parcel!", "parcel")),
    Option(name="hours", phrases=("hours",)),
)
HELP = (Option(name="help", phrases=("help",)),)


def test_words_are_lower_case_without_punctuation_and_numerals_are_said():
    assert words_of("Don't press 24, please.") == ("don't", "press", "two", "four", "please")
    assert phrases_of((*HELP, *HELP, Option(name="none", phrases=("?",)))) == (("help",),)


def test_a_closed_choice_is_a_finite_state_grammar_that_favours_options():
    made = grammar(Expectation(kind="choice", options=MENU, commands=HELP), Lexicon())
    assert made.kind == "closed"
    arcs = [line.split() for line in made.text.splitlines() if line.startswith("TRANSITION ")]
    chances = {arc[4]: float(arc[3]) for arc in arcs if len(arc) == 5 and arc[4] in ("hours", "help")}
    assert chances["hours"] > 2 * chances["help"]
    assert abs(sum(float(arc[3]) for arc in arcs if arc[1] == "0") - 1) < 0.001
    assert "parcel P AA R S AH L" in made.dictionary


def test_an_open_question_is_a_trigram_model():
    made = grammar(Expectation(kind="choice", options=MENU, commands=HELP, is_open=True), Lexicon())
    assert made.kind == "open"
    assert "\\3-grams:" in made.text


def test_an_open_question_hears_anger_and_curses_less_and_a_closed_one_neither():
    made = grammar(Expectation(kind="choice", options=MENU, is_open=True), Lexicon())
    lines = [line.split() for line in made.text.splitlines() if line.startswith("-")]
    chances = {line[1]: float(line[0]) for line in lines if len(line) == 3}
    assert chances["useless"] > chances["bullshit"]
    closed = grammar(Expectation(kind="choice", options=MENU), Lexicon())
    assert "useless" in made.dictionary.split() and "useless" not in closed.dictionary.split()


def test_digits_end_cheaply_only_within_their_bounds():
    made = grammar(Expectation(kind="digits", min_digits=3, max_digits=4, commands=HELP), Lexicon())
    ends = [line.split()[3] for line in made.text.splitlines() if len(line.split()) == 4]
    assert ends == ["0.1", "0.1", "1.0", "1.0"]
    assert "help" in made.text


def test_equal_expectations_share_a_key_and_others_do_not():
    first, again = (grammar(Expectation(kind="choice", options=MENU), Lexicon()) for _ in range(2))
    assert first.key == again.key
    assert first.key != grammar(Expectation(kind="choice", options=HELP), Lexicon()).key


def test_words_that_are_only_asked_about_are_not_told(caplog):
    assert Lexicon().guessed(["zibbleflex", "hello"]) == {"zibbleflex"}
    assert not caplog.records


def test_unknown_words_are_guessed_and_unsayable_phrases_left_out_with_one_warning_each(caplog):
    options = (Option(name="a", phrases=("zibbleflex box", "größe")),)
    with caplog.at_level(logging.WARNING):
        made = grammar(Expectation(kind="choice", options=options), Lexicon())
    assert "zibbleflex Z IH B L EH F L EH K S" in made.dictionary
    assert "größe" not in made.text
    assert [record.getMessage() for record in caplog.records] == [
        "not in the English dictionary, pronunciation guessed: größe, zibbleflex",
        "the English engine cannot hear these phrases, left out: größe",
    ]


def test_nothing_to_listen_for_is_no_grammar():
    assert grammar(Expectation(kind="commands"), Lexicon()) is None


def test_letters_to_sounds():
    assert guess("shaping") == ("SH AE P IH NG",)
    assert guess("q2") == ()


def test_a_phrase_is_heard_contracted_and_in_full():
    options = (Option(name="yes", phrases=("that is right",)), Option(name="no", phrases=("it isn't",)))
    made = grammar(Expectation(kind="choice", options=options), Lexicon())
    assert all(
        made.most_trust(said) == 1.0 for said in ("that is right", "that's right", "it isn't", "it is not")
    )


@pytest.mark.parametrize(
    "said", ["hours", "hours please", "um i'd like hours thanks", "can i speak to parcel please"]
)
def test_a_phrase_of_a_closed_choice_is_expected_with_what_people_say_around_it(said):
    made = grammar(Expectation(kind="choice", options=MENU), Lexicon())
    assert made.most_trust(said) == 1.0
    assert made.most_trust(f"{said} window") < 1.0


@pytest.mark.parametrize(
    "said", ["no that's not right", "yes it is", "no i don't", "yeah that's fine", "i'd rather not"]
)
def test_yes_and_no_are_expected_in_their_many_forms(said):
    options = (Option(name="yes", phrases=("yes",)), Option(name="no", phrases=("no",)))
    assert grammar(Expectation(kind="choice", options=options), Lexicon()).most_trust(said) == 1.0
    assert grammar(Expectation(kind="choice", options=MENU), Lexicon()).most_trust(said) < 1.0


def test_few_other_words_are_unlikely_only_where_the_step_has_options():
    def ends(expect):
        lines = [line.split() for line in grammar(expect, Lexicon()).text.splitlines()]
        return [float(line[3]) for line in lines if len(line) == 4 and line[0] == "TRANSITION"][:3]

    one, two, more = ends(Expectation(kind="choice", options=MENU))
    assert one < two < more
    assert len(set(ends(Expectation(kind="commands", commands=HELP)))) == 1


def test_a_word_of_the_company_sounds_as_it_is_told_and_counts_at_open_questions_and_names():
    own = (("siobhan", "shi vawn"), ("kirkstall", ""))
    ask = Expectation(kind="choice", options=MENU, is_open=True, words=own)
    lexicon = Lexicon()
    lexicon.learn(["vawn", "shi"])
    made = grammar(ask, lexicon)
    assert f"siobhan {lexicon.sounds('shi')[0]} {lexicon.sounds('vawn')[0]}" in made.dictionary
    assert "kirkstall K " in made.dictionary
    name = Expectation(kind="values", slots=(Slot(name="who", type="name"),), words=own)
    assert " siobhan" in grammar(name, lexicon).text
    assert grammar(Expectation(kind="choice", options=MENU, words=own), lexicon).text.count("siobhan") == 0


def test_a_word_that_cannot_be_said_in_english_does_not_spoil_a_grammar_of_names():
    name = Expectation(kind="values", slots=(Slot(name="who", type="name"),), words=(("größe", ""),))
    assert "größe" not in grammar(name, Lexicon()).text
