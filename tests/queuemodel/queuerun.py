"""Random events against the queue's model: `make queue-model EVENTS=1000000`.

Each world of some thousand events begins anew, with other rules and other people. A violation is printed with its
seed and the shortest history found that still shows one. Exit code 1 then, else 0.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import redis
from queuefacts import Violation
from queueworld import Setting, Step, World, happenings
from shrink import shortest

from ivr.redisserver import RedisServer
from ivr.store import connect

WORLD = 2_000
"""Events of one world."""
PATIENCE_S = 60.0
"""For making a history short."""
SHARE = 10_000
"""Events that one process is given at a time."""


@dataclass
class Found:
    """What came of some worlds."""

    events: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    """Tickets that are over, by their reason."""
    failure: str = ""


def run(client: redis.Redis, seed: int, events: int, world: int = WORLD) -> Found:
    """Worlds ``seed``, ``seed + 1`` ... until so many events have happened or one was wrong."""
    found = Found()
    for number in itertools.count(seed):
        if found.events >= events or found.failure:
            return found
        one_world(client, number, min(world, events - found.events), found)
    raise AssertionError("unreachable")


def one_world(client: redis.Redis, seed: int, events: int, found: Found) -> None:
    chance = random.Random(seed)
    setting = Setting.drawn(chance)
    world = World(client, setting)
    history: list[Step] = []
    try:
        for step in happenings(world, chance):
            history.append(step)
            world.do(step)
            found.kinds[str(step[0])] += 1
            if step[0] != "passes":
                found.events += 1
                events -= 1
            if events <= 0:
                break
        world.look_at_everything()
    except Violation as violation:
        found.failure = _report(client, seed, setting, history, violation)
    found.ended.update(world.model.ended.values())


def replay(client: redis.Redis, setting: Setting, history: Sequence[Step]) -> Violation | None:
    """What goes wrong in this history."""
    world = World(client, setting)
    try:
        for step in history:
            world.do(step)
        world.look_at_everything()
    except Violation as violation:
        return violation
    except (AssertionError, KeyError):
        return None  # a part left out makes nonsense of the rest
    return None


def _report(
    client: redis.Redis, seed: int, setting: Setting, history: Sequence[Step], violation: Violation
) -> str:
    if replay(client, setting, history) is None:
        return f"seed {seed}: {violation}, after {len(history)} steps; it does not happen again"
    short = shortest(history, lambda steps: replay(client, setting, steps) is not None, PATIENCE_S)
    lines = [f"seed {seed}: {violation}", f"the shortest found of {len(history)} steps:"]
    lines += [f"  queue {name}: {rules}" for name, rules in setting.rules.items()]
    lines += [f"  {agent}" for agent in setting.agents]
    lines += [f"  {step}" for step in short]
    return "\n".join([*lines, f"then: {replay(client, setting, short)}"])


def share(seed: int, events: int) -> Found:
    """The same, in a process and a Redis of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="queue-model-") as folder,
        RedisServer(Path(folder)) as server,
        connect(server.url) as client,
    ):
        client.config_set("appendonly", "no")
        return run(client, seed, events)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes, each with a Redis of its own")
    args = parser.parse_args()
    began_s, total = time.monotonic(), Found()
    worlds = -(-SHARE // WORLD)
    sizes = [min(SHARE, args.events - start) for start in range(0, args.events, SHARE)]
    with ProcessPoolExecutor(args.jobs) as pool:
        seeds = (args.seed + number * worlds for number in range(len(sizes)))
        for found in pool.map(share, seeds, sizes):
            total.events += found.events
            total.kinds += found.kinds
            total.ended += found.ended
            print(f"\r{total.events:,} events, {time.monotonic() - began_s:.0f} s", end="", file=sys.stderr)
            if found.failure:
                print(f"\n{found.failure}")
                pool.shutdown(cancel_futures=True)
                return 1
    print(file=sys.stderr)
    print(
        f"{total.events:,} events without a violation in {time.monotonic() - began_s:.0f} s, seed {args.seed}"
    )
    print("events: " + ", ".join(f"{name} {count:,}" for name, count in total.kinds.most_common()))
    print("ends of tickets: " + ", ".join(f"{name} {count:,}" for name, count in total.ended.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
