"""``ivr learn``, from calls of words through the whole machine to files that have changed."""

from __future__ import annotations

import asyncio
import errno
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from learnkit import FLOWS, TALKS

from ivr import config
from ivr.app import typed
from ivr.app.desk import open_records
from ivr.cli import main
from ivr.line.text import Keyed, Said, Turn
from ivr.records.answers import BEYOND

CALLER = "+447700900123"
STOLEN = ("my purse was stolen on the bus", "somebody took my purse this morning", "a thief took my purse")


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis_url: str, client: redis.Redis) -> Path:
    """The flows of an installation in a working folder of its own, beside an empty Redis."""
    folder = tmp_path / "call_flows"
    folder.mkdir()
    for name, text in (FLOWS | TALKS).items():
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IVR_REDIS__URL", redis_url)
    return folder


def dial(*turns: Turn, about: str = "") -> None:
    """A call as ``ivr call --text`` makes it, and what a person notes of it."""
    script = iter(turns)

    async def following() -> Turn | None:
        return next(script, None)

    settings = config.load()
    call_id = asyncio.run(typed.call(settings, "", CALLER, following, lambda line: None))
    if about:
        with open_records(settings) as records:
            records.note_wrap_up(call_id, "solved", about, "")


def dial_stolen() -> None:
    """Three calls about a purse, each not understood, then the right key."""
    for sentence in STOLEN:
        dial(Said(sentence), Keyed("2"), Said("no thanks"))


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(["learn", *words]) == code
    told = capsys.readouterr()
    return told.out + told.err


def group_of_three(capsys: pytest.CaptureFixture[str]) -> str:
    """Its number, as it is listed."""
    return re.search(r"^ *(\d+) +3  main\.menu", said(capsys), re.M)[1]


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_calls_that_went_wrong_become_a_change_whose_talk_passes(
    flows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dial_stolen()
    before = texts(flows)
    listed = said(capsys)
    assert "3 calls from" in listed and "3 were not understood" in listed
    number = re.search(
        r"^ *(\d+) +3  main\.menu +.*for lost_card \(callers meant: lost_card 3\)$", listed, re.M
    )[1]
    shown = said(capsys, "show", number)
    assert "Callers said:" in shown and "Tried: lint finds nothing new" in shown and texts(flows) == before
    applied = said(capsys, "apply", number)
    after = texts(flows)
    assert applied.count("Written: ") == 1 and sorted(after) == sorted(before)
    assert {name for name in after if after[name] != before[name]} == {"main.yaml", "main.talks.yaml"}
    assert main(["test", "--verbose"]) == 0
    assert "passed  main.talks.yaml: callers who say" in capsys.readouterr().out
    assert "Nothing that was said often is left to learn." in said(capsys)
    assert f"found no group {number}" in said(capsys, "apply", number, code=2)


def test_a_change_that_would_break_something_is_refused_and_nothing_is_written(
    flows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dial_stolen()
    talks = flows / "main.talks.yaml"
    wanted = "".join(f"  not {each}:\n    - caller: {each}\n      bot: Sorry\n" for each in STOLEN)
    talks.write_text(talks.read_text(encoding="utf-8") + wanted, encoding="utf-8")
    before = texts(flows)
    number = group_of_three(capsys)
    refused = said(capsys, "apply", number, code=1)
    assert (
        "It must not be made:" in refused and "does not pass" in refused and "Nothing was written." in refused
    )
    assert texts(flows) == before


def test_phrases_that_two_choices_share_by_a_reference_are_refused(
    flows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dial_stolen()
    number = group_of_three(capsys)
    main_flow = flows / "main.yaml"
    text = main_flow.read_text(encoding="utf-8").replace("phrases:\n", "phrases: &ways\n", 1)
    shared = text.replace('[I lost my card, "my card is lost"]', "*ways")
    main_flow.write_text(shared, encoding="utf-8")
    before = texts(flows)
    refused = said(capsys, "apply", number, code=2)
    assert (
        "main.yaml" in refused and "found the reference &ways" in refused and "Write the value out" in refused
    )
    assert texts(flows) == before


@pytest.mark.parametrize("is_stuck", [False, True])
def test_when_the_second_file_cannot_be_written_the_first_is_put_back_or_named(
    flows: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, is_stuck: bool
) -> None:
    dial_stolen()
    before = texts(flows)
    number = group_of_three(capsys)
    replace, moved = os.replace, []

    def refusing(new: Path, path: Path) -> None:
        """The disk takes the first file only, and where it is stuck nothing more."""
        moved.append(path)
        if path.name == "main.talks.yaml" or (is_stuck and len(moved) > 1):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(new, path)

    monkeypatch.setattr(os, "replace", refusing)
    told = said(capsys, "apply", number, code=2)
    assert [path.name for path in moved[:2]] == ["main.yaml", "main.talks.yaml"]
    assert "No space left on device" in told and "Written" not in told
    after = texts(flows)
    if is_stuck:
        assert "as they were" not in told and after.pop(".main.yaml.old") == before["main.yaml"]
        assert "call_flows/main.yaml stays changed, move call_flows/.main.yaml.old to it yourself" in told
        assert {name for name in before if after[name] != before[name]} == {"main.yaml"}
    else:
        assert "the flows are as they were" in told and after == before


def test_what_callers_wanted_in_vain_is_listed_for_the_month(
    flows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dial(Said("can I buy a gift voucher"), Said("a person please"), about=BEYOND)
    dial(Said("what shall I cook tonight"), Said("a person please"))
    month = f"{datetime.now(UTC):%Y-%m}"
    told = said(capsys, "wishes", "--month", month)
    assert re.search(r"^ +1 +0 +1 +1  can I buy a gift voucher$", told, re.M) and "cook" not in told
    number = re.search(r"^ *(\d+) +1  main\.menu +can I buy", said(capsys, "--least", "1"), re.M)[1]
    assert "yours to say" in said(capsys, "show", number, "--least", "1", code=1)
    refused = said(capsys, "apply", number, "--as", "gift_vouchers", "--least", "1", code=1)
    assert "found the choice 'gift_vouchers' with only 1" in refused
    assert "cook tonight" in said(capsys, "wishes", "--least", "1")
    assert "callers wanted nothing twice" in said(capsys, "wishes", "--month", "2020-02")
    assert "write it as 2026-11" in said(capsys, "wishes", "--month", "November", code=2)


def test_what_is_asked_for_wrongly_is_said(flows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "write the number of a group" in said(capsys, "apply", code=2)
    assert "write the number of a group" in said(capsys, "list", "417", code=2)
    assert "numbers from 1" in said(capsys, "--days", "0", code=2)
    assert "No values were heard." in said(capsys, "fields")
    assert "Nothing that was said often" in said(capsys)
    (flows / "main.yaml").write_text("flow: main\n", encoding="utf-8")
    assert "main.yaml" in said(capsys, code=2)
