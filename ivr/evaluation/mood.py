"""Upset callers told from calm ones, at the threshold of the site, by the real dialogue.

As words, as words heard by the ear, and as words in a raised voice. No recordings of upset telephone callers could be
had: a raised voice is Piper's made louder, higher and faster, which tells whether it is noticed, not how upset people
sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ivr.audio.prosody import measure as voice_of
from ivr.dialogue.engine import decide
from ivr.dialogue.state import Frame, State, begin
from ivr.dialogue.warm import first_question
from ivr.evaluation.desk import Desk
from ivr.evaluation.figures import ALARMS, CLEAN, TEXT, UPSET, UPSET_AT_FIVE, VOICED, Miss
from ivr.events import CallStarted, Heard, Hypothesis, Voice
from ivr.flow.model import Ask
from ivr.flow.site import Book
from ivr.rehearsal.handset import Condition

PART = "mood"
MOST_ALARMS = 0.05
"""Share of calm callers who may be taken for upset."""
LOUDER = 2.8
"""Of a raised voice: 9 dB."""
HIGHER = 1.26
"""Of a raised voice: four semitones, and as much faster."""
BEGINNING = 3
"""Calm sentences that a caller said before."""


async def measure(desk: Desk) -> None:
    book = _listening(desk.book)
    if not _step(book):
        desk.report.notes.append(f"Mood was not measured: {book.site.entry} asks no question with choices.")
        return
    threshold = book.site.mood.threshold
    upset, calm = desk.material.upset, desk.material.calm
    desk.told(f"mood: {len(upset)} upset and {len(calm)} calm sentences, as text")
    said = [_score(book, _words(text)) for text in (*upset, *calm)]
    _keep(desk, TEXT, said, threshold)
    desk.told("mood: the same, in a raised voice")
    usual = [voice_of(await desk.speak(text)) for text in calm]
    first = [each for each in usual if each is not None][:BEGINNING]
    voices = [voice_of(raised(await desk.speak(text))) for text in (*upset, *calm)]
    told = [
        _score(book, _words(text), voice, first) for text, voice in zip((*upset, *calm), voices, strict=True)
    ]
    measured = sum(each is not None for each in voices)
    _keep(desk, VOICED, told, threshold, f"{measured} of {len(voices)} sentences had voice enough to measure")
    desk.told("mood: the same, as heard on a clean line")
    heard = await desk.each(lambda text: _heard(desk, book, text), (*upset, *calm))
    _keep(desk, CLEAN, [_score(book, hypotheses) for hypotheses in heard], threshold)


def raised(pcm: bytes) -> bytes:
    """The same sentence (PCM16 8 kHz) louder, higher and faster."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    places = np.arange(0, max(0, len(samples) - 1), HIGHER)
    higher = np.interp(places, np.arange(len(samples)), samples) * LOUDER
    return np.clip(higher, -32768, 32767).astype("<i2").tobytes()


def least_score(calm: Sequence[float]) -> float:
    """The score above which no more than ``MOST_ALARMS`` of the calm ones are."""
    ordered = sorted(calm, reverse=True)
    return ordered[int(len(ordered) * MOST_ALARMS)] if ordered else 0.0


def _listening(book: Book) -> Book:
    """The book with its ear for voices open, whatever the site says."""
    mood = book.site.mood.model_copy(update={"is_on": True, "is_voice_heard": True})
    return book.model_copy(update={"site": book.site.model_copy(update={"mood": mood})})


def _words(text: str) -> tuple[Hypothesis, ...]:
    return (Hypothesis(text=text, confidence=1.0),)


async def _heard(desk: Desk, book: Book, text: str) -> tuple[Hypothesis, ...]:
    expect = first_question(book, book.site.entry, _step(book))
    assert expect is not None
    return (await desk.say(expect, text, Condition())).hypotheses


def _step(book: Book) -> str:
    """The first question of the entry flow that any caller may be asked: an open one with choices of its own, where
    there is one. Empty where it asks nothing."""
    asked = {name: each for name, each in book.flows[book.site.entry].steps.items() if isinstance(each, Ask)}
    return min(asked, key=lambda name: (not asked[name].open, bool(asked[name].choices_of)), default="")


def _score(
    book: Book, hypotheses: tuple[Hypothesis, ...], voice: Voice | None = None, first: Sequence[Voice] = ()
) -> float:
    """How upset the dialogue takes a caller for who says this at the first open question."""
    flow = book.flows[book.site.entry]
    step = _step(book)
    started = CallStarted(call_id="", caller="", called="", started_at="2026-03-04T10:00:00+00:00")
    state = replace(
        begin(book, started),
        phase="asking",
        stack=(Frame(flow=flow.flow, step=step),),
        is_mood_told=True,
        voices=tuple(first),
    )
    after: State = decide(book, state, Heard(at_ms=1000, hypotheses=hypotheses, voice=voice)).state
    return after.mood.score if after.mood else 0.0


def _keep(desk: Desk, condition: str, scores: Sequence[float], threshold: float, more: str = "") -> None:
    upset, calm = desk.material.upset, desk.material.calm
    angry, quiet = scores[: len(upset)], scores[len(upset) :]
    note = f"{condition}: {more}" if more else f"at the site's threshold, {threshold:.2f}"
    is_spoken = condition == CLEAN
    desk.figure(
        PART, UPSET, condition, sum(one >= threshold for one in angry), len(upset), note, is_spoken=is_spoken
    )
    desk.figure(
        PART, ALARMS, condition, sum(one >= threshold for one in quiet), len(calm), note, is_spoken=is_spoken
    )
    if condition == TEXT:
        least = least_score(quiet)
        found = sum(one > least for one in angry)
        note = f"above a score of {least:.2f}, set on these very sentences"
        desk.figure(PART, UPSET_AT_FIVE, condition, found, len(upset), note, is_spoken=False)
    for texts, found_scores, wanted in ((upset, angry, "upset"), (calm, quiet, "calm")):
        for text, score in zip(texts, found_scores, strict=True):
            got = "upset" if score >= threshold else "calm"
            if got != wanted:
                desk.report.misses.append(Miss(PART, condition, text, "", wanted, got, score))
