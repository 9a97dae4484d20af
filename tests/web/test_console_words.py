"""Numbers, times, fields and moods in the words of the console."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.actions import MoodEvidence
from ivr.web.console import words
from ivr.web.console.words import Fact

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+447700900123", "+44 7700 900123"),
        ("+18005551234", "+1 800 555 1234"),
        ("+4930123456", "+49 301 234 56"),
        ("+353861234567", "+353 861 234 567"),
        ("+79161234567", "+7 916 123 456 7"),
        ("07700900123", "077 009 001 23"),
        ("", "Number withheld"),
        ("Anonymous", "Number withheld"),
        ("client:anna", "Browser phone anna"),
        ("112", "112"),
        ("sip:a@b", "sip:a@b"),
    ],
)
def test_numbers_are_grouped_as_they_are_read_out(number, shown):
    assert words.phone(number) == shown


@pytest.mark.parametrize(("ms", "shown"), [(-5, "0:00"), (65_900, "1:05"), (3_600_000, "1:00:00")])
def test_times_of_a_clock(ms, shown):
    assert words.clock(ms) == shown


def test_fields_become_facts_nested_ones_by_their_own_name():
    fields = {
        "account": "40718264",
        "parcel": {"status": "sent", "is_late": True, "expected": "2026-11-24"},
        "order": {"status": "packed", "items": ["a clock, due 2026-11-28", "a fork"]},
        "empty": "",
        "none": None,
        "opens": "2026-07-01T08:00:00+00:00",
        "count": 3,
    }
    assert words.facts(fields, LONDON) == [
        Fact("Account", ("40718264",)),
        Fact("Status", ("sent",)),
        Fact("Is late", ("yes",)),
        Fact("Expected", ("Tue 24 Nov 2026",)),
        Fact("Order status", ("packed",)),
        Fact("Items", ("a clock, due Sat 28 Nov 2026", "a fork")),
        Fact("Opens", ("Wed 1 Jul 2026, 09:00",)),
        Fact("Count", ("3",)),
    ]


def test_what_only_looks_like_a_day_stays_as_it_is():
    assert words.shown("2026-13-45", LONDON) == "2026-13-45"
    assert words.shown("2026-13-45T10:00", LONDON) == "2026-13-45T10:00"


def test_moments_are_in_the_zone_of_the_site():
    assert words.moment(datetime(2026, 7, 1, 8, tzinfo=UTC), LONDON) == "Wed 1 Jul 2026, 09:00"
    assert words.moment(None, LONDON) == "at an unknown time"


def test_the_words_that_weighed_are_marked_and_nothing_else_is_markup():
    why = MoodEvidence(text="A <disgrace>, a Disgrace!", at_ms=0, score=1, threshold=0.6, words=("disgrace",))
    assert str(words.marked(why)) == "A &lt;<mark>disgrace</mark>&gt;, a <mark>Disgrace</mark>!"
    plain = MoodEvidence(text="a & b", at_ms=0, score=1, threshold=0.6)
    assert str(words.marked(plain)) == "a &amp; b"


def test_signs_that_are_not_among_the_words_are_told_apart():
    weighed = ("disgrace", "said before", "louder by 9 dB")
    why = MoodEvidence(text="A Disgrace!", at_ms=0, score=1, threshold=0.6, words=weighed)
    assert words.signs(why) == "said before, louder by 9 dB"
    own = MoodEvidence(text="I can't wait", at_ms=0, score=1, threshold=0.6, words=("can not wait",))
    assert words.signs(own) == "", "the caller's own words, written out"


@pytest.mark.parametrize(
    ("own", "shown"),
    [((), "no queue: ask for one"), ("a", "Alpha"), ("ab", "Alpha and b"), ("abc", "Alpha, b and c")],
)
def test_queues_in_a_sentence(own, shown):
    assert words.queues({"a": "Alpha"}, own) == shown
