"""Asking back: a doubt about what was understood, put as a question and settled by yes or no."""

from __future__ import annotations

from ivr.dialogue import steps
from ivr.dialogue.turn import Turn
from ivr.flow.model import Ask, Collect, Confirm, If, Run, Say
from ivr.nlu.match import ACCEPT

CLEAR = 0.60
"""Above it a choice that can still be left is taken with a word about what was understood; below, asked back."""


def is_doubtful(turn: Turn, value: str, confidence: float) -> bool:
    """Whether an answer of this confidence is asked back before it is taken.

    A choice is, unless it only leads to words or a question, where "go back" undoes it. Digits are, unless the
    next step confirms them anyway; secrets never, for they are not said aloud.
    """
    step = turn.step
    if confidence > ACCEPT:
        return False
    flow = turn.state.stack[-1].flow
    match step:
        case Ask():
            is_harmless = _is_harmless(turn, flow, step.choices[value].next)
            return not is_harmless or (step.open and confidence <= CLEAR)
        case Collect():
            after = turn.book.flows[flow].steps.get(step.next)
            return not (step.secret or (isinstance(after, Confirm) and after.of == step.collect))
        case _:
            return False


def _is_harmless(turn: Turn, flow: str, target: str, depth: int = 5) -> bool:
    """Whether ``target`` leads to words or a question before anything is looked up, changed or handed over."""
    step = turn.book.flows[flow].steps.get(target)
    match step:
        case Say() | Ask() | Collect() | Confirm():
            return True
        case Run() if depth:
            return _is_harmless(turn, step.run, turn.book.flows[step.run].start, depth - 1)
        case If() if depth:
            return _is_harmless(turn, flow, steps.way(turn, step), depth - 1)
        case _:
            return False


def doubt(turn: Turn, value: str) -> None:
    """Ask whether ``value`` is what the caller meant."""
    turn.set_visit(doubt=value, entry="")
    turn.set(said=())
    steps.ask(turn, is_kept=True)


def deny(turn: Turn) -> None:
    """It was not: that value is not offered again, and the question of the step is asked anew."""
    step, value = turn.step, turn.state.visit.doubt
    turn.set_visit(doubt="")
    if isinstance(step, Collect):
        deny_value(turn, step.collect, value)
    else:
        turn.set_visit(denied=(*turn.state.visit.denied, value))
    turn.set(said=())
    steps.ask(turn, is_kept=True)


def deny_value(turn: Turn, field: str, value: str) -> None:
    denied = turn.state.denied.get(field, ())
    if value and value not in denied:
        turn.set(denied={**turn.state.denied, field: (*denied, value)})


def answer(turn: Turn, step: Confirm, *, is_yes: bool) -> str:
    """Where a confirmation leads. A no forgets the field, and its value is not offered again."""
    if is_yes:
        return step.yes
    if step.of is not None and step.of in turn.state.fields:
        fields = dict(turn.state.fields)
        deny_value(turn, step.of, str(fields.pop(step.of)))
        turn.set(fields=fields)
    return step.no
