"""The sample company's own flows: they load, agree with its look-ups, and say what a caller wants to hear."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from ivr.flow.check import check
from ivr.flow.load import load
from ivr.flow.model import Ask, Say
from ivr.flow.site import Book
from ivr.flow.template import render
from ivr.lookups.sample import Sample

FLOWS = Path(__file__).parents[2] / "call_flows"
NOW = "2026-11-22T19:00:00+00:00"


@pytest.fixture(scope="module")
def book() -> Book:
    sample = Sample(create_engine("sqlite://"), now=lambda: datetime.now(UTC))
    return load(FLOWS, {lookup.signature.name: lookup.signature for lookup in sample.lookups()})


def test_the_flows_agree_with_the_look_ups(book: Book) -> None:
    assert check(book) == ()
    assert book.flows.keys() >= {"main", "balance", "parcel", "order", "hours", "complaint", "legal_medical"}


def test_a_look_up_that_changes_is_noticed(book: Book) -> None:
    signatures: dict[str, Any] = dict(book.look_ups)
    del signatures["parcel"]
    signatures["balance"] = signatures["order"]
    codes = [(fault.file, fault.code) for fault in check(book, signatures)]
    assert ("parcel.yaml", "unknown-look-up") in codes
    assert ("balance.yaml", "parameter") in codes
    assert ("balance.yaml", "unknown-field") in codes


def test_every_intent_has_many_ways_to_say_it(book: Book) -> None:
    menu = book.flows["main"].steps["menu"]
    assert isinstance(menu, Ask)
    wants = {"balance", "parcel", "order", "hours", "complaint", "legal_medical"}
    wants |= {"lost_card", "new_address", "send_back", "fees", "appointment", "password"}
    assert menu.choices.keys() == {*wants, "redeliver", "memory", "others", "chinese"}
    assert all(15 <= len(menu.choices[want].phrases) <= 18 for want in wants)
    assert len(book.site.commands["agent"]) >= 12


ACCOUNT = {"currency": "GBP", "last_amount": "-12.05", "last_text": "train tickets", "last_on": "2026-11-21"}
HEARD: list[tuple[str, dict[str, Any], str]] = [
    (
        "balance.tell",
        {"money": {**ACCOUNT, "balance": "1284.56"}},
        "Your balance is one thousand two hundred and eighty-four pounds and fifty-six pence. "
        "The last payment out was twelve pounds and five pence for train tickets, yesterday. "
        "To hear that again, say repeat.",
    ),
    (
        "balance.tell",
        {"money": {**ACCOUNT, "balance": "-5.00", "last_amount": "800.00", "last_text": "wages"}},
        "You are overdrawn by five pounds. The last payment in was eight hundred pounds for wages, "
        "yesterday. To hear that again, say repeat.",
    ),
    (
        "balance.tell",
        {
            "money": {
                "balance": "0.00",
                "currency": "GBP",
                "last_amount": None,
                "last_text": None,
                "last_on": None,
            }
        },
        "Your balance is zero pounds. To hear that again, say repeat.",
    ),
    (
        "prove.wrong_pin",
        {"identity": {"tries_left": 1}},
        "That isn't the right PIN. You have one try left.",
    ),
    (
        "parcel.expected",
        {"parcel": {"status": "on its way", "last_place": "Leeds", "expected": "2026-11-23"}},
        "Your parcel should be with you tomorrow. It is on its way, last seen in Leeds.",
    ),
    (
        "parcel.no_day",
        {"parcel": {"status": "delayed", "last_place": "Leeds", "expected": ""}},
        "I'm sorry, your parcel is delayed, and I have no delivery day yet. It was last seen in Leeds.",
    ),
    (
        "order.expected",
        {"order": {"status": "being packed", "items": ["a kettle", "a lamp"], "expected": "2026-12-03"}},
        "Your order of a kettle and a lamp is being packed. It should be with you on Thursday the third of "
        "December.",
    ),
    (
        "order.status",
        {"order": {"status": "delivered", "items": ["a kettle"], "expected": ""}},
        "Your order of a kettle has been delivered.",
    ),
    (
        "hours.open_now",
        {"department": "bank", "hours": {"bank": {"closes": "2026-11-22T17:30:00+00:00"}}},
        "We're open now, until five thirty p m.",
    ),
    (
        "hours.closed_now",
        {
            "department": "shop",
            "hours": {
                "shop": {
                    "opens": "2026-12-27T09:00:00+00:00",
                    "closes": "2026-12-27T12:30:00+00:00",
                    "is_holiday": True,
                    "holiday": "Christmas Day",
                }
            },
        },
        "We're closed today, for Christmas Day. We open on Sunday the twenty-seventh of December at nine "
        "a m, until twelve thirty p m.",
    ),
]


@pytest.mark.parametrize(("step", "known", "heard"), HEARD)
def test_the_answers_are_what_a_person_would_say(
    book: Book, step: str, known: dict[str, Any], heard: str
) -> None:
    flow, name = step.split(".")
    said = book.flows[flow].steps[name]
    assert isinstance(said, Say)
    assert render(said.say, {"now": NOW, **known}) == heard


def test_the_words_of_the_line_are_whole_for_every_place(book: Book) -> None:
    place = book.site.prompts.place
    assert render(place, {"ahead": 0, "position": 1}) == "You're next in line."
    assert render(place, {"ahead": 1, "position": 2}) == "There is one caller before you."
    assert render(place, {"ahead": 7, "position": 8}) == "There are seven callers before you."
