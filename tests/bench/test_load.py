"""Holes in what an ear got, found by comparing it with what was to be played."""

from __future__ import annotations

import random

import pytest

from ivr.audio.frame import FRAME_SAMPLES
from ivr.bench.load import Holes, behind_ms, missing_frames

QUIET = b"\xff" * FRAME_SAMPLES
SOUND = random.Random(1).randbytes(20 * FRAME_SAMPLES)


def test_a_sound_heard_whole_has_no_hole():
    ear = 3 * QUIET + SOUND + 3 * QUIET
    assert missing_frames(ear, SOUND) == Holes(0, 23 * FRAME_SAMPLES)


@pytest.mark.parametrize("frames", [1, 2, 50])
def test_frames_that_were_missing_are_counted(frames):
    cut = 7 * FRAME_SAMPLES
    ear = QUIET + SOUND[:cut] + frames * QUIET + SOUND[cut:] + QUIET
    assert missing_frames(ear, SOUND) == Holes(frames, len(ear) - FRAME_SAMPLES)


def test_a_hole_after_a_frame_that_was_not_full_counts_as_a_frame_more():
    cut = 7 * FRAME_SAMPLES + 40
    ear = SOUND[:cut] + b"\xff" * (FRAME_SAMPLES - 40) + QUIET + SOUND[cut:]
    holes = missing_frames(ear, SOUND)
    assert holes is not None and holes.frames == 2


def test_silence_that_belongs_to_the_sound_is_no_hole():
    sound = SOUND + 30 * QUIET + SOUND
    assert missing_frames(QUIET + sound + QUIET, sound) == Holes(0, 71 * FRAME_SAMPLES)


def test_a_sound_that_never_came_or_broke_off_is_not_found():
    assert missing_frames(40 * QUIET, SOUND) is None
    assert missing_frames(SOUND[: 9 * FRAME_SAMPLES] + 500 * QUIET, SOUND) is None


def test_music_that_the_end_of_the_call_cut_off_counts_up_to_there():
    ear = QUIET + SOUND[: 5 * FRAME_SAMPLES] + QUIET + SOUND[5 * FRAME_SAMPLES : 9 * FRAME_SAMPLES]
    assert missing_frames(ear, SOUND, is_cut=True) == Holes(1, len(ear))


def test_the_second_of_two_same_sounds_is_looked_for_after_the_first():
    ear = SOUND + QUIET + SOUND
    first = missing_frames(ear, SOUND)
    assert first is not None
    assert missing_frames(ear, SOUND, first.end) == Holes(0, len(ear))


def test_frames_are_late_against_the_earliest_pace():
    assert behind_ms([1.0, 1.02, 1.05, 1.06]) == pytest.approx([0, 0, 10, 0])
    assert behind_ms([]) == []
