"""Answers of a closed list: the options of a choice by their phrases, yes and no."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.actions import Option, Slot
from ivr.nlu.matcher import Score, matcher
from ivr.nlu.normalise import content
from ivr.nlu.phrases import own
from ivr.nlu.spans import Found, Line, starts

YES_WORDS, NO_WORDS = frozenset(("yes", "yeah", "yep", "yup")), frozenset(("no", "nope", "nah"))

UNDECIDED = (
    ("do", "not", "know"), ("not", "sure"), ("no", "idea"), ("maybe",), ("perhaps",), ("no", "clue"),
    ("not", "certain"), ("what", "was"), ("say", "that", "again"), ("hang", "on"), ("hold", "on"), ("pardon",),
    ("no", "problem"),
    ("do", "not", "understand"), ("do", "not", "remember"),
)  # fmt: skip
"""Neither yes nor no, whatever they hold of either."""

WITHIN = 0.92
"""Trust in the phrase of a choice, or a yes or no, within more words."""
LONGEST_ANSWER = 6
"""Words of a yes or a no in words of the caller's own."""
LEAST, LEAST_ANSWER = 0.4, 0.7
"""Likeness below which no option of a choice, and neither yes nor no, is meant by a whole sentence."""


def find_choices(sentence: Line, slot: Slot) -> list[Found]:
    """The options of a choice by their phrases; where none is held, the one the whole sentence is like."""
    known = matcher(slot.options, ())
    said = content(sentence.words)
    found = []
    for name, _, phrase in known.options:
        core = content(phrase)
        for at in range(len(sentence.words) - len(core) + 1):
            if core and sentence.words[at : at + len(core)] == core:
                trust = 1.0 if core == said else WITHIN
                found.append(Found(at, at + len(core), ((name, trust),)))
    if found or not slot.is_asked:
        return found
    scores = [score for score in known.scores(sentence.words) if score.value >= LEAST]
    return [Found(0, len(sentence.words), ((scores[0].name, scores[0].value),))] if scores else []


def find_answers(sentence: Line, slot: Slot, language: str) -> list[Found]:
    """Yes and no, as words at the beginning of something or as the whole sentence."""
    if not slot.is_asked or is_undecided(sentence.words):
        return []
    phrases = own(language)
    options = (Option(name="yes", phrases=phrases.yes), Option(name="no", phrases=phrases.no))
    scores = matcher(options, ()).scores(sentence.words)
    if scores and scores[0].value >= LEAST_ANSWER and not is_turned(scores[0], sentence.words):
        return [Found(0, len(sentence.words), ((scores[0].name == "yes", scores[0].value),))]
    return [
        Found(at, at + 1, ((word in YES_WORDS, WITHIN),))
        for at, word in enumerate(sentence.words)
        if word in YES_WORDS or word in NO_WORDS
    ]


def is_undecided(words: Sequence[str]) -> bool:
    """True for an answer that is neither yes nor no: "I don't know", "maybe"."""
    return any(starts(words, at, phrase) for phrase in UNDECIDED for at in range(len(words)))


def is_turned(score: Score, words: Sequence[str]) -> bool:
    """True where the words are only like a yes, and hold a "not" or begin with a no: they may mean the contrary; or
    are only like an answer, and too many."""
    is_denied = "not" in words or words[0] in NO_WORDS
    if score.name == "yes" and is_denied and not score.evidence.startswith("exact: "):
        return True
    is_long = len(words) > LONGEST_ANSWER and words[0] not in YES_WORDS | NO_WORDS
    return is_long and score.name in ("yes", "no") and score.evidence.startswith("like: ")
