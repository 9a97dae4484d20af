"""A caller who has agreed to be remembered is known from the first word of the next call."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from carrykit import FLOWS, Desk, Socket

from ivr import database
from ivr.carry import bury, carry
from ivr.flow.load import parse
from ivr.profiles import Profiles

ANN = "+447700900123"
MAIN = """
flow: main
start: hello
steps:
  hello:
    say: "Hello{% if profile.name %}, {{ profile.name }}{% endif %}."
    next: name
  name:
    set: { name: Ann }
    next: keep
  keep:
    remember: [name]
    next: ask
  ask:
    ask: Well?
    choices: { one: { key: 1, phrases: ["yes"], next: done } }
"""
OTHERS = {name: (FLOWS / name).read_text("utf-8") for name in ("site.yaml", "survey.yaml", "identify.yaml")}


@pytest.fixture
def friendly(desk: Desk) -> Desk:
    book = parse({**OTHERS, "main.yaml": MAIN})
    return replace(desk, parts=replace(desk.parts, book=lambda version: book))


def carried(desk: Desk, call_id: str, caller: str = ANN, *, stop: bool = True) -> list[str]:
    """One call, and what was said on it: until its question, or until the caller hangs up at once (``stop``)."""
    desk.voice.said.clear()
    side, said = desk.begin(desk.store.issue_token(call_id), call_id, caller=caller, called="")
    said += [side.media(20 * number, b"\xff" * 160) for number in range(1, 10)]
    socket = Socket(said + ([side.stop()] if stop else []), is_held=lambda: not desk.voice.has_said("Well?"))
    asyncio.run(carry(socket, desk.parts))
    return desk.voice.said


def test_the_next_call_begins_with_what_was_kept(friendly: Desk, profiles: Profiles) -> None:
    carried(friendly, "CA" + "1" * 32)
    assert profiles.find(ANN) == {"name": "Ann"}
    assert carried(friendly, "CA" + "2" * 32, stop=False)[0] == "Hello, Ann."
    assert carried(friendly, "CA" + "3" * 32, "+447700900999", stop=False)[0] == "Hello."


def test_nothing_of_it_stands_in_the_records_or_the_journal(friendly: Desk) -> None:
    for number in "12":
        carried(friendly, "CA" + number * 32)
    told = [entry.fields for entry in friendly.store.entries("CA" + "2" * 32)]
    (started,) = [line for line in told if line.get("type") == "call_started"]
    (kept,) = [line for line in told if line.get("type") == "remember"]
    assert (started["profile"], kept["profile"], kept["caller"]) == (["name"], ["name"], "+44********23")


def test_a_call_that_ended_without_its_stream_is_kept_too(friendly: Desk, profiles: Profiles) -> None:
    call_id = "CA" + "4" * 32
    carried(friendly, call_id, stop=False)
    assert profiles.find(ANN) == {}
    bury(call_id, friendly.parts.book, friendly.store, friendly.records, profiles)
    assert profiles.find(ANN) == {"name": "Ann"}


def test_profiles_that_cannot_be_reached_cost_no_call(friendly: Desk, tmp_path: Path) -> None:
    gone = Profiles(database.connect(f"sqlite:///{tmp_path}/gone/x.sqlite"), secret=b"key", keep_days=30)
    desk = replace(
        friendly, parts=replace(friendly.parts, hands=replace(friendly.parts.hands, profiles=gone))
    )
    call_id = "CA" + "5" * 32
    carried(desk, call_id)
    assert [line.fields.get("kind") for line in desk.store.entries(call_id)].count("over") == 1
    assert desk.store.owner(call_id) is None
