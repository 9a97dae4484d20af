"""Where callers may go astray: ways that lead nowhere new, rounds without an end, acts that nobody agreed to.

A part of ``lint``.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.flow import graph, words
from ivr.flow.faults import Notes
from ivr.flow.graph import Spot
from ivr.flow.lint import reading
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
    LookUp,
    Question,
    Remember,
    Run,
    Say,
)
from ivr.flow.site import Book

MISSED = frozenset({"if_silent", "if_unclear", "if_refused"})
"""Ways that a caller does not choose."""


def judge(book: Book, notes: Notes) -> None:
    """Notes warnings for the ways through all flows."""
    _unused(book, notes)
    _circles(book, notes)
    _agreed(book, notes)
    for flow in book.flows.values():
        _silent_rounds(flow, notes)
        _forced(flow, notes)
        for name, step in flow.steps.items():
            _pointless(flow, name, step, notes)
            if isinstance(step, Confirm):
                _forgets(flow, name, step, notes)


def _runs(flow: Flow) -> Iterator[tuple[str, str]]:
    """Steps that run other flows, and those."""
    return ((name, step.run) for name, step in flow.steps.items() if isinstance(step, Run))


def _unused(book: Book, notes: Notes) -> None:
    """Flows that no call ever comes to."""
    onward = {name: {to for _, to in _runs(flow)} for name, flow in book.flows.items()}
    used = graph.spread([*graph.begun(book.site), *book.site.patterns.values()], onward)
    for name in book.flows.keys() - used:
        flow = book.flows[name]
        remedy = f"Add a step with 'run: {name}', name it in {book.site.file}, or remove the file."
        notes.warning(
            flow, "flow", f"the flow {name!r}, which no call comes to", "a use", remedy, "unused-flow"
        )


def _circles(book: Book, notes: Notes) -> None:
    """Flows that run one another: each round keeps all those before it waiting, until the call breaks off."""
    onward = {name: sorted({to for _, to in _runs(flow)}) for name, flow in book.flows.items()}
    for names in graph.rounds(onward):
        flow, after = book.flows[names[0]], names[1] if len(names) > 1 else names[0]
        step = next(name for name, to in _runs(flow) if to == after)
        found = f"flows that run one another in a circle: {' -> '.join([*names, names[0]])}"
        remedy = "Let the inner one end with done; that leads back to the flow that ran it."
        notes.warning(flow, f"steps/{step}/run", found, "an end", remedy, "run-circle")


def _silent_rounds(flow: Flow, notes: Notes) -> None:
    """Questions that somebody who put the telephone down is asked for ever."""
    onward: dict[str, set[str]] = {}
    for name, step in flow.steps.items():
        if isinstance(step, Question):
            onward[name] = {step.if_silent} if step.if_silent is not None else {DONE}
        else:
            onward[name] = set(graph.ways(step).values()) if not isinstance(step, Run) else {DONE}
            onward[name] |= set() if onward[name] else {DONE}
    for name, step in flow.steps.items():
        if isinstance(step, Question) and step.if_silent is not None:
            met = graph.spread([step.if_silent], onward)
            if DONE not in met and name in met:
                found = f"a caller who says nothing comes back to {name!r} for ever"
                remedy = "Lead to a person, to a goodbye, or remove if_silent: then a person is fetched."
                path = f"steps/{name}/if_silent"
                notes.warning(flow, path, found, "an end for silence", remedy, "endless-silence")
                return


def _forced(flow: Flow, notes: Notes) -> None:
    """Steps that only saying nothing, or nothing that fits, leads out of."""
    onward = {
        name: {to for key, to in graph.ways(step).items() if key not in MISSED}
        for name, step in flow.steps.items()
    }
    reached, ending = graph.reachable(flow), graph.ending(flow)
    for name in flow.steps:
        met = graph.spread([name], onward)
        is_end = DONE in met or any(not onward.get(each) for each in met)
        if name in reached and name in ending and not is_end:
            found = f"no answer leads out of {name!r}, only silence or words that fit nothing"
            remedy = "Give it an answer that leads on, such as one for callers who are done."
            notes.warning(
                flow, f"steps/{name}", found, "a way that callers can choose", remedy, "no-free-exit"
            )
            return


def _pointless(flow: Flow, name: str, step: AnyStep, notes: Notes) -> None:
    """Ways apart that lead to the same place."""
    path, found = f"steps/{name}", ""
    match step:
        case Confirm() if step.yes == step.no:
            path, found = f"{path}/no", f"yes and no, which both lead to {step.no!r}"
        case If() if step.then == step.else_:
            path, found = f"{path}/else", f"then and else, which both lead to {step.then!r}"
        case LookUp() if step.failed == step.found and not step.is_quiet:
            path, found = f"{path}/failed", f"found and failed, which both lead to {step.found!r}"
        case LookUp() if step.failed == step.not_found and _tells(flow, step.failed):
            path = f"{path}/failed"
            found = f"not_found and failed, which both lead to {step.failed!r}"
        case Ask() if not step.into and not step.open and len(step.choices) > 1:
            targets = {choice.next for choice in step.choices.values()}
            if len(targets) == 1:
                path, found = f"{path}/choices", f"choices that all lead to {targets.pop()!r}"
    if found:
        remedy = "Lead them apart, or leave the step out."
        if isinstance(step, LookUp):
            remedy = "Lead 'failed' to a step for callers whose answer could not be got, such as a transfer."
        elif isinstance(step, Ask):
            remedy = "Lead them apart, or keep what was chosen with 'into'."
        notes.warning(flow, path, found, "ways that differ", remedy, "same-way")


def _tells(flow: Flow, name: str) -> bool:
    """Whether a step tells something: what is true of an unknown number is not so of data out of reach."""
    return isinstance(flow.steps.get(name), Say | Confirm | HangUp)


def _forgets(flow: Flow, name: str, step: Confirm, notes: Notes) -> None:
    """A no that asks again for a value without forgetting it, so that the same may be offered again."""
    asked = flow.steps.get(step.no)
    read = reading.names(step.confirm) & words.asked_by(asked).keys() if asked is not None else frozenset()
    if step.of is None and read:
        one = sorted(read)[0]
        found = f"a no that asks for {one!r} again without forgetting it"
        notes.warning(flow, f"steps/{name}/no", found, "of", f"Add 'of: {one}'.", "no-of")


# What callers must have agreed to


def _agreed(book: Book, notes: Notes) -> None:
    for spot in sorted(_not_agreed(book)):
        flow, step = book.flows[spot[0]], book.flows[spot[0]].steps[spot[1]]
        path = f"steps/{spot[1]}"
        if isinstance(step, LookUp) and _changes(book, step):
            found = f"the look-up {step.look_up!r}, which changes something, on a way without a yes"
            remedy = "Put a confirm step before it that says what will be done."
            wanted = "a confirmation on every way"
            notes.warning(flow, f"{path}/look_up", found, wanted, remedy, "no-confirmation")
        elif isinstance(step, Remember) and step.remember:
            found = "something remembered of callers on a way without a yes"
            remedy = "Put a confirm step before it that asks whether you may."
            notes.warning(flow, f"{path}/remember", found, "a yes on every way", remedy, "no-consent")


def _changes(book: Book, step: LookUp) -> bool:
    connector = book.look_ups.get(step.look_up)
    return step.changes or (connector is not None and connector.changes)


def _not_agreed(book: Book) -> frozenset[Spot]:
    """Steps that some way leads to on which the caller has said yes to nothing since the last thing changed."""
    after = {
        (flow.flow, to)
        for flow in book.flows.values()
        for step in flow.steps.values()
        if isinstance(step, LookUp) and _changes(book, step)
        for to in graph.ways(step).values()
    }
    roots = (*graph.begun(book.site), *book.site.patterns.values())
    found = frozenset({*after, *((name, book.flows[name].start) for name in roots)})
    while True:
        onward = {spot: _onward(book, spot, found) for spot in found}
        more = found.union(*onward.values())
        if more == found:
            return frozenset(spot for spot in found if spot[1] in book.flows[spot[0]].steps)
        found = more


def _onward(book: Book, spot: Spot, found: frozenset[Spot]) -> set[Spot]:
    """Where a step leads without a yes. A flow that was run leads on where its own end was come to so."""
    flow = book.flows[spot[0]]
    step = flow.steps.get(spot[1])
    if step is None:
        return set()
    onward = {(flow.flow, to) for key, to in graph.ways(step).items() if not _is_yes(step, key)}
    if isinstance(step, Run):
        is_done = (step.run, DONE) in found
        return {(step.run, book.flows[step.run].start), *(onward if is_done else ())}
    return onward


def _is_yes(step: AnyStep, key: str) -> bool:
    """Whether a caller who goes this way has agreed to what was asked."""
    match step:
        case Confirm():
            return key == "yes"
        case Form():
            return key == "next" and bool(step.confirm)
        case Collect():
            return key == "next" and step.confirm == "explicit"
        case Ask():
            return key == "choices/yes/next"
    return False
