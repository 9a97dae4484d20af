"""What may stand together in a field, and bounds as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from ivr.flow.bounds import bound
from ivr.flow.connectors import Connector
from ivr.flow.faults import Notes
from ivr.flow.fields import faults, judge, values
from ivr.flow.model import Collect, Flow, Form, FormField, Value

CHOICE = {"type": "choice", "options": {"small": ("small",), "large": ("large",)}}
SOUND = [
    {"digits": 4},
    {"min": 2, "max": 5, "check": "luhn"},
    {"type": "letters"},
    {"type": "letters", "digits": 3},
    {"type": "number", "at_least": "1", "at_most": "2.5"},
    {"type": "money", "at_most": "100", "currency": "EUR"},
    {"type": "date", "at_least": "today", "at_most": "today+30"},
    {"type": "date", "at_least": "today + 30", "at_most": "2026-01-01"},
    {"type": "date", "at_least": "today", "at_most": "today"},
    {"type": "time", "at_least": "9:00", "at_most": "17:30"},
    {"type": "phone", "country": "+49"},
    {"type": "name", "secret": True, "confirm": "never"},
    {"type": "yes_no"},
    CHOICE,
]
UNSOUND = [
    ({}, "x", "no number of digits"),
    ({"digits": 4, "max": 5}, "x/digits", "both digits and min or max"),
    ({"min": 5, "max": 4}, "x/min", "min 5 above max 4"),
    ({"min": 1, "max": 4, "check": "luhn"}, "x/check", "a check digit in a number of one digit"),
    ({"type": "date", "digits": 4}, "x/digits", "digits for a field of type date"),
    ({"type": "letters", "check": "gs1"}, "x/check", "check for a field of type letters"),
    ({"type": "number", "currency": "EUR"}, "x/currency", "currency for a field of type number"),
    ({"type": "number", "country": "+44"}, "x/country", "country for a field of type number"),
    ({**CHOICE, "type": "name"}, "x/options", "options for a field of type name"),
    ({"digits": 4, "at_least": "5"}, "x/at_least", "at_least for a field of type digits"),
    ({"type": "money", "currency": "XXX"}, "x/currency", "the currency 'XXX', which has no words here"),
    ({"type": "choice"}, "x/type", "a choice without options"),
    ({"type": "choice", "options": {"one": ("one",)}}, "x/options", "a choice of one option"),
    ({"type": "choice", "options": {"a": ("a",), "b": ()}}, "x/options/b", "the option 'b' without words"),
    (
        {"type": "choice", "options": {"a": ("Yes!",), "b": ("yes",)}},
        "x/options/b",
        "the phrase 'yes' for 'b', already for 'a'",
    ),
    ({"type": "date", "at_least": "tomorrow"}, "x/at_least", "the bound 'tomorrow'"),
    ({"type": "date", "at_most": "2026-02-30"}, "x/at_most", "the bound '2026-02-30'"),
    ({"type": "number", "at_most": "many"}, "x/at_most", "the bound 'many'"),
    ({"type": "number", "at_most": "NaN"}, "x/at_most", "the bound 'NaN'"),
    ({"type": "money", "at_most": "1e40"}, "x/at_most", "the bound '1e40'"),
    ({"type": "time", "at_most": "25:00"}, "x/at_most", "the bound '25:00'"),
    ({"type": "number", "at_least": "10", "at_most": "9"}, "x/at_least", "at_least 10 above at_most 9"),
    (
        {"type": "date", "at_least": "today+3", "at_most": "today+2"},
        "x/at_least",
        "at_least today+3 above at_most today+2",
    ),
    (
        {"type": "time", "at_least": "10:00", "at_most": "9:00"},
        "x/at_least",
        "at_least 10:00 above at_most 9:00",
    ),
    ({"digits": 4, "secret": True, "confirm": "implicit"}, "x/confirm", "a secret that would be said back"),
]


@pytest.mark.parametrize("keys", SOUND, ids=str)
def test_what_fits(keys):
    assert list(faults(Value(**keys), "x")) == []


@pytest.mark.parametrize(("keys", "path", "found"), UNSOUND, ids=str)
def test_what_does_not_fit(keys, path, found):
    told = list(faults(Value(**keys), "x"))
    assert [(each.path, each.found) for each in told] == [(path, found)]
    assert told[0].wanted and told[0].remedy.endswith(".") and told[0].code


@pytest.mark.parametrize(
    ("type_", "written", "wanted"),
    [
        ("date", "today", "2026-11-23"),
        ("date", "today-1", "2026-11-22"),
        ("date", "today + 8", "2026-12-01"),
        ("date", "2027-01-01", "2027-01-01"),
        ("number", "2.50", "2.5"),
        ("number", "100", "100"),
        ("money", "10", "10.00"),
        ("time", "9:05", "09:05"),
    ],
)
def test_bounds_are_written_as_values_are(type_, written, wanted):
    assert bound(type_, written, date(2026, 11, 23)) == wanted


@dataclass(frozen=True)
class Coded:
    parameters: tuple[str, ...]
    fields: tuple[str, ...] = ()


LOOKUPS = {
    "number_known": Coded(("number",)),
    "both": Coded(("number", "pin")),
    "described": Connector(sql="SELECT 1 WHERE :it = 1", parameters=("it",)),
}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("number_known", ""),
        ("described", ""),
        ("both", "the look-up 'both' with 2 parameters"),
        ("numbr_known", "the look-up 'numbr_known', which does not exist"),
    ],
)
def test_a_look_up_that_a_value_is_looked_for_by(name, found):
    step = Form(form={"number": FormField(ask="?", digits=4, exists=name)}, next="done")
    assert _told(step) == ([found] if found else [])


def _told(step: Collect | Form) -> list[str]:
    notes = Notes()
    flow = Flow(flow="main", start="one", steps={"one": step})
    judge(flow, LOOKUPS, notes)
    return [fault.found for fault in notes.faults]


def test_a_coded_look_up_is_asked_by_the_field_s_name():
    step = Collect(collect="order", ask="?", digits=4, exists="number_known", next="done")
    assert _told(step) == ["the look-up 'number_known', whose parameter is 'number'"]


def test_every_field_is_found():
    form = Form(form={"a": FormField(ask="?", digits=1), "b": FormField(ask="?", type="date")}, next="done")
    flow = Flow(
        flow="main", start="one", steps={"one": form, "two": Collect(collect="c", ask="?", next="done")}
    )
    assert [(path, name) for path, name, _ in values(flow)] == [
        ("steps/one/form/a", "a"),
        ("steps/one/form/b", "b"),
        ("steps/two", "c"),
    ]
