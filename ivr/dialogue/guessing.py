"""Values that were heard as guesses: what is new, what corrects, what repeats, and what else it may have been.

Settling them is ``filling``'s.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.actions import Expectation
from ivr.dialogue import confirm, fields, filling, repair
from ivr.dialogue.filling import SECOND
from ivr.dialogue.state import Guess
from ivr.dialogue.turn import Turn
from ivr.events import Hypothesis
from ivr.flow.model import Collect, Form, Value
from ivr.nlu.match import Meaning, understand
from ivr.nlu.values import Said, as_text

OTHERS = 2
"""What else a value may have been: so many are tried where it does not exist."""


def hear(turn: Turn, meaning: Meaning, expect: Expectation, hypotheses: tuple[Hypothesis, ...]) -> None:
    """Values were said: new ones, corrections, or what is known already."""
    step, visit = turn.step, turn.state.visit
    if not isinstance(step, Collect | Form):
        return
    doubted = visit.guesses[0].field if visit.doubt else ""
    guesses: list[Guess] = []
    wrong, repeated = [], []
    for said in meaning.values:
        guess = _guess(turn, step, said, expect, hypotheses)
        if guess is not None:
            guesses.append(guess)
        elif said.is_correction:
            wrong.append(said.slot)
        else:
            repeated.append(said.slot)
    news = {guess.field for guess in guesses}
    if doubted in repeated or doubted in wrong:
        rest = tuple(guess for guess in visit.guesses if guess.field not in news)
        turn.set_visit(guesses=(*rest, *guesses))
        filling.answer(turn, "no" if doubted in wrong else "yes")
    elif guesses:
        for name in wrong:
            filling.forget(turn, name)
        turn.say(filling.reason(turn, step, meaning.refused))
        if doubted in news:
            confirm.deny_value(turn, doubted, visit.doubt)
        kept = tuple(guess for guess in visit.guesses if guess.field not in news)
        turn.set_visit(doubt="")
        filling.offer(turn, *(kept + tuple(guesses)))
    elif wrong:
        filling.reject(turn, step, wrong[0])
    elif visit.stage == "read_back":
        filling.answer(turn, "yes")
    else:
        repair.no_match(turn)


def _guess(
    turn: Turn, step: Collect | Form, said: Said, expect: Expectation, hypotheses: tuple[Hypothesis, ...]
) -> Guess | None:
    """What was said for one field; none where that is the value it has. A correction calls that value wrong."""
    field, visit, text = fields.of(step)[said.slot], turn.state.visit, as_text(said.value)
    slot = next(slot for slot in expect.slots if slot.name == said.slot)
    if visit.entry and field.type == "digits" and slot.is_asked:
        text = visit.entry + text
    is_same = bool(slot.known) and text == slot.known
    others = others_of(expect, hypotheses, said.slot, text) if is_same or _has_others(field) else ()
    confidence = said.confidence
    if is_same and not (said.is_correction and others):
        return None
    if is_same:
        text, others, confidence = others[0], others[1:], SECOND
    before = as_text(turn.state.fields[said.slot]) if slot.known and said.slot in turn.state.fields else ""
    if before:
        filling.forget(turn, said.slot)
    return Guess(
        field=said.slot,
        value=text,
        confidence=confidence,
        before=before,
        others=others if _has_others(field) else (),
    )


def _has_others(field: Value) -> bool:
    """Whether another reading is tried where the first does not exist. Secrets are not guessed at."""
    return field.exists is not None and not field.secret


def others_of(
    expect: Expectation, hypotheses: tuple[Hypothesis, ...], name: str, text: str
) -> tuple[str, ...]:
    """What else the caller may have said for a field, likeliest first: each hypothesis is read by itself."""
    found: list[str] = []
    for hypothesis in hypotheses:
        barred = (text, *found)
        slots = tuple(
            replace(slot, denied=slot.denied + barred) if slot.name == name else slot for slot in expect.slots
        )
        meaning = understand(replace(expect, slots=slots, denied=expect.denied + barred), (hypothesis,))
        texts = [meaning.value] if meaning.kind == "digits" else []
        texts += [as_text(said.value) for said in meaning.values if said.slot == name]
        found += [each for each in texts if each not in barred]
    return tuple(found[:OTHERS])
