"""How upset the caller is: the strongest evidence of the call, what it means for a ticket, and when it is enough.

The score is ``nlu.mood``'s, the raised voice ``nlu.voice``'s, topics are ``nlu.topics``'; the threshold and what a
topic leads to are the site's.
"""

from __future__ import annotations

from ivr.actions import Expectation, MoodEvidence
from ivr.dialogue.state import State
from ivr.dialogue.turn import Turn
from ivr.events import Voice
from ivr.flow.site import Book
from ivr.nlu import topics, voice
from ivr.nlu.mood import Past, Sources, read
from ivr.nlu.normalise import tokens

TENSE = 0.8
"""Share of the threshold from which on a caller counts as tense."""
SCORES_KEPT = 3
"""Last utterances that a trend is seen in."""
ENGLISH = "en"
EVIDENCE_CHARS = 200
"""Of somebody who swears for half a minute the agent reads the end."""


def is_read(book: Book) -> bool:
    """Whether mood is looked at, in a language whose words of anger are known."""
    return book.site.mood.is_on and book.site.language.startswith(ENGLISH)


def is_voice_heard(book: Book) -> bool:
    """Whether the sound of the caller's voice is to be measured."""
    rule = book.site.mood
    return is_read(book) and rule.is_voice_heard and "mood-voice" not in book.without


def tell(turn: Turn) -> None:
    """Before the first question the caller hears, once, that their voice is listened to as well."""
    if is_voice_heard(turn.book) and not turn.state.is_mood_told:
        turn.set(is_mood_told=True)
        turn.say(turn.book.site.prompts.mood_notice, is_kept=False)


def notice(turn: Turn, said: str, noted: str, sound: Voice | None, *, is_plain: bool = False) -> bool:
    """Whether what was said just now makes the caller upset. ``noted``: the same words, free of secrets.

    ``is_plain``: only words of anger themselves are evidence, as where a secret is asked for.
    """
    state, rule = turn.state, turn.book.site.mood
    if not is_read(turn.book):
        return False
    sound = sound if is_voice_heard(turn.book) else None
    raised = voice.compare(sound, voice.beginning(state.voices))
    past = Past(
        said=_spoken(state), scores=state.moods, misses=state.misses, loops=_loops(state) if said else 0
    )
    found = read("" if "mood-text" in turn.book.without else said, past, raised, Sources(model=not is_plain))
    turn.set(moods=(*state.moods, found.said)[-SCORES_KEPT:])
    if sound is not None and voice.is_usable(sound) and len(state.voices) < voice.BEGINNING:
        turn.set(voices=(*state.voices, sound))
    if found.score > (state.mood.score if state.mood else 0.0) and found.words:
        text = noted if len(noted) <= EVIDENCE_CHARS else "\u2026" + noted[-EVIDENCE_CHARS:]
        evidence = MoodEvidence(
            text=text, at_ms=state.at_ms, score=found.score, threshold=rule.threshold, words=found.words
        )
        turn.set(mood=evidence)
    return found.score >= rule.threshold


def topic(turn: Turn, said: str, chosen: str) -> topics.Topic | None:
    """What the caller speaks of that is for people, once a call each. ``chosen``: what the question itself
    understood; a choice of that name goes the way of the flow."""
    state, rule = turn.state, turn.book.site.mood
    left = {name: each.phrases for name, each in rule.topics.items() if name not in state.topics}
    found = topics.find(said, left)
    return None if found is None or found.name == chosen else found


def is_example(expect: Expectation, said: str) -> bool:
    """Whether the words are among those that the question gives itself: such an answer is no outburst."""
    words = tokens(said)
    return any(
        words == tokens(phrase) for each in (*expect.options, *expect.commands) for phrase in each.phrases
    )


def is_upset(state: State) -> bool:
    return state.mood is not None and state.mood.score >= state.mood.threshold


def priority(book: Book, state: State) -> int:
    """What an upset caller gains in the line."""
    return book.site.mood.priority if is_upset(state) else 0


def word(book: Book, state: State) -> str:
    """One word for the agent; empty where mood is not looked at, or nothing was said to read it from."""
    if not is_read(book) or not (state.mood or _spoken(state)):
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


def _loops(state: State) -> int:
    """How often the machine has said its last words before: the caller goes round in a circle."""
    ours = [each.text for each in state.turns if each.who == "bot"]
    return ours.count(ours[-1]) - 1 if ours else 0
