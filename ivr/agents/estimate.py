"""How much longer a caller will probably wait, as a range that holds for four callers in five. Pure.

While everybody who serves a queue is busy, callers are taken one after the other, each after an exponential time
whose mean is the handling time shared among those who serve (M/M/n, Erlang 1917: the ends of many people's calls
together come like a Poisson process whatever one call's length, Palm-Khintchine). The wait of the k-th in line is
the sum of k such times: a gamma distribution of shape k. The range runs from its tenth to its ninetieth
hundredth. That the mean is itself only measured widens it: the shape becomes 1 / (1/k + 1/count).

What Redis keeps for it, one pair a queue, each time somebody is free again after a caller of that queue, with
``handling_ms`` from the moment their phone began to ring to the end of their wrap-up:

    count = math.min(count + 1, MEMORY)
    mean_ms = mean_ms + (handling_ms - mean_ms) / count
"""

from __future__ import annotations

MEMORY = 100
"""Calls after which an older one fades from the mean: some hours of a small queue, minutes of a large one."""
USUAL_MS = 240_000
"""Handling time assumed until calls were handled: four minutes."""
USUAL_COUNT = 3
"""As many handled calls as that assumption weighs."""
Z = 1.2816
"""Of the normal distribution: 80 % of it lie within plus and minus this many standard deviations."""


def expected_wait(position: int, agents: int, mean_ms: float = 0.0, count: int = 0) -> tuple[int, int]:
    """Low and high end, in ms from now, of the time until somebody is free for the caller at ``position``.

    ``position``: 1 is next. ``agents``: people signed in who take such calls, busy or not, without those on a
    break, in ``rona`` or lost. Where they serve several queues, count both over all those queues: everybody who
    stands before this caller, everybody who serves one of them. ``mean_ms`` and ``count`` as kept above; a count
    of 0: nothing handled yet. Both ends 0 where nobody serves: then nothing can be known.

    The quantiles are those of Wilson and Hilferty (1931), within 7 % of the exact ones at position 1 and 1 % from
    position 4 on.
    """
    if position < 1 or agents < 1:
        return 0, 0
    known = count + USUAL_COUNT
    handling_ms = (mean_ms * count + USUAL_MS * USUAL_COUNT) / known
    middle_ms = position * handling_ms / agents
    ninth = 1 / (9 / (1 / position + 1 / known))
    low, high = ((1 - ninth + sign * Z * ninth**0.5) ** 3 for sign in (-1, 1))
    return round(middle_ms * max(low, 0.0)), round(middle_ms * high)
