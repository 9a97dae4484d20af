"""The commands that show flows: ``ivr graph``, ``ivr explain``, ``ivr prompts``."""

from __future__ import annotations

import json
import shutil
import wave
from pathlib import Path

import pytest

from ivr.cli import graph, main

FLOWS = Path(__file__).parents[1] / "flows" / "good"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder of its own, whose flows are those of the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IVR_FLOWS__FOLDER", str(FLOWS))


@pytest.fixture
def graphviz() -> None:
    if shutil.which("dot") is None:
        pytest.skip("no Graphviz here; scripts/system-packages installs it")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "begins"),
    [("x.svg", "<svg"), ("x.dot", "digraph"), ("x.mmd", "flowchart TD"), ("x.txt", "<svg")],
)
def test_a_drawing_goes_into_a_file_as_its_ending_says(
    name: str, begins: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], graphviz: None
) -> None:
    assert said(capsys, "graph", "main", "--out", name) == ""
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_a_site_is_drawn_where_no_flow_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "graph", "--format", "mermaid")
    assert text.startswith("flowchart LR") and "other" in text


def test_without_graphviz_there_is_mermaid_and_a_word_about_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["graph", "main"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("flowchart TD") and "apt-get install graphviz" in err
    assert "--format mermaid" in refused(capsys, "graph", "main", "--format", "svg")


def test_a_graphviz_that_fails_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(graph.shutil, "which", lambda name: str(program))
    assert "broken" in refused(capsys, "graph", "main")


def test_a_file_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert "name another file" in refused(capsys, "graph", "main", "--out", "nowhere/x.mmd")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("graph", "man"), "found no flow 'man'; there is: main, other"),
        (("explain", "man.menu"), "found no flow 'man'"),
        (("explain", "main.meno"), "found no step of main 'meno'"),
        (("prompts", "man"), "found no prompts of man in any language"),
        (("prompts", "--language", "xx"), "found no prompts of any flow in xx"),
    ],
)
def test_a_name_that_is_not_there(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in refused(capsys, *words)


def test_the_names_there_are_stand_there_once(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("graph", "xyz"), ("explain", "xyz.menu"), ("explain", "main.xyz")):
        assert refused(capsys, *words).lower().count("there is: ") == 1
    assert refused(capsys, "graph", "man").endswith("there is: main, other. Did you mean 'main'?\n")


def test_a_near_name_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert "menu" in refused(capsys, "explain", "main.meno").partition("meno")[2]


def test_a_step_is_explained_with_its_timers(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "explain", "main.menu")
    assert text.startswith("main.menu (main.yaml, line 7)\n  It asks")
    assert "no_input: 7 s, silence before the question is asked again (from this step)" in text
    assert (
        "complete: 0.25 s, silence that ends an answer that is complete (from the site, site.yaml line 8)"
        in text
    )
    assert "confident: 0.6 s" in text and "(by default)" in text


def test_a_flow_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "explain", "other").splitlines() == [
        "other (other.yaml)",
        "",
        "Steps",
        "  hello: says “This is the other flow.” and goes on",
        "",
        "Who leads here",
        "  calls to +441632960001",
        "  main.other runs it",
    ]


def test_prompts_are_listed_with_place_and_length(capsys: pytest.CaptureFixture[str]) -> None:
    first, last = said(capsys, "prompts", "other").splitlines()
    length, rest = first.split(" s  ", 1)
    assert rest == "other.yaml:5  other.hello.say [en]  This is the other flow."
    assert 0.8 < float(length) < 3
    assert last == f"1 prompt, 0.0 minutes; the longest takes {float(length)} s"


def test_prompts_as_json_and_as_files_to_listen_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = [
        json.loads(line) for line in said(capsys, "prompts", "main", "--json", "--out", "wavs").splitlines()
    ]
    assert [entry["wav"] for entry in listed] == sorted(path.name for path in (tmp_path / "wavs").iterdir())
    told = [entry for entry in listed if entry["step"] == "tell"]
    assert [entry["key"] for entry in told] == ["say", "say"]
    assert told[0]["wav"].endswith("-en-main-tell-say.wav")
    assert told[0]["spoken"].startswith("You have one hundred and five pounds and twenty pence, or had")
    for entry in listed:
        with wave.open(str(tmp_path / "wavs" / entry["wav"])) as sound:
            assert sound.getframerate() == 8000
            assert sound.getnframes() / 8000 == pytest.approx(entry["seconds"], abs=0.01)
