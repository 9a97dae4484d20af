"""The README has a row for every goal, as it is held, and a script that writes what was found into it."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import re

from evaluationkit import ROOT

from ivr.evaluation.figures import CLEAN, GOALS, TEXT, YES_NO, Figure, Report, Trial, judge
from ivr.evaluation.told import as_json


def script():
    loader = importlib.machinery.SourceFileLoader("tell", str(ROOT / "scripts" / "tell-understanding"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("tell", loader))
    loader.exec_module(module)
    return module


def rows(text):
    return dict(re.findall(r"^\| ([^|]+) \| (at (?:least|most) [\d.]+ %) \|", text, flags=re.MULTILINE))


WANTED = {goal.name: f"at {'most' if goal.is_most else 'least'} {goal.limit:g} %" for goal in GOALS}


def test_the_readme_has_every_goal_with_its_limit():
    told = rows((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {name: told.get(name) for name in WANTED} == WANTED


def test_what_was_found_is_put_beside_the_goals(tmp_path):
    tell = script()
    tell.README, tell.MEASUREMENTS = tmp_path / "README.md", tmp_path / "measurements.md"
    tell.README.write_text("Before.\n\n" + tell.HEAD + "| old | at least 1 % | | | |\n\nAfter.\n")
    tell.MEASUREMENTS.write_text("One.\n" + tell.BEGIN + "old\n" + tell.END + "Two.\n")
    report = Report(
        facts={"engine": "vosk (small)", "machine": "2 cores", "took": "9 s"},
        figures=[
            Figure("words", YES_NO, TEXT, 60, 60, "text", "no recogniser"),
            Figure("words", YES_NO, CLEAN, 57, 60, "vosk", "small"),
        ],
        trials=[Trial("yes_no", 0.9, True)],
    )
    path = tmp_path / "run.json"
    path.write_text(json.dumps({**as_json(report, judge(report))}))
    for _ in range(2):
        tell.main(path)
    readme = tell.README.read_text()
    assert rows(readme) == WANTED and "old" not in readme
    assert readme.startswith("Before.\n") and readme.endswith("\nAfter.\n")
    assert "| yes/no, clean | at least 99 % | 95.0 % (missed) | 86 to 98 % | 60 |" in readme
    text = tell.MEASUREMENTS.read_text()
    assert "| yes/no | 100.0 ±3 | 95.0 ±6 | 60 |" in text and "| 0.9 to 1.0 | 0.90 | 100.0 % | 1 |" in text
    assert "old" not in text and text.startswith("One.\n") and text.endswith("Two.\n")
