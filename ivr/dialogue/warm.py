"""What any call may need, known before the first: every question, and every text without a variable.

For engines that want to be ready. Decides nothing about a call.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydantic import BaseModel

from ivr.actions import Expectation, Ticket
from ivr.dialogue import fields
from ivr.dialogue.expect import expectation
from ivr.dialogue.state import Errand, Frame, State, Visit, Waiting
from ivr.flow.model import AnyStep, Ask, Book, Form
from ivr.flow.template import TemplateFailed, render, split

PLACES = 5
"""Places in line whose words are made ready."""
MINUTES = 6
"""The longest expected wait whose words are made ready."""
_SPOKEN = ("say", "ask", "confirm", "hang_up", "no_input", "no_match", "help", "filler")
"""Keys of a step that hold words for the caller."""


def questions(book: Book) -> tuple[Expectation, ...]:
    """The expectation of every step that listens, the entry flow's first, and of waiting in line: at rest, at a yes
    or no, and at a telephone number. Of a callback too."""
    blank = State(call_id="", caller="", called="", started_at="", book_version=book.version)
    flows = sorted(book.flows.values(), key=lambda flow: flow.flow != book.site.entry)
    states = [
        replace(blank, phase="asking", stack=(Frame(flow=flow.flow, step=name),), visit=visit)
        for flow in flows
        for name, step in flow.steps.items()
        for visit in _visits(step, blank)
    ]
    ticket = Ticket(ticket_id="", call_id="", queue=book.site.agent_queue, reason="")
    errands = (None, Errand(kind="confirm_number"), Errand(kind="ask_number"))
    lines = [
        replace(blank, phase="waiting", waiting=Waiting(ticket=ticket, errand=errand)) for errand in errands
    ]
    found = [expectation(book, state) for state in (*states, *lines, replace(blank, phase="called_back"))]
    return tuple(dict.fromkeys(expect for expect in found if expect is not None))


def _visits(step: AnyStep, blank: State) -> tuple[Visit, ...]:
    """What may be asked at a step: of a form its opening, each of its fields, and how it is read back."""
    if not isinstance(step, Form):
        return (Visit(),)
    asked = (fields.first_visit(step, blank), *(Visit(field=name) for name in step.form))
    return (*asked, Visit(stage="read_back")) if step.confirm else asked


def fixed_phrases(book: Book) -> tuple[str, ...]:
    """Every phrase that is the same in each call or names a choice, those of the entry flow first."""
    flows = sorted(book.flows.values(), key=lambda flow: flow.flow != book.site.entry)
    texts = [text for flow in flows for step in flow.steps.values() for text in _texts(step)]
    rendered = [_rendered(text, company=book.site.company) for text in texts]
    rendered += [
        _rendered(text, company=book.site.company, queue=queue.name, position=ahead + 1, ahead=ahead)
        for text in _texts(book.site.prompts, *type(book.site.prompts).model_fields)
        for queue in book.site.queues.values()
        for ahead in range(PLACES)
    ]
    rendered += [
        _rendered(book.site.prompts.expected_wait, wait_low=low, wait_high=high)
        for high in range(1, MINUTES + 1)
        for low in range(high + 1)
    ]
    rendered += [
        _rendered(text, company=book.site.company, choice=step.named(choice))
        for text in (book.site.prompts.understood, book.site.prompts.did_you_mean)
        for flow in flows
        for step in flow.steps.values()
        if isinstance(step, Ask)
        for choice in step.choices
    ]
    return tuple(dict.fromkeys(phrase for text in rendered for phrase in split(text)))


def _texts(shape: BaseModel, *keys: str) -> Iterator[str]:
    for key in keys or _SPOKEN:
        value = getattr(shape, key, "")
        yield from (value,) if isinstance(value, str) else value
    for field in shape.form.values() if isinstance(shape, Form) else ():
        yield from _texts(field)


def _rendered(template: str, **values: object) -> str:
    """Empty for a text that needs more than ``values``."""
    try:
        return render(template, values)
    except TemplateFailed:
        return ""
