"""What is told of a run: tables, JSON, the picture, and what changed since another run."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest

from ivr.errors import IvrError
from ivr.evaluation import compare, picture
from ivr.evaluation.figures import CLEAN, TEXT, YES_NO, Figure, Goal, Miss, Report, Trial, judge
from ivr.evaluation.told import as_json, as_text

GOALS = (Goal(YES_NO, CLEAN, 99), Goal("wrong <&>", CLEAN, 1, is_most=True))


def report(hits=58, of=60):
    return Report(
        facts={"engine": "vosk (small)"},
        figures=[
            Figure("words", YES_NO, TEXT, of, of, "text", "no recogniser"),
            Figure("words", YES_NO, CLEAN, hits, of, "vosk", "small", "by one voice"),
            Figure("calls", "wrong <&>", CLEAN, 0, 120, "vosk", "small"),
        ],
        trials=[Trial("yes_no", 0.95, True)] * 9 + [Trial("yes_no", 0.55, False)],
        misses=[Miss("words", CLEAN, "nope", "note", "no", "nothing", 0.2)],
        notes=["Nothing else."],
    )


def test_a_goal_in_the_json_has_what_another_run_compares():
    found = json.loads(json.dumps(as_json(report(), judge(report(), GOALS))))
    first = found["goals"][0]
    assert {name: first[name] for name in ("name", "goal", "value", "met", "engine", "model")} == {
        "name": "yes/no, clean", "goal": 99, "value": 96.7, "met": False, "engine": "vosk", "model": "small",
    }  # fmt: skip
    assert found["goals_met"] is False
    assert found["reliability"]["all"]["bins"][0]["of"] == 1
    assert found["misses"][0]["heard"] == "note"


def test_the_table_has_a_column_for_each_condition_and_every_goal_beside_its_figure():
    text = as_text(report(), judge(report(), GOALS), has_misses=True)
    (row,) = [line for line in text.splitlines() if line.startswith("yes/no  ")]
    assert row.split() == ["yes/no", "100.0", "±3", "96.7", "±5", "60"]
    (goal,) = [line for line in text.splitlines() if line.startswith("yes/no, clean")]
    assert "MISSED" in goal and "89 to 99 %" in goal and "vosk (small)" in goal and ">= 99 %" in goal
    assert "by one voice" in text and "'nope' heard as 'note'" in text and "Nothing else." in text
    assert "MISSES" not in as_text(report(), ())


def test_the_picture_is_sound_xml_for_light_and_dark():
    drawn = picture.draw(report(), judge(report(), GOALS), "How <well>")
    root = ElementTree.fromstring(drawn)
    name = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{name}title").text == "How <well>"
    assert "prefers-color-scheme: dark" in root.find(f"{name}style").text
    words = [each.text for each in root.iter(f"{name}text")]
    assert "96.7 % missed" in words and "0.0 % met" in words and "wrong <&>, clean" in words
    assert len(list(root.iter(f"{name}circle"))) == 2
    wide, high = (float(number) for number in root.get("viewBox").split()[2:])
    for shape in root.iter(f"{name}rect"):
        assert float(shape.get("x", 0)) + float(shape.get("width")) <= wide
        assert float(shape.get("y", 0)) + float(shape.get("height")) <= high


def test_the_picture_of_text_alone_has_no_curve():
    drawn = picture.draw(Report(), (), "Nothing")
    assert "<circle" not in drawn and ElementTree.fromstring(drawn) is not None


def written(tmp_path, one):
    path = tmp_path / "before.json"
    path.write_text(json.dumps(as_json(one, ())))
    return path


def test_another_run_shows_what_changed_and_what_may_be_chance(tmp_path):
    before = compare.read(written(tmp_path, report(hits=30)))
    (head, row, *rest) = compare.compared(report(hits=58), before)
    assert row.split() == ["yes/no,", "clean", "50.0", "%", "96.7", "%", "+46.7"] and not rest
    (_, row) = compare.compared(report(hits=31), before)
    assert row.endswith("may be chance")
    assert compare.compared(report(hits=30), before) == ["No figure is different."]
    assert head.split() == ["before", "now", "points"]


def test_another_engine_and_new_figures_are_told(tmp_path):
    before = compare.read(written(tmp_path, report()))
    now = report(hits=50)
    now.figures = [Figure("words", YES_NO, CLEAN, 50, 60, "pocketsphinx", "en-us"), *now.figures[2:]]
    now.figures.append(Figure("mood", "upset", TEXT, 1, 2, "text", "no recogniser"))
    lines = compare.compared(now, before)
    assert "vosk before" in lines[1] and lines[-1] == "1 figures have none to compare with."


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"figures": [{"part": "x"}]}', '{"figures": 3}'])
def test_a_file_that_is_no_run_is_refused(tmp_path, text):
    path = tmp_path / "x.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(IvrError, match="name a file that"):
        compare.read(path)
