"""The tables of states: complete, reachable, and the ones in the docs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from ivr.agents.machine import AGENT, CALL, AgentEvent, AgentState, CallEvent, CallState
from ivr.agents.rules import Rules
from ivr.agents.scripts import script
from ivr.agents.shapes import NewsKind
from ivr.flow.site import Strategy

DOCS = Path(__file__).parents[2] / "docs" / "agents.md"
AGENT_STATES: tuple[str, ...] = get_args(AgentState)
CALL_STATES: tuple[str, ...] = get_args(CallState)


def reached(table: Mapping[Any, str], start: str) -> set[str]:
    found, new = set(), {start}
    while new:
        found |= new
        new = {after for (state, _), after in table.items() if state in found} - found
    return found


def as_markdown(table: Mapping[Any, str]) -> str:
    """A table for the docs: one row for each state, with every event that may befall it and what follows."""
    rows: dict[str, list[str]] = {}
    for (state, event), after in table.items():
        rows.setdefault(state, []).append(f"{event} → `{after}`")
        rows.setdefault(after, [])
    lines = [f"| `{state}` | {', '.join(sorted(steps)) or 'nothing more'} |" for state, steps in rows.items()]
    return "\n".join(["| state | what may happen |", "|---|---|", *lines])


@pytest.mark.parametrize(("table", "states"), [(AGENT, AGENT_STATES), (CALL, CALL_STATES)])
def test_every_state_can_be_reached_and_left(table: Mapping[Any, str], states: tuple[str, ...]) -> None:
    assert reached(table, states[0]) == set(states)
    assert {state for state, _ in table} | {"done"} >= set(states)
    assert not [state for state, _ in table if state == "done"]


def test_every_event_happens_somewhere() -> None:
    assert {event for _, event in AGENT} == set(get_args(AgentEvent))
    assert {event for _, event in CALL} == set(get_args(CallEvent))


def test_every_person_can_be_lost_and_every_ticket_can_end() -> None:
    assert {state for state, event in AGENT if event == "lose"} == set(AGENT_STATES) - {"offline", "lost"}
    assert {state for state, event in CALL if event == "end"} == set(CALL_STATES) - {"bot", "done"}


@pytest.mark.parametrize("table", [AGENT, CALL])
def test_the_docs_show_the_tables(table: Mapping[Any, str]) -> None:
    assert as_markdown(table) in DOCS.read_text(encoding="utf-8")


def test_the_docs_tell_every_kind_of_news_and_every_strategy() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert not [word for word in (*get_args(NewsKind), *get_args(Strategy)) if f"`{word}`" not in text]


def test_scripts_tell_only_the_kinds_of_news_there_are() -> None:
    words = set()
    for path in (Path(__file__).parents[2] / "ivr" / "agents" / "lua").glob("*.lua"):
        for part in path.read_text(encoding="utf-8").split("tell(")[1:]:
            words |= set(part.split(",", 1)[0].split("'")[1::2])
    assert words - {"hold"} == set(get_args(NewsKind))


def test_a_script_holds_the_tables() -> None:
    assert "['ready']={" in script("join").splitlines()[0]


def test_the_usual_rules_are_those_of_the_language() -> None:
    rules = Rules()
    assert (rules.ring_ms, rules.wrap_up_ms, rules.relax_ms, rules.max_size) == (15_000, 30_000, 60_000, 100)
