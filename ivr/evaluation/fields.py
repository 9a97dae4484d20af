"""Values in callers' own words: money, days, times, numbers and strings of digits, as text and spoken by a Piper
voice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ivr.actions import Expectation
from ivr.dialogue.warm import first_question
from ivr.evaluation import calls
from ivr.evaluation.desk import Desk, name_of
from ivr.evaluation.material import Spoken
from ivr.evaluation.switches import leaving_out
from ivr.rehearsal.handset import Condition

PART = "fields"
TODAY = "2026-03-04"
"""The day of the call, a Wednesday: days of the material are counted from it."""


async def measure(desk: Desk) -> None:
    asked = expectations(desk)
    await desk.ear.warm(asked.values())
    said = [one for one in desk.material.fields if one.type in asked]
    for condition in (None, *desk.sizes.conditions):
        desk.told(f"fields: {len(said)} values, {name_of(condition)}")
        await _measure(desk, asked, said, condition)


def expectations(desk: Desk) -> Mapping[str, Expectation]:
    """A question for each kind of value."""
    book = leaving_out(calls.book(), desk.without)
    found = {}
    for name in book.flows["values"].steps:
        expect = first_question(book, "values", name)
        if expect is not None:
            found[name] = replace(expect, today=TODAY)
    return found


async def _measure(
    desk: Desk, asked: Mapping[str, Expectation], said: list[Spoken], condition: Condition | None
) -> None:
    async def one(numbered: tuple[int, Spoken]) -> bool:
        seed, each = numbered
        found = await desk.say(asked[each.type], each.text, condition, seed)
        kind = "" if condition is None else "digits" if each.type == "digits" else "value"
        return desk.judge(PART, name_of(condition), each.text, found, each.value, found.got, kind)

    right = await desk.each(one, enumerate(said))
    is_spoken = condition is not None
    for kind in asked:
        mine = [is_right for each, is_right in zip(said, right, strict=True) if each.type == kind]
        desk.figure(
            PART, f"values understood: {kind}", name_of(condition), sum(mine), len(mine), is_spoken=is_spoken
        )
    desk.figure(PART, "values understood", name_of(condition), sum(right), len(right), is_spoken=is_spoken)
