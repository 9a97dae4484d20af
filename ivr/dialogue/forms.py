"""Taking answers: choices, and digits that are spoken, keyed, or both, into a field.

Keys while digits are collected: ``*`` takes back the last, ``**`` begins again, ``#`` ends. There 0 and 9 are
digits; alone, followed by the pause between keys, they ask for a person and for the question again.
"""

from __future__ import annotations

from ivr.checkdigit import is_valid
from ivr.dialogue import confirm, repair, steps
from ivr.dialogue.expect import expectation
from ivr.dialogue.turn import Turn
from ivr.flow.model import Ask, Collect, Confirm
from ivr.nlu.match import ACCEPT


def press(turn: Turn, key: str) -> None:
    """A key at a question."""
    turn.hush()
    turn.forget_cut()
    turn.cancel_timer("no_input")
    step = turn.step
    if isinstance(step, Collect) and not turn.state.visit.doubt:
        _key_digit(turn, step, key)
        return
    expect = expectation(turn.book, turn.state)
    for option in expect.options if expect else ():
        if option.key == key:
            _note_keys(turn, key)
            take(turn, option.name)
            return
    if key in "09":
        _note_keys(turn, key)
        repair.command(turn, "agent" if key == "0" else "repeat")
        return
    _note_keys(turn, key)
    repair.no_match(turn)


def pause(turn: Turn) -> None:
    """No more keys came: what there is, is the entry."""
    step, entry = turn.step, turn.state.visit.entry
    if not isinstance(step, Collect) or not entry:
        return
    if len(entry) < step.bounds()[0] and entry in ("0", "9"):
        turn.set_visit(entry="")
        repair.command(turn, "agent" if entry == "0" else "repeat")
        return
    _end_entry(turn, step)


def choose(turn: Turn, value: str, confidence: float) -> None:
    """A choice was understood; where that is not sure it is asked back, or at least said."""
    step = turn.step
    if not turn.state.visit.doubt and confirm.is_doubtful(turn, value, confidence):
        confirm.doubt(turn, value)
        return
    if not turn.state.visit.doubt and confidence <= ACCEPT and isinstance(step, Ask) and step.open:
        turn.say(turn.book.site.prompts.understood, is_kept=False, choice=step.named(value))
    take(turn, value)


def speak(turn: Turn, digits: str, confidence: float) -> None:
    """Digits were spoken: they add to what was said or keyed before the pause."""
    step = turn.step
    if not isinstance(step, Collect):
        return
    low, high = step.bounds()
    entry = digits if len(digits) >= low else turn.state.visit.entry + digits
    turn.set_visit(entry=entry, is_starred=False, is_keyed=False)
    if len(entry) < low:
        turn.set_sound(is_listening=False)
        return
    is_fit = len(entry) <= high and (not step.check or is_valid(step.check, entry))
    if is_fit and confirm.is_doubtful(turn, entry, confidence):
        confirm.doubt(turn, entry)
        return
    _end_entry(turn, step)


def take(turn: Turn, value: str) -> None:
    """The answer is sure: keep it and go on."""
    step, doubted = turn.step, turn.state.visit.doubt
    if doubted and value == "no":
        confirm.deny(turn)
        return
    value = doubted if doubted and value == "yes" else value
    turn.cancel_timer("no_input", "keys", "turn")
    turn.stop_listening()
    turn.set(said=())
    match step:
        case Ask():
            if step.open:
                turn.set(intent=value)
            if step.into:
                turn.set(fields={**turn.state.fields, step.into: value})
            steps.go(turn, step.choices[value].next)
        case Confirm():
            steps.go(turn, confirm.answer(turn, step, is_yes=value == "yes"))
        case Collect():
            secrets = turn.state.secrets
            if step.secret and step.collect not in secrets:
                turn.set(secrets=(*secrets, step.collect))
            turn.set(fields={**turn.state.fields, step.collect: value})
            steps.go(turn, step.next)
        case _:
            return


def _key_digit(turn: Turn, step: Collect, key: str) -> None:
    visit = turn.state.visit
    turn.set_visit(is_keyed=True)
    if key == "#":
        if step.ends_with == "#" and visit.entry:
            _note_entry(turn)
            _end_entry(turn, step)
        return
    if key == "*":
        turn.set_visit(entry="" if visit.is_starred else visit.entry[:-1], is_starred=True)
    else:
        turn.set_visit(entry=visit.entry + key, is_starred=False)
        if len(visit.entry) + 1 == step.bounds()[1]:
            turn.set(is_hash_due=step.ends_with == "#")
            _note_entry(turn)
            _end_entry(turn, step)
            return
    turn.cancel_timer("keys")


def _end_entry(turn: Turn, step: Collect) -> None:
    """The entry is over: taken where it fits, else asked for again with the reason."""
    entry = turn.state.visit.entry
    low, high = step.bounds()
    turn.cancel_timer("keys")
    turn.set_visit(entry="", is_starred=False)
    if not low <= len(entry) <= high:
        repair.no_match(turn)
    elif step.check and not is_valid(step.check, entry):
        repair.no_match(turn, turn.book.site.prompts.wrong_digits)
    else:
        take(turn, entry)


def _note_keys(turn: Turn, key: str) -> None:
    turn.note("caller", f"(pressed {key})")


def _note_entry(turn: Turn) -> None:
    turn.note("caller", f"(keyed {len(turn.state.visit.entry)} digits)")
