"""Topics that are for people: named, denied, a site's own."""

from __future__ import annotations

import pytest

from ivr.flow.people import TOPICS
from ivr.nlu.topics import KNOWN, Topic, find

ALL = dict.fromkeys(KNOWN, ())


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("I'd like to make a complaint about the driver", "complaint"),
        ("you'll hear from my solicitor", "legal"),
        ("he's having chest pain since he took it", "medical"),
        ("I know where you live", "threat"),
        ("I can't pay my rent any more", "vulnerable"),
        ("honestly I just want to die", "vulnerable"),
    ],
)
def test_what_is_named(said: str, name: str) -> None:
    found = find(said, ALL)
    assert found is not None and found.name == name


@pytest.mark.parametrize(
    "said",
    ["", "where is my parcel", "I don't have a complaint", "I won't sue you", "我要投诉", "what time is it"],
)
def test_what_is_not(said: str) -> None:
    assert find(said, ALL) is None


def test_only_what_the_site_wants_and_the_first_of_it() -> None:
    said = "my lawyer says I should make a complaint"
    assert find(said, {}) is None
    assert find(said, {"complaint": (), "legal": ()}) == Topic("complaint", "make a complaint")


def test_words_of_the_site() -> None:
    assert find("it's about the recall", {"recall": ("the recall", "recalled")}) == Topic(
        "recall", "the recall"
    )
    assert find("我要投诉", {"complaint": ("投诉",)}) == Topic("complaint", "投诉")


def test_lint_knows_which_topics_come_with_words() -> None:
    assert tuple(KNOWN) == TOPICS and all(KNOWN.values())
