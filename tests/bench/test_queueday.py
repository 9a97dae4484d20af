"""A day of callers through the real queue: against arithmetic, call by call, and against Erlang's formula."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import pytest

from ivr.bench.queueday import SEED, Caller, Sizes, callers, erlang_c, simulate

SHORT = Sizes(calls=300, agents=3, gap_ms=25_000)


def waits_by_arithmetic(everyone: Sequence[Caller], agents: int) -> list[int]:
    """What each must wait where whoever comes first is served first (Kiefer, Wolfowitz 1955)."""
    free_ms = [0] * agents
    waits = []
    for caller in everyone:
        begins_ms = max(heapq.heappop(free_ms), caller.comes_ms)
        heapq.heappush(free_ms, begins_ms + caller.talk_ms + caller.wrap_up_ms)
        waits.append(begins_ms - caller.comes_ms)
    return waits


@pytest.mark.parametrize(("agents", "load", "share"), [(1, 0.5, 0.5), (5, 4.0, 0.5541), (10, 8.0, 0.4092)])
def test_the_formula_is_erlangs(agents, load, share):
    assert erlang_c(agents, load) == pytest.approx(share, abs=0.0001)


def test_every_caller_waits_exactly_as_long_as_first_come_first_served_says(client):
    client.flushdb()
    everyone = callers(SHORT, 1)
    day = simulate(client, everyone, SHORT.agents)
    assert [one.wait_ms for one in day.waited] == waits_by_arithmetic(everyone, SHORT.agents)
    assert day.had_to_wait > 0.2


@pytest.mark.slow
def test_a_day_of_ten_thousand_agrees_with_erlang_c_and_four_in_five_wait_as_long_as_they_were_told(client):
    client.flushdb()
    sizes = Sizes()
    everyone = callers(sizes, SEED)
    day = simulate(client, everyone, sizes.agents)
    assert [one.wait_ms for one in day.waited] == waits_by_arithmetic(everyone, sizes.agents)
    assert day.had_to_wait == pytest.approx(day.had_to_wait_erlang, abs=0.03)
    assert day.service_level == pytest.approx(day.service_level_erlang, abs=0.03)
    assert 0.75 <= day.as_told <= 0.85
