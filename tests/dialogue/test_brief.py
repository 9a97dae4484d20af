"""The brief an agent hears: what is in it, in which order it gives way, and how long our own voice takes for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from ivr.actions import Ticket
from ivr.audio.frame import RATE_HZ
from ivr.config import load
from ivr.dialogue.brief import KEYS, LONGEST_MS, brief, spoken_ms
from ivr.speech import engines

TICKET = Ticket(
    ticket_id="t1",
    call_id="CA1",
    queue="service",
    reason="a parcel is missing",
    name="Ann Example",
    identity="pin",
    done=("looked at the parcel",),
    mood="upset",
    mood_why="useless",
)
LONG = replace(
    TICKET,
    name="Maximiliana Featherstonehaugh-Cholmondeley of Marjoribanks",
    reason="wants to cancel the contract at once because of repeated billing errors since the last three years",
    done=("told the balance of the account", "looked for the invoice", "offered to send another one"),
    mood="very upset",
    mood_why="said that this was the most useless company in the whole world",
)
EVERY = {
    "ordinary": TICKET,
    "long": LONG,
    "bare": Ticket(ticket_id="t", call_id="c", queue="service", reason=""),
    "long name": replace(TICKET, name="Wolfeschlegelsteinhausenbergerdorff " * 5, reason="word " * 50),
    "numbers": replace(
        TICKET, reason="order 48213 and 77 more, account 1234567890 1234, parcels 3, 4, 5, 6, 7"
    ),
    "stops": replace(LONG, reason="no, no, no, no, no, no, no, no, no, no, no, no"),
}


def test_everything_is_said_where_there_is_room() -> None:
    assert brief(TICKET) == (
        "Ann Example, PIN checked. A parcel is missing. Done: Looked at the parcel. Upset: useless."
    )


def test_a_caller_nobody_knows() -> None:
    assert brief(EVERY["bare"]) == "Unknown caller, not identified."
    assert brief(replace(EVERY["bare"], identity="caller_id")) == "Unknown caller, number known."


def test_what_was_done_gives_way_before_reason_and_mood() -> None:
    text = brief(LONG)
    assert text.startswith("Maximiliana, PIN checked. Wants to cancel the contract")
    assert "Done" not in text and "Very upset" in text


def test_long_numbers_and_signs_are_not_said() -> None:
    text = brief(replace(TICKET, reason="account 1234567890 <b>closed</b>"))
    assert "A parcel" not in text and "Account b closed b." in text


@pytest.mark.parametrize("name", EVERY)
def test_it_is_estimated_within_the_limit(name: str) -> None:
    assert spoken_ms(brief(EVERY[name])) <= LONGEST_MS


def test_our_voice_says_it_within_8_seconds() -> None:
    took_ms = asyncio.run(measured({name: brief(ticket) for name, ticket in EVERY.items()} | {"keys": KEYS}))
    assert took_ms.pop("keys") < 4000
    for name, ms in took_ms.items():
        assert ms <= LONGEST_MS, name
        assert 0.97 * ms <= spoken_ms(brief(EVERY[name])), f"{name}: the estimate must not be too short"


async def measured(texts: dict[str, str]) -> dict[str, int]:
    """How long each text is in the voice of the settings, in ms."""
    voice = engines.voice(load())
    try:
        return {name: len(await voice.render(text)) * 1000 // RATE_HZ for name, text in texts.items()}
    finally:
        await voice.close()
