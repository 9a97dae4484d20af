"""Entering steps: what each kind does when the flow comes to it, and the ways that lead from step to step."""

from __future__ import annotations

from typing import assert_never

from ivr.dialogue import lookup, transfer, words
from ivr.dialogue.state import Frame, Question, Visit
from ivr.dialogue.turn import Turn
from ivr.errors import IvrError
from ivr.flow.model import (
    DONE,
    Ask,
    Collect,
    Confirm,
    Flow,
    Form,
    HangUp,
    If,
    Language,
    LookUp,
    Remember,
    Run,
    Say,
    Set,
    Transfer,
)
from ivr.flow.template import evaluate

LONGEST_RUN = 40
"""Steps in a row without the caller; a flow that wants more runs in a circle."""
DEEPEST = 20
"""Flows within flows."""
HISTORY_KEPT = 20


def start(turn: Turn) -> None:
    """Begin the flow that the called number or the site names; at a desk a flow is called by its own name."""
    site, called = turn.book.site, turn.state.called
    flow = turn.book.flows[called if called in turn.book.flows else site.numbers.get(called, site.entry)]
    turn.set(stack=(_first(flow),))
    go(turn, flow.start)


def go(turn: Turn, target: str | None) -> None:
    """Follow the flow from ``target`` until something has to be waited for."""
    for _ in range(LONGEST_RUN):
        if target is None:
            return
        turn.path.append((turn.state.stack[-1], target))
        target = _finish(turn) if target == DONE else _enter(turn, target)
    turn.divert("the flow runs in a circle", turn.book.site.prompts.cannot_help)


def _enter(turn: Turn, target: str) -> str | None:
    """Enter one step; the next one's name where nothing has to be waited for."""
    turn.stand(target)
    step = turn.step
    match step:
        case Say():
            return _tell(turn, step)
        case Ask() | Collect() | Confirm():
            _begin_question(turn, step)
            return None
        case Form():
            raise IvrError("forms are not answered yet")
        case LookUp():
            lookup.ask(turn, step)
            return None
        case Set():
            kept = {name: words.text(turn.book, turn.state, text) for name, text in step.set_.items()}
            turn.set(fields={**turn.state.fields, **kept})
            return step.next
        case Language():
            turn.set(language=step.language)
            return step.next
        case Remember():
            turn.set(keeps=step.remember)
            return step.next
        case If():
            return way(turn, step)
        case Run():
            return _run(turn, step)
        case Transfer():
            reason = words.text(turn.book, turn.state, step.reason)
            transfer.begin(turn, step.transfer, step.say, reason, step.priority, step.skills)
            return None
        case HangUp():
            turn.hang_up(step.hang_up, step.outcome)
            return None
        case _:
            assert_never(step)


def _tell(turn: Turn, step: Say) -> str | None:
    """Prompts that may be talked over queue up before the next question; one that may not is waited for."""
    turn.say(step.say, barge_in=step.barge_in)
    turn.did(words.text(turn.book, turn.state, step.did))
    if step.barge_in != "off":
        return step.next
    turn.stop_listening()
    turn.set(phase="telling", keys="")
    return None


def _run(turn: Turn, step: Run) -> str:
    if len(turn.state.stack) >= DEEPEST:
        turn.divert("flows run each other in a circle", turn.book.site.prompts.cannot_help)
        return DONE
    flow = turn.book.flows[step.run]
    turn.set(stack=(*turn.state.stack, _first(flow)))
    return flow.start


def _finish(turn: Turn) -> str | None:
    """The innermost flow is done: on with the flow that ran it, or goodbye."""
    if turn.state.phase == "leaving":
        return None
    if len(turn.state.stack) == 1:
        turn.hang_up("", "completed")
        return None
    turn.set(stack=turn.state.stack[:-1])
    step = turn.step
    return step.next if isinstance(step, Run) else DONE


def way(turn: Turn, step: If) -> str:
    """Where a condition leads by what is known now."""
    return step.then if evaluate(step.if_, words.values(turn.book, turn.state)) else step.else_


def _begin_question(turn: Turn, step: Ask | Collect | Confirm) -> None:
    stack, history = turn.state.stack, turn.state.history
    if history and history[-1].stack == stack:
        history = history[:-1]
    asked = Question(stack=stack, field=step.collect if isinstance(step, Collect) else "")
    turn.set(phase="asking", visit=Visit(), history=(*history, asked)[-HISTORY_KEPT:])
    if step.barge_in == "off":
        turn.set(keys="")
    if turn.state.keys:
        turn.set_sound(is_listening=False)
        return
    ask(turn, is_kept=True)


def ask(turn: Turn, *before: str, is_kept: bool = False, is_own: bool = False) -> None:
    """Put the step's question, or that of a doubt, on the line. ``is_own``: ``before`` replaces it."""
    step, state, prompts = turn.step, turn.state, turn.book.site.prompts
    if not isinstance(step, Ask | Collect | Confirm):
        return
    barge_in = "hotword" if state.visit.noises >= 2 and step.barge_in == "speech" else step.barge_in
    question, more = step.confirm if isinstance(step, Confirm) else step.ask, {}
    if state.visit.doubt and isinstance(step, Ask):
        question, more = prompts.did_you_mean, {"choice": step.named(state.visit.doubt)}
    elif state.visit.doubt:
        question, more = prompts.did_you_say, {"digits": ", ".join(state.visit.doubt)}
    texts = before if is_own else (*before, question)
    if step.barge_in == "off":
        turn.stop_listening()
    turn.set_visit(is_asked=True)
    turn.set_sound(is_listening=False, is_speaking=False)
    turn.forget_cut()
    turn.cancel_timer("turn", "keys")
    turn.say(*texts, barge_in=barge_in, is_kept=is_kept, **more)


def again(turn: Turn, *before: str) -> None:
    """Say everything since the caller's last answer again, and listen."""
    step, said = turn.step, turn.state.said
    if not said or not isinstance(step, Ask | Collect | Confirm):
        ask(turn, *before)
        return
    more = tuple(p for template in before for p in words.phrases(turn.book, turn.state, template))
    turn.set_sound(is_listening=False)
    turn.forget_cut()
    turn.say_phrases(more + said, step.barge_in)


def back(turn: Turn) -> None:
    """To the question before, whose answer is forgotten; where there is none, the same question again."""
    if turn.state.visit.doubt:
        turn.set_visit(doubt="")
        ask(turn, is_kept=True)
        return
    if len(turn.state.history) < 2:
        ask(turn, turn.book.site.prompts.nothing_before)
        return
    *earlier, before, _ = turn.state.history
    fields = {name: value for name, value in turn.state.fields.items() if name != before.field}
    turn.set(history=tuple(earlier), stack=before.stack, fields=fields, said=(), keys="")
    go(turn, before.stack[-1].step)


def restart(turn: Turn) -> None:
    """From the beginning, with everything forgotten that the caller said; who they are, too."""
    turn.stop_listening()
    turn.cancel_timer(*turn.state.sound.timers)
    turn.forget_cut()
    turn.set(
        history=(), fields={}, secrets=(), denied={}, intent="", identity="none", name="", said=(), keys="",
        visit=Visit(),
    )  # fmt: skip
    turn.say(turn.book.site.prompts.started_over)
    start(turn)


def _first(flow: Flow) -> Frame:
    return Frame(flow=flow.flow, step=flow.start)
