"""``ivr calls forget``: what is kept of a caller is deleted on their wish."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr import config
from ivr.app.desk import open_profiles
from ivr.cli import main

ANN = "+447700900123"


def test_a_caller_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    profiles = open_profiles(config.load())
    profiles.keep(ANN, {"name": "Ann"})
    assert main(["calls", "forget", ANN]) == 0
    assert capsys.readouterr().out == "forgotten: +44********23\n"
    assert profiles.find(ANN) == {}
    assert main(["calls", "forget", ANN]) == 1
    assert main(["calls", "forget", "Ann"]) == 2
