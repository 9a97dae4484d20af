"""What ``ivr call --json`` prints while the call lasts."""

from __future__ import annotations

import json

import pytest

from ivr.cli.call import show_json

LINES = [
    {"kind": "event", "at_ms": 0, "step": "main.menu", "type": "pressed", "key": "1"},
    {"kind": "carrier", "type": "status", "status": "in-progress"},
    {"kind": "over", "at_ms": 20, "outcome": "completed"},
]


def test_every_line_has_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    for line in LINES:
        show_json(line)
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert printed == [LINES[0], LINES[2]]
