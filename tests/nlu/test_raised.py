"""A raised voice against the caller's own beginning."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.events import Voice
from ivr.nlu.voice import CALM, beginning, compare, is_usable

FIRST = Voice(voiced_ms=2_000, level_db=-26.0, pitch_hz=120.0, spread_st=4.0, tilt_db=-9.0, pace_hz=4.0)


def test_every_sign_at_once() -> None:
    loud = Voice(voiced_ms=1_500, level_db=-16.0, pitch_hz=170.0, spread_st=9.0, tilt_db=-4.0, pace_hz=5.6)
    found = compare(loud, FIRST)
    assert found.strength == 1.0
    assert found.signs == ("louder by 10 dB", "higher by 6 semitones", "a sharper voice", "speaks faster")


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"level_db": -12.0},
        {"pitch_hz": 200.0},
        {"tilt_db": -2.0, "pace_hz": 7.0},
        {"level_db": -40.0, "pitch_hz": 80.0, "pace_hz": 2.0},
    ],
    ids=["nothing", "only louder", "only higher", "only sharper and faster", "quieter"],
)
def test_one_sign_or_none_of_effort_is_no_raised_voice(change: dict[str, float]) -> None:
    assert compare(replace(FIRST, **change), FIRST) == CALM


def test_half_the_signs_are_half_as_much() -> None:
    assert compare(replace(FIRST, level_db=-18.0, pitch_hz=160.0), FIRST).strength == 0.5


def test_who_was_loud_from_the_start_is_not_raised() -> None:
    loud = replace(FIRST, level_db=-12.0, pitch_hz=200.0)
    assert compare(loud, beginning([loud, loud])) == CALM


def test_too_short_to_tell() -> None:
    short = replace(FIRST, voiced_ms=300, level_db=-5.0, pitch_hz=300.0)
    assert not is_usable(short) and not is_usable(None)
    assert compare(short, FIRST) == CALM and compare(None, FIRST) == CALM and compare(FIRST, None) == CALM


def test_the_beginning_is_the_middle_of_the_first() -> None:
    found = beginning([FIRST, replace(FIRST, level_db=-30.0, pitch_hz=480.0)])
    assert found is not None
    assert (found.level_db, round(found.pitch_hz), found.voiced_ms) == (-28.0, 240, 4_000)
    assert beginning([]) is None
