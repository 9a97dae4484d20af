"""Files that mean harm are refused within a second, in a sentence, within 100 MB: measured, in a process apart."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import hostile
import pytest

WITHIN_S = 1.0
"""Of the processor's time."""
WITHIN_KB = 100_000
LONGEST = 330
"""Characters of a sentence."""
MOST = 201
"""Faults of one file; the last says that there are more."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each file cost."""
    command = [sys.executable, str(Path(hostile.__file__)), str(tmp_path_factory.mktemp("hostile"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_kind_was_tried_in_every_place(told: list[dict[str, Any]]) -> None:
    assert [each["case"] for each in told] == [case for case, _, _ in hostile.cases()]


def test_each_is_refused_in_few_plain_sentences(told: list[dict[str, Any]]) -> None:
    for each in told:
        assert 1 <= each["faults"] <= MOST, each["case"]
        assert all(len(said) <= LONGEST and "\n" not in said for said in each["said"]), each
        assert not any("recursion" in said or "Traceback" in said for said in each["said"]), each


def test_what_cannot_be_read_is_refused_in_one_sentence(told: list[dict[str, Any]]) -> None:
    many = {"a megabyte of one key", "folded text without end"}
    kinds = {case["case"].partition(": ")[2]: case for case in told}
    for kind in hostile.OF_YAML.keys() - many:
        assert kinds[kind]["faults"] == 1, kinds[kind]


def test_each_is_refused_within_a_second(told: list[dict[str, Any]]) -> None:
    slow = [(each["case"], each["s"]) for each in told if each["s"] > WITHIN_S]
    assert not slow


def test_all_of_them_take_no_more_than_a_hundred_megabytes(told: list[dict[str, Any]]) -> None:
    assert max(each["kb"] for each in told) < WITHIN_KB


def test_nothing_of_what_they_wanted_came_about(told: list[dict[str, Any]]) -> None:
    assert not any("root:" in said for each in told for said in each["said"])
    assert not Path("owned").exists()
