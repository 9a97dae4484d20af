"""The parts that measure, with scripted ears: what is counted as right, as lost, as caught."""

from __future__ import annotations

import asyncio
import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from evaluationkit import MAIN, MATERIAL, SITE, archive, desk, values

from ivr.evaluation import digits, fields, intents, mood, sentences, unmeant, words
from ivr.evaluation.desk import CONDITIONS, SHORT
from ivr.evaluation.figures import (
    ALARMS,
    CAUGHT,
    CLEAN,
    DIGIT,
    DIGIT_WRONG,
    EITHER,
    INTENTS,
    LOST,
    MENU,
    TEXT,
    UPSET,
    WORDS,
    YES_NO,
)
from ivr.flow.load import parse

PLAIN = {
    "my balance please": "my balance",
    "what do I have": "my balance",
    "where is my parcel": "where is my parcel",
}


def run(part, one):
    asyncio.run(part.measure(one))
    return one.report


def test_intents_heard_rightly_are_right(tmp_path):
    report = run(sentences, desk(tmp_path, PLAIN, sizes=replace(SHORT, conditions=CONDITIONS[:2])))
    assert values(report, INTENTS)[CLEAN] == values(report, INTENTS)["20 dB"] == (3, 3)
    assert values(report, LOST)[CLEAN] == (0, 3)


def test_words_misheard_are_counted(tmp_path):
    """One is left out, and four became two others."""
    report = run(sentences, desk(tmp_path, PLAIN))
    assert values(report, WORDS)[CLEAN] == (5, 11)


def test_what_is_not_heard_is_lost_and_what_is_not_taken_is_caught(tmp_path):
    silent = dict.fromkeys(("what do I have", "it rains", "it snows"), "")
    report = run(sentences, desk(tmp_path, {**PLAIN, **silent, "sell me a horse": "my balance"}))
    assert values(report, INTENTS)[CLEAN] == (2, 3)
    assert values(report, LOST)[CLEAN] == (1, 3)
    assert values(report, CAUGHT)[CLEAN] == (2, 3)
    (miss,) = [miss for miss in report.misses if miss.said == "sell me a horse" and miss.condition == CLEAN]
    assert (miss.heard, miss.wanted, miss.got) == ("my balance", "nothing", "balance")


def test_a_sentence_that_is_an_example_by_now_is_left_out(tmp_path):
    material = replace(MATERIAL, intents={"balance": ("My balance!", "what do I have"), "parcel": ()})
    report = run(sentences, desk(tmp_path, material=material))
    assert values(report, INTENTS)[CLEAN][1] == 1
    assert any("examples of the flows by now: 1 " in note for note in report.notes)


def test_flows_without_the_samples_intents_are_told_so(tmp_path):
    other = (
        "flow: string\nstart: ask\nsteps:\n  ask: { collect: value, digits: 6, ask: Which?, next: done }\n"
    )
    report = run(sentences, desk(tmp_path, book=parse({"site.yaml": SITE, "string.yaml": other})))
    assert report.figures == [] and "recordings of your own" in report.notes[0]


def test_short_answers_are_counted_by_kind_and_together(tmp_path):
    report = run(words, desk(tmp_path, {"no": "yes", "support": ""}))
    assert values(report, YES_NO) == {TEXT: (2, 2), CLEAN: (1, 2)}
    assert values(report, MENU) == {TEXT: (2, 2), CLEAN: (1, 2)}
    assert values(report, EITHER) == {CLEAN: (2, 4)}


def test_confidence_is_kept_for_the_reliability_curve(tmp_path):
    report = run(words, desk(tmp_path, {"no": "yes"}, sure=0.9))
    assert [(trial.kind, trial.is_right) for trial in report.trials[:2]] == [
        ("yes_no", True),
        ("yes_no", False),
    ]
    assert {round(trial.confidence, 1) for trial in report.trials} == {0.9}


def test_values_are_counted_by_type(tmp_path):
    report = run(fields, desk(tmp_path, {"five pounds": "nine pounds"}))
    assert values(report, "values understood: money") == {TEXT: (1, 1), CLEAN: (0, 1)}
    assert values(report, "values understood: digits") == {TEXT: (1, 1), CLEAN: (1, 1)}
    assert values(report, "values understood") == {TEXT: (2, 2), CLEAN: (1, 2)}


def test_moods_are_counted_at_the_sites_threshold(tmp_path):
    report = run(mood, desk(tmp_path))
    assert values(report, UPSET)[TEXT] == (1, 2) and values(report, ALARMS)[TEXT] == (0, 1)
    assert [miss.said for miss in report.misses if miss.condition == TEXT] == ["fine"]


LATE = """
flow: main
start: look
steps:
  look: { look_up: parcel, with: { phone: "{{ caller }}" }, found: late, not_found: menu, failed: menu }
  late:
    ask: Your parcel is {{ parcel.status }}. Is it about that?
    open: true
    choices_of: menu
    choices:
      about_that: { phrases: ["yes"], next: done }
"""


def test_a_mood_is_heard_at_the_question_that_anybody_is_asked(tmp_path):
    """At one that needs what a look-up finds, words that are none of its choices end in a fault, and in no mood."""
    main = LATE + MAIN.partition("steps:\n")[2]
    book = parse({"site.yaml": SITE.replace("entry: string", "entry: main"), "main.yaml": main})
    assert mood._score(book, mood._words("nothing ever works at your place")) > 0


def test_a_mood_is_that_of_the_words_as_heard(tmp_path):
    report = run(
        mood, desk(tmp_path, {"I am furious with you": "my balance", "good morning": "I am furious with you"})
    )
    assert values(report, UPSET)[CLEAN] == (0, 2) and values(report, ALARMS)[CLEAN] == (1, 1)


def test_a_raised_voice_is_louder_higher_and_faster():
    at_s = np.arange(8000) / 8000
    usual = (3000 * np.sin(2 * np.pi * 200 * at_s)).astype("<i2").tobytes()
    made = np.frombuffer(mood.raised(usual), "<i2").astype(float)
    assert len(made) == pytest.approx(8000 / mood.HIGHER, abs=2)
    assert np.abs(made).max() == pytest.approx(3000 * mood.LOUDER, rel=0.02)
    crossings = np.count_nonzero(np.diff(np.signbit(made))) / 2 / (len(made) / 8000)
    assert crossings == pytest.approx(200 * mood.HIGHER, rel=0.02)


@pytest.mark.parametrize(
    ("calm", "least"), [([], 0.0), ([0.9], 0.9), ([0.1] * 19 + [0.7], 0.1), ([0.1] * 18 + [0.6, 0.7], 0.6)]
)
def test_a_twentieth_of_the_calm_may_lie_above(calm, least):
    assert mood.least_score(calm) == least


def test_what_is_taken_that_nobody_meant_is_an_error(tmp_path):
    one = desk(tmp_path, {"it rains": "yes", "it snows": ""})
    asked = unmeant.answer(one.book)
    said = [
        ("it rains", asyncio.run(one.speak("it rains"))),
        ("it snows", asyncio.run(one.speak("it snows"))),
    ]
    asyncio.run(unmeant._measure(one, "taken", asked, said))
    assert values(one.report, "taken") == {CLEAN: (1, 2)}


def test_sounds_without_speech_are_as_loud_as_one_another():
    loudest = {name: np.abs(samples.astype(int)).max() for name, samples in unmeant.noises().items()}
    assert loudest.pop("silence") == 0
    assert all(abs(level - unmeant.PEAK) <= 1 for level in loudest.values()), loudest


def test_only_takes_of_the_test_split_are_read(tmp_path):
    voices = digits.recorded(archive(tmp_path / "data"))
    assert voices.speakers == ("ann", "bob")
    assert {name.rpartition("_")[2] for name in voices.takes} == {"0"}


def test_digits_are_counted(tmp_path):
    """Ears that hear "three" in everything: one digit in ten."""
    one = desk(tmp_path, data=archive(tmp_path / "data"))
    one.ear.voice.texts += [str(number) for number in range(200)]
    one.ear.heard = {str(number): "three" for number in range(200)}
    report = run(digits, one)
    assert values(report, DIGIT) == {CLEAN: (2, 20)}
    assert values(report, DIGIT_WRONG) == {CLEAN: (18, 20)}


@pytest.mark.parametrize("part", [digits, intents])
def test_public_data_that_is_not_here_is_told(tmp_path, part):
    report = run(part, desk(tmp_path, data=tmp_path))
    assert report.figures == [] and "IVR_TEST_DATA" in report.notes[0]


def test_public_intents_are_cut_into_examples_and_questions(tmp_path):
    rows = [(f"{word} {number}", f"about_{word}") for word in ("cards", "loans") for number in range(14)]
    (tmp_path / "intents").mkdir()
    with (tmp_path / intents.BANKING).open("w", newline="") as file:
        csv.writer(file).writerows([("text", "category"), *rows])
    parts = {
        "train": [list(row) for row in rows],
        "val": [["cards again", "about_cards"], ["loans again", "about_loans"]],
        "oos_train": [["quite another thing", "oos"]],
        "oos_val": [],
    }
    (tmp_path / intents.CLINC).write_text(json.dumps(parts))
    banking, clinc = intents.public(tmp_path, 1000)
    assert [len(option.phrases) for option in banking.options] == [10, 10]
    assert len(banking.questions) == 8
    examples = {phrase for option in banking.options for phrase in option.phrases}
    assert not examples & {text for text, _ in banking.questions}
    assert (len(clinc.questions), clinc.outside) == (2, ("quite another thing",))
    report = run(intents, desk(tmp_path, data=tmp_path))
    assert values(report, "BANKING77: intents right")[TEXT][1] == 8
    assert values(report, "CLINC150: out-of-scope caught")[TEXT] == (1, 1)
