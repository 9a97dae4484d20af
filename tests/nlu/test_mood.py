"""How upset words are: lexicon and model, what adds to them, and how seldom calm callers are taken wrong."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from ivr.nlu import mood
from ivr.nlu.mood import Past, Sources, read
from ivr.nlu.voice import Raised

UPSET = 0.6
"""The site's default threshold."""
ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("IVR_TEST_DATA", ROOT.parent / "shared" / "data")) / "intents"
LEXICON = Sources(model=False)
RAISED = Raised(1.0, ("louder by 9 dB", "a sharper voice"))


@pytest.mark.parametrize(
    "text",
    [
        "where is my fucking parcel",
        "you bloody idiots",
        "I am furious",
        "this is absolutely ridiculous",
        "I'm sick and tired of this stupid machine",
        "what a joke, you are useless",
        "I've been lied to and it's unacceptable",
        "totally unacceptable, I've been waiting for weeks",
        "I'm so angry, nobody is helping me",
        "for god's sake, I'm fed up with this",
    ],
)
def test_upset(text: str) -> None:
    assert read(text).score >= UPSET


@pytest.mark.parametrize(
    "text",
    [
        "", "where is my parcel", "I want to complain", "I have a complaint", "you charged me twice",
        "the courier was rude", "it was not bad", "it was a terrible mistake of mine", "one two three four",
        "no", "no no", "a parcel", "I want to talk to someone", "my card was stolen please help",
    ],
)  # fmt: skip
def test_not_upset(text: str) -> None:
    assert read(text).score < UPSET


@pytest.mark.parametrize(
    "text",
    [
        "I'm not angry",
        "no complaints",
        "it's not ridiculous at all",
        "I was never rude",
        "it was not terrible",
    ],
)
def test_what_is_denied_does_not_count(text: str) -> None:
    assert read(text).score < 0.5 and read(text, sources=LEXICON).score == 0


def test_a_good_word_counts_only_where_it_is_denied() -> None:
    assert read("I'm happy with you", sources=LEXICON).score == 0
    assert read("I'm not happy with you").words == ("not happy",)
    assert read("that isn't acceptable").score > read("that is acceptable").score


def test_a_denial_far_away_denies_nothing() -> None:
    assert read("no I have told you twice it is useless").words == ("useless",)


def test_anger_that_is_in_no_list_is_found_with_the_words_that_say_so() -> None:
    said = "how much longer do you expect me to wait on this line"
    found = read(said)
    assert read(said, sources=LEXICON).score == 0 and found.score >= UPSET
    assert len(found.words) == 1 and found.words[0] in said and found.words[0] != said


def test_in_a_long_sentence_the_worst_part_counts() -> None:
    calm = "I ordered a lamp in the shop last Tuesday and it was to be sent to my address in Leeds"
    assert read(calm).score < 0.5
    assert read(f"{calm} and nobody there gives a damn do they {calm}").score >= UPSET


def test_saying_it_again_and_not_being_understood_add() -> None:
    said = "where is my parcel this is not helpful"
    before = ("my parcel, where is it, this is not helpful", said)
    once, again = read(said), read(said, Past(said=before, misses=2, loops=1, scores=(0.5,)))
    assert once.score < again.score and once.said == again.said
    assert again.words[-4:] == ("said before", "upset before", "not understood", "goes round in a circle")


def test_neither_being_asked_again_nor_a_raised_voice_makes_anybody_upset_alone() -> None:
    said = "where is my parcel"
    past = Past(said=(said,) * 5, misses=5, loops=5, scores=(0.9,) * 3)
    assert read(said, past, RAISED).score < 0.5 and read("", past, RAISED).score == 0


def test_a_raised_voice_adds_to_words_that_are_there() -> None:
    said = "this is taking far too long and I am disappointed"
    calm, loud = read(said), read(said, raised=RAISED)
    assert 0.4 <= calm.score < loud.score and loud.words[-2:] == RAISED.signs
    assert read(said, raised=RAISED, sources=Sources(voice=False)) == calm


def test_half_a_minute_of_swearing_is_read_in_no_time_and_stays_on_the_scale() -> None:
    found = read("fuck you useless bloody idiots, " * 60, Past(misses=50), RAISED)
    assert 0.99 <= found.score <= 1.0 and len(found.words) < 10


def test_numbers_are_no_evidence() -> None:
    found = read("seven four nine one how much longer do you expect me to wait seven four nine one")
    assert found.score >= UPSET and "seven" not in " ".join(found.words)


@pytest.mark.parametrize("text", ["我很生气", "😡😡", "''' ---", "نعم " * 50])
def test_what_it_knows_no_words_of_is_calm(text: str) -> None:
    assert read(text) == read("")


def test_without_vectors_the_lexicon_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mood, "_model", lambda: None)
    assert read("where is my fucking parcel").score >= UPSET
    assert read("how much longer do you expect me to wait").score == 0


def sentences(name: str) -> list[str]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"needs {path} (set IVR_TEST_DATA)")
    if name.endswith(".csv"):
        with path.open(encoding="utf-8", newline="") as file:
            return [row[0] for row in csv.reader(file)][1:]
    data = json.loads(path.read_text(encoding="utf-8"))
    return [text for rows in data.values() for text, _ in rows]


@pytest.mark.parametrize("name", ["banking77-train.csv", "clinc150-train.json"])
def test_ordinary_requests_are_seldom_upset(name: str) -> None:
    """A tenth of each; of the bank's a few customers are upset indeed. docs/measurements.md has all of it."""
    texts = sentences(name)[::10]
    assert sum(read(text).score >= UPSET for text in texts) <= 0.025 * len(texts)
    assert sum(read(text).score >= 0.5 for text in texts) <= 0.06 * len(texts)


def test_upset_customers_of_a_bank_are_found() -> None:
    """Their words were written by none of us, and trained nothing."""
    texts = sentences("banking77-train.csv")
    marks = (ROOT / "scripts" / "mood" / "banking77-upset-rows.txt").read_text(encoding="utf-8").splitlines()
    upset = [texts[int(row)] for line in marks if not line.startswith("#") for row in line.split()]
    assert len(upset) > 100 and sum(read(text).score >= 0.5 for text in upset) >= 0.7 * len(upset)
