"""Every command line in the pages can be typed: its command, its options and its values are taken."""

from __future__ import annotations

import argparse
import importlib
import json
import re
import shlex
import wave
from pathlib import Path

import pytest
from reading import PAGES, ROOT, codes, commands, examples, spans, table

from ivr.cli import COMMANDS, main

CALL = ROOT / "docs" / "call.md"
WRITTEN = [(page, words) for page in PAGES for words in commands(page)]
ANYTHING = "..."
"""Stands in examples for what was left out."""


def parser_of(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"ivr {name}")
    importlib.import_module(f"ivr.cli.{name}").add_arguments(parser)
    return parser


def record(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(320))


@pytest.mark.parametrize(
    ("page", "words"), WRITTEN, ids=lambda part: part.name if isinstance(part, Path) else " ".join(part)
)
def test_a_command_line_is_taken(
    page: Path,
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert words[0] in COMMANDS, f"{page.name}: no command {words[0]!r}"
    monkeypatch.chdir(tmp_path)
    for name in words:
        if name.endswith(".wav"):
            record(tmp_path / name)
    try:
        parser_of(words[0]).parse_args(words[1:])
    except SystemExit:
        pytest.fail(f"{page.name}: ivr {' '.join(words)}: {capsys.readouterr().err}")


HELP = {name: importlib.import_module(f"ivr.cli.{name}").__doc__ or "" for name in COMMANDS}
TYPED_IN_HELP = [line for text in HELP.values() for line in re.findall(r"^    (.+)$", text, re.MULTILINE)]


@pytest.mark.parametrize("line", TYPED_IN_HELP)
def test_an_example_in_a_help_is_taken(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line.partition("  ")[0])
    name = words[words.index("ivr") + 1]
    for word in words:
        if word.endswith(".wav"):
            record(tmp_path / word)
    parser_of(name).parse_args(words[words.index("ivr") + 2 :])


@pytest.mark.parametrize("name", COMMANDS)
def test_a_help_has_an_example_and_a_word_on_all_that_can_be_typed(name: str) -> None:
    assert f"ivr {name}" in "".join(line for line in TYPED_IN_HELP if line in HELP[name])
    parsers = [parser_of(name)]
    for parser in parsers:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                parsers += action.choices.values()
            else:
                assert action.help, f"{parser.prog}: {action.option_strings or action.dest}"
    assert all(parser.description for parser in parsers[1:])


def test_there_are_command_lines() -> None:
    assert len(WRITTEN) > 40


def test_every_command_is_in_the_readme() -> None:
    rows = table(ROOT / "README.md", "command", "does")
    assert {code.split()[1] for row in rows for code in codes(row[0])} == set(COMMANDS)


def test_every_option_of_a_call_is_in_its_guide_with_an_example() -> None:
    options = {option for action in parser_of("call")._actions for option in action.option_strings} - {
        "-h",
        "--help",
    }
    assert options == {code for row in table(CALL, "option", "does", "example") for code in codes(row[0])}
    for option in options:
        assert any(option in words for page, words in WRITTEN if page == CALL), f"no example of {option}"


def test_make_targets_exist_and_are_all_named() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)[1].split())
    texts = [text for page in PAGES for text in (*spans(page), *(one.body for one in examples(page)))]
    named = {target for text in texts for target in re.findall(r"^make ([a-z-]+)", text, flags=re.MULTILINE)}
    assert named == targets


TYPED = [
    one for one in examples(CALL) if "--text" in one.body.partition("\n")[0] and one.language == "console"
]


@pytest.mark.parametrize("example", TYPED, ids=lambda one: one.body.partition("\n")[0])
def test_a_typed_call_goes_as_the_guide_shows(
    example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("IVR_DATA__FOLDER", str(tmp_path))
    (words,) = [words for words in commands(CALL) if f"ivr {' '.join(words)}" == _plain(example.body)]
    assert main(words) == 0
    left = capsys.readouterr().out
    for wanted in example.body.splitlines()[1:]:
        pieces = [re.escape(piece) for piece in wanted.strip().split(ANYTHING)]
        found = re.search(r"^ *" + ".*".join(pieces) + "$", left, flags=re.MULTILINE)
        if wanted.strip() != ANYTHING:
            assert found, f"the call did not go on with: {wanted}\n{left}"
            left = left[found.end() :]


def _plain(body: str) -> str:
    return body.partition("\n")[0].removeprefix("$ ").replace('"', "")


def test_the_keys_of_the_summary_are_those_in_the_guide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("IVR_DATA__FOLDER", str(tmp_path))
    main(["call", "--text", "--json", "--say", "I have a legal question"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    guide = {code for row in table(CALL, "key", "is") for code in codes(row[0])}
    assert lines[-1].keys() - {"type"} == guide
    kinds = {code for code in codes(table(CALL, "key", "in", "is")[0][2]) if code != "kind"}
    assert {line["kind"] for line in lines[:-1]} <= kinds
