"""Fields that a step reads although some way leads there on which nobody has set them.

A field counts as known where every way to the step sets it. What a condition tests is known in its branch, and with
it all that was known wherever the tested field is set. A part of ``lint``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ivr.flow import words
from ivr.flow.faults import Notes
from ivr.flow.graph import Spot, begun
from ivr.flow.lint import reading
from ivr.flow.lint.reading import NONE, Names
from ivr.flow.model import (
    DONE,
    IDENTITIES,
    AnyStep,
    Ask,
    Collect,
    Confirm,
    Flow,
    Form,
    Identity,
    If,
    LookUp,
    Question,
    Run,
    Set,
)
from ivr.flow.site import Book


def judge(book: Book, known: words.Known, notes: Notes) -> None:
    """Notes a warning for each field that may not be known where it is read."""
    ways = _Ways(book, known)
    ways.follow()
    for flow in book.flows.values():
        for name, step in flow.steps.items():
            facts = ways.facts.get((flow.flow, name))
            if facts is None:
                continue
            sure = set(ways.on_entry(step, facts))
            for path, needed in ways.texts(flow, name):
                for each in sorted(needed - sure):
                    _tell(flow, path, each, known, ways.culprit(flow, name, each), notes)
                sure |= needed


def _tell(flow: Flow, path: str, name: str, known: words.Known, culprit: str, notes: Notes) -> None:
    remedy = f"Ask for it or look it up on that way too, or test '{name} is defined' first."
    if name in known.secret:
        remedy = "A secret is forgotten as soon as a look-up has had it: ask for it again."
    found = f"{name!r}, which is not known on every way to here{culprit}"
    notes.warning(flow, path, found, "a field that is set before", remedy, "may-be-unset")


@dataclass(slots=True)
class _Ways:
    """What is known on entering each step, by following all ways until nothing changes any more."""

    book: Book
    known: words.Known
    facts: dict[Spot, Names] = field(default_factory=dict)
    fields: Names = NONE
    assumed: dict[str, Names] = field(default_factory=dict)
    """By field: what else is known wherever it is."""
    proven: dict[Identity, Names] = field(default_factory=dict)
    ends: dict[str, Names] = field(default_factory=dict)
    """What a flow adds by the time it is done."""
    forgets: dict[str, Names] = field(default_factory=dict)
    """What a flow may make unknown."""
    reads: dict[Spot, Names] = field(default_factory=dict)
    """What a step cannot do without; so it is known after it."""

    def __post_init__(self) -> None:
        self.fields = (self.known.collected | frozenset(self.known.looked_up)) - frozenset(words.EVERYWHERE)
        flows = self.book.flows
        self.forgets = dict.fromkeys(flows, NONE)
        for _ in flows:
            self.forgets = {name: self._forgotten(flow) for name, flow in flows.items()}
        self.reads = {
            (flow.flow, name): frozenset(each for _, lacking in self.texts(flow, name) for each in lacking)
            for flow in flows.values()
            for name in flow.steps
        }
        self.assumed = dict.fromkeys(self.fields, self.fields)
        self.proven = dict.fromkeys(IDENTITIES, self.fields)

    def follow(self) -> None:
        self.ends = dict.fromkeys(self.book.flows, self.fields)
        while True:
            ends = {name: self._flow(flow, NONE)[1] for name, flow in self.book.flows.items()}
            self._all()
            assumed, proven = self._assumptions()
            if (ends, assumed, proven) == (self.ends, self.assumed, self.proven):
                return
            self.ends, self.assumed, self.proven = ends, assumed, proven

    def _all(self) -> None:
        """Facts of all steps, each flow entered with what is known wherever it is run."""
        entering: dict[str, Names] = dict.fromkeys(begun(self.book.site), NONE)
        entering |= dict.fromkeys(self.book.site.patterns.values(), self.fields)
        while True:
            self.facts = {}
            for name, facts in entering.items():
                for spot, known in self._flow(self.book.flows[name], facts)[0].items():
                    self.facts[name, spot] = known
            before = dict(entering)
            for (name, spot), facts in self.facts.items():
                step = self.book.flows[name].steps[spot]
                if isinstance(step, Run) and step.run in self.book.flows:
                    entering[step.run] = entering.get(step.run, self.fields) & self.on_entry(step, facts)
            if entering == before:
                return

    def _flow(self, flow: Flow, entry: Names) -> tuple[dict[str, Names], Names]:
        """Facts on entering each step of a flow, and when it is done (all fields where it never is)."""
        facts, done, todo = {flow.start: entry}, self.fields, [flow.start]
        while todo:
            name = todo.pop()
            for to, known in self.leaving((flow.flow, name), facts[name]):
                if to == DONE:
                    done &= known
                elif to in flow.steps and facts.get(to, self.fields) & known != facts.get(to):
                    facts[to] = facts.get(to, self.fields) & known
                    todo.append(to)
        return facts, done

    def texts(self, flow: Flow, name: str) -> Iterator[tuple[str, Names]]:
        """The path of each text of a step, and the fields that it needs from before."""
        step = flow.steps[name]
        for text in words.step_texts(flow, f"steps/{name}", step):
            if text.text.strip():
                needed = reading.needed(text.text, is_condition=text.is_condition) & self.fields
                yield text.path, needed - self.gives(step, text.path)

    def on_entry(self, step: AnyStep, facts: Names) -> Names:
        return facts if step.needs == "none" else facts | self.proven[step.needs]

    def leaving(self, spot: Spot, facts: Names) -> Iterator[tuple[str, Names]]:
        """Where a step leads, each with what is known there."""
        step = self.book.flows[spot[0]].steps[spot[1]]
        if step.if_refused is not None:
            yield step.if_refused, facts
        facts = self.on_entry(step, facts) | self.reads[spot]
        if isinstance(step, Question):
            yield from ((to, facts) for to in (step.if_silent, step.if_unclear) if to is not None)
        match step:
            case Ask():
                yield from ((choice.next, facts | words.kept_by(step)) for choice in step.choices.values())
            case Collect() | Form():
                yield step.next, facts | self.gives(step)
            case Confirm():
                yield step.yes, facts
                yield step.no, facts - {step.of}
            case LookUp():
                facts -= self._used_up(step)
                yield step.found, facts | self.gives(step)
                yield step.failed, facts
                if step.not_found is not None:
                    yield step.not_found, facts
            case If():
                sure = reading.sure(step.if_)
                yield step.then, facts | self._with_assumed(sure.then)
                yield step.else_, facts | self._with_assumed(sure.otherwise)
            case Run():
                yield step.next, (facts - self.forgets[step.run]) | self.ends[step.run]
            case Set():
                yield step.next, facts | words.kept_by(step)
            case _:
                yield from ((to, facts) for to in (getattr(step, "next", None),) if to is not None)

    def gives(self, step: AnyStep, path: str = "") -> Names:
        """What a step sets; with a ``path``, what of it the text there may read."""
        match step:
            case LookUp() if not path or path.endswith(("/did", "/proves_if")):
                return frozenset({step.into or step.look_up})
            case Collect():
                return frozenset({step.collect})
            case Form():
                every = step.form.items()
                return frozenset(name for name, each in every if path or not each.is_optional)
        return NONE

    def _used_up(self, step: LookUp) -> Names:
        """Secrets, which are forgotten as soon as a look-up has had them."""
        return frozenset(
            self.known.secret & {name for text in step.with_.values() for name in reading.names(text)}
        )

    def _with_assumed(self, tested: Names) -> Names:
        return tested.union(*(self.assumed.get(name, NONE) for name in tested))

    def _assumptions(self) -> tuple[dict[str, Names], dict[Identity, Names]]:
        """What is known wherever a field is set, and wherever a level of identity is proved."""
        assumed = dict.fromkeys(self.fields, self.fields)
        proven: dict[Identity, Names] = {}
        for (name, spot), facts in self.facts.items():
            step = self.book.flows[name].steps[spot]
            for kept in self.gives(step) | words.kept_by(step):
                assumed[kept] &= facts | {kept}
            if isinstance(step, LookUp) and step.proves:
                for level in IDENTITIES[: IDENTITIES.index(step.proves) + 1]:
                    proven[level] = proven.get(level, self.fields) & (facts | self.gives(step))
        unsure = self.known.secret | self._dropped()
        sure = {name: (others - unsure) | {name} for name, others in assumed.items()}
        return sure, {level: proven.get(level, NONE) - unsure for level in IDENTITIES}

    def _dropped(self) -> Names:
        """Fields that a no forgets without asking for them at once."""
        return frozenset(
            step.of
            for flow in self.book.flows.values()
            for step in flow.steps.values()
            if isinstance(step, Confirm) and step.of and not _asks_for(flow, step.no, step.of)
        )

    def _forgotten(self, flow: Flow) -> Names:
        """What a flow, with those it runs, may make unknown."""
        forgotten: Names = NONE
        for step in flow.steps.values():
            match step:
                case Confirm(of=str(of)):
                    forgotten |= {of}
                case LookUp():
                    forgotten |= self._used_up(step)
                case Run():
                    forgotten |= self.forgets.get(step.run, NONE)
        return forgotten

    def culprit(self, flow: Flow, name: str, lacking: str) -> str:
        """From where one comes to a step without a field, as the end of a sentence."""
        for other in flow.steps:
            facts = self.facts.get((flow.flow, other))
            if facts is not None and any(
                to == name and lacking not in known for to, known in self.leaving((flow.flow, other), facts)
            ):
                return f" (not when coming from {other!r})"
        return ""


def _asks_for(flow: Flow, name: str, of: str) -> bool:
    step = flow.steps.get(name)
    return step is not None and of in words.asked_by(step)
