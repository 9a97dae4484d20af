"""How often values are heard right, from nothing but what callers said yes and no to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from learnkit import ENGLISH, Callers

from ivr.flow.load import parse
from ivr.learning.accuracy import Accuracy, accuracies
from ivr.learning.report import accuracy_lines
from ivr.tables import wilson

FORMS = """
flow: main
start: order
steps:
  order:
    collect: order
    ask: Which order?
    digits: 6
    next: right
  right:
    confirm: Order {{ order | spell }}. Is that right?
    of: order
    yes: when
    no: order
  when:
    form:
      day: { type: date, ask: Which day? }
      size: { type: choice, options: { small: small, large: large }, ask: Which size? }
    confirm: A {{ size }} one. Is that right?
    next: code
  code:
    collect: code
    ask: Your secret code?
    secret: true
    digits: 4
    next: done
"""
PLAIN = """
flow: main
start: order
steps:
  order: { collect: order, ask: Which order?, digits: 6, next: done }
"""
BOOK = parse({"site.yaml": ENGLISH, "main.yaml": FORMS}, {})


@pytest.fixture
def filling(callers: Callers) -> Callers:
    callers.book = BOOK
    return callers


def by_name(callers: Callers) -> dict[tuple[str, bool], Accuracy]:
    return {(each.field, each.is_keyed): each for each in accuracies(callers.calls())}


def test_what_callers_confirm_and_deny_is_counted_for_each_field(filling: Callers) -> None:
    filling.call("four eight two nine one three", "yes", "tomorrow", "small", "yes", "[2580]")
    filling.call(
        "four eight two nine one three",
        "no",
        "[482914]",
        "yes",
        "tomorrow",
        "large",
        "the size is wrong",
        "small",
        "yes",
    )
    found = by_name(filling)
    voice = found["main.order", False]
    assert (voice.taken, voice.taken_right, voice.taken_wrong, voice.judged) == (2, 1, 1, 2)
    keyed = found["main.order", True]
    assert (keyed.taken, keyed.right, keyed.judged) == (1, 1, 1)
    size = found["main.size", False]
    assert (size.right, size.judged, size.asked_wrong + size.taken_wrong) == (2, 3, 1)
    assert found["main.day", False].right == 2


def test_values_that_are_asked_back_are_counted_apart(filling: Callers) -> None:
    filling.book = parse({"site.yaml": ENGLISH, "main.yaml": PLAIN}, {})
    filling.call("four eight two nine one three", "yes", sure=0.55)
    filling.call("four eight two nine one three", "no", sure=0.55)
    filling.call("what is this about", "four eight two nine one three")
    found = by_name(filling)["main.order", False]
    assert (found.asked_back, found.asked_right, found.asked_wrong, found.unmatched) == (2, 1, 1, 1)
    assert (found.taken, found.taken_right, found.taken_wrong) == (1, 0, 0)


def test_a_designer_reads_a_line_for_each_field(filling: Callers) -> None:
    filling.call("four eight two nine one three", "yes")
    filling.call("four eight two nine one three", "no", "[482914]", "yes")
    head, voice, keys, *_ = accuracy_lines(accuracies(filling.calls()))
    assert head.split()[:5] == ["field", "by", "values", "judged", "right"]
    assert voice.split() == ["main.order", "voice", "2", "2", "50", "%", "9-91", "%", "0", "-", "2", "1", "0"]
    assert keys.split() == [
        "main.order",
        "keys",
        "1",
        "1",
        "100",
        "%",
        "21-100",
        "%",
        "0",
        "-",
        "1",
        "0",
        "0",
    ]
    assert accuracy_lines([]) == ["No values were heard."]


def test_of_a_secret_nothing_is_counted_and_nothing_kept(filling: Callers, path: Path) -> None:
    start = ("[482913]", "yes", "tomorrow", "small", "yes")
    filling.call(*start, "two five eight zero", "a person please")
    filling.call(*start, "what now two five", "[2580]")
    code = by_name(filling).get(("main.code", False), Accuracy("main.code", is_keyed=False))
    assert (code.taken, code.asked_back, code.judged) == (0, 0, 0)
    assert ("main.code", True) not in by_name(filling)
    kept = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert b"two five" not in kept and not re.search(rb"(?<![0-9a-f])2580(?![0-9a-f])", kept)


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [(0, 0, 0.0, 1.0), (10, 10, 0.722, 1.0), (0, 10, 0.0, 0.278), (81, 263, 0.255, 0.366)],
)
def test_the_interval_is_wilsons(right: int, total: int, low: float, high: float) -> None:
    """The last row is of Newcombe 1998 (Statistics in Medicine 17, table I, method 3)."""
    assert wilson(right, total) == (pytest.approx(low, abs=6e-4), pytest.approx(high, abs=6e-4))
