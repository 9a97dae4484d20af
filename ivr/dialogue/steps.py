"""Entering steps: what each kind does when the flow comes to it, and the ways that lead from step to step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, assert_never

from ivr.dialogue import fields, identity, lookup, mood, profile, transfer, words
from ivr.dialogue.state import Aside, Frame, Question, Visit
from ivr.dialogue.turn import Turn
from ivr.flow.model import (
    DONE,
    AnyStep,
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
from ivr.flow.model import Question as Answered
from ivr.flow.template import evaluate, uses

LONGEST_RUN = 40
"""Steps in a row without the caller; a flow that wants more runs in a circle."""
DEEPEST = 20
"""Flows within flows."""
HISTORY_KEPT = 20
COMPLETED = "completed"
"""The outcome of a call that ended well, where no step names another."""


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
    identity.check(turn)
    if not identity.suffices(turn):
        return _identify(turn, step)
    match step:
        case Say():
            return _tell(turn, step)
        case Ask() | Collect() | Form() | Confirm():
            _begin_question(turn, step)
            return None
        case LookUp():
            lookup.ask(turn, step)
            return None
        case Set():
            _keep(turn, step)
            return step.next
        case Language():
            turn.set(language="" if step.language == turn.main_language else step.language)
            return step.next
        case Remember():
            profile.agreed(turn, step)
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
            return part(turn, step.hang_up, step.outcome)
        case _:
            assert_never(step)


def _keep(turn: Turn, step: Set) -> None:
    """Values under names; one that is made of a secret is a secret."""
    state = turn.state
    kept = {name: words.text(turn.book, state, text) for name, text in step.set_.items()}
    hidden = {name for name, text in step.set_.items() if uses(text).names & set(state.secrets)}
    turn.set(
        fields={**state.fields, **kept},
        secrets=(*(name for name in state.secrets if name not in kept), *sorted(hidden)),
    )


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
    stack, asides = turn.state.stack, turn.state.asides
    if asides and is_within(stack, asides[-1]) and len(stack) == len(asides[-1].below) + 1:
        return _step_back(turn, asides[-1])
    if len(stack) == 1:
        return part(turn, "", COMPLETED)
    turn.set(stack=stack[:-1])
    step = turn.step
    return step.next if isinstance(step, Run) else DONE


def part(turn: Turn, template: str, outcome: str) -> str | None:
    """The last words; the site's flow for them where these are not a step's own: its first step."""
    goodbyes = [aside.target for aside in turn.state.asides if aside.then == "leave"]
    if goodbyes and outcome == COMPLETED:
        outcome = goodbyes[-1]
    start = None if template else step_aside(turn, Aside(kind="goodbye", then="leave", target=outcome))
    if start is None:
        turn.hang_up(template, outcome)
    return start


def step_aside(turn: Turn, aside: Aside, flow: str = "") -> str | None:
    """Lay a flow over the place where the call stands: its first step. ``flow``: where it is no pattern's.

    None where the site has no flow for this pattern, the call is in one already, or a secret is asked for, whose
    digits must not be heard as an answer to anything else.
    """
    state, patterns = turn.state, turn.book.site.patterns
    if not flow and (not state.stack or any(each.kind in patterns for each in state.asides)):
        return None
    if (
        aside.then in ("ask", "again")
        and isinstance(turn.step, Collect | Form)
        and fields.has_secret(turn.step)
    ):
        return None
    flow = flow or {str(name): each for name, each in patterns.items()}.get(aside.kind, "")
    if not flow or len(state.stack) >= DEEPEST:
        return None
    turn.cancel_timer("no_input", "keys", "turn")
    if "field" in aside.values and aside.values["field"] in state.secrets:
        aside = replace(aside, values={name: "" for name in aside.values})
    aside = replace(aside, flow=flow, below=state.stack, visit=state.visit, said=state.said)
    first = _first(turn.book.flows[flow])
    turn.set(asides=(*state.asides, aside), stack=(*state.stack, first), said=())
    return first.step


def is_within(stack: tuple[Frame, ...], aside: Aside) -> bool:
    """Whether a place lies in an aside's flow."""
    depth = len(aside.below)
    return len(stack) > depth and stack[:depth] == aside.below and stack[depth].flow == aside.flow


def _step_back(turn: Turn, aside: Aside) -> str | None:
    """An aside is done: the call stands again where it stood; a next step where it does not wait there."""
    history = tuple(asked for asked in turn.state.history if not is_within(asked.stack, aside))
    turn.set(asides=turn.state.asides[:-1], stack=aside.below, history=history)
    match aside.then:
        case "enter":
            is_known = identity.suffices(turn)
            return turn.state.stack[-1].step if is_known else _refuse(turn, turn.step)
        case "go":
            return aside.target
        case "leave":
            turn.part(aside.target)
        case "transfer":
            transfer.begin(turn, aside.target, "", aside.texts[0])
        case "ask" | "again":
            turn.set(phase="asking", visit=aside.visit, said=aside.said)
            again(turn) if aside.then == "again" else ask(turn, *aside.texts, is_own=aside.is_own)
        case _:
            assert_never(aside.then)
    return None


def _identify(turn: Turn, step: AnyStep) -> str | None:
    """The caller must be known better to come here: the site's flow for that first, once."""
    flow = identity.flow_for(turn)
    if flow is None or any(aside.flow == flow for aside in turn.state.asides):
        return _refuse(turn, step)
    start = step_aside(turn, Aside(kind=identity.IDENTIFY, then="enter"), flow)
    return _refuse(turn, step) if start is None else start


def _refuse(turn: Turn, step: AnyStep) -> str | None:
    """The caller is not known well enough for a step: where it says, or a person."""
    if step.if_refused is not None:
        return step.if_refused
    return cannot_help(turn, "", identity.REFUSED, "identity")


def cannot_help(turn: Turn, template: str, reason: str, why: str) -> str | None:
    """The machine cannot go on: a person, after the site's flow for that (its first step) where it has one."""
    queue = turn.book.site.agent_queue
    aside = Aside(kind="cannot_help", then="transfer", target=queue, texts=(reason,), values={"why": why})
    start = step_aside(turn, aside)
    if start is None:
        transfer.begin(turn, queue, template, reason)
    return start


def way(turn: Turn, step: If) -> str:
    """Where a condition leads by what is known now."""
    return step.then if evaluate(step.if_, words.values(turn.book, turn.state)) else step.else_


def _begin_question(turn: Turn, step: Answered) -> None:
    if isinstance(step, Form) and fields.missing(step, turn.state) is None:
        kept = {name: value for name, value in turn.state.fields.items() if name not in step.form}
        turn.set(fields=kept)
    stack, history = turn.state.stack, turn.state.history
    if history and history[-1].stack == stack:
        history = history[:-1]
    asked = Question(stack=stack, field=step.collect if isinstance(step, Collect) else "")
    visit = fields.first_visit(step, turn.state) if isinstance(step, Form) else Visit()
    turn.set(phase="asking", visit=visit, history=(*history, asked)[-HISTORY_KEPT:])
    if step.barge_in == "off":
        turn.set(keys="")
    if turn.state.keys:
        turn.set_sound(is_listening=False)
        return
    mood.tell(turn)
    ask(turn, is_kept=True)


def ask(turn: Turn, *before: str, is_kept: bool = False, is_own: bool = False) -> None:
    """Put the step's question, or that of a doubt, on the line. ``is_own``: ``before`` replaces it."""
    step, state, prompts = turn.step, turn.state, turn.book.site.prompts
    if not isinstance(step, Answered):
        return
    barge_in = "hotword" if state.visit.noises >= 2 and step.barge_in == "speech" else step.barge_in
    more: dict[str, Any] = {}
    match step:
        case Collect() | Form():
            question, more = fields.question(turn.book, state, step)
        case Ask() if state.visit.doubt:
            question, more = prompts.did_you_mean, {"choice": step.named(state.visit.doubt)}
        case Ask():
            question = step.ask
        case Confirm():
            question = step.confirm
    texts = before if is_own else (*before, question)
    if is_kept and profile.likes_keys(state):
        texts = (*texts, fields.keys_told(turn.book, state, step))
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
    if not said or not isinstance(step, Answered):
        ask(turn, *before)
        return
    more = tuple(p for template in before for p in words.phrases(turn.book, turn.state, template))
    turn.set_sound(is_listening=False)
    turn.forget_cut()
    turn.say_phrases(more + said, step.barge_in)


def back(turn: Turn) -> None:
    """To the question before, whose answer is forgotten; where there is none, the same question again."""
    step = turn.step
    if turn.state.visit.doubt:
        turn.set_visit(doubt="", guesses=())
        ask(turn, is_kept=True)
        return
    if isinstance(step, Form) and (name := fields.last(step, turn.state)) is not None:
        kept = {each: value for each, value in turn.state.fields.items() if each != name}
        turn.set(fields=kept, visit=Visit(field=name), said=(), keys="")
        ask(turn, is_kept=True)
        return
    if len(turn.state.history) < 2:
        ask(turn, turn.book.site.prompts.nothing_before)
        return
    *earlier, before, _ = turn.state.history
    kept = {name: value for name, value in turn.state.fields.items() if name != before.field}
    asides = tuple(aside for aside in turn.state.asides if is_within(before.stack, aside))
    turn.set(history=tuple(earlier), stack=before.stack, asides=asides, fields=kept, said=(), keys="")
    go(turn, before.stack[-1].step)


def restart(turn: Turn) -> None:
    """From the beginning, with everything forgotten that the caller said; who they are, too."""
    turn.stop_listening()
    turn.cancel_timer(*turn.state.sound.timers)
    turn.forget_cut()
    turn.set(
        history=(), fields={}, secrets=(), denied={}, heard={}, intent="", reason="", identity="none", proofs=(),
        name="", said=(), keys="", visit=Visit(), asides=(),
    )  # fmt: skip
    turn.say(turn.book.site.prompts.started_over)
    start(turn)


def _first(flow: Flow) -> Frame:
    return Frame(flow=flow.flow, step=flow.start)
