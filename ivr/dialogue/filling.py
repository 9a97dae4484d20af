"""Filling fields: a value that was understood is looked for in the company's data where the flow wants that, asked
back where it is not sure, and kept; then comes whatever is still missing.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.dialogue import confirm, fields, lookup, patterns, repair, steps, words
from ivr.dialogue.expect import CHANGE
from ivr.dialogue.state import Guess, Visit
from ivr.dialogue.turn import Turn
from ivr.flow.model import Collect, Form, Value
from ivr.nlu.values import Refused, as_text

IF_ANY = 0.1
"""How likely a value that was misheard exists all the same (as for a check digit, which one in ten has)."""
SECOND = 0.25
"""How likely a second reading is right, before the data is asked; found, it is still said back."""


def offer(turn: Turn, *guesses: Guess) -> None:
    """Values that were understood: settle them one after the other."""
    turn.cancel_timer("no_input", "keys", "turn")
    turn.set_visit(guesses=guesses, entry="", is_starred=False, is_keyed=False)
    turn.set(said=())
    _proceed(turn)


def answer(turn: Turn, option: str) -> None:
    """Yes or no to what is asked back, or a field that is wrong."""
    step, visit = turn.step, turn.state.visit
    if not isinstance(step, Collect | Form):
        return
    turn.cancel_timer("no_input", "keys", "turn")
    turn.set(said=())
    if option.startswith(CHANGE):
        reject(turn, step, option.removeprefix(CHANGE))
    elif visit.doubt and option == "yes":
        turn.set_visit(doubt="", guesses=(replace(visit.guesses[0], is_sure=True), *visit.guesses[1:]))
        _proceed(turn)
    elif visit.doubt:
        _deny(turn)
    elif visit.told:
        reject(turn, step, visit.told)
    elif option == "yes":
        for name in fields.of(step):
            if name in turn.state.fields:
                turn.judged("confirmed", field=name)
        _leave(turn, step)
    elif len(fields.of(step)) == 1:
        reject(turn, step, next(iter(fields.of(step))))
    else:
        turn.set(visit=Visit(stage="change"))
        steps.ask(turn, is_kept=True)


def reject(turn: Turn, step: Collect | Form, name: str) -> None:
    """The caller calls a field's value wrong and gives no other: it is asked for again."""
    forget(turn, name)
    turn.set(visit=Visit(field=name if isinstance(step, Form) else ""), said=())
    steps.ask(turn, is_kept=True)


def found(turn: Turn, *, is_found: bool) -> None:
    """The company's data has the value, or has not; then another reading of what was said may be the right one."""
    guess, *rest = _looked_for(turn)
    if guess.is_second and not is_found:
        confirm.rule_out(turn, guess.field, guess.value)
    if is_found:
        sound = guess.confidence
        surer = replace(guess, is_found=True, confidence=sound / (sound + (1 - sound) * IF_ANY))
        turn.set_visit(guesses=(surer, *rest))
    elif guess.others:
        second = replace(
            guess, value=guess.others[0], others=guess.others[1:], confidence=SECOND, is_second=True
        )
        turn.set_visit(guesses=(second, *rest))
        turn.set(guessed=turn.state.guessed + 1)
    elif guess.part:
        _wait(turn, guess, *rest)
        return
    elif not _refuse(turn, turn.book.site.prompts.not_known):
        return
    _proceed(turn)


def unknown(turn: Turn) -> None:
    """The company's data could not be asked: the value is taken, and the flow's own look-up will tell."""
    guess, *rest = _looked_for(turn)
    if guess.part:
        _wait(turn, guess, *rest)
        return
    turn.set_visit(guesses=(replace(guess, is_found=True), *rest))
    _proceed(turn)


def _wait(turn: Turn, guess: Guess, *rest: Guess) -> None:
    """No string like the part that was heard is known to exist: the caller has only paused, perhaps."""
    turn.set_visit(entry=guess.part, is_keyed=False, guesses=tuple(rest))
    turn.set_sound(is_listening=False)


def _looked_for(turn: Turn) -> tuple[Guess, ...]:
    """The look-up is over: the value it was for, and those still to be settled.

    Keys pressed meanwhile by a caller who had spoken are dropped: they would confirm what was not read back yet.
    """
    guesses = turn.state.visit.guesses
    lookup.over(turn)
    turn.set(phase="asking", keys=turn.state.keys if guesses[0].is_keyed else "")
    return guesses


def again(turn: Turn) -> None:
    """The line is back while the data was being asked: ask it again."""
    turn.set(phase="asking")
    _proceed(turn)


def _proceed(turn: Turn) -> None:
    """Settle the values that were understood, until something has to be waited for; then ask for what is missing."""
    step = turn.step
    if not isinstance(step, Collect | Form):
        return
    corrected: Guess | None = None
    told = ""
    while turn.state.visit.guesses:
        guess = turn.state.visit.guesses[0]
        field = fields.of(step)[guess.field]
        if (why := _objection(turn, field, guess)) is not None:
            if not _refuse(turn, why):
                return
            continue
        if field.exists is not None and not guess.is_found:
            _look_for(turn, field, guess)
            return
        how = confirm.manner(turn, step, guess)
        if how == "explicit":
            _turn_to(turn, step, guess.field)
            confirm.doubt(turn, guess.value)
            return
        told = guess.field if _keep(turn, step, guess, is_told=how == "implicit") else told
        turn.set_visit(guesses=turn.state.visit.guesses[1:])
        corrected = guess if guess.before and guess.before != guess.value else corrected
    _go_on(turn, step, corrected, told)


def _objection(turn: Turn, field: Value, guess: Guess) -> str | None:
    """Why a value cannot be, in words for the caller, empty where there are none; None where it can be."""
    if not fields.is_whole(field, guess.value):
        return ""
    if not fields.is_checked(field, guess.value):
        return turn.book.site.prompts.wrong_digits
    is_within = fields.is_within(turn.book, turn.state, field, guess.value)
    return None if is_within else _out_of_bounds(turn, field)


def reason(turn: Turn, step: Collect | Form, refused: tuple[Refused, ...]) -> str:
    """Why something that was said for a field cannot be, in words for the caller; empty where there are none."""
    for each in refused:
        if each.why == "check":
            return turn.book.site.prompts.wrong_digits
        if each.why in ("too_little", "too_much"):
            return _out_of_bounds(turn, fields.of(step)[each.slot])
    return ""


def _out_of_bounds(turn: Turn, field: Value) -> str:
    book, state, prompts = turn.book, turn.state, turn.book.site.prompts
    least, most = (fields.said(book, state, field, text) for text in fields.limits(book, state, field))
    if not (least or most):
        return ""
    template = prompts.out_of_days if field.type in ("date", "time") else prompts.out_of_range
    return words.text(book, state, template, least=least, most=most)


def _refuse(turn: Turn, why: str) -> bool:
    """A value that cannot be is dropped. True where others remain to be settled; else the field is asked again."""
    guess, *rest = turn.state.visit.guesses
    turn.set_visit(guesses=tuple(rest))
    turn.set(keys="")
    if rest:
        turn.say(why)
        return True
    step = turn.step
    if isinstance(step, Collect | Form):
        _turn_to(turn, step, guess.field)
    repair.no_match(turn, why)
    return False


def _deny(turn: Turn) -> None:
    """The value asked back is wrong: it is not offered again. Another one may be likely enough to be asked back."""
    guess, *rest = turn.state.visit.guesses
    confirm.deny_value(turn, guess.field, guess.value)
    if guess.is_second:
        turn.set(guessed=fields.MOST_GUESSED)
    step = turn.step
    second = confirm.second(turn, step, guess) if isinstance(step, Collect | Form) else ()
    rest = [*second, *rest]
    turn.set_visit(doubt="", guesses=tuple(rest))
    if rest:
        turn.say(turn.book.site.prompts.misheard)
        _proceed(turn)
    else:
        repair.refused(turn)


def _look_for(turn: Turn, field: Value, guess: Guess) -> None:
    """Ask whether the value exists. A look-up of the site's own files has its own name for it."""
    name = field.exists or ""
    connector = turn.book.look_ups.get(name)
    parameter = connector.parameters[0] if connector and connector.parameters else guess.field
    lookup.begin(turn, name, {parameter: guess.value}, (parameter,) if field.secret else ())


def _keep(turn: Turn, step: Collect | Form, guess: Guess, *, is_told: bool) -> bool:
    """Take a value, with a word about it where it was not quite sure or takes another's place: true where so."""
    name, field, state = guess.field, fields.of(step)[guess.field], turn.state
    others = {each: value for each, value in state.fields.items() if each != name}
    history = state.history
    if history and history[-1].stack == state.stack:
        history = (*history[:-1], replace(history[-1], field=name))
    heard = {each: sounds for each, sounds in state.heard.items() if each != name}
    turn.set(fields={**others, name: fields.value_of(field, guess.value)}, history=history, heard=heard)
    if field.secret and name not in state.secrets:
        turn.set(secrets=(*state.secrets, name))
    turn.judged("confirmed" if guess.is_sure else "taken", field=name, is_keyed=guess.is_keyed)
    is_new = bool(guess.before) and guess.before != guess.value and not guess.is_sure
    if field.secret or not (is_told or is_new):
        return False
    prompts, said = turn.book.site.prompts, fields.said(turn.book, turn.state, field, guess.value)
    if is_new:
        turn.say(prompts.corrected, value=said)
    else:
        turn.say(prompts.noted, value=said[:1].upper() + said[1:])
    return True


def forget(turn: Turn, name: str) -> None:
    """A field's value is wrong."""
    values = dict(turn.state.fields)
    if name in values:
        confirm.deny_value(turn, name, as_text(values.pop(name)))
        turn.set(fields=values)


def _turn_to(turn: Turn, step: Collect | Form, name: str) -> None:
    """What is asked next is about this field; what was missed at another is forgotten."""
    visit = turn.state.visit
    if isinstance(step, Form) and visit.field != name:
        turn.set(visit=Visit(field=name, guesses=visit.guesses))


def _go_on(turn: Turn, step: Collect | Form, corrected: Guess | None, told: str) -> None:
    """All that was said is settled: the next question, the form read back, or the next step."""
    if isinstance(step, Form) and (name := fields.missing(step, turn.state)) is not None:
        visit = turn.state.visit
        is_same = name == visit.field and visit.stage == "ask"
        turn.set(visit=replace(visit, told=told) if is_same else Visit(field=name, told=told))
    elif isinstance(step, Form) and step.confirm and "confirmation" not in turn.book.without:
        turn.set(visit=Visit(stage="read_back"))
    else:
        _leave(turn, step, corrected)
        return
    if _is_aside(turn, step, corrected):
        return
    if turn.state.keys:
        turn.set_visit(is_asked=False)
        turn.set_sound(is_listening=False)
    else:
        steps.ask(turn, is_kept=True)


def _leave(turn: Turn, step: Collect | Form, corrected: Guess | None = None) -> None:
    turn.cancel_timer("no_input", "keys", "turn")
    turn.stop_listening()
    turn.set_visit(guesses=(), doubt="")
    if not _is_aside(turn, step, corrected, then=step.next):
        steps.go(turn, step.next)


def _is_aside(turn: Turn, step: Collect | Form, corrected: Guess | None, then: str = "") -> bool:
    """Whether the site's own flow for corrections runs now; the call goes on from here when it is done."""
    if corrected is None:
        return False
    field = fields.of(step)[corrected.field]
    if field.secret:
        return False
    texts = {"value": corrected.value, "before": corrected.before}
    values = {key: fields.value_of(field, text) for key, text in texts.items()}
    return patterns.run(turn, "correction", then=then, field=corrected.field, **values)
