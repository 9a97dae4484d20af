"""When the caller says nothing, nothing that fits, or something that fits every step: help, repeat, back ...

Silence, words that fit nothing, and calls for help are counted apart, for each stay at a question.
"""

from __future__ import annotations

from typing import Any, Literal

from ivr.dialogue import fields, patterns, steps, transfer
from ivr.dialogue.state import PACES
from ivr.dialogue.turn import Turn
from ivr.flow.model import Collect, Form, Question
from ivr.flow.site import Pattern

MOST_WAYS_OUT = 2
"""Times ``misses_per_call`` after which a step's own way out no longer counts: it has led back to silence."""
STRANGE = 1
"""Times a caller is asked again who was surely heard to want something else."""
NOISES = 5
"""Sounds without words at one question after which the caller is treated as silent."""


def no_input(turn: Turn) -> None:
    count = turn.state.visit.no_input + 1
    turn.set_visit(no_input=count)
    turn.note("caller", "(silent)")
    own = _own(turn, "no_input")
    _miss(turn, "silence", count, own, turn.book.site.prompts.no_input)


def no_match(turn: Turn, why: str = "", *, is_strange: bool = False) -> None:
    """``why``: said in place of the general words where the reason is known. ``is_strange``: it was surely heard
    and is nothing the question is about."""
    count = turn.state.visit.no_match + 1
    step = turn.step
    asked = fields.asked(step, turn.state) if isinstance(step, Collect | Form) else ""
    if not (isinstance(step, Collect | Form) and fields.of(step)[asked].secret):
        turn.judged("unmatched", field=asked)
    turn.set_visit(no_match=count, strange=turn.state.visit.strange + is_strange)
    turn.set(keys="")
    own = _own(turn, "no_match")
    _miss(turn, "no_match", count + turn.state.visit.refusals, own, turn.book.site.prompts.no_match, why)


def refused(turn: Turn) -> None:
    """A value that was asked back is wrong."""
    count = turn.state.visit.refusals + 1
    turn.set_visit(refusals=count)
    turn.set(keys="")
    _miss(turn, "no_match", count, (), (), turn.book.site.prompts.misheard)


def noise(turn: Turn) -> None:
    """A sound without words is no answer: a prompt it cut goes on from the cut, and nothing is counted."""
    turn.set_visit(noises=turn.state.visit.noises + 1)
    if turn.state.sound.hushed:
        turn.set_sound(is_resuming=True)
        go_on(turn)
    elif turn.state.visit.noises > NOISES:
        turn.set_visit(noises=0)
        no_input(turn)


def go_on(turn: Turn, *, is_late: bool = False) -> None:
    """Say a cut prompt from where it was cut, once that is known (``is_late``: or never will be)."""
    hushed = turn.state.sound.hushed
    if not is_late and any(prompt.played is None for prompt in hushed):
        turn.set_timer("resume", RESUME_MS)
        return
    rest = tuple(phrase for prompt in hushed for phrase in prompt.phrases[prompt.played or 0 :])
    turn.forget_cut()
    turn.say_phrases(rest, "hotword" if turn.state.visit.noises >= 2 else "speech")


RESUME_MS = 1_000
"""How long the report of a cut is waited for before the prompt is said from its beginning."""


def command(turn: Turn, name: str) -> None:
    """One of the commands that work at every question."""
    prompts = turn.book.site.prompts
    turn.judged("command", name=name)
    turn.cancel_timer("no_input", "keys", "turn")
    match name:
        case "help":
            turn.set_visit(helps=turn.state.visit.helps + 1)
            steps.ask(turn, _own(turn, "help") or prompts.help, _keys(turn))
        case "repeat":
            if not patterns.repeat(turn):
                steps.again(turn)
        case "slower":
            slower = [pace for pace in PACES if pace < turn.state.pace]
            turn.set(pace=next(iter(slower), turn.state.pace))
            steps.again(turn)
        case "back":
            steps.back(turn)
        case "restart":
            steps.restart(turn)
        case _:
            site = turn.book.site
            transfer.begin(turn, site.agent_queue, "", "The caller asked for a person.")


def _miss(
    turn: Turn,
    pattern: Pattern,
    count: int,
    own: tuple[str, ...],
    general: tuple[str, ...],
    why: str = "",
) -> None:
    """Ask again, each time more fully; after too many, a person. A step's own words replace its question."""
    site, visit, step = turn.book.site, turn.state.visit, turn.step
    turn.set(misses=turn.state.misses + 1)
    most, way_out, is_unclear = site.misses_per_step, None, bool(visit.no_match or visit.refusals)
    if isinstance(step, Question):
        most = site.misses_per_step if step.misses is None else step.misses
        way_out = step.if_unclear if is_unclear else step.if_silent
    is_hopeless = turn.state.misses > site.misses_per_call
    missed = visit.no_input + visit.no_match + visit.refusals
    is_strange = visit.strange > STRANGE
    if missed > most or is_hopeless or is_strange:
        if way_out is not None and turn.state.misses <= MOST_WAYS_OUT * site.misses_per_call:
            steps.go(turn, way_out)
            return
        reason = "The machine did not understand the caller." if is_unclear else "The caller did not answer."
        reason = "The caller wants something the machine cannot do." if is_strange else reason
        patterns.cannot_help(turn, site.prompts.too_many_misses, reason, pattern)
        return
    is_backing_off = isinstance(step, Form) and _asks_one(turn, step, missed)
    has_own = bool(own) and not visit.doubt and visit.stage == "ask" and not is_backing_off
    texts = own if has_own else general
    words = texts[min(count, len(texts)) - 1] if texts else ""
    is_told = has_own and _tells_keys(turn) and not (visit.refusals and words == own[0])
    keys = _keys(turn) if missed > 1 and not is_told else ""
    before = tuple(filter(None, (why, words if has_own else "", keys)))
    if patterns.miss(turn, pattern, count, before, is_own=has_own):
        return
    said = (why,) if why and count == 1 else (why, words)
    steps.ask(turn, *said, keys, is_own=has_own and not (why and count == 1))


def _asks_one(turn: Turn, step: Form, missed: int) -> bool:
    """Who does not get on with the opening question of a form is asked for one field after the other."""
    visit = turn.state.visit
    if visit.field or visit.stage != "ask" or visit.doubt or missed < 2:
        return False
    turn.set_visit(field=fields.asked(step, turn.state))
    return True


def _own(turn: Turn, key: Literal["no_input", "no_match", "help"]) -> Any:
    """The step's own words, or the asked field's; none while the step's question is not the one on the line."""
    step = turn.step
    if isinstance(step, Collect | Form):
        return fields.own_words(step, turn.state, key)
    return getattr(step, key) if isinstance(step, Question) else ""


def _keys(turn: Turn) -> str:
    """How the answer may be keyed, where a value is asked for."""
    step, visit = turn.step, turn.state.visit
    if not isinstance(step, Collect | Form) or visit.doubt or visit.stage != "ask":
        return ""
    return fields.keys_words(turn.book, turn.state, step)


def _tells_keys(turn: Turn) -> bool:
    """Whether the designer's own words, from the second on, tell of the keys, as they do for digits."""
    step = turn.step
    return (
        isinstance(step, Collect | Form) and fields.of(step)[fields.asked(step, turn.state)].type == "digits"
    )
