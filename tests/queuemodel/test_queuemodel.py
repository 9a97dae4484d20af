"""Random events against the queue's model, in short; `make queue-model EVENTS=1000000` is the long form."""

from __future__ import annotations

import pytest
from queuerun import Found, one_world, replay
from queueworld import Setting
from shrink import shortest

from ivr.agents.distributor import Distributor
from ivr.agents.rules import Rules
from ivr.agents.shapes import Agent

EVENTS = 200


@pytest.mark.parametrize("seed", range(5))
def test_whatever_happens_the_real_queue_does_what_the_model_says(client, seed):
    found = Found()
    one_world(client, seed, EVENTS, found)
    assert not found.failure
    assert found.events == EVENTS and found.ended


def test_no_more_phones_ring_than_may_after_the_carrier_was_in_trouble(client):
    names = [f"P{number}" for number in range(5)]
    agents = tuple(Agent(name, name, ("sales",), endpoint=f"+442079460{name[1:]:>03}") for name in names)
    signed_in = [step for name in names for step in (("sign_in", name), ("choose", name, "ready"))]
    history = [
        *signed_in,
        ("join", "T1", "CA1", "+442079460001", "sales", 0, ""),
        ("refuse", "P0", "carrier"),
        ("passes", 200),
        ("refuse", "P1", "declined"),
        ("passes", 800),
        ("tick",),
    ]
    assert replay(client, Setting({"sales": Rules(at_once=2)}, agents), history) is None


def test_a_part_that_still_fails_is_found():
    def fails(steps):
        return 3 in steps and 17 in steps and steps.index(3) < steps.index(17)

    assert shortest(range(100), fails, patience_s=5) == [3, 17]


class Deaf(Distributor):
    """Nobody can decline."""

    def refuse(self, offer_id, reason):
        return reason != "declined" and super().refuse(offer_id, reason)


class Unfair(Distributor):
    """Takes whoever is in a hurry before all others."""

    def join(self, ticket):
        return super().join(
            ticket if ticket.priority < 20 else type(ticket)(**{**_fields(ticket), "priority": 500})
        )


class Slow(Distributor):
    """Forgets to give somebody who comes back from a break whoever waits."""

    def choose(self, agent_id, state, reason=""):
        return super().choose(agent_id, "break" if state == "ready" else state, reason)


def _fields(ticket):
    return {name: getattr(ticket, name) for name in ticket.__slots__}


@pytest.mark.parametrize("broken", [Deaf, Unfair, Slow])
def test_a_queue_that_does_wrong_is_found_out(client, monkeypatch, broken):
    monkeypatch.setattr("queueworld.Distributor", broken)
    monkeypatch.setattr("queuerun.PATIENCE_S", 0.0)
    found = Found()
    for seed in range(5):
        if not found.failure:
            one_world(client, seed, EVENTS, found)
    assert found.failure.startswith("seed "), "nobody noticed"
