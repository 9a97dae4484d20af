"""End of turn: scripted voicings, and properties over random ones."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from ivr.actions import Expectation
from ivr.audio.endpoint import BARGE_MS, START_MS, Completeness, Ended, Endpointer, Started
from ivr.audio.frame import FRAME_MS

CHOICE = Expectation(kind="choice")
DIGITS = Expectation(kind="digits", incomplete_ms=2000)

NOTHING, INCOMPLETE, CONFIDENT, COMPLETE = Completeness


def voicing(script: str) -> list[bool]:
    """``v200 s300``: 200 ms voiced, then 300 ms silent."""
    return [part[0] == "v" for part in script.split() for _ in range(int(part[1:]) // FRAME_MS)]


def run(
    script: str,
    *,
    expect: Expectation = CHOICE,
    completeness: Completeness = NOTHING,
    is_playing: bool = False,
) -> list[Started | Ended]:
    endpointer = Endpointer(expect)
    found = (
        endpointer.push(index * FRAME_MS, is_voiced, completeness, is_playing)
        for index, is_voiced in enumerate(voicing(script))
    )
    return [change for change in found if change]


@pytest.mark.parametrize(
    ("script", "is_playing", "began_ms", "at_ms"),
    [
        ("s200 v400", False, 200, 300),
        ("s200 v400", True, 200, 400),
        ("s200 v60 s60 v40", False, 200, 360),
        ("s200 v100 s80 v100", True, 200, 480),
    ],
    ids=["in silence", "barge-in", "a stop within a word", "two syllables over our voice"],
)
def test_a_voice_starts_a_turn(script: str, is_playing: bool, began_ms: int, at_ms: int) -> None:
    assert run(script, is_playing=is_playing) == [Started(at_ms, began_ms)]


@pytest.mark.parametrize(
    ("script", "is_playing"),
    [
        ("s200 v80 s2000", False),
        ("s100 v40 s100 v40 s100 v40 s100 v40 s1000", False),
        ("s200 v180 s2000", True),
        ("s200 v140 s200 v140 s1000", True),
    ],
    ids=["click", "ticks", "cough or mhm over our voice", "two of them"],
)
def test_a_noise_does_not(script: str, is_playing: bool) -> None:
    assert run(script, is_playing=is_playing) == []


@pytest.mark.parametrize(
    ("completeness", "expect", "wait_ms"),
    [
        (COMPLETE, CHOICE, 300),
        (CONFIDENT, CHOICE, 600),
        (INCOMPLETE, CHOICE, 1200),
        (NOTHING, CHOICE, 1200),
        (COMPLETE, DIGITS, 300),
        (INCOMPLETE, DIGITS, 2000),
        (NOTHING, DIGITS, 2000),
    ],
)
def test_a_turn_ends_after_the_wait_of_its_completeness(
    completeness: Completeness, expect: Expectation, wait_ms: int
) -> None:
    ended = run("s200 v500 s2400", expect=expect, completeness=completeness)[1]
    assert ended == Ended(at_ms=700 + wait_ms, began_ms=200, ended_ms=700, is_cut=False)


def test_pauses_between_digits_do_not_end_a_turn() -> None:
    changes = run("s100 v300 s900 v300 s1500 v300 s1900 v300 s2000", expect=DIGITS, completeness=INCOMPLETE)
    assert changes == [Started(200, 100), Ended(7600, 100, 5600, is_cut=False)]


def test_words_that_come_late_shorten_the_wait_at_once() -> None:
    endpointer = Endpointer(CHOICE)
    for at_ms in range(0, 400, FRAME_MS):
        endpointer.push(at_ms, True, NOTHING, False)
    for at_ms in range(400, 900, FRAME_MS):
        assert endpointer.push(at_ms, False, NOTHING, False) is None
    assert endpointer.push(900, False, COMPLETE, False) == Ended(920, 0, 400, is_cut=False)


def test_a_click_in_the_wait_does_not_carry_the_turn_on() -> None:
    assert run("v400 s200 v40 s1200", completeness=INCOMPLETE)[1] == Ended(1600, 0, 400, is_cut=False)


def test_a_word_in_the_wait_does() -> None:
    assert run("v400 s200 v60 s1300", completeness=INCOMPLETE)[1] == Ended(1860, 0, 660, is_cut=False)


def test_a_turn_does_not_end_on_a_voiced_frame() -> None:
    """The caller may just be going on."""
    changes = run("v400 s280 v200 s400", completeness=COMPLETE)
    assert changes == [Started(100, 0), Ended(1180, 0, 880, is_cut=False)]


def test_the_longest_utterance_is_cut_and_the_voice_goes_on_as_a_new_turn() -> None:
    expect = Expectation(kind="choice", max_speech_ms=3000)
    changes = run("s500 v4000", expect=expect, completeness=COMPLETE)
    assert changes == [Started(600, 500), Ended(3500, 500, 3500, is_cut=True), Started(3600, 3500)]


def test_a_turn_that_is_over_when_the_longest_is_reached_is_not_cut() -> None:
    expect = Expectation(kind="choice", max_speech_ms=1000)
    assert run("v700 s300", expect=expect, completeness=COMPLETE)[1] == Ended(1000, 0, 700, is_cut=False)


def test_a_short_answer_at_the_end_of_our_voice_is_not_lost() -> None:
    endpointer = Endpointer(CHOICE)
    for at_ms in range(0, 160, FRAME_MS):
        assert endpointer.push(at_ms, True, NOTHING, True) is None
    assert endpointer.push(160, False, NOTHING, False) == Started(180, 20)


def test_lost_frames_count_as_silence() -> None:
    endpointer = Endpointer(CHOICE)
    for at_ms in range(0, 200, FRAME_MS):
        endpointer.push(at_ms, True, COMPLETE, False)
    assert endpointer.push(1000, False, COMPLETE, False) == Ended(1020, 0, 200, is_cut=False)


def test_reset_forgets_the_turn() -> None:
    endpointer = Endpointer(CHOICE)
    for at_ms in range(0, 200, FRAME_MS):
        endpointer.push(at_ms, True, INCOMPLETE, False)
    endpointer.reset()
    assert not any(endpointer.push(at_ms, False, COMPLETE, False) for at_ms in range(200, 3000, FRAME_MS))


def random_frames(seed: int) -> list[tuple[int, bool, Completeness, bool]]:
    """A minute of runs of voice and silence, some frames lost."""
    rng = random.Random(seed)
    frames: list[tuple[int, bool, Completeness, bool]] = []
    at_ms = 0
    while at_ms < 60_000:
        is_voiced, completeness, is_playing = (
            rng.random() < 0.5,
            rng.choice(list(Completeness)),
            rng.random() < 0.5,
        )
        for _ in range(rng.choice([1, 2, 4, 8, 15, 60])):
            frames.append((at_ms, is_voiced, completeness, is_playing))
            at_ms += FRAME_MS * (1 if rng.random() < 0.98 else rng.randint(2, 20))
    return frames


def changes_of(
    frames: list[tuple[int, bool, Completeness, bool]], expect: Expectation
) -> list[Started | Ended]:
    endpointer = Endpointer(expect)
    return [change for frame in frames if (change := endpointer.push(*frame))]


@pytest.mark.parametrize("seed", range(40))
def test_properties(seed: int) -> None:
    expect = Expectation(kind="digits", incomplete_ms=2000, max_speech_ms=5000)
    waits = {COMPLETE: 300, CONFIDENT: 600, INCOMPLETE: 2000, NOTHING: 2000}
    frames = random_frames(seed)
    by_end = {at_ms + FRAME_MS: rest for at_ms, *rest in frames}
    voiced_starts = [at_ms for at_ms, is_voiced, *_ in frames if is_voiced]
    changes = changes_of(frames, expect)

    assert changes == changes_of(frames, expect), "the same frames give the same turns"
    assert len(changes) > 5
    assert all(isinstance(change, (Started, Ended)[index % 2]) for index, change in enumerate(changes))
    assert all(one.at_ms < other.at_ms for one, other in pairwise(changes))
    for change in changes:
        is_voiced, completeness, is_playing = by_end[change.at_ms]
        assert change.began_ms in voiced_starts
        match change:
            case Started(at_ms, began_ms):
                voice_ms = FRAME_MS * sum(began_ms <= start < at_ms for start in voiced_starts)
                assert voice_ms >= (BARGE_MS if is_playing else START_MS)
            case Ended(at_ms, began_ms, ended_ms, is_cut):
                assert ended_ms - FRAME_MS in voiced_starts
                assert began_ms < ended_ms <= at_ms
                if is_cut:
                    assert at_ms - began_ms >= 5000
                else:
                    assert not is_voiced and at_ms - ended_ms >= waits[completeness]
