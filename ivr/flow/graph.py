"""The ways through the flows: which step leads where, what can be reached, where nobody is ever heard."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar, assert_never

from ivr.flow.model import (
    DONE,
    AnyStep,
    Ask,
    Collect,
    Confirm,
    Flow,
    Form,
    HangUp,
    If,
    Language,
    LookUp,
    Question,
    Remember,
    Run,
    Say,
    Set,
    Transfer,
)
from ivr.flow.site import Site

Spot = tuple[str, str]
"""A step: its flow and its name."""
Node = TypeVar("Node", str, Spot)


def ways(step: AnyStep) -> dict[str, str]:
    """Where a step may lead, by the path of the key that says so (``next``, ``choices/balance/next`` ...)."""
    missed: dict[str, str] = {}
    if step.if_refused is not None:
        missed = {"if_refused": step.if_refused}
    if isinstance(step, Question):
        lost = {"if_silent": step.if_silent, "if_unclear": step.if_unclear}
        missed |= {key: to for key, to in lost.items() if to is not None}
    match step:
        case Say() | Run() | Set() | Language() | Remember():
            return {"next": step.next, **missed}
        case Collect() | Form():
            return {"next": step.next, **missed}
        case Ask():
            chosen = {f"choices/{name}/next": choice.next for name, choice in step.choices.items()}
            return {**chosen, **missed}
        case Confirm():
            return {"yes": step.yes, "no": step.no, **missed}
        case LookUp():
            no_such = {} if step.not_found is None else {"not_found": step.not_found}
            return {"found": step.found, **no_such, "failed": step.failed, **missed}
        case If():
            return {"then": step.then, "else": step.else_, **missed}
        case Transfer() | HangUp():
            return missed
    assert_never(step)


def begun(site: Site) -> tuple[str, ...]:
    """The flows with which something begins: a call, what comes after a person, and proving who one is."""
    after = [queue.then for queue in site.queues.values() if queue.then]
    named = (site.entry, *site.numbers.values(), *site.hand_back.values(), *after, *site.identify.values())
    return tuple(dict.fromkeys(named))


def reachable(flow: Flow) -> frozenset[str]:
    """Names of the steps that some way from the start leads to."""
    onward = {name: set(ways(step).values()) & flow.steps.keys() for name, step in flow.steps.items()}
    return spread({flow.start} & flow.steps.keys(), onward)


def ending(flow: Flow) -> frozenset[str]:
    """Names of the steps from which some way leads to an end: ``done``, a person, or hanging up."""
    ends, backward = set(), {name: set[str]() for name in flow.steps}
    for name, step in flow.steps.items():
        if isinstance(step, Transfer | HangUp) or DONE in ways(step).values():
            ends.add(name)
        for to in set(ways(step).values()) & flow.steps.keys():
            backward[to].add(name)
    return spread(ends, backward)


def silent_loops(flows: Mapping[str, Flow]) -> list[list[Spot]]:
    """Rounds of steps that go on without ever hearing the caller, across flows too."""
    return rounds(_silent_edges(flows))


def rounds(edges: Mapping[Node, Collection[Node]]) -> list[list[Node]]:
    """One round of each part of a graph that goes round, from what leads to what."""
    found: list[list[Node]] = []
    left: set[Node] = set()
    for first in edges:
        trail: dict[Node, Iterator[Node]] = {}
        spot: Node | None = first if first not in left else None
        while spot is not None:
            onward = trail.setdefault(spot, iter(sorted(set(edges[spot]) - left)))
            following = next((to for to in onward if to in edges and to not in left), None)
            if following is None:
                left.add(spot)
                del trail[spot]
                spot = next(reversed(trail), None)
            elif following in trail:
                steps = list(trail)
                found.append(steps[steps.index(following) :])
            else:
                spot = following
    return found


def _silent_edges(flows: Mapping[str, Flow]) -> dict[Spot, set[Spot]]:
    """From each step that hears nobody to what may follow it with nobody heard in between."""
    silent = _silent_flows(flows)
    edges: dict[Spot, set[Spot]] = {}
    for flow in flows.values():
        for name, step in flow.steps.items():
            onward = {(flow.flow, to) for to in _silent_ways(step, silent) if to in flow.steps}
            if isinstance(step, Run) and step.run in flows:
                onward.add((step.run, flows[step.run].start))
            edges[flow.flow, name] = onward
    return edges


def _silent_flows(flows: Mapping[str, Flow]) -> frozenset[str]:
    """Flows that can come back to whoever ran them with nobody heard."""
    silent: frozenset[str] = frozenset()
    while True:
        found = frozenset(flow.flow for flow in flows.values() if _is_silent(flow, silent))
        if found == silent:
            return silent
        silent = found


def _is_silent(flow: Flow, silent: frozenset[str]) -> bool:
    onward = {name: set(_silent_ways(step, silent)) for name, step in flow.steps.items()}
    return DONE in spread({flow.start}, onward)


def _silent_ways(step: AnyStep, silent: frozenset[str]) -> Iterable[str]:
    """Where a step leads without having heard the caller."""
    if isinstance(step, Question) or (isinstance(step, Run) and step.run not in silent):
        return ()
    return ways(step).values()


def spread(first: Iterable[str], onward: Mapping[str, set[str]]) -> frozenset[str]:
    """Everything that ``first`` leads to, itself included."""
    seen = set(first)
    open_ends = list(seen)
    while open_ends:
        fresh = onward.get(open_ends.pop(), set()) - seen
        seen |= fresh
        open_ends += fresh
    return frozenset(seen)
