"""What callers may say, tried on our own recogniser: phrases that it takes for others, and those it never hears.

Only what is suspect is tried: phrases that sound near, and words the recogniser does not know.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.actions import Expectation
from ivr.dialogue.expect import commands
from ivr.dialogue.warm import first_question
from ivr.flow.faults import Notes
from ivr.flow.model import Ask, Collect, Flow, Form
from ivr.flow.site import Book, Site
from ivr.nlu.match import Meaning
from ivr.proof.alike import Ear
from ivr.proof.hearing import Speak, heard
from ivr.speech.stt import Recogniser, words_of

DICTIONARY = "en"
"""The language of the dictionary that nearness is judged by; options of others are not compared."""


@dataclass(frozen=True, slots=True)
class Said:
    """One way to say one thing at a question."""

    name: str
    """Of the choice, or of the command."""
    phrase: str
    owner: Flow | Site
    path: str

    @property
    def is_own(self) -> bool:
        """Written at this question itself, not borrowed from another nor good everywhere."""
        return not self.owner.places or self.path in self.owner.places


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, as the recogniser is told of it, and all that may be said there."""

    where: str
    """Flow and step; empty for what may be said anywhere."""
    expect: Expectation
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """A recogniser and a caller's voice; remembers what was heard."""

    recogniser: Recogniser
    speak: Speak
    known: dict[tuple[Expectation, str], tuple[Meaning, ...]] = field(default_factory=dict)

    async def meanings(self, expect: Expectation, phrase: str) -> tuple[Meaning, ...]:
        """What a phrase was understood as, line by line. Raises SpeechError."""
        key = (expect, phrase)
        if key not in self.known:
            self.known[key] = await heard(self.recogniser, expect, self.speak, phrase)
        return self.known[key]


async def alike(book: Book, trial: Trial, notes: Notes, told: Callable[[str], None]) -> None:
    """Notes ``sounds-alike``: of two things to say at a question, one was taken for the other. Raises SpeechError."""
    suspects = list(_suspects(book))
    noted: set[tuple[Expectation, frozenset[str]]] = set()
    for number, (asked, one, other) in enumerate(suspects, start=1):
        told(f"trying phrases that sound near: {number} of {len(suspects)}")
        meant = asked.expect, frozenset((one.name, other.name))
        for said, instead in ((one, other), (other, one)) if meant not in noted else ():
            meanings = await trial.meanings(asked.expect, said.phrase)
            wrong = [meaning for meaning in meanings if instead.name in _meant(meaning)]
            if wrong:
                noted.add(meant)
                _taken(asked, said, instead, wrong, len(meanings), notes)
                break


async def unheard(book: Book, recogniser: Recogniser, trial: Trial | None, notes: Notes) -> None:
    """Notes ``cannot-be-heard``: phrases with words that the recogniser does not know and, where a ``trial`` can be
    made, did not make out either. Raises SpeechError."""
    seen: set[tuple[str, str]] = set()
    for asked in questions(book):
        own = [said for said in asked.said if said.is_own and (said.owner.file, said.path) not in seen]
        seen |= {(said.owner.file, said.path) for said in own}
        unknown = await recogniser.unknown({word for said in own for word in words_of(said.phrase)})
        for said in own:
            words = [word for word in words_of(said.phrase) if word in unknown]
            if not words:
                continue
            clean = (await trial.meanings(asked.expect, said.phrase))[0] if trial else None
            if clean is None or said.name not in _meant(clean):
                _lost(said, words, recogniser, clean, notes)


def questions(book: Book) -> Iterator[Asked]:
    """Every question where callers choose, and what they may say anywhere."""
    everywhere = tuple(_listed("commands", book.site.commands, book.site))
    language = book.site.language
    yield Asked("", Expectation(kind="commands", commands=commands(book), language=language), everywhere)
    for flow in book.flows.values():
        for name in flow.steps:
            own = tuple(_own(flow, name))
            expect = first_question(book, flow.flow, name) if own else None
            if expect is not None:
                yield Asked(f"{flow.flow}.{name}", expect, own + everywhere)


def _own(flow: Flow, name: str) -> Iterator[Said]:
    step, path = flow.steps[name], f"steps/{name}"
    match step:
        case Ask():
            for choice_name, choice in step.choices.items():
                yield from _listed(f"{path}/choices", {choice_name: choice.phrases}, flow, "phrases/")
        case Collect():
            yield from _listed(f"{path}/options", step.options, flow)
        case Form():
            for field_name, value in step.form.items():
                yield from _listed(f"{path}/form/{field_name}/options", value.options, flow)


def _listed(
    path: str, named: Mapping[Any, tuple[str, ...]], owner: Flow | Site, below: str = ""
) -> Iterator[Said]:
    for name, phrases in named.items():
        for place, phrase in enumerate(phrases):
            yield Said(name, phrase, owner, f"{path}/{name}/{below}{place}")


def _suspects(book: Book) -> Iterator[tuple[Asked, Said, Said]]:
    """Pairs that sound near and mean different things, each pair of phrases once."""
    asks = list(questions(book))
    ear = Ear({said.phrase for asked in asks for said in asked.said})
    seen: set[frozenset[str]] = set()
    for asked in asks:
        for one, other in itertools.combinations(asked.said, 2):
            pair = frozenset((one.phrase, other.phrase))
            if one.name == other.name or pair in seen or not (one.is_own or other.is_own):
                continue
            seen.add(pair)
            if ear.is_suspect(one.phrase, other.phrase):
                yield asked, one, other


def _meant(meaning: Meaning) -> frozenset[str]:
    """The choice, the command or the options of fields that an utterance was understood as."""
    if meaning.kind == "values":
        return frozenset(str(said.value) for said in meaning.values)
    return frozenset({meaning.value} if meaning.kind in ("option", "command") else ())


def _taken(asked: Asked, said: Said, instead: Said, wrong: list[Meaning], tries: int, notes: Notes) -> None:
    """Told at the question's own phrase of the two, where one of them is good everywhere."""
    place = said if said.is_own and isinstance(said.owner, Flow) else instead if instead.is_own else said
    times = f"in {len(wrong)} of {tries} tries" + (f" at {asked.where}" if asked.where else "")
    found = f"{said.phrase!r} ({said.name}), heard as {wrong[0].text!r} ({instead.name}) {times}"
    wanted = "words that sound different where they mean different things"
    remedy = f"Say one of the two with other words, or remove {place.phrase!r}."
    notes.warning(place.owner, place.path, found, wanted, remedy, "sounds-alike")


def _lost(said: Said, words: list[str], recogniser: Recogniser, clean: Meaning | None, notes: Notes) -> None:
    found = f"{said.phrase!r}, of which {recogniser.engine} does not know {', '.join(map(repr, words))}"
    if clean is not None:
        found += f" and heard {clean.text!r}" if clean.text else " and heard nothing"
    remedy = "Write it in words of the language as it sounds, or give a key and other phrases."
    notes.warning(said.owner, said.path, found, "words that it knows", remedy, "cannot-be-heard")
