"""``ivr evaluate`` as it is typed: what it refuses, and a short real run with the ears and voices of this machine."""

from __future__ import annotations

import argparse
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from evaluationkit import FLOWS, ROOT, archive

from ivr.cli import main
from ivr.cli.evaluate import add_arguments
from ivr.evaluation.run import PARTS
from ivr.evaluation.switches import ABLATIONS

PAGE = (ROOT / "docs" / "manual" / "understanding.md").read_text(encoding="utf-8")


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A working folder of its own, whose public data is two recorded speakers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IVR_FLOWS__FOLDER", str(FLOWS))
    monkeypatch.setenv("IVR_DATA__FOLDER", str(tmp_path / "var"))
    monkeypatch.setenv("IVR_SPEECH__ENGINE", "pocketsphinx")
    monkeypatch.setenv("IVR_TEST_DATA", str(archive(tmp_path / "data")))
    return tmp_path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["speed"],
            "found 'speed'; wanted some of sentences, words, unmeant, digits, calls, fields, mood, intents;",
        ),
        (["--without", "ears"], "found 'ears'; wanted one of domain-model"),
        (["--compare", "nothing.json"], "cannot read nothing.json"),
        (["--recordings", "nowhere"], "write one with the columns"),
        (["--ablations", "words"], "--ablations measures what it needs by itself"),
        (["mood", "--json", "no/such/folder.json"], "cannot write no/such/folder.json"),
    ],
)
def test_what_cannot_be_done_is_told(desk, capsys, words, told):
    assert main(["evaluate", *words]) == 2
    assert told in capsys.readouterr().err


def test_data_that_is_named_and_not_there_is_told(desk, capsys, monkeypatch):
    monkeypatch.setenv("IVR_TEST_DATA", str(desk / "nowhere"))
    assert main(["evaluate", "intents"]) == 2
    assert "which is no folder" in capsys.readouterr().err


@pytest.mark.slow
def test_a_short_real_run(desk, capsys):
    """Real ears and voices; what they find of so little is no matter here."""
    assert main(
        ["evaluate", "words", "digits", "mood", "--short", "--json", "a.json", "--picture", "a.svg"]
    ) in (0, 1)
    printed = capsys.readouterr()
    assert "yes/no, clean" in printed.out and "words: " in printed.err
    found = json.loads((desk / "a.json").read_text())
    goals = {goal["name"]: goal for goal in found["goals"]}
    assert goals["yes/no, clean"]["engine"] == "pocketsphinx" and goals["yes/no, clean"]["model"]
    assert {"name", "goal", "value", "met", "engine", "model", "of", "interval"} <= goals[
        "menu of five, clean"
    ].keys()
    assert goals["recorded human digits at 8 kHz: single digits, clean"]["of"] == 20
    assert ElementTree.parse(desk / "a.svg").getroot() is not None
    assert main(["evaluate", "mood", "--short", "--compare", "a.json"]) in (0, 1)
    assert "No figure is different." in capsys.readouterr().out


@pytest.mark.slow
def test_a_part_left_out_changes_what_is_measured(desk, capsys):
    assert main(["evaluate", "--ablations", "--short"]) == 0
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line.startswith("Without ")] == [
        f"Without {name}" for name in ABLATIONS
    ]


def test_the_manual_tells_of_every_part_option_and_switch():
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    options = {option for action in parser._actions for option in action.option_strings} - {"-h", "--help"}
    told = set(re.findall(r"^\| `([^`]+)` \|", PAGE, flags=re.MULTILINE))
    assert options | set(PARTS) | set(ABLATIONS) <= told
