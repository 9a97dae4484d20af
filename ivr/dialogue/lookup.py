"""Asking the company's data: the question, words while it takes long, and which branch its end leads to."""

from __future__ import annotations

from typing import Any

from ivr.actions import Lookup
from ivr.dialogue import identity, words
from ivr.dialogue.turn import Turn
from ivr.events import LookedUp
from ivr.flow.model import DONE, HangUp, LookUp, Say, Transfer
from ivr.flow.template import evaluate, uses

FILLER_MS = 1_500
"""Silence after which the caller hears that we are still there."""
AGAIN_MS = 2_500
"""Silence after a filler until the next: a caller is never left silent for 3 s."""
LIMIT_MS = 8_000
"""After that an answer comes too late to matter."""
QUIET_LIMIT_MS = 2_500
"""The same for what nobody has asked for: no word fills that silence."""
TIMERS = ("filler", "lookup")


def ask(turn: Turn, step: LookUp) -> None:
    parameters = {name: words.text(turn.book, turn.state, template) for name, template in step.with_.items()}
    secrets = tuple(name for name, template in step.with_.items() if _reads(template, turn.state.secrets))
    begin(turn, step.look_up, parameters, secrets, is_quiet=step.is_quiet)


def begin(
    turn: Turn, name: str, parameters: dict[str, str], secrets: tuple[str, ...], *, is_quiet: bool = False
) -> None:
    """Ask; ``secrets`` are the parameters that no log may show."""
    lookup_id = turn.new_id("l")
    turn.stop_listening()
    turn.actions.append(Lookup(lookup_id=lookup_id, name=name, parameters=parameters, secrets=secrets))
    turn.set(phase="looking_up", lookup_id=lookup_id)
    if not is_quiet:
        turn.set_timer("filler", FILLER_MS)
    turn.set_timer("lookup", QUIET_LIMIT_MS if is_quiet else LIMIT_MS)


def over(turn: Turn) -> None:
    """The answer is there, or will not come."""
    turn.cancel_timer(*TIMERS)
    turn.set(lookup_id="")


def fill(turn: Turn) -> None:
    """Say that it takes a moment, unless something is being said anyway."""
    step = turn.step
    own = step.filler if isinstance(step, LookUp) else ""
    is_quiet = isinstance(step, LookUp) and step.is_quiet
    if not turn.state.sound.playing and not is_quiet:
        turn.say(own or turn.book.site.prompts.filler, is_kept=False)


def answered(turn: Turn, step: LookUp, event: LookedUp) -> str:
    """Where the flow goes on."""
    if not event.is_found:
        _end(turn, step)
        return step.not_found or _failed(turn, step)
    turn.set(fields={**turn.state.fields, step.into or step.look_up: event.fields})
    _prove(turn, step, event.fields)
    _end(turn, step)
    done = f"looked up {step.look_up.replace('_', ' ')}" if step.did is None else step.did
    turn.did(words.text(turn.book, turn.state, done))
    return step.found


def failed(turn: Turn, step: LookUp) -> str:
    """Where the flow goes on without an answer; the caller always hears that there is none."""
    _end(turn, step)
    return _failed(turn, step)


def _failed(turn: Turn, step: LookUp) -> str:
    frame = turn.state.stack[-1]
    target = None if step.failed == DONE else turn.book.flows[frame.flow].steps[step.failed]
    has_words = isinstance(target, Say) or (
        isinstance(target, Transfer | HangUp) and bool(_own_words(target))
    )
    if not has_words and not step.is_quiet:
        turn.say(turn.book.site.prompts.lookup_failed)
    return step.failed


def _own_words(step: Transfer | HangUp) -> str:
    return step.say if isinstance(step, Transfer) else step.hang_up


def _end(turn: Turn, step: LookUp) -> None:
    """The look-up is over: no timer of it runs on, and the secrets it was given are forgotten."""
    over(turn)
    used = {name for template in step.with_.values() for name in _reads(template, turn.state.secrets)}
    turn.set(
        fields={name: value for name, value in turn.state.fields.items() if name not in used},
        secrets=tuple(name for name in turn.state.secrets if name not in used),
    )


def _reads(template: str, names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        return ()
    read = uses(template).names
    return tuple(name for name in names if name in read)


def _prove(turn: Turn, step: LookUp, found: dict[str, Any]) -> None:
    """An answer may prove who the caller is, and with it their name."""
    if step.proves is None:
        return
    if not step.proves_if or evaluate(step.proves_if, words.values(turn.book, turn.state)):
        identity.prove(turn, step.proves, step.with_.values())
        turn.set(name=str(found.get("name") or turn.state.name))
