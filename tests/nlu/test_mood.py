"""How upset words are: the lexicon with its denials, what adds to it, and how seldom calm callers are taken wrong."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from ivr.nlu.mood import read

UPSET = 0.6
"""The site's default threshold."""
DATA = Path(os.environ.get("IVR_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "intents"


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
        "this is unacceptable", "the courier was rude", "I'm disappointed", "it was not bad",
        "it was a terrible mistake of mine", "one two three four",
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
        "nothing is terrible",
    ],
)
def test_what_is_denied_does_not_count(text: str) -> None:
    assert read(text) == read("")


def test_a_good_word_counts_only_where_it_is_denied() -> None:
    assert read("I'm happy with you").score == 0
    assert read("I'm not happy with you").words == ("not happy",)
    assert read("that isn't acceptable").score > 0


def test_a_denial_far_away_denies_nothing() -> None:
    assert read("no I have told you twice it is useless").words == ("useless",)


def test_saying_it_again_and_not_being_understood_add() -> None:
    said = "where is my parcel this is useless"
    once = read(said)
    again = read(said, before=(said, "my parcel, where is it, this is useless"), misses=2)
    assert once.score < UPSET <= again.score
    assert again.words == ("useless", "said before", "not understood")


def test_being_asked_again_makes_nobody_upset_alone() -> None:
    assert read("where is my parcel", before=("where is my parcel",) * 5, misses=5).score == 0


def test_it_never_leaves_its_scale() -> None:
    score = read("fuck you useless bloody idiots, " * 20, misses=50).score
    assert 0.99 <= score <= 1.0


def sentences(name: str) -> list[str]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"needs {path} (set IVR_TEST_DATA)")
    if name.endswith(".csv"):
        with path.open(encoding="utf-8", newline="") as file:
            return [row[0] for row in csv.reader(file)]
    data = json.loads(path.read_text(encoding="utf-8"))
    return [text for rows in data.values() for text, _ in rows]


@pytest.mark.parametrize("name", ["banking77-train.csv", "clinc150-train.json"])
def test_ordinary_requests_are_hardly_ever_upset(name: str) -> None:
    """Of bank questions a few are by upset customers indeed."""
    texts = sentences(name)
    upset = [text for text in texts if read(text).score >= UPSET]
    print(f"{name}: {len(upset)} of {len(texts)}: {upset}")
    assert len(texts) > 5_000 and len(upset) <= 0.001 * len(texts)
