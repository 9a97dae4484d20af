"""Judging flows beyond their shape: names that exist, ways that lead on, words that can be said.

Every fault found here keeps a flow from being loaded; loader, command line and tests share the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from ivr.errors import Fault
from ivr.flow import fields, graph, near, people, phrases, words
from ivr.flow.faults import MOST, Enough, Notes, order
from ivr.flow.lookups import Signature
from ivr.flow.model import DONE, Ask, Collect, Confirm, Flow, Form, Language, LookUp, Run, Transfer
from ivr.flow.site import Book, Site


def check(book: Book, lookups: Mapping[str, Signature] | None = None) -> tuple[Fault, ...]:
    """Every fault of a book, as a reader goes through its files. Look-ups are judged when they are given."""
    return judge(book.site, book.flows, lookups)


def judge(
    site: Site | None,
    flows: Mapping[str, Flow],
    lookups: Mapping[str, Signature] | None = None,
    *,
    broken: Mapping[str, frozenset[str]] | None = None,
    is_whole: bool = True,
) -> tuple[Fault, ...]:
    """As ``check``, for what could be read of a site.

    ``broken`` names the ill-shaped steps of each flow: they exist, but where they lead is not known.
    ``is_whole`` is false where a whole flow could not be read. What only follows from those is no fault.
    """
    notes = Notes(MOST)
    with suppress(Enough):
        _judge(site, flows, lookups, broken or {}, is_whole, notes)
    return tuple(sorted(set(notes.faults), key=order))


def _judge(
    site: Site | None,
    flows: Mapping[str, Flow],
    lookups: Mapping[str, Signature] | None,
    broken: Mapping[str, frozenset[str]],
    is_whole: bool,
    notes: Notes,
) -> None:
    is_complete = is_whole and not any(broken.values())
    for flow in flows.values():
        missing = broken.get(flow.flow, frozenset())
        _targets(flow, flows, missing, notes)
        _steps(flow, missing, notes)
        if not missing:
            _ways(flow, notes)
        if is_whole:
            _runs(flow, flows, notes)
        if site is not None:
            _queues(flow, site, notes)
            _languages(flow, site, notes)
        _values(flow, missing, lookups, notes)
        if lookups is not None:
            _lookups(flow, lookups, notes)
    if is_complete:
        _loops(flows, notes)
    if site is not None:
        _site(site, flows, is_whole, notes)
        people.judge(site, flows, lookups, notes, is_whole=is_whole)
    phrases.judge(site, flows, notes)
    is_readable = all(name in flow.steps for flow in flows.values() for name in broken.get(flow.flow, ()))
    words.judge(site, flows, lookups, notes, is_complete=is_whole and is_readable)


def _targets(flow: Flow, flows: Mapping[str, Flow], broken: frozenset[str], notes: Notes) -> None:
    known = dict.fromkeys((*flow.steps, *sorted(broken), DONE))
    if len(known) == 1:
        return
    targets = {"start": flow.start} | {
        f"steps/{name}/{path}": to
        for name, step in flow.steps.items()
        for path, to in graph.ways(step).items()
    }
    for path, to in targets.items():
        if (to in known and (to != DONE or path != "start")) or _is_borrowed(flow, path):
            continue
        remedy = near.remedy(to, known if path != "start" else known.keys() - {DONE})
        if to in flows:
            remedy = f"{to!r} is a flow: add a step with 'run: {to}' and go there."
        notes.fault(
            flow,
            path,
            f"the step {to!r}, which does not exist",
            "a step of this flow" if path == "start" else "a step of this flow, or done",
            remedy,
            "unknown-step",
        )


def _is_borrowed(flow: Flow, path: str) -> bool:
    """Whether a choice stands in another step and was copied here; it is judged where it stands."""
    parts = path.split("/")
    return (
        len(parts) > 3
        and parts[2] == "choices"
        and bool(flow.places)
        and "/".join(parts[:4]) not in flow.places
    )


def _ways(flow: Flow, notes: Notes) -> None:
    reached, ending = graph.reachable(flow), graph.ending(flow)
    goes_astray = any(
        to not in flow.steps and to != DONE
        for step in flow.steps.values()
        for to in graph.ways(step).values()
    )
    for name in flow.steps:
        if flow.start in flow.steps and name not in reached and not goes_astray:
            remedy = "Lead to it from some step, or remove it."
            notes.fault(
                flow,
                f"steps/{name}",
                f"the step {name!r}, which nothing leads to",
                "a way to it",
                remedy,
                "unreachable",
            )
    stuck = [name for name in flow.steps if name in reached and name not in ending]
    if stuck and not goes_astray:
        found = f"no way out of {_named(stuck)}"
        remedy = "Lead somewhere to done, to a transfer or to hang_up."
        notes.fault(flow, f"steps/{stuck[0]}", found, "a way that ends", remedy, "no-way-out")


def _loops(flows: Mapping[str, Flow], notes: Notes) -> None:
    for spots in graph.silent_loops(flows):
        flow = flows[spots[0][0]]
        is_one = all(name == flow.flow for name, _ in spots)
        names = [step if is_one else f"{name}.{step}" for name, step in spots]
        found = f"a loop that never listens: {' -> '.join([*names, names[0]])}"
        remedy = "Ask the caller something on the way, or end the loop."
        notes.fault(
            flow,
            f"steps/{spots[0][1]}",
            found,
            "an ask, collect, form or confirm in every loop",
            remedy,
            "silent-loop",
        )


def _runs(flow: Flow, flows: Mapping[str, Flow], notes: Notes) -> None:
    for name, step in flow.steps.items():
        if isinstance(step, Run) and step.run not in flows:
            path = f"steps/{name}/run"
            notes.fault(
                flow,
                path,
                f"the flow {step.run!r}, which does not exist",
                "a flow of this site",
                near.remedy(step.run, flows),
                "unknown-flow",
            )


def _queues(flow: Flow, site: Site, notes: Notes) -> None:
    for name, step in flow.steps.items():
        if isinstance(step, Transfer) and step.transfer not in site.queues:
            remedy = near.remedy(step.transfer, site.queues)
            found = f"the queue {step.transfer!r}, which does not exist"
            notes.fault(
                flow,
                f"steps/{name}/transfer",
                found,
                f"a queue of {site.file or 'the site'}",
                remedy,
                "unknown-queue",
            )


def _languages(flow: Flow, site: Site, notes: Notes) -> None:
    known = (site.language, *site.languages)
    for name, step in flow.steps.items():
        if isinstance(step, Language) and step.language not in known:
            found = f"the language {step.language[:40]!r}, which the site does not speak"
            wanted = f"one of {', '.join(known)}"
            remedy = near.remedy(step.language, known, "Add it to languages of the site, with its words.")
            notes.fault(flow, f"steps/{name}/language", found, wanted, remedy, "unknown-language")


def _steps(flow: Flow, broken: frozenset[str], notes: Notes) -> None:
    collected = [field for step in flow.steps.values() for field in words.asked_by(step)]
    for name, step in flow.steps.items():
        path = f"steps/{name}"
        match step:
            case Form() if not step.ask and all(field.is_optional for field in step.form.values()):
                found, remedy = "a form whose fields are all optional, and no question", "Add 'ask: ...'."
                notes.fault(flow, f"{path}/form", found, "something that is asked", remedy, "no-question")
            case Confirm() if step.of is not None and step.of not in collected:
                found = f"the field {step.of!r}, which no step here collects"
                notes.fault(
                    flow,
                    f"{path}/of",
                    found,
                    "a field this flow collects",
                    near.remedy(step.of, collected),
                    "unknown-field",
                )
            case Ask() if step.choices_of is not None and step.choices_of not in broken:
                _borrowing(flow, path, step, notes)


def _values(
    flow: Flow, broken: frozenset[str], lookups: Mapping[str, Signature] | None, notes: Notes
) -> None:
    """What is asked of one field, in a ``collect`` step or in a form."""
    for name, step in flow.steps.items():
        if name in broken:
            continue
        for field, value in words.asked_by(step).items():
            path = f"steps/{name}" if isinstance(step, Collect) else f"steps/{name}/form/{field}"
            for each in fields.faults(value, path):
                notes.fault(flow, each.path, each.found, each.wanted, each.remedy, each.code)
            if lookups is not None and value.exists is not None:
                _exists(flow, f"{path}/exists", value.exists, lookups, notes)


def _exists(flow: Flow, path: str, look_up: str, lookups: Mapping[str, Signature], notes: Notes) -> None:
    if look_up not in lookups:
        found = f"the look-up {look_up!r}, which does not exist"
        wanted, remedy = "a look-up of this company", near.remedy(look_up, lookups)
        notes.fault(flow, path, found, wanted, remedy, "unknown-look-up")
    elif (count := len(lookups[look_up].parameters)) != 1:
        found = f"the look-up {look_up!r}, which takes {count} parameters"
        remedy = "Use a look-up whose one parameter is the value."
        notes.fault(flow, path, found, "one that takes the value alone", remedy, "parameter")


def _borrowing(flow: Flow, path: str, step: Ask, notes: Notes) -> None:
    other = flow.steps.get(step.choices_of or "")
    asks = [
        name
        for name, each in flow.steps.items()
        if isinstance(each, Ask) and each is not step and not each.choices_of
    ]
    if not isinstance(other, Ask) or other is step or other.choices_of:
        found = f"choices_of {step.choices_of!r}"
        wanted = "an ask step of this flow that has all its choices itself"
        notes.fault(
            flow, f"{path}/choices_of", found, wanted, near.remedy(step.choices_of or "", asks), "choices-of"
        )


def _lookups(flow: Flow, lookups: Mapping[str, Signature], notes: Notes) -> None:
    for name, step in flow.steps.items():
        if not isinstance(step, LookUp):
            continue
        path = f"steps/{name}"
        if step.look_up not in lookups:
            found = f"the look-up {step.look_up!r}, which does not exist"
            notes.fault(
                flow,
                f"{path}/look_up",
                found,
                "a look-up of this company",
                near.remedy(step.look_up, lookups),
                "unknown-look-up",
            )
            continue
        people.parameters(flow, path, step.look_up, step.with_, lookups[step.look_up], notes)


def _site(site: Site, flows: Mapping[str, Flow], is_whole: bool, notes: Notes) -> None:
    named = {"entry": site.entry} | {f"numbers/{number}": flow for number, flow in site.numbers.items()}
    for path, flow in named.items():
        if is_whole and flow not in flows:
            notes.fault(
                site,
                path,
                f"the flow {flow!r}, which does not exist",
                "a flow of this site",
                near.remedy(flow, flows),
                "unknown-flow",
            )
    if site.agent_queue not in site.queues:
        remedy = near.remedy(site.agent_queue, site.queues)
        notes.fault(
            site,
            "agent_queue",
            f"the queue {site.agent_queue!r}, which does not exist",
            "one of queues",
            remedy,
            "unknown-queue",
        )


def _named(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names) or "nothing"
