"""Every text that callers may hear, with its place in the designers' files and the words it comes to.

Reads a book; speaks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from ivr.flow.faults import place_of
from ivr.flow.model import (
    AnyStep,
    Ask,
    Collect,
    Confirm,
    Flow,
    Form,
    FormField,
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
from ivr.flow.site import Book, Site
from ivr.flow.template import TemplateFailed, variants
from ivr.proof.examples import stand_ins


@dataclass(frozen=True, slots=True)
class Prompt:
    """One text of a file."""

    language: str
    flow: str
    """Empty for the site's own words."""
    step: str
    """Empty for the site's own words."""
    key: str
    """Path of the key below the step (or the site's ``prompts``), such as ``no_match/1``."""
    text: str
    """As written, a template."""
    spoken: tuple[str, ...]
    """As said with made-up values, once for each way its conditions can go; () where no made-up value would do."""
    file: str
    line: int
    column: int
    voice: str = ""
    """Empty for that of the settings."""


def prompts(book: Book) -> tuple[Prompt, ...]:
    """All prompts of all languages: the main language first, in each the entry flow first, the site's words last.

    What is not translated is listed once, in the main language.
    """
    found: dict[tuple[str, str, str, str], Prompt] = {}
    for language in (book.site.language, *book.site.languages):
        for prompt in _of(book.speaking(language), language):
            found.setdefault((prompt.flow, prompt.step, prompt.key, prompt.text), prompt)
    return tuple(found.values())


def _of(book: Book, language: str) -> Iterator[Prompt]:
    for flow in sorted(book.flows.values(), key=lambda flow: flow.flow != book.site.entry):
        for name, step in flow.steps.items():
            voice = str(getattr(step, "voice", "")) or book.site.voice
            for key, text in texts(step):
                path = f"steps/{name}/{key}"
                yield _prompt(book, flow, path, text, (language, flow.flow, name, key, voice))
    for key in type(book.site.prompts).model_fields:
        for path, text in _listed(key, getattr(book.site.prompts, key)):
            yield _prompt(book, book.site, f"prompts/{path}", text, (language, "", "", path, book.site.voice))


def _prompt(
    book: Book, owner: Flow | Site, path: str, text: str, names: tuple[str, str, str, str, str]
) -> Prompt:
    language, flow, step, key, voice = names
    try:
        spoken = tuple(said for said in variants(text, stand_ins(book, text), language) if said)
    except TemplateFailed:
        spoken = ()
    line, column = place_of(owner.places, path)
    return Prompt(language, flow, step, key, text, spoken, owner.file, line, column, voice)


def texts(step: AnyStep) -> Iterator[tuple[str, str]]:
    """The words of a step that callers may hear, each with the path of its key; empty ones left out."""
    for key, text in _own(step):
        if text:
            yield key, text
    if isinstance(step, Question):
        yield from _misses("", step)


def _own(step: AnyStep) -> Iterator[tuple[str, str]]:
    match step:
        case Say():
            yield "say", step.say
        case Ask() | Collect():
            yield "ask", step.ask
        case Form():
            yield "ask", step.ask
            for name, field in step.form.items():
                yield f"form/{name}/ask", field.ask
                yield from _misses(f"form/{name}/", field)
            yield "confirm", step.confirm
        case Confirm():
            yield "confirm", step.confirm
        case LookUp():
            yield "filler", step.filler
        case Transfer():
            yield "say", step.say
        case HangUp():
            yield "hang_up", step.hang_up
        case If() | Run() | Set() | Language() | Remember():
            return
        case _:
            assert_never(step)


def _misses(before: str, asks: Question | FormField) -> Iterator[tuple[str, str]]:
    for key in ("no_input", "no_match", "help"):
        yield from _listed(before + key, getattr(asks, key))


def _listed(key: str, value: str | tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if value:
            yield key, value
        return
    yield from ((f"{key}/{place}", text) for place, text in enumerate(value) if text)
