"""When the caller says nothing, nothing that fits, or something that fits every step: help, repeat, back ...

Silence, words that fit nothing, and calls for help are counted apart, for each stay at a question.
"""

from __future__ import annotations

from ivr.dialogue import patterns, steps, transfer
from ivr.dialogue.state import PACES
from ivr.dialogue.turn import Turn
from ivr.flow.model import Ask, Collect, Confirm, Pattern

NOISES = 5
"""Sounds without words at one question after which the caller is treated as silent."""


def no_input(turn: Turn) -> None:
    step = turn.step
    count = turn.state.visit.no_input + 1
    turn.set_visit(no_input=count)
    turn.note("caller", "(silent)")
    own = step.no_input if isinstance(step, Ask | Collect | Confirm) else ()
    _miss(turn, "silence", count, own, turn.book.site.prompts.no_input)


def no_match(turn: Turn, why: str = "") -> None:
    """``why``: said in place of the general words where the reason is known."""
    step = turn.step
    count = turn.state.visit.no_match + 1
    turn.set_visit(no_match=count)
    turn.set(keys="")
    own = step.no_match if isinstance(step, Ask | Collect | Confirm) else ()
    _miss(turn, "no_match", count, own, turn.book.site.prompts.no_match, why)


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
    prompts, step = turn.book.site.prompts, turn.step
    turn.cancel_timer("no_input", "keys", "turn")
    match name:
        case "help":
            turn.set_visit(helps=turn.state.visit.helps + 1)
            own = step.help if isinstance(step, Ask | Collect | Confirm) else ""
            keys = prompts.keys_help if isinstance(step, Collect) else ""
            steps.ask(turn, own or prompts.help, keys)
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
    most, way_out = site.misses_per_step, None
    if isinstance(step, Ask | Collect | Confirm):
        most = site.misses_per_step if step.misses is None else step.misses
        way_out = step.if_unclear if visit.no_match else step.if_silent
    is_hopeless = turn.state.misses > site.misses_per_call
    if visit.no_input + visit.no_match > most or is_hopeless:
        if way_out is not None:
            steps.go(turn, way_out)
            return
        reason = (
            "The machine did not understand the caller." if visit.no_match else "The caller did not answer."
        )
        patterns.cannot_help(turn, site.prompts.too_many_misses, reason, pattern)
        return
    has_own = bool(own) and not visit.doubt
    texts = own if has_own else general
    words = texts[min(count, len(texts)) - 1] if texts else ""
    before = tuple(filter(None, (why, words if has_own else "")))
    if patterns.miss(turn, pattern, count, before, is_own=has_own):
        return
    if why and count == 1:
        steps.ask(turn, why)
    else:
        steps.ask(turn, *((why, words) if why else (words,)), is_own=has_own)
