"""Values that were heard as guesses: what is new, what corrects, what repeats, and what else it may have been.

Settling them is ``filling``'s.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.actions import Expectation
from ivr.dialogue import confirm, fields, filling, repair
from ivr.dialogue.state import Guess
from ivr.dialogue.turn import Turn
from ivr.events import Hypothesis
from ivr.flow.model import Collect, Form, Value
from ivr.nlu.match import Meaning, understand
from ivr.nlu.values import Said, as_text

OTHERS = 3
"""What else a value may have been: so many are tried where it does not exist."""


def hear(turn: Turn, meaning: Meaning, expect: Expectation, hypotheses: tuple[Hypothesis, ...]) -> None:
    """Values were said: new ones, in place of others or not, or what is known already."""
    step, visit = turn.step, turn.state.visit
    if not isinstance(step, Collect | Form):
        return
    doubted = visit.guesses[0].field if visit.doubt else ""
    wrong = given_up(meaning, expect)
    heard = {said.slot: _guess(turn, step, said, expect, hypotheses) for said in meaning.values}
    guesses = tuple(guess for guess in heard.values() if guess is not None)
    waiting = tuple(guess for guess in visit.guesses if heard.get(guess.field) is None)
    if doubted in wrong or (doubted in heard and heard[doubted] is None):
        turn.set_visit(guesses=waiting + guesses)
        filling.answer(turn, "no" if doubted in wrong else "yes")
    elif guesses:
        for name in wrong:
            filling.forget(turn, name)
        turn.say(filling.reason(turn, step, meaning.refused))
        if doubted in heard:
            confirm.deny_value(turn, doubted, visit.doubt)
        turn.set_visit(doubt="")
        filling.offer(turn, *waiting, *guesses)
    elif visit.stage == "read_back":
        filling.answer(turn, "yes")
    else:
        repair.no_match(turn)


def given_up(meaning: Meaning, expect: Expectation) -> tuple[str, ...]:
    """Fields whose value the caller calls wrong without giving another: "no, not small"."""
    known = {slot.name for slot in expect.slots if slot.known}
    return tuple(each.slot for each in meaning.refused if each.why == "denied" and each.slot in known)


def _guess(
    turn: Turn, step: Collect | Form, said: Said, expect: Expectation, hypotheses: tuple[Hypothesis, ...]
) -> Guess | None:
    """What was said for one field; none where that is the value it has. A value it had until now is wrong."""
    field, visit, text = fields.of(step)[said.slot], turn.state.visit, as_text(said.value)
    slot = next(slot for slot in expect.slots if slot.name == said.slot)
    if visit.entry and field.type == "digits" and slot.is_asked:
        text = visit.entry + text
    if slot.known and text == slot.known:
        return None
    is_held = isinstance(step, Form) and said.slot in turn.state.fields
    before = as_text(turn.state.fields[said.slot]) if is_held else ""
    if before:
        filling.forget(turn, said.slot)
    others: tuple[str, ...] = ()
    if text == as_text(said.value):
        remember(turn, step, said.slot, said.heard)
        is_read_anew = field.type != "digits" and fields.is_in_data(turn.state, field)
        others = _others(expect, hypotheses, said.slot, text) if is_read_anew else said.others
        others = tried(turn, field, others)
    return Guess(field=said.slot, value=text, confidence=said.confidence, before=before, others=others)


def tried(turn: Turn, field: Value, others: tuple[str, ...]) -> tuple[str, ...]:
    """Of what else a value may have been, what is looked for where it does not exist. Secrets are not guessed at."""
    most = min(OTHERS, fields.MOST_GUESSED - turn.state.guessed)
    return others[:most] if fields.is_in_data(turn.state, field) else ()


def remember(turn: Turn, step: Collect | Form, name: str, heard: tuple[tuple[str, float], ...]) -> None:
    """What a string sounded like, for when it has to be said again. Never of a secret."""
    if heard and not fields.has_secret(step):
        turn.set(heard={**turn.state.heard, name: heard})


def _others(expect: Expectation, hypotheses: tuple[Hypothesis, ...], name: str, text: str) -> tuple[str, ...]:
    """What else the caller may have said for a field, likeliest first: each hypothesis is read by itself."""
    found: list[str] = []
    for hypothesis in hypotheses:
        barred = (text, *found)
        slots = tuple(
            replace(slot, denied=slot.denied + barred) if slot.name == name else slot for slot in expect.slots
        )
        meaning = understand(replace(expect, slots=slots), (hypothesis,))
        texts = [as_text(said.value) for said in meaning.values if said.slot == name]
        found += [each for each in texts if each not in barred]
    return tuple(found)
