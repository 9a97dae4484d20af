"""How growth is judged and drawn."""

from __future__ import annotations

import itertools
import math
from xml.etree import ElementTree

import pytest

from ivr.bench.growth import Growth, growth_svg

SIZES = (100, 1_000, 10_000)


def grown(step: str, cost) -> Growth:
    return Growth(step, {waiting: cost(waiting) for waiting in SIZES})


@pytest.mark.parametrize(
    ("cost", "share"),
    [(lambda n: 0.3, 0.5), (lambda n: 0.2 * math.log(n), 1.0), (lambda n: 0.01 * math.sqrt(n), 5.0)],
)
def test_growth_is_held_against_the_logarithm(cost, share):
    assert grown("join", cost).share == pytest.approx(share)


def test_the_line_runs_through_what_grows_like_the_logarithm():
    assert grown("join", lambda n: 0.1 + 0.05 * math.log(n)).line == pytest.approx((0.1, 0.05))


def test_the_picture_shows_every_point_and_name_within_its_frame():
    steps = [grown(name, lambda n, k=k: 0.1 * k + 0.02 * math.log(n)) for k, name in enumerate("abc", 1)]
    root = ElementTree.fromstring(growth_svg(steps))
    space = "{http://www.w3.org/2000/svg}"
    texts = [node.text for node in root.iter(f"{space}text")]
    assert {"a", "b", "c", "100", "1,000", "10,000"} <= set(texts)
    marks = [node for node in root.iter() if node.get("class") in ("one", "two", "three")]
    assert len(marks) == 9
    assert all(0 <= float(node.get(at, 0)) <= 720 for node in root.iter() for at in ("x", "y1", "y2", "cy"))


def test_names_of_lines_that_end_together_do_not_cover_each_other():
    root = ElementTree.fromstring(growth_svg([grown(name, lambda n: 0.5) for name in "abc"]))
    heights = sorted(
        float(node.get("y"))
        for node in root.iter("{http://www.w3.org/2000/svg}text")
        if node.text in ("a", "b", "c")
    )
    assert all(low + 14 <= high for low, high in itertools.pairwise(heights))
