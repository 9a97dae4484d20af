"""`ivr lookup`: what designers see when they try one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivr.cli import main

ROOT = Path(__file__).parents[2]
LOOK_UPS = """
look_ups:
  parcel:
    parameters: [number]
    sql: select status, expected_on from parcels where number = :number
    fields: { status: status, expected: expected_on as date }
  lost:
    sql: update parcels set status = 'delayed'
    changes: true
  broken:
    parameters: [number]
    sql: select no_such_column from parcels where number = :number
  told:
    sql: select 'the key is k3y-of-the-shop' as words
    fields: { words: words }
"""


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flows = tmp_path / "call_flows"
    flows.mkdir()
    for path in (ROOT / "tests" / "flows" / "good").glob("*.yaml"):
        (flows / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (flows / "main.yaml").write_text("flow: main\nstart: a\nsteps: { a: { hang_up: '' } }", encoding="utf-8")
    (flows / "look_ups.yaml").write_text(LOOK_UPS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IVR_LOOKUPS__SECRETS__SHOP", "k3y-of-the-shop")


def test_found_and_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lookup", "parcel", "number=7304518262"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("found in ") and "  status    on its way\n" in out
    assert main(["lookup", "parcel", "number=1"]) == 1
    assert capsys.readouterr().out.startswith("not found in ")
    assert main(["lookup", "parcel", "number=7304518262", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["found"] and told["fields"]["status"] == "on its way" and told["ms"] >= 0


def test_without_a_name_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lookup"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "parcel number -> status, expected" in lines
    assert any(line.startswith("verify_pin account, pin ->") for line in lines)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["parcle", "number=1"], "Did you mean 'parcel'?"),
        (["parcel"], "wanted number=..."),
        (["parcel", "numbr=1"], "found the parameters numbr; wanted number=..."),
        (["parcel", "number=1", "number=2"], "wanted number=..."),
        (["parcel", "1"], "without '='"),
        (["lost"], "--change"),
        (["broken", "number=1"], "no such column: no_such_column"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lookup", *words]) == 2
    assert said in capsys.readouterr().err


def test_what_changes_something_is_done_when_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lookup", "lost", "--change"]) == 0
    main(["lookup", "parcel", "number=7304518262"])
    assert "delayed" in capsys.readouterr().out


def test_a_secret_that_a_service_says_back_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lookup", "told"]) == 0
    assert "the key is [secret]" in capsys.readouterr().out
