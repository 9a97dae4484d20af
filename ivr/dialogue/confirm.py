"""Asking back: when a doubt about what was understood is put as a question, and what a denial means."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ivr.dialogue import fields, steps
from ivr.dialogue.keyed import STRINGS
from ivr.dialogue.state import Guess
from ivr.dialogue.turn import Turn
from ivr.flow.model import Ask, Collect, Confirm, Form, If, Run, Say
from ivr.nlu.match import ACCEPT
from ivr.nlu.ranking import LIKELY, Wanted, chosen
from ivr.nlu.values import as_text

CLEAR = 0.60
"""Above it a choice or a value that can still be corrected is taken with a word about what was understood; below,
asked back."""
SURE = 0.98
"""Above it a string that was spoken is taken without being read back: one wrong sign is another's account."""
SPELT = ("digits", "letters", "phone")
"""Types of which every sign must be right."""
UNLIKE_KEYS = ("digits", "phone")
"""Types that are the very keys pressed; what keys make of others is said before it is used."""


def is_doubtful(turn: Turn, choice: str, confidence: float) -> bool:
    """Whether a choice of this confidence is asked back before it is taken.

    It is, unless it only leads to words or a question, where "go back" undoes it.
    """
    step = turn.step
    if confidence > ACCEPT or not isinstance(step, Ask) or "confirmation" in turn.book.without:
        return False
    is_harmless = _is_harmless(turn, turn.state.stack[-1].flow, step.choices[choice].next)
    return not is_harmless or (step.open and confidence <= CLEAR)


def manner(turn: Turn, step: Collect | Form, guess: Guess) -> Literal["never", "implicit", "explicit"]:
    """How a value is confirmed before it is taken. A secret is never said back."""
    field = fields.of(step)[guess.field]
    if field.secret or guess.is_sure or "confirmation" in turn.book.without:
        return "never"
    is_read_back = fields.is_read_back(turn.book, turn.state, step, guess.field)
    if guess.is_second and not is_read_back:
        return "explicit"
    is_money = field.type == "money" and field.confirm != "never"
    if field.confirm != "auto" and not is_money:
        return field.confirm
    if field.confirm != "explicit" and is_read_back:
        return "never"
    is_read_keys = guess.is_keyed and field.type in STRINGS and field.type not in UNLIKE_KEYS
    if is_money or is_read_keys:
        return "explicit"
    is_string = field.type in SPELT and not guess.is_keyed
    if guess.confidence > (SURE if is_string else ACCEPT):
        return "never"
    is_told = guess.confidence > CLEAR and field.exists is None and _is_more_asked(turn, step, guess)
    return "implicit" if is_told else "explicit"


def _is_more_asked(turn: Turn, step: Collect | Form, guess: Guess) -> bool:
    """Whether the form goes on asking after this value, so that it can still be corrected."""
    if isinstance(step, Collect):
        return False
    known = {*turn.state.fields, guess.field}
    return any(name not in known and not field.is_optional for name, field in step.form.items())


def _is_harmless(turn: Turn, flow: str, target: str, depth: int = 5) -> bool:
    """Whether ``target`` leads to words or a question before anything is looked up, changed or handed over."""
    step = turn.book.flows[flow].steps.get(target)
    match step:
        case Say() | Ask() | Collect() | Form() | Confirm():
            return True
        case Run() if depth:
            return _is_harmless(turn, step.run, turn.book.flows[step.run].start, depth - 1)
        case If() if depth:
            return _is_harmless(turn, flow, steps.way(turn, step), depth - 1)
        case _:
            return False


def doubt(turn: Turn, value: str) -> None:
    """Ask whether ``value`` is what the caller meant."""
    guesses = turn.state.visit.guesses
    if guesses:
        turn.judged("doubted", field=guesses[0].field, is_keyed=guesses[0].is_keyed)
    else:
        turn.judged("doubted", name=value)
    turn.set_visit(doubt=value, entry="")
    turn.set(said=())
    steps.ask(turn, is_kept=True)


def deny(turn: Turn) -> None:
    """That choice was not meant: it is not offered again, and the question of the step is asked anew."""
    visit = turn.state.visit
    turn.judged("denied", name=visit.doubt)
    turn.set_visit(doubt="", denied=(*visit.denied, visit.doubt))
    turn.set(said=())
    steps.ask(turn, is_kept=True)


def deny_value(turn: Turn, field: str, value: str) -> None:
    """The caller calls a value wrong. Nothing is remembered of a secret."""
    if value and field not in turn.state.secrets:
        turn.judged("denied", field=field)
        rule_out(turn, field, value)


def rule_out(turn: Turn, field: str, value: str) -> None:
    """A value is not understood from speech again."""
    denied = turn.state.denied.get(field, ())
    if value not in denied:
        turn.set(denied={**turn.state.denied, field: (*denied, value)})


def answer(turn: Turn, step: Confirm, *, is_yes: bool) -> str:
    """Where a confirmation leads. A no forgets the field, and its value is not offered again."""
    if is_yes:
        if step.of is not None:
            turn.judged("confirmed", field=step.of)
        return step.yes
    if step.of is not None and step.of in turn.state.fields:
        values = dict(turn.state.fields)
        deny_value(turn, step.of, as_text(values.pop(step.of)))
        turn.set(fields=values)
    return step.no


def second(turn: Turn, step: Collect | Form, denied: Guess) -> tuple[Guess, ...]:
    """What the caller likely said in place of a string they have called wrong: asked back once.

    Not where the company's data has the strings: a caller who calls those wrong is told no others.
    """
    field, heard = fields.of(step)[denied.field], turn.state.heard.get(denied.field, ())
    is_out = "re-ranking" in turn.book.without or field.exists is not None or denied.is_second
    if is_out or not heard or field.type != "digits":
        return ()
    wanted = Wanted(*field.bounds(), field.check or "", turn.state.denied.get(denied.field, ()))
    best, _ = chosen(heard, wanted)
    if best is None or not best.is_possible or best.chance < LIKELY:
        return ()
    return (replace(denied, value=best.digits, confidence=best.chance, others=(), is_second=True),)
