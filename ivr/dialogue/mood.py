"""How upset the caller is: the strongest evidence of the call, what it means for a ticket, and when it is enough.

The score is ``nlu.mood``'s; the threshold is the site's.
"""

from __future__ import annotations

from ivr.actions import MoodEvidence
from ivr.dialogue.state import State
from ivr.dialogue.turn import Turn
from ivr.flow.site import Book
from ivr.nlu.mood import read

TENSE = 0.5
"""Share of the threshold from which on a caller counts as tense."""


def notice(turn: Turn, said: str, noted: str) -> bool:
    """Whether what was said just now makes the caller upset. ``noted``: the same words, free of secrets."""
    state, rule = turn.state, turn.book.site.mood
    if not rule.is_on:
        return False
    before = tuple(
        each.text for each in state.turns if each.who == "caller" and not each.text.startswith("(")
    )
    found = read(said, before=before, misses=state.misses)
    if found.score > (state.mood.score if state.mood else 0.0):
        evidence = MoodEvidence(
            text=noted, at_ms=state.at_ms, score=found.score, threshold=rule.threshold, words=found.words
        )
        turn.set(mood=evidence)
    return found.score >= rule.threshold


def is_upset(state: State) -> bool:
    return state.mood is not None and state.mood.score >= state.mood.threshold


def priority(book: Book, state: State) -> int:
    """What an upset caller gains in the line."""
    return book.site.mood.priority if is_upset(state) else 0


def word(book: Book, state: State) -> str:
    """One word for the agent; empty where mood is not looked at, or nothing was said to read it from."""
    if not book.site.mood.is_on or not (state.mood or _spoken(state)):
        return ""
    if state.mood is None or state.mood.score < TENSE * state.mood.threshold:
        return "calm"
    return "upset" if is_upset(state) else "tense"


def why(state: State) -> str:
    """What the word rests on, as a sentence; empty where nothing speaks for it."""
    if state.mood is None:
        return ""
    found = state.mood
    return f"Said: \u201c{found.text}\u201d ({found.score:.2f} of {found.threshold:.2f}: {', '.join(found.words)})."


def _spoken(state: State) -> tuple[str, ...]:
    """What the caller said, without keys and silences, which are noted in brackets."""
    return tuple(each.text for each in state.turns if each.who == "caller" and not each.text.startswith("("))
