"""The line between a caller's voice and the ears, and what is counted of what comes out."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from evaluationkit import desk

from ivr.audio.frame import FRAME_SAMPLES
from ivr.audio.noise import MARGIN_MS
from ivr.evaluation.desk import CONDITIONS, carried, edits, name_of
from ivr.evaluation.words import choice
from ivr.rehearsal.handset import Condition

TONE = (8000 * np.sin(np.arange(8 * 4000) / 3)).astype("<i2").tobytes()


def test_the_conditions_are_those_of_the_goals():
    names = [name_of(condition) for condition in CONDITIONS]
    assert names == [
        "clean",
        "20 dB",
        "15 dB",
        "10 dB",
        "clean, 1 % lost",
        "clean, 3 % lost",
        "clean, 5 % lost",
    ]
    assert name_of(None) == "as text"


@pytest.mark.parametrize("percent", [1, 3, 5])
def test_so_many_frames_are_lost(percent):
    lost = []
    for seed in range(20):
        samples = np.frombuffer(carried(TONE, Condition(loss_percent=percent), seed), "<i2")
        inner = samples[8 * MARGIN_MS : -8 * MARGIN_MS].reshape(-1, FRAME_SAMPLES)
        lost.append(np.mean(~inner.any(axis=1)))
    assert 100 * np.mean(lost) == pytest.approx(percent, abs=0.8)


def test_a_line_is_the_same_for_the_same_seed():
    bad = Condition(noise_db=10, loss_percent=5)
    assert carried(TONE, bad, 1) == carried(TONE, bad, 1) != carried(TONE, bad, 2)


def test_a_line_keeps_the_length_and_adds_margins():
    for condition in CONDITIONS:
        assert len(carried(TONE, condition)) == len(TONE) + 2 * 16 * MARGIN_MS


def test_noise_is_as_loud_as_it_is_said_to_be():
    clean, noisy = (
        np.frombuffer(carried(TONE, condition), "<i2").astype(float)
        for condition in (Condition(), Condition(10))
    )
    ratio = np.mean(np.square(np.frombuffer(TONE, "<i2").astype(float))) / np.mean(np.square(noisy - clean))
    assert 10 * np.log10(ratio) == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize(
    ("wanted", "got", "count"),
    [("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("abc", "axc", 1), ("abc", "bc", 1)],
)
def test_edits_are_counted(wanted, got, count):
    assert edits(wanted, got) == count


def test_only_so_many_are_heard_at_once(tmp_path):
    one = desk(tmp_path)

    async def hear(text):
        return (await one.hear(choice(one.book, ("sales",)), await one.speak(text), Condition())).text

    texts = [f"sentence {number}" for number in range(12)]
    assert asyncio.run(one.each(hear, texts)) == texts
    assert 1 < one.ear.most_open <= one.at_once
