"""What a caller would hear at a time, told without a call: how each flow begins, what a closed queue says.

Walks the flows as a call does, until the caller or a person would be needed. Asks nobody: no look-up finds anything.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

from ivr.actions import Action, Enqueue, Lookup, Say, Ticket
from ivr.dialogue import words
from ivr.dialogue.engine import handle
from ivr.dialogue.state import State, begin
from ivr.events import CallStarted, Event, Heard, Hypothesis, LookedUp, Pressed, PromptEnded
from ivr.flow.hours import is_open, of_queue
from ivr.flow.model import Ask, Flow
from ivr.flow.site import Book

LONGEST = 40
"""Prompts in a row that are walked."""
_READS = re.compile(r"\bhours\s*[.\[]")


@dataclass(frozen=True, slots=True)
class Opening:
    """How a flow begins, and what follows each of its first choices where it speaks of hours."""

    flow: str
    words: str
    choices: tuple[tuple[str, str], ...] = ()
    """Label and words."""


def openings(book: Book, at: datetime, flow: str = "") -> tuple[Opening, ...]:
    """The first words at ``at`` (aware) of the entry flow and of every flow that reads the site's hours; or of
    ``flow`` alone."""
    others = sorted(each.flow for each in book.flows.values() if _reads_hours(each))
    names = [flow] if flow else dict.fromkeys((book.site.entry, *others))
    return tuple(_opening(book, at, book.flows[name]) for name in names)


def queue_words(book: Book, queue: str, at: datetime) -> str:
    """What a caller hears in line for a queue at ``at``: empty where it is open then."""
    site, rule = book.site, book.site.queues[queue]
    if is_open(of_queue(rule, site), site, at):
        return ""
    state = _begin(book, at, site.entry)
    to = rule.overflow.when_closed or rule.overflow.to
    offers = {"callback": site.prompts.offer_callback, "message": site.prompts.offer_message}
    texts = (site.prompts.closed, offers[to]) if to in offers else (site.prompts.moved,)
    named = site.queues[queue if to in offers else to].name
    return " ".join(words.text(book, state, text, queue=named) for text in texts)


def _opening(book: Book, at: datetime, flow: Flow) -> Opening:
    state, said = _walk(book, _begin(book, at, flow.flow))
    step = book.flows[state.stack[-1].flow].steps[state.stack[-1].step] if state.stack else None
    if not (isinstance(step, Ask) and state.phase == "asking" and _reads_hours(flow)):
        return Opening(flow.flow, said)
    choices = []
    for name, choice in step.choices.items():
        event: Event = (
            Pressed(at_ms=0, key=choice.key)
            if choice.key
            else Heard(at_ms=0, hypotheses=(Hypothesis(text=choice.phrases[0], confidence=1.0),))
        )
        choices.append((step.named(name), _walk(book, state, event)[1]))
    return Opening(flow.flow, said, tuple(choices))


def _begin(book: Book, at: datetime, flow: str) -> State:
    return begin(book, CallStarted(call_id="", caller="", called=flow, started_at=at.isoformat()))


def _walk(book: Book, state: State, event: Event | None = None) -> tuple[State, str]:
    """On with ``event``, or from the beginning, until the caller or a person is waited for."""
    said: list[str] = []
    event = event or CallStarted(call_id="", caller="", called=state.called, started_at=state.started_at)
    for _ in range(LONGEST):
        state, actions = handle(book, state, event)
        said += _told(actions)
        if state.phase == "telling":
            prompt = state.sound.playing[0]
            event = PromptEnded(
                at_ms=state.at_ms, prompt_id=prompt.prompt_id, played=len(prompt.phrases), is_finished=True
            )
        elif state.phase == "looking_up":
            event = LookedUp(at_ms=state.at_ms, lookup_id=state.lookup_id, is_found=False)
        else:
            break
    return state, " ".join(said)


def _told(actions: tuple[Action, ...]) -> list[str]:
    said: list[str] = []
    for action in actions:
        match action:
            case Say():
                said += action.phrases
            case Lookup():
                said.append(f"[looks up {action.name}]")
            case Enqueue(ticket=Ticket(queue=queue)):
                said.append(f"[in line for {queue}]")
            case _:
                pass
    return said


def _reads_hours(flow: Flow) -> bool:
    return any(
        _READS.search(json.dumps(step.model_dump(by_alias=True), ensure_ascii=False))
        for step in flow.steps.values()
    )
