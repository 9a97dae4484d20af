"""``ivr lint``: exit codes, and its three ways to tell what it found."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ivr.cli import main
from ivr.flow.lint.codes import CODES

ROOT = Path(__file__).parents[2]
Told = tuple[int, str, str]
LEVELS = {"none", "note", "warning", "error"}
"""Of a SARIF result."""
HURRIED = ("misses: 1", "misses: 1\n    timers: { no_input: 1s }")
"""What makes a warning of the survey."""


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample flows, in a folder where the command is given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IVR_DATA__FOLDER", str(tmp_path / "data"))
    folder = tmp_path / "my flows"
    shutil.copytree(ROOT / "call_flows", folder)
    return folder


@pytest.fixture
def linted(flows: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def lint(*arguments: str) -> Told:
        code = main(["lint", *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return lint


def spoil(flows: Path, old: str, new: str, name: str = "survey.yaml") -> None:
    path = flows / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_sample_flows_are_sound(flows: Path, linted: Any) -> None:
    code, out, _ = linted(str(flows))
    assert (code, len(out.splitlines())) == (0, 1), out
    assert "are sound" in out


@pytest.mark.parametrize(
    ("command", "engines"),
    [
        ("lint", {"vosk", "pocketsphinx", "ivr.speech.engines", "numpy"}),
        ("test", {"vosk", "pocketsphinx", "ivr.speech.engines"}),
    ],
)
def test_without_sound_no_speech_engine_is_loaded(command: str, engines: set[str]) -> None:
    """Understanding words takes numpy; reading flows does not."""
    told = f"import sys, ivr.cli.{command}; print({engines!r} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"


def test_a_warning_is_a_finding(flows: Path, linted: Any) -> None:
    spoil(flows, *HURRIED)
    code, out, _ = linted(str(flows))
    first, last = out.splitlines()
    assert code == 1
    assert first.startswith("survey.yaml:10:15: warning: found ") and first.endswith("[hurried]")
    assert last.startswith("1 warning in ")


def test_faults_come_before_warnings(flows: Path, linted: Any) -> None:
    spoil(flows, *HURRIED)
    spoil(flows, "next: thanks }", "next: thnks }")
    code, out, _ = linted(str(flows))
    assert code == 1
    assert "[unknown-step]" in out and "Did you mean 'thanks'?" in out and "[hurried]" not in out
    assert out.splitlines()[-1].endswith("; warnings are told when there is none")


def test_a_host_that_the_settings_do_not_allow_is_a_finding(flows: Path, linted: Any) -> None:
    card = '  card: { http: "GET https://nowhere.example/{n}", parameters: [n], fields: { a: a } }\n'
    with (flows / "look_ups.yaml").open("a", encoding="utf-8") as file:
        file.write(card)
    code, out, _ = linted(str(flows))
    assert code == 1 and "[host-not-allowed]" in out


def test_what_cannot_be_done_is_2(flows: Path, linted: Any) -> None:
    for arguments in (["nowhere"], ["--format", "xml"], ["one", "two"]):
        code, out, err = linted(*arguments)
        assert (code, out) == (2, "") and len(err.splitlines()) == 1


def test_json_for_programs(flows: Path, linted: Any) -> None:
    spoil(flows, *HURRIED)
    code, out, _ = linted(str(flows), "--format", "json")
    (finding,) = json.loads(out)["findings"]
    assert code == 1
    assert finding | {"wanted": "", "remedy": "", "found": ""} == {
        "file": "survey.yaml", "line": 10, "column": 15, "code": "hurried", "is_warning": True,
        "found": "", "wanted": "", "remedy": "",
    }  # fmt: skip
    assert linted(str(ROOT / "call_flows"), "--format", "json")[0] == 0


def test_sarif_has_what_its_schema_requires(flows: Path, linted: Any) -> None:
    """The required parts of SARIF 2.1.0 (OASIS): 3.13, 3.14, 3.18, 3.19, 3.27, 3.30 and 3.49."""
    spoil(flows, *HURRIED)
    code, out, _ = linted(str(flows), "--format", "sarif")
    log = json.loads(out)
    assert code == 1
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    assert log.keys() <= {"$schema", "version", "runs"}
    (run,) = log["runs"]
    assert run.keys() <= {"tool", "results", "columnKind"}
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    driver = run["tool"]["driver"]
    assert driver["name"] and driver["version"]
    rules = driver["rules"]
    assert [rule["id"] for rule in rules] == list(CODES)
    assert all(rule["shortDescription"]["text"].endswith(".") for rule in rules)
    assert all(rule["defaultConfiguration"]["level"] in LEVELS for rule in rules)
    (result,) = run["results"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "hurried"
    assert result["level"] == "warning" and result["message"]["text"].startswith("Found ")
    (place,) = result["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "my%20flows/survey.yaml"},
        "region": {"startLine": 10, "startColumn": 15},
    }


def test_a_sound_folder_is_sarif_without_results(flows: Path, linted: Any) -> None:
    code, out, _ = linted(str(ROOT / "call_flows"), "--format", "sarif")
    assert (code, json.loads(out)["runs"][0]["results"]) == (0, [])
