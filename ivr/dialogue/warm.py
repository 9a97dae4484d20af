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
from ivr.flow.model import AnyStep, Ask, Form
from ivr.flow.site import Book
from ivr.flow.template import TemplateFailed, render, split
from ivr.flow.words import OF_PROFILE

PLACES = 5
"""Places in line whose words are made ready."""
MINUTES = 6
"""The longest expected wait whose words are made ready."""
_SPOKEN = ("say", "ask", "confirm", "hang_up", "no_input", "no_match", "help", "filler")
"""Keys of a step that hold words for the caller."""


def questions(book: Book) -> tuple[Expectation, ...]:
    """The expectation of every step that listens, the entry flow's first, and of waiting in line: at rest, at a yes
    or no, and at a telephone number. Of a callback too."""
    blank = _blank(book)
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


def first_question(book: Book, flow: str, step: str) -> Expectation | None:
    """The expectation of a call that comes to a step for the first time; none where the step does not listen."""
    blank = _blank(book)
    visit = _visits(book.flows[flow].steps[step], blank)[0]
    asking = replace(blank, phase="asking", stack=(Frame(flow=flow, step=step),), visit=visit)
    return expectation(book, asking)


def _blank(book: Book) -> State:
    return State(call_id="", caller="", called="", started_at="", book_version=book.version)


def _visits(step: AnyStep, blank: State) -> tuple[Visit, ...]:
    """What may be asked at a step: of a form its opening, each of its fields, and how it is read back."""
    if not isinstance(step, Form):
        return (Visit(),)
    asked = (fields.first_visit(step, blank), *(Visit(field=name) for name in step.form))
    return (*asked, Visit(stage="read_back")) if step.confirm else asked


def all_questions(book: Book) -> tuple[Expectation, ...]:
    """The questions in every language of the site."""
    spoken = (book, *book.translations.values())
    return tuple(dict.fromkeys(expect for each in spoken for expect in questions(each)))


def fixed_phrases(book: Book) -> tuple[str, ...]:
    """Every phrase that is the same in each call or names a choice, those of the entry flow first."""
    return tuple(dict.fromkeys(phrase for _, phrase in _lines(book)))


def first_phrases(book: Book, most: int) -> tuple[str, ...]:
    """The first of ``fixed_phrases``, without those after them being made."""
    found: dict[str, None] = {}
    for _, phrase in _lines(book):
        if len(found) == most:
            break
        found[phrase] = None
    return tuple(found)


def fixed_speech(book: Book) -> dict[str, tuple[str, ...]]:
    """Such phrases in every language of the site, by the voice that says them, the site's own first."""
    found: dict[str, dict[str, None]] = {}
    for each in (book, *book.translations.values()):
        for voice, phrase in _lines(each):
            found.setdefault(voice, {})[phrase] = None
    return {voice: tuple(phrases) for voice, phrases in found.items()}


def _lines(book: Book) -> Iterator[tuple[str, str]]:
    """Phrases, each with its voice."""
    site = book.site
    flows = sorted(book.flows.values(), key=lambda flow: flow.flow != site.entry)
    steps = [step for flow in flows for step in flow.steps.values()]
    for step in steps:
        voice = getattr(step, "voice", "") or site.voice
        for text in _texts(step):
            yield from _phrases(voice, book, text)
    for text in _texts(site.prompts, *type(site.prompts).model_fields):
        for queue in site.queues.values():
            for ahead in range(PLACES):
                yield from _phrases(site.voice, book, text, queue=queue.name, position=ahead + 1, ahead=ahead)
    for high in range(1, MINUTES + 1):
        for low in range(high + 1):
            yield from _phrases(site.voice, book, site.prompts.expected_wait, wait_low=low, wait_high=high)
    for step in (step for step in steps if isinstance(step, Ask)):
        for choice in step.choices:
            for text in (site.prompts.understood, site.prompts.did_you_mean):
                yield from _phrases(step.voice or site.voice, book, text, choice=step.named(choice))


def _texts(shape: BaseModel, *keys: str) -> Iterator[str]:
    for key in keys or _SPOKEN:
        value = getattr(shape, key, "")
        yield from (value,) if isinstance(value, str) else value
    for field in shape.form.values() if isinstance(shape, Form) else ():
        yield from _texts(field)


def _phrases(voice: str, book: Book, template: str, **values: object) -> Iterator[tuple[str, str]]:
    """None for a text that needs more than ``values``. Whoever calls for the first time has an empty profile."""
    known = {"company": book.site.company, "profile": dict.fromkeys(OF_PROFILE, ""), **values}
    try:
        text = render(template, known, book.site.language)
    except TemplateFailed:
        return
    for phrase in split(text):
        yield voice, phrase
