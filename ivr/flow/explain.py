"""A step in plain words: what it does and says, what callers may answer, where every way leads and who leads here.

Reads a book; runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from ivr.flow.faults import place_of
from ivr.flow.graph import ways
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
    Value,
)
from ivr.flow.picture import label_of
from ivr.flow.plain import kept, quoted
from ivr.flow.site import Book
from ivr.flow.template import TemplateFailed, reads
from ivr.flow.words import EVERYWHERE

EXAMPLES = 4
"""Phrases of a choice that are shown."""
_TIMERS = {
    "no_input": "silence before the question is asked again",
    "between_keys": "pause after a key while more may come",
    "complete": "silence that ends an answer that is complete",
    "confident": "silence that ends a sentence whose meaning is clear",
    "incomplete": "silence that ends an answer that could go on",
    "max_speech": "longest answer",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and the lines under it."""

    heading: str
    lines: tuple[str, ...]


def of_flow(book: Book, flow: Flow) -> tuple[Part, ...]:
    """A flow: what it is for, its steps one a line, and who runs it."""
    steps = [f"{name}: {does(book, step)}" for name, step in flow.steps.items()]
    head = Part(f"{flow.flow} ({flow.file})", (flow.about,) if flow.about else ())
    return _told([head, Part("Steps", tuple(steps)), Part("Who leads here", tuple(_runs(book, flow.flow)))])


def of_step(book: Book, flow: Flow, name: str, timers_ms: Mapping[str, int]) -> tuple[Part, ...]:
    """A step, in the order a designer asks. ``timers_ms``: the timers in force there, () for none."""
    step = flow.steps[name]
    line, _ = place_of(flow.places, f"steps/{name}")
    head = (f"It {does(book, step)}", *([f"Note: {step.note}"] if step.note else []))
    if step.needs != "none":
        head = (*head, f"The caller must be known by {step.needs.replace('_', ' ')}, and is led there first.")
    parts = [
        Part(f"{flow.flow}.{name} ({flow.file}, line {line})", head),
        Part("What it says", tuple(_says(book, step))),
        Part("What callers may answer", tuple(_answers(step))),
        Part("Timers", tuple(_timers(book, flow, name, timers_ms))),
        Part("Where it leads", tuple(_onward(book, flow, step))),
        Part("Who leads here", tuple(_leading(book, flow, name))),
        Part("Fields it needs", tuple(_needed(book, step))),
        Part("Fields it sets", tuple(_sets(step))),
    ]
    return _told(parts)


def does(book: Book, step: AnyStep) -> str:
    """What a step does, as a verb phrase."""
    match step:
        case Say():
            return f"says {quoted(step.say)} and goes on"
        case Ask():
            how = "in the caller's own words" if step.open else "to choose"
            return f"asks {how}: {quoted(step.ask)}"
        case Collect():
            return f"asks for {step.collect}, {kept(step)}: {quoted(step.ask)}"
        case Form():
            fields = ", ".join(step.form)
            return f"asks for {fields}, in any order, as many in one sentence as the caller gives"
        case Confirm():
            return f"asks yes or no: {quoted(step.confirm)}"
        case LookUp():
            what = "changes the company's data" if step.changes else "asks the company's data"
            return f"{what}: {step.look_up}({', '.join(step.with_)})"
        case If():
            return f"goes one way or the other: is {step.if_}?"
        case Run():
            return f"runs the flow {step.run}, then goes on"
        case Transfer():
            return f"hands the caller to a person of {_queue(book, step.transfer)}"
        case Set():
            return "keeps " + ", ".join(f"{name} as {quoted(value)}" for name, value in step.set_.items())
        case Language():
            return f"goes on in the language {step.language}"
        case Remember():
            kept_on = f"remembers {', '.join(step.remember)} of the caller for later calls"
            return kept_on if step.remember else "forgets what is kept of the caller"
        case HangUp():
            return "says goodbye and ends the call"
    assert_never(step)


def _queue(book: Book, name: str) -> str:
    queue = book.site.queues.get(name)
    return queue.name if queue else name


def _told(parts: list[Part]) -> tuple[Part, ...]:
    return tuple(part for number, part in enumerate(parts) if part.lines or number == 0)


def _says(book: Book, step: AnyStep) -> Iterator[str]:
    prompts = book.site.prompts
    match step:
        case Say():
            yield quoted(step.say)
        case Ask() | Collect():
            yield quoted(step.ask)
        case Form():
            yield quoted(step.ask or next(iter(step.form.values())).ask)
            for name, value in step.form.items():
                yield f"for {name}: {quoted(value.ask)}"
                yield from _misses(f"for {name}, after silence", value.no_input, ())
                yield from _misses(f"for {name}, when not understood", value.no_match, ())
                if value.help:
                    yield f"for {name}, for help: {quoted(value.help)}"
            if step.confirm:
                yield f"at the end: {quoted(step.confirm)}"
        case Confirm():
            yield quoted(step.confirm)
        case LookUp():
            yield f"when it takes long: {_or_site(step.filler, prompts.filler)}"
        case Transfer():
            yield _or_site(step.say, prompts.transfer)
        case HangUp():
            yield _or_site(step.hang_up, prompts.goodbye)
    if isinstance(step, Question):
        yield from _misses("after silence", step.no_input, prompts.no_input)
        yield from _misses("when not understood", step.no_match, prompts.no_match)
        yield f"for help: {_or_site(step.help, prompts.help)}"


def _or_site(own: str, site: str) -> str:
    return quoted(own) if own else f"{quoted(site)} (the site's words)"


def _misses(when: str, own: tuple[str, ...], site: tuple[str, ...]) -> Iterator[str]:
    for place, text in enumerate(own or site, start=1):
        yield f"{when}, {place}: {quoted(text)}" + ("" if own else " (the site's words)")


def _answers(step: AnyStep) -> Iterator[str]:
    match step:
        case Ask():
            for name, choice in step.choices.items():
                key = f"key {choice.key}, or " if choice.key and choice.phrases else ""
                key = f"key {choice.key}" if choice.key and not choice.phrases else key
                yield f"{step.named(name)}: {key}{_examples(choice.phrases)}"
        case Collect():
            yield _value(step)
        case Form():
            for name, value in step.form.items():
                yield f"{name}: {_value(value)}" + (", not asked for" if value.is_optional else "")
        case Confirm():
            yield "yes: key 1, or words such as “yes”, “that's right”"
            yield "no: key 2, or words such as “no”, “that's wrong”"
    if isinstance(step, Question):
        yield "anywhere: help, repeat (key 9), slower, go back, start over, a person (key 0)"


def _examples(phrases: tuple[str, ...]) -> str:
    shown = ", ".join(quoted(phrase) for phrase in phrases[:EXAMPLES])
    rest = len(phrases) - EXAMPLES
    return f"{shown} and {rest} more" if rest > 0 else shown


def _value(value: Value) -> str:
    parts = [kept(value)]
    if value.type == "choice":
        parts += [f"{name}: {_examples(phrases)}" for name, phrases in value.options.items()]
    if value.type == "digits":
        parts.append("spoken or keyed" + (f", {value.ends_with} ends it early" if value.ends_with else ""))
    if value.check:
        parts.append(f"with a right {value.check} check digit")
    parts += [f"at least {value.at_least}"] if value.at_least else []
    parts += [f"at most {value.at_most}"] if value.at_most else []
    parts += [f"found by the look-up {value.exists}"] if value.exists else []
    return "; ".join(parts)


def _timers(book: Book, flow: Flow, name: str, timers_ms: Mapping[str, int]) -> Iterator[str]:
    for timer, value_ms in timers_ms.items():
        yield f"{timer}: {value_ms / 1000:g} s, {_TIMERS[timer]} ({_source(book, flow, name, f'timers/{timer}')})"
    step = flow.steps[name]
    for key in ("barge_in", "voice"):
        if isinstance(step, Say | Question) and getattr(step, key):
            yield f"{key}: {getattr(step, key)} ({_source(book, flow, name, key)})"


def _source(book: Book, flow: Flow, name: str, key: str) -> str:
    """Where a value that is inherited from site to flow to step was written."""
    if f"steps/{name}/{key}" in flow.places:
        return "from this step"
    if key in flow.places:
        return f"from the flow, {flow.file} line {flow.places[key][0]}"
    if key in book.site.places:
        return f"from the site, {book.site.file} line {book.site.places[key][0]}"
    return "by default"


def _onward(book: Book, flow: Flow, step: AnyStep) -> Iterator[str]:
    for path, to in ways(step).items():
        label = label_of(step, path)
        yield (f"{label}: " if label else "") + _target(book, flow, to)
    if isinstance(step, Question):
        misses = step.misses if step.misses is not None else book.site.misses_per_step
        person = f"a person of {_queue(book, book.site.agent_queue)}"
        lost = {"silent": step.if_silent, "not understood": step.if_unclear}
        for what, named in lost.items():
            if named is None:
                yield f"{what} more than {misses} times: {person}"


def _target(book: Book, flow: Flow, to: str) -> str:
    if to == DONE:
        return "done: back to the flow that ran this one, or goodbye"
    step = flow.steps.get(to)
    return to if step is None else f"{to}, which {does(book, step)}"


def _leading(book: Book, flow: Flow, name: str) -> Iterator[str]:
    if flow.start == name:
        yield f"the flow {flow.flow} begins here"
        yield from _runs(book, flow.flow)
    for other_name, other in flow.steps.items():
        labels = [label_of(other, path) for path, to in ways(other).items() if to == name]
        if labels:
            said = ", ".join(label for label in labels if label)
            yield f"{other_name} ({other.verb.replace('_', ' ')})" + (f": {said}" if said else "")


def _runs(book: Book, flow: str) -> Iterator[str]:
    """Whatever makes a call go through a flow."""
    site = book.site
    if site.entry == flow:
        yield "every call that no other flow is named for"
    yield from (f"calls to {number}" for number, to in site.numbers.items() if to == flow)
    for other in book.flows.values():
        for name, step in other.steps.items():
            if isinstance(step, Run) and step.run == flow:
                yield f"{other.flow}.{name} runs it"
    yield from (f"on every call, for {pattern}" for pattern, to in site.patterns.items() if to == flow)
    yield from (
        f"steps that need the caller known by {level}" for level, to in site.identify.items() if to == flow
    )
    yield from (f"after a person of {queue.name}" for queue in site.queues.values() if queue.then == flow)
    yield from (
        f"a person may hand back a caller for {why}" for why, to in site.hand_back.items() if to == flow
    )


def _needed(book: Book, step: AnyStep) -> Iterator[str]:
    names: set[str] = set()
    for text in _texts(step.model_dump()):
        names |= _read(text)
    if isinstance(step, If):
        names |= _read(f"{{{{ ({step.if_}) }}}}")
    for name in sorted(names.difference(EVERYWHERE, _sets(step))):
        makers = [
            f"{flow.flow}.{other_name}"
            for flow in book.flows.values()
            for other_name, other in flow.steps.items()
            if name in _sets(other)
        ]
        yield f"{name}, set by {', '.join(makers)}" if makers else name


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if "{" in value:
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _read(text: str) -> set[str]:
    try:
        return {path[0] for path in reads(text)}
    except TemplateFailed:
        return set()


def _sets(step: AnyStep) -> list[str]:
    match step:
        case Collect():
            return [step.collect]
        case Form():
            return list(step.form)
        case Ask():
            return [step.into] if step.into else []
        case LookUp():
            return [step.into or step.look_up]
        case Set():
            return list(step.set_)
    return []
