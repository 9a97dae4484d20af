"""The door of the dialogue: ``handle`` folds one event into a call's state and the actions that follow.

Total: any event in any state has a result, and after each one a live call has a prompt on its way, a timer
set or its last words said, so that no caller is left in silence. Each kind of decision has its own module.
"""

from __future__ import annotations

from typing import assert_never

from ivr.actions import Action
from ivr.dialogue import (
    callback,
    errand,
    fields,
    filling,
    forms,
    hearing,
    lookup,
    person,
    profile,
    repair,
    steps,
    transfer,
    waiting,
)
from ivr.dialogue.expect import step_of
from ivr.dialogue.settle import settle
from ivr.dialogue.state import State, Visit
from ivr.dialogue.turn import Turn
from ivr.errors import IvrError
from ivr.events import (
    AgentAnswered,
    AgentLeft,
    AgentOffered,
    AgentRefused,
    CallbackBooked,
    CallEnded,
    CallResumed,
    CallStarted,
    Event,
    HandFailed,
    Heard,
    LookedUp,
    Overflowed,
    Pressed,
    PromptEnded,
    QueuePlaced,
    Recorded,
    Silent,
    SpeechStarted,
)
from ivr.flow.model import Collect, Form, LookUp, Say
from ivr.flow.site import Book

KEYS_KEPT = 20
"""Keys typed ahead that are kept for the next questions."""
FAILURES = 3
"""Prompts in a row that could not be played, after which the machine gives the caller away."""


def handle(book: Book, state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
    """What an event changes and what is to be done. Never raises; ``book`` is of ``state.book_version``."""
    turn = decide(book, state, event)
    return turn.state, tuple(turn.actions)


def decide(book: Book, state: State, event: Event) -> Turn:
    """As ``handle``, with the ways through the steps that were taken: ``Turn.path``."""
    turn = _turn(book, state, event)
    try:
        _dispatch(turn, event)
        settle(turn)
        profile.notice(turn, state, event)
    except IvrError as error:
        turn = _turn(book, state, event)
        try:
            _give_up(turn, f"The flow failed: {error}.")
        except IvrError:
            turn = _turn(book, state, event)
            turn.divert(f"the flow failed: {error}")
    return turn


def is_secret(book: Book, state: State) -> bool:
    """Whether what the caller says or keys in this state must not reach any log."""
    step = step_of(book, state)
    if state.keys:
        return True
    is_asked = state.phase in ("asking", "looking_up")
    return is_asked and isinstance(step, Collect | Form) and fields.has_secret(step)


def where(state: State) -> str:
    """Where the call stands, as ``flow.step``; empty before the first step."""
    return f"{state.stack[-1].flow}.{state.stack[-1].step}" if state.stack else ""


def _give_up(turn: Turn, reason: str) -> None:
    """A fault of a flow costs nobody the call: a person, and where that was the plan, the fallback number."""
    site = turn.book.site
    if turn.state.waiting is not None or not turn.state.stack:
        turn.divert(reason, site.prompts.cannot_help)
        return
    turn.hush()
    transfer.begin(turn, site.agent_queue, site.prompts.cannot_help, reason)
    settle(turn)


def _turn(book: Book, state: State, event: Event) -> Turn:
    turn = Turn(book, state)
    turn.set(at_ms=max(state.at_ms, event.at_ms), verdicts=())
    return turn


def _dispatch(turn: Turn, event: Event) -> None:
    phase = turn.state.phase
    if isinstance(event, CallEnded):
        _end(turn, event)
        return
    if phase == "over":
        return
    if phase == "leaving":
        _leave(turn, event)
        return
    if phase == "starting":
        if isinstance(event, CallStarted | CallResumed):
            callback.start(turn) if turn.state.callback else steps.start(turn)
        return
    match event:
        case CallStarted():
            pass
        case CallResumed():
            _resume(turn)
        case SpeechStarted():
            hearing.speech_started(turn)
        case Heard():
            hearing.heard(turn, event)
        case Pressed():
            _press(turn, event.key)
        case Silent():
            _silent(turn, event.timer)
        case PromptEnded():
            hearing.prompt_ended(turn, event)
        case LookedUp():
            step = _looking_up(turn)
            if event.lookup_id != turn.state.lookup_id:
                return
            if step is not None:
                steps.go(turn, lookup.answered(turn, step, event))
            elif _is_checking(turn):
                filling.found(turn, is_found=event.is_found)
        case HandFailed():
            _failed(turn, event)
        case AgentAnswered():
            person.answered(turn, event)
        case AgentLeft():
            person.left(turn, event)
        case QueuePlaced() | Overflowed() | AgentOffered() | AgentRefused() | CallbackBooked():
            _queue(turn, event)
        case Recorded():
            if turn.state.waiting is not None and turn.state.waiting.errand is not None:
                errand.recorded(turn, turn.state.waiting.errand, event)
        case _:
            assert_never(event)


def _queue(
    turn: Turn, event: QueuePlaced | Overflowed | AgentOffered | AgentRefused | CallbackBooked
) -> None:
    """News of the line, for the ticket that waits."""
    place = waiting.of(turn, event.ticket_id)
    if place is None:
        return
    match event:
        case QueuePlaced():
            waiting.placed(turn, place, event)
        case Overflowed():
            waiting.overflowed(turn, place, event)
        case AgentOffered():
            waiting.offered(turn, place, event)
        case AgentRefused():
            waiting.refused(turn, place, event)
        case CallbackBooked():
            if place.errand is not None:
                errand.booked(turn, place.errand, event)
        case _:
            assert_never(event)


def _looking_up(turn: Turn) -> LookUp | None:
    """The look-up whose answer is awaited."""
    step = turn.step
    return step if isinstance(step, LookUp) and turn.state.phase == "looking_up" else None


def _is_checking(turn: Turn) -> bool:
    """Whether the company's data is asked for a value of the question that the call stands at."""
    state = turn.state
    return isinstance(turn.step, Collect | Form) and state.phase == "looking_up" and bool(state.visit.guesses)


def _press(turn: Turn, key: str) -> None:
    """Keys are never lost: an answer now, or kept for the next question."""
    phase, is_stray = turn.state.phase, turn.state.is_hash_due and key == "#"
    turn.set(is_hash_due=False)
    if is_stray or phase == "bridged":
        return
    if phase == "waiting":
        if turn.state.waiting is not None:
            waiting.press(turn, turn.state.waiting, key)
    elif phase == "called_back":
        callback.press(turn, key)
    elif turn.barge_in() == "off" or phase == "telling":
        return
    elif phase == "asking":
        forms.press(turn, key)
    elif len(turn.state.keys) < KEYS_KEPT:
        turn.set(keys=turn.state.keys + key)


def _silent(turn: Turn, timer: str) -> None:
    """A timer ran out; one that was cancelled meanwhile is no news."""
    sound, step = turn.state.sound, _looking_up(turn)
    if timer not in sound.timers:
        return
    turn.set_sound(timers=tuple(t for t in sound.timers if t != timer))
    place = turn.state.waiting
    match timer:
        case "no_input" if turn.state.phase == "called_back":
            callback.silent(turn)
        case "errand" if place is not None and place.errand is not None:
            errand.silent(turn, place.errand)
        case "keys" if place is not None and place.errand is not None:
            errand.keys_paused(turn, place.errand)
        case "no_input":
            repair.no_input(turn)
        case "turn":
            turn.set_sound(is_speaking=False)
            repair.noise(turn)
        case "resume":
            repair.go_on(turn, is_late=True)
        case "keys":
            forms.pause(turn)
        case "filler" if turn.state.phase == "looking_up":
            lookup.fill(turn)
        case "lookup" if step is not None:
            steps.go(turn, lookup.failed(turn, step))
        case "lookup" if _is_checking(turn):
            filling.unknown(turn)
        case "queue_check" if place is not None:
            waiting.check(turn, place)
        case "bridge" if turn.state.phase == "bridged":
            person.still_there(turn)
        case _:
            pass


def _failed(turn: Turn, event: HandFailed) -> None:
    step, place = _looking_up(turn), turn.state.waiting
    is_ours = place is not None and event.ref == place.ticket.ticket_id
    match event.action:
        case "say" | "play":
            failures = turn.state.sound.failures + 1
            ended = PromptEnded(at_ms=event.at_ms, prompt_id=event.ref, played=0, is_finished=False)
            hearing.prompt_ended(turn, ended)
            turn.set_sound(failures=failures)
            if failures >= FAILURES:
                turn.divert("nothing can be said to the caller")
        case "lookup" if event.ref == turn.state.lookup_id:
            if step is not None:
                steps.go(turn, lookup.failed(turn, step))
            elif _is_checking(turn):
                filling.unknown(turn)
        case "enqueue" | "check_queue" if place is not None and is_ours and turn.state.phase == "waiting":
            waiting.not_placed(turn, place)
        case "book_callback" | "record" | "leave_message" if place is not None and place.errand is not None:
            errand.failed(turn, place.errand)
        case "bridge":
            person.not_bridged(turn)
        case "keep":
            turn.divert("the call's state cannot be kept", turn.book.site.prompts.cannot_help)
        case _:
            pass


def _resume(turn: Turn) -> None:
    """The line is back on another stream: an apology, then exactly where the call stood."""
    was_playing = bool(turn.state.sound.playing or turn.state.sound.hushed)
    resumed, step, place = turn.book.site.prompts.resumed, turn.step, turn.state.waiting
    turn.reset_sound()
    turn.set_visit(entry="", is_starred=False)
    match turn.state.phase:
        case "asking" if was_playing:
            steps.again(turn, resumed)
        case "asking":
            steps.ask(turn, resumed)
        case "telling" if isinstance(step, Say):
            turn.say(resumed, is_kept=False)
            steps.go(turn, turn.state.stack[-1].step)
        case "looking_up" if isinstance(step, LookUp):
            turn.say(resumed, is_kept=False)
            lookup.ask(turn, step)
        case "looking_up" if _is_checking(turn):
            turn.say(resumed, is_kept=False)
            filling.again(turn)
        case "waiting" if place is not None:
            waiting.resume(turn, place)
        case "called_back":
            callback.resume(turn)
        case "bridged":
            person.bridge(turn)
        case _:
            pass


def _leave(turn: Turn, event: Event) -> None:
    """The last words are said; only a line that came back, or cannot be given away, needs another end."""
    is_undiverted = isinstance(event, HandFailed) and event.action == "divert"
    if isinstance(event, CallResumed) and turn.state.exit == "divert":
        turn.divert("the line came back")
    elif is_undiverted or isinstance(event, CallResumed):
        turn.reset_sound()
        turn.hang_up("", turn.state.outcome)


def _end(turn: Turn, event: CallEnded) -> None:
    place = turn.state.waiting
    if place is not None and place.errand is not None and place.errand.kind in ("booking", "keeping"):
        turn.set(waiting=None)
    if turn.state.phase != "over":
        turn.leave_line(event.reason)
        profile.end(turn)
    turn.set(
        phase="over",
        outcome=turn.state.outcome or event.reason,
        keys="",
        visit=Visit(),
        asides=(),
        fields=_public(turn.state),
        secrets=(),
    )


def _public(state: State) -> dict[str, object]:
    return {name: value for name, value in state.fields.items() if name not in state.secrets}
