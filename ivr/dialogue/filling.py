"""Filling fields: a value that was understood is looked for in the company's data where the flow wants that, asked
back where it is not sure, and kept; then comes whatever is still missing.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.actions import Expectation
from ivr.dialogue import confirm, fields, lookup, patterns, repair, steps, words
from ivr.dialogue.expect import CHANGE
from ivr.dialogue.state import Guess, Visit
from ivr.dialogue.turn import Turn
from ivr.events import Hypothesis
from ivr.flow.model import Collect, Form, Value
from ivr.nlu.match import Meaning, understand
from ivr.nlu.values import Refused, Said, as_text

OTHERS = 2
"""What else a value may have been: so many are tried where it does not exist."""
IF_ANY = 0.1
"""How likely a value that was misheard exists all the same (as for a check digit, which one in ten has)."""
SECOND = 0.25
"""How likely a second reading is right, before the data is asked; found, it is still said back."""


def hear(turn: Turn, meaning: Meaning, expect: Expectation, hypotheses: tuple[Hypothesis, ...]) -> None:
    """Values were said: new ones, corrections, or what is known already."""
    step, visit = turn.step, turn.state.visit
    if not isinstance(step, Collect | Form):
        return
    doubted = visit.guesses[0].field if visit.doubt else ""
    guesses: list[Guess] = []
    wrong, repeated = [], []
    for said in meaning.values:
        guess = _guess(turn, step, said, expect, hypotheses)
        if guess is not None:
            guesses.append(guess)
        elif said.is_correction:
            wrong.append(said.slot)
        else:
            repeated.append(said.slot)
    news = {guess.field for guess in guesses}
    if doubted in repeated or doubted in wrong:
        rest = tuple(guess for guess in visit.guesses if guess.field not in news)
        turn.set_visit(guesses=(*rest, *guesses))
        answer(turn, "no" if doubted in wrong else "yes")
    elif guesses:
        turn.say(reason(turn, step, meaning.refused))
        if doubted in news:
            confirm.deny_value(turn, doubted, visit.doubt)
        kept = tuple(guess for guess in visit.guesses if guess.field not in news)
        turn.set_visit(doubt="")
        offer(turn, *(kept + tuple(guesses)))
    elif wrong:
        reject(turn, step, wrong[0])
    elif visit.stage == "read_back":
        answer(turn, "yes")
    else:
        repair.no_match(turn)


def _guess(
    turn: Turn, step: Collect | Form, said: Said, expect: Expectation, hypotheses: tuple[Hypothesis, ...]
) -> Guess | None:
    """What was said for one field; none where that is the value it has. A correction calls that value wrong."""
    field, visit, text = fields.of(step)[said.slot], turn.state.visit, as_text(said.value)
    slot = next(slot for slot in expect.slots if slot.name == said.slot)
    if visit.entry and field.type == "digits" and slot.is_asked:
        text = visit.entry + text
    is_same = bool(slot.known) and text == slot.known
    others = others_of(expect, hypotheses, said.slot, text) if is_same or _has_others(field) else ()
    confidence = said.confidence
    if is_same and not (said.is_correction and others):
        return None
    if is_same:
        text, others, confidence = others[0], others[1:], SECOND
    before = as_text(turn.state.fields[said.slot]) if slot.known and said.slot in turn.state.fields else ""
    if before and said.is_correction:
        _forget(turn, said.slot, is_wrong=True)
    return Guess(
        field=said.slot,
        value=text,
        confidence=confidence,
        before=before,
        others=others if _has_others(field) else (),
    )


def _has_others(field: Value) -> bool:
    """Whether another reading is tried where the first does not exist. Secrets are not guessed at."""
    return field.exists is not None and not field.secret


def others_of(
    expect: Expectation, hypotheses: tuple[Hypothesis, ...], name: str, text: str
) -> tuple[str, ...]:
    """What else the caller may have said for a field, likeliest first: each hypothesis is read by itself."""
    found: list[str] = []
    for hypothesis in hypotheses:
        barred = (text, *found)
        slots = tuple(
            replace(slot, denied=slot.denied + barred) if slot.name == name else slot for slot in expect.slots
        )
        meaning = understand(replace(expect, slots=slots, denied=expect.denied + barred), (hypothesis,))
        texts = [meaning.value] if meaning.kind == "digits" else []
        texts += [as_text(said.value) for said in meaning.values if said.slot == name]
        found += [each for each in texts if each not in barred]
    return tuple(found[:OTHERS])


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
        _leave(turn, step)
    elif len(fields.of(step)) == 1:
        reject(turn, step, next(iter(fields.of(step))))
    else:
        turn.set(visit=Visit(stage="change"))
        steps.ask(turn, is_kept=True)


def reject(turn: Turn, step: Collect | Form, name: str) -> None:
    """The caller calls a field's value wrong and gives no other: it is asked for again."""
    _forget(turn, name, is_wrong=True)
    turn.set(visit=Visit(field=name if isinstance(step, Form) else ""), said=())
    steps.ask(turn, is_kept=True)


def found(turn: Turn, *, is_found: bool) -> None:
    """The company's data has the value, or has not; then another reading of what was said may be the right one."""
    guess, *rest = turn.state.visit.guesses
    lookup.over(turn)
    turn.set(phase="asking")
    if is_found:
        sound = guess.confidence
        surer = replace(guess, is_found=True, confidence=sound / (sound + (1 - sound) * IF_ANY))
        turn.set_visit(guesses=(surer, *rest))
    elif guess.others:
        second = replace(guess, value=guess.others[0], others=guess.others[1:], confidence=SECOND)
        turn.set_visit(guesses=(second, *rest))
    else:
        _refuse(turn, turn.book.site.prompts.not_known)
        return
    _proceed(turn)


def unknown(turn: Turn) -> None:
    """The company's data could not be asked: the value is taken, and the flow's own look-up will tell."""
    guess, *rest = turn.state.visit.guesses
    lookup.over(turn)
    turn.set(phase="asking")
    turn.set_visit(guesses=(replace(guess, is_found=True), *rest))
    _proceed(turn)


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
    template = prompts.out_of_days if field.type in ("date", "time") else prompts.out_of_range
    return words.text(book, state, template, least=least, most=most)


def _refuse(turn: Turn, why: str) -> bool:
    """A value that cannot be is dropped. True where others remain to be settled; else the field is asked again."""
    guess, *rest = turn.state.visit.guesses
    turn.set_visit(guesses=tuple(rest))
    if rest:
        turn.say(why)
        return True
    step = turn.step
    if isinstance(step, Collect | Form):
        _turn_to(turn, step, guess.field)
    repair.no_match(turn, why)
    return False


def _deny(turn: Turn) -> None:
    """The value asked back is wrong: it is not offered again."""
    guess, *rest = turn.state.visit.guesses
    confirm.deny_value(turn, guess.field, guess.value)
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
    turn.set(fields={**others, name: fields.value_of(field, guess.value)}, history=history)
    if field.secret and name not in state.secrets:
        turn.set(secrets=(*state.secrets, name))
    is_new = bool(guess.before) and guess.before != guess.value and not guess.is_sure
    if field.secret or not (is_told or is_new):
        return False
    prompts, said = turn.book.site.prompts, fields.said(turn.book, turn.state, field, guess.value)
    if is_new:
        turn.say(prompts.corrected, value=said)
    else:
        turn.say(prompts.noted, value=said[:1].upper() + said[1:])
    return True


def _forget(turn: Turn, name: str, *, is_wrong: bool) -> None:
    values = dict(turn.state.fields)
    if name not in values:
        return
    text = as_text(values.pop(name))
    turn.set(fields=values)
    if is_wrong:
        confirm.deny_value(turn, name, text)


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
    elif isinstance(step, Form) and step.confirm:
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
