"""Whether a talk went as it says: every expectation held against what happened, with the reason where it failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ivr.actions import Enqueue
from ivr.dialogue.engine import where
from ivr.dialogue.state import State
from ivr.events import HandFailed, Heard
from ivr.rehearsal.actor import answered
from ivr.rehearsal.model import Cue, Expected, Never, Wanted
from ivr.rehearsal.stage import OPENING, Beat, Moment, Stage, asked, said, without_secrets
from ivr.rehearsal.words import find, has, plain
from ivr.rehearsal.world import has_all, shown


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that was not met."""

    index: int
    """Of the turn in the talk whose expectation it is, or ``OPENING``; after the last: of ``sometime``."""
    line: int
    """Where that turn stands in the file."""
    key: str
    """The expectation, as the file names it."""
    expected: str
    came: str
    why: str = ""


def judge(stage: Stage) -> tuple[Failure, ...]:
    """What went wrong in an acted talk, in the order of its turns; nothing where it passed."""
    talk, found = stage.script.talk, list[Failure]()
    acts = [OPENING, *(index for index, cue in enumerate(talk.turns) if cue.is_act)]
    for index in acts:
        beats = [beat for beat in stage.beats if beat.index == index]
        own = answered(talk, index)
        if not beats:
            found.append(_unacted(stage, index))
            break
        moments = [moment for beat in beats for moment in stage.moments_of(beat)]
        for place, cue in enumerate(own, start=index if index != OPENING else 0):
            found += _failed(stage, place, cue, moments)
            found += _late(stage, place, cue, beats[0])
    found += _sometime(stage)
    found += _never(stage, talk.never)
    return tuple(sorted(found, key=lambda failure: failure.index))


def _unacted(stage: Stage, index: int) -> Failure:
    line = stage.script.lines[index]
    came = f"the call was over ({stage.state.outcome or 'no outcome'})"
    return Failure(index, line, "caller", "the caller's turn", came, _why(stage, stage.moments))


def _failed(stage: Stage, index: int, expected: Expected, moments: list[Moment]) -> Iterator[Failure]:
    state = moments[-1].state if moments else stage.state
    for key, wanted, came in (
        *_words(stage, expected, moments),
        *_place(stage, expected, state),
        *_deeds(expected, moments),
    ):
        line = stage.script.line_of(index, key)
        yield Failure(index, line, key, wanted, came, _why(stage, moments))


def _words(stage: Stage, expected: Expected, moments: list[Moment]) -> Iterator[tuple[str, str, str]]:
    texts = said(moments)
    came = " ".join(texts) or "nothing was said"
    words, place = plain(" ".join(texts)), 0
    for text in expected.bot:
        place = find(words, text, place)
        if place < 0:
            yield "bot", f'the words "{text}"', came
            break
    if expected.bot_exactly is not None and plain(_without_asides(stage, texts)) != plain(
        expected.bot_exactly
    ):
        yield "bot_exactly", f'exactly "{expected.bot_exactly}"', came
    if expected.bot_one_of and not any(has(words, text) for text in expected.bot_one_of):
        yield "bot_one_of", " or ".join(f'"{text}"' for text in expected.bot_one_of), came
    for text in expected.never:
        if has(words, text):
            yield "never", f'never the words "{text}"', came


def _without_asides(stage: Stage, texts: list[str]) -> str:
    """What was said, less the words that may come at any time."""
    words = plain(" ".join(texts))
    for aside in stage.script.talk.whenever:
        for text in aside.bot if aside.caller is None and aside.keys is None else ():
            words = f" {words} ".replace(f" {plain(text)} ", " ").strip()
    return words


def _place(stage: Stage, expected: Expected, state: State) -> Iterator[tuple[str, str, str]]:
    here = where(state)
    if expected.step is not None:
        wanted = expected.step if "." in expected.step else f"{stage.script.flow}.{expected.step}"
        if here != wanted:
            yield "step", f"the step {wanted}", f"the step {here}"
    for name, value in expected.fields.items():
        known = _inside(state.fields, name)
        if shown(known) != shown(value):
            wanted = f"{name}: {shown(value)}" if shown(value) else f"{name} not known"
            yield "fields", wanted, f"{name}: {shown(known)}" if shown(known) else f"{name} is not known"
    if expected.ends is not None and (state.phase != "over" or state.outcome != expected.ends):
        came = f"it ended: {state.outcome}" if state.phase == "over" else f"it goes on at {here}"
        yield "ends", f"the call ends: {expected.ends}", came


def _deeds(expected: Expected, moments: list[Moment]) -> Iterator[tuple[str, str, str]]:
    if expected.transfer is not None:
        yield from _transfer(expected.transfer, moments)
    made = asked(moments)
    for name, parameters in expected.looks_up.items():
        if not any(each.name == name and has_all(each.parameters, parameters) for each in made):
            wanted = f"the look-up {name} {shown(parameters) if parameters else ''}".rstrip()
            came = ", ".join(f"{each.name} {shown(without_secrets(each))}" for each in made)
            yield "looks_up", wanted, came or "no look-up was made"


def _transfer(wanted: Wanted, moments: list[Moment]) -> Iterator[tuple[str, str, str]]:
    tickets = [a.ticket for m in moments for a in m.actions if isinstance(a, Enqueue)]
    if not tickets:
        yield "transfer", f"a transfer to {wanted.queue or 'a person'}", "no transfer"
        return
    ticket = tickets[-1]
    for name in wanted.model_fields_set:
        value, found = getattr(wanted, name), getattr(ticket, name)
        is_met = has(plain(found), value) if name == "reason" else found == value
        if not is_met:
            yield "transfer", f"a transfer with {name}: {shown(value)}", f"{name}: {shown(found)}"


def _late(stage: Stage, index: int, cue: Cue, beat: Beat) -> Iterator[Failure]:
    if cue.within_ms is None:
        return
    line = stage.script.line_of(index, "within_ms")
    wanted = f"the first word within {cue.within_ms} ms"
    if beat.answered_ms is None:
        yield Failure(index, line, "within_ms", wanted, "nothing was said")
    elif (took_ms := beat.answered_ms - beat.ended_ms) > cue.within_ms:
        yield Failure(index, line, "within_ms", wanted, f"it took {took_ms} ms")


def _sometime(stage: Stage) -> Iterator[Failure]:
    """What must come in the course of the talk; where a call stands counts after every event of it."""
    after = len(stage.script.talk.turns)
    for expected in stage.script.talk.sometime:
        alone = expected.model_copy(update={"step": None, "fields": {}})
        for failure in _failed(stage, OPENING, alone, stage.moments):
            yield replace(failure, index=after)
        if (expected.step or expected.fields) and not any(
            not list(_place(stage, expected.model_copy(update={"ends": None}), moment.state))
            for moment in stage.moments
        ):
            wanted = expected.step or shown(expected.fields)
            yield Failure(after, stage.script.line, "sometime", f"sometime {wanted}", "it never came")


def _never(stage: Stage, never: Never) -> Iterator[Failure]:
    steps = {step if "." in step else f"{stage.script.flow}.{step}" for step in never.step}
    for beat in stage.beats:
        moments = stage.moments_of(beat)
        words = plain(" ".join(said(moments)))
        entered = {f"{frame.flow}.{to}" for moment in moments for frame, to in moment.path}
        queues = {a.ticket.queue for m in moments for a in m.actions if isinstance(a, Enqueue)}
        names = {each.name for each in asked(moments)}
        broken = (
            *(f'the words "{text}"' for text in never.bot if has(words, text)),
            *(f"the step {step}" for step in sorted(steps & entered)),
            *(f"the look-up {name}" for name in sorted(names.intersection(never.looks_up))),
            *(f"a transfer to {queue}" for queue in sorted(queues.intersection(never.transfer))),
        )
        line = stage.script.lines[beat.index] if beat.index != OPENING else stage.script.line
        for what in broken:
            yield Failure(beat.index, line, "never", f"never {what}", f"it came: {what}")


def _inside(fields: dict[str, Any], path: str) -> Any:
    value: Any = fields
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _why(stage: Stage, moments: list[Moment]) -> str:
    """What a reader must know to see how it came to that."""
    found: list[str] = []
    for moment in moments:
        match moment.event:
            case Heard(hypotheses=()):
                found.append("a sound without words was heard")
            case Heard(hypotheses=readings):
                found.append(
                    "heard " + ", ".join(f'"{each.text}" ({each.confidence:.2f})' for each in readings[:3])
                )
            case HandFailed(action="lookup"):
                found.append("a look-up failed")
    if stage.world.missing:
        names = ", ".join(dict.fromkeys(stage.world.missing))
        found.append(f"the talk gives no answer of the look-up {names}; write one under 'given: look_ups:'")
    if moments:
        found.append(f"the call stands at {where(moments[-1].state) or 'its beginning'}")
    return "; ".join(found)
