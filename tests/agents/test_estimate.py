"""The expected wait as a range: against the exact distribution, and with a mean that is itself only measured."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.agents.estimate import MEMORY, USUAL_MS, expected_wait

HANDLING_MS = 300_000
WELL_KNOWN = 10**7


@pytest.mark.parametrize("position, agents", [(1, 1), (1, 40), (2, 3), (7, 5), (60, 20)])
def test_the_range_holds_for_four_waits_in_five(position: int, agents: int) -> None:
    low, high = expected_wait(position, agents, HANDLING_MS, WELL_KNOWN)
    waits = np.random.default_rng(7).gamma(position, HANDLING_MS / agents, 200_000)
    assert np.mean(waits < low) == pytest.approx(0.10, abs=0.01)
    assert np.mean(waits > high) == pytest.approx(0.10, abs=0.01)


@pytest.mark.parametrize("count", [5, 20, MEMORY])
@pytest.mark.parametrize("position", [1, 5, 30])
def test_a_mean_of_few_calls_widens_the_range_so_that_it_still_holds(position: int, count: int) -> None:
    chance = np.random.default_rng(count)
    held = 0
    for _ in range(4000):
        mean_ms = chance.exponential(USUAL_MS, count).mean()
        low, high = expected_wait(position, 1, mean_ms, count)
        held += low <= chance.gamma(position, USUAL_MS) <= high
    assert 0.75 <= held / 4000 <= 0.87


def test_farther_back_is_longer_and_more_people_are_shorter() -> None:
    waits = [expected_wait(position, 4, HANDLING_MS, 50) for position in range(1, 50)]
    assert waits == sorted(waits) and all(low < high for low, high in waits)
    assert all(
        sorted(ends, reverse=True) == list(ends)
        for ends in zip(*(expected_wait(5, agents, HANDLING_MS, 50) for agents in range(1, 50)), strict=True)
    )


def test_nothing_is_promised_where_nobody_serves() -> None:
    assert expected_wait(1, 0, HANDLING_MS, 50) == (0, 0)
    assert expected_wait(0, 3, HANDLING_MS, 50) == (0, 0)


def test_before_any_call_was_handled_a_usual_length_is_assumed() -> None:
    low, high = expected_wait(3, 3)
    assert low < USUAL_MS < high
