"""Callers' own sentences at the first question: intents, words misheard, and what is out of scope.

The sentences are spoken by a Piper voice; as text they are measured too, so that the loss in the ear can be told
from the loss in understanding.
"""

from __future__ import annotations

from ivr.actions import Expectation
from ivr.dialogue.warm import questions
from ivr.evaluation.desk import Desk, Found, as_text, edits, name_of
from ivr.evaluation.figures import (
    CAUGHT,
    CAUGHT_FAR,
    CAUGHT_NEAR,
    CLEAN,
    INTENTS,
    LOST,
    SURE_WRONG,
    TEXT,
    WORDS,
)
from ivr.flow.site import Book
from ivr.nlu.match import ACCEPT
from ivr.rehearsal.handset import Condition
from ivr.speech.stt import words_of

PART = "sentences"
NOTHING = "nothing was understood; what is asked back does not count"
Said = tuple[str, str]
"""An intent and a sentence."""


def menu(book: Book, names: frozenset[str]) -> Expectation | None:
    """The question at which most of these intents can be said; None where none can."""
    found = max(questions(book), key=lambda expect: len(known(expect, names)))
    return found if known(found, names) else None


def known(expect: Expectation, names: frozenset[str]) -> frozenset[str]:
    return names & {option.name for option in expect.options}


def unseen(expect: Expectation, said: list[Said]) -> list[Said]:
    """The sentences that are no example of the flow: those it has learnt say nothing about callers it has not."""
    examples = {words_of(phrase) for option in expect.options for phrase in option.phrases}
    return [(name, text) for name, text in said if words_of(text) not in examples]


async def measure(desk: Desk) -> None:
    material = desk.material
    expect = menu(desk.book, frozenset(material.intents))
    if expect is None:
        desk.report.notes.append(
            "These flows have none of the sample's intents: measure them by recordings of your own."
        )
        return
    names = known(expect, frozenset(material.intents))
    if missing := sorted(set(material.intents) - names):
        desk.report.notes.append(f"Not among the choices of the first question: {', '.join(missing)}.")
    said = [(name, text) for name, texts in material.intents.items() if name in names for text in texts]
    good = unseen(expect, said)
    if seen := len(said) - len(good):
        desk.report.notes.append(f"Left out, for they are examples of the flows by now: {seen} sentences.")
    outside = [*material.near, *material.far]
    desk.told(f"sentences: {len(good)} as text")
    texts = [as_text(expect, text) for _, text in good]
    _intents(desk, TEXT, good, texts, is_spoken=False)
    _outside(desk, TEXT, texts, [as_text(expect, text) for text in outside], is_spoken=False)
    for condition in desk.sizes.conditions:
        desk.told(f"sentences: {len(good)} spoken, {name_of(condition)}")
        heard = await _heard(desk, expect, [text for _, text in good], condition)
        _intents(desk, name_of(condition), good, heard)
        if name_of(condition) == CLEAN:
            desk.told(f"sentences: {len(outside)} out of scope")
            _outside(desk, CLEAN, heard, await _heard(desk, expect, outside, condition))


async def _heard(desk: Desk, expect: Expectation, texts: list[str], condition: Condition) -> list[Found]:
    async def one(numbered: tuple[int, str]) -> Found:
        seed, text = numbered
        return await desk.say(expect, text, condition, seed)

    return await desk.each(one, enumerate(texts))


def _intents(
    desk: Desk, condition: str, good: list[Said], found: list[Found], *, is_spoken: bool = True
) -> None:
    right = wrong = wrong_words = words = 0
    for (name, text), one in zip(good, found, strict=True):
        meaning = one.meaning
        kind = "intent" if is_spoken else ""
        is_right = desk.judge(PART, condition, text, one, name, one.got, kind)
        right += is_right
        wrong += not is_right and meaning.kind != "nothing" and meaning.confidence > ACCEPT
        words += len(words_of(text))
        wrong_words += edits(words_of(text), words_of(one.text))
    desk.figure(PART, INTENTS, condition, right, len(good), is_spoken=is_spoken)
    desk.figure(PART, SURE_WRONG, condition, wrong, len(good), is_spoken=is_spoken)
    if is_spoken:
        desk.figure(PART, WORDS, condition, wrong_words, words)


def _outside(
    desk: Desk, condition: str, good: list[Found], outside: list[Found], *, is_spoken: bool = True
) -> None:
    near = len(desk.material.near)
    caught = [one.meaning.kind == "nothing" for one in outside]
    lost = sum(one.meaning.kind == "nothing" for one in good)
    for text, one in zip((*desk.material.near, *desk.material.far), outside, strict=True):
        desk.judge(PART, condition, text, one, "nothing", one.got)
    for name, which in ((CAUGHT, caught), (CAUGHT_NEAR, caught[:near]), (CAUGHT_FAR, caught[near:])):
        desk.figure(PART, name, condition, sum(which), len(which), NOTHING, is_spoken=is_spoken)
    desk.figure(PART, LOST, condition, lost, len(good), NOTHING, is_spoken=is_spoken)
