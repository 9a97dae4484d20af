"""The README has a row for every goal, as it is held."""

from __future__ import annotations

import re

from evaluationkit import ROOT

from ivr.evaluation.figures import GOALS


def test_the_readme_has_every_goal_with_its_limit():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| ([^|]+) \| (at (?:least|most) [\d.]+ %) \|", text, flags=re.MULTILINE))
    wanted = {goal.name: f"at {'most' if goal.is_most else 'least'} {goal.limit:g} %" for goal in GOALS}
    assert {name: told.get(name) for name in wanted} == wanted
