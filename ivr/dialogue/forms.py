"""Taking answers: choices and confirmations; keys and digits for fields, whose values ``filling`` settles.

Keys while a string is collected: ``*`` takes back the last, ``**`` begins again, ``#`` ends; in numbers and amounts
``*`` is the point. There 0 and 9 are digits; alone, followed by the pause between keys, they ask for a person and
for the question again.
"""

from __future__ import annotations

from ivr.actions import Expectation
from ivr.dialogue import confirm, fields, filling, guessing, keyed, repair, steps
from ivr.dialogue.expect import CHANGE, expectation
from ivr.dialogue.state import Guess
from ivr.dialogue.turn import Turn
from ivr.flow.model import Ask, Collect, Confirm, Form, Value
from ivr.nlu.match import ACCEPT, Meaning
from ivr.nlu.normalise import readings, tokens
from ivr.nlu.values import as_text

UNIVERSAL = {"0": "agent", "9": "repeat"}


def press(turn: Turn, key: str) -> None:
    """A key at a question."""
    turn.hush()
    turn.forget_cut()
    turn.cancel_timer("no_input")
    step, visit = turn.step, turn.state.visit
    if isinstance(step, Collect | Form) and not visit.doubt and visit.stage == "ask":
        _key_field(turn, step, key)
        return
    expect = expectation(turn.book, turn.state)
    turn.note("caller", f"(pressed {key})")
    for option in expect.options if expect else ():
        if option.key == key:
            take(turn, option.name)
            return
    if key in UNIVERSAL:
        repair.command(turn, UNIVERSAL[key])
    else:
        repair.no_match(turn)


def pause(turn: Turn) -> None:
    """No more keys came: what there is, is the entry."""
    step, entry = turn.step, turn.state.visit.entry
    if not isinstance(step, Collect | Form) or not entry:
        return
    field = fields.of(step)[fields.asked(step, turn.state)]
    if entry in UNIVERSAL and not _is_possible(turn, field, entry):
        turn.set_visit(entry="")
        repair.command(turn, UNIVERSAL[entry])
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


def is_far_fetched(turn: Turn, meaning: Meaning) -> bool:
    """Whether a field would be called wrong for words that are only like it: what was right would be undone.

    That "I don't know" holds a no is no answer to a question that asks for something else.
    """
    visit = turn.state.visit
    if meaning.value.startswith(CHANGE):
        return visit.stage != "change" and not meaning.evidence.startswith(("exact: ", "contains: "))
    return bool(visit.told) and not visit.doubt and not meaning.evidence.startswith("exact: ")


def speak(turn: Turn, meaning: Meaning) -> None:
    """Digits were spoken: they add to what was said or keyed before the pause."""
    step, visit, digits = turn.step, turn.state.visit, meaning.value
    if not isinstance(step, Collect):
        return
    low = step.bounds()[0]
    is_whole = len(digits) >= low and not (visit.is_keyed and visit.entry)
    entry = digits if is_whole else visit.entry + digits
    others: tuple[str, ...] = ()
    if not visit.entry:
        guessing.remember(turn, step, step.collect, meaning.heard)
        others = guessing.tried(turn, step, meaning.others)
    if len(entry) >= low:
        guess = Guess(field=step.collect, value=entry, confidence=meaning.confidence, others=others)
        filling.offer(turn, guess)
    elif others and step.check:
        guess = Guess(
            field=step.collect, value=others[0], confidence=0.0, others=others[1:], is_second=True, part=entry
        )
        turn.set(guessed=turn.state.guessed + 1)
        filling.offer(turn, guess)
    else:
        turn.set_visit(entry=entry, is_starred=False, is_keyed=False)
        turn.set_sound(is_listening=False)


def unfit(turn: Turn, meaning: Meaning, expect: Expectation, why: str) -> None:
    """Nothing that fits was said. The first digits of a string wait for the rest of it."""
    step, visit = turn.step, turn.state.visit
    if not isinstance(step, Collect | Form) or why:
        repair.no_match(turn, why, is_strange=meaning.is_strange)
        return
    if not visit.entry:
        guessing.remember(turn, step, fields.asked(step, turn.state), meaning.heard)
        for refused in meaning.refused:
            guessing.remember(turn, step, refused.slot, refused.heard)
    if isinstance(step, Form) and (wrong := guessing.given_up(meaning, expect)):
        filling.reject(turn, step, wrong[0])
        return
    name = fields.asked(step, turn.state)
    digits = next(iter(readings(tokens(meaning.text))), "")
    is_begun = any(each.slot == name and each.why == "too_short" for each in meaning.refused)
    if is_begun and digits and fields.of(step)[name].type == "digits" and not visit.doubt:
        turn.set_visit(field=name if isinstance(step, Form) else "", entry=visit.entry + digits)
        turn.set_sound(is_listening=False)
        return
    repair.no_match(turn, filling.reason(turn, step, meaning.refused))


def is_rest(turn: Turn, meaning: Meaning) -> bool:
    """Whether spoken digits are what is missing of those keyed, and not the same read out along with the keys."""
    step, entry = turn.step, turn.state.visit.entry
    if not isinstance(step, Collect | Form):
        return False
    name = fields.asked(step, turn.state)
    field = fields.of(step)[name]
    said = [meaning.value] if meaning.kind == "digits" else []
    said += [as_text(each.value) for each in meaning.values if each.slot == name]
    if field.type != "digits" or not said or said[0] in entry:
        return False
    whole = entry + said[0]
    return fields.is_whole(field, whole) and fields.is_checked(field, whole)


def take(turn: Turn, value: str) -> None:
    """The answer is sure: keep it and go on."""
    step, doubted = turn.step, turn.state.visit.doubt
    if isinstance(step, Collect | Form):
        filling.answer(turn, value)
        return
    if doubted and value == "no":
        confirm.deny(turn)
        return
    value = doubted if doubted and value == "yes" else value
    turn.cancel_timer("no_input", "keys", "turn")
    turn.stop_listening()
    turn.set(said=())
    match step:
        case Ask():
            turn.judged("confirmed" if doubted == value else "taken", name=value)
            if step.open:
                turn.set(intent=value)
            if step.into:
                turn.set(fields={**turn.state.fields, step.into: value})
            steps.go(turn, step.choices[value].next)
        case Confirm():
            steps.go(turn, confirm.answer(turn, step, is_yes=value == "yes"))
        case _:
            return


def _key_field(turn: Turn, step: Collect | Form, key: str) -> None:
    """A key for the field that is asked for; at the opening of a form, for its first."""
    name = fields.asked(step, turn.state)
    if isinstance(step, Form) and not turn.state.visit.field:
        turn.set_visit(field=name)
    field = fields.of(step)[name]
    if field.type in keyed.STRINGS:
        _key_string(turn, step, field, key)
        return
    turn.note("caller", f"(pressed {key})")
    value = keyed.option(field, key)
    if value:
        filling.offer(turn, Guess(field=name, value=value, confidence=1.0, is_keyed=True))
    elif key in UNIVERSAL:
        repair.command(turn, UNIVERSAL[key])
    else:
        repair.no_match(turn, turn.book.site.prompts.no_keys if field.type in ("letters", "name") else "")


def _key_string(turn: Turn, step: Collect | Form, field: Value, key: str) -> None:
    visit = turn.state.visit
    turn.set_visit(is_keyed=True)
    if key == "#":
        if field.ends_with == "#" and visit.entry:
            _note_entry(turn)
            _end_entry(turn, step)
        return
    if key == keyed.POINT and field.type in keyed.POINTED:
        turn.set_visit(entry="" if keyed.POINT in visit.entry else visit.entry + key)
    elif key == "*":
        turn.set_visit(entry="" if visit.is_starred else visit.entry[:-1], is_starred=True)
    else:
        turn.set_visit(entry=visit.entry + key, is_starred=False)
        if len(visit.entry) + 1 >= keyed.longest(field):
            turn.set(is_hash_due=field.ends_with == "#")
            _note_entry(turn)
            _end_entry(turn, step)
            return
    turn.cancel_timer("keys")


def _end_entry(turn: Turn, step: Collect | Form) -> None:
    """The entry is over: settled where it can be a value, else asked for again with the reason."""
    name, state = fields.asked(step, turn.state), turn.state
    field, entry = fields.of(step)[name], state.visit.entry
    turn.cancel_timer("keys")
    value = keyed.reading(field, entry, fields.today(turn.book, state))
    if value:
        filling.offer(turn, Guess(field=name, value=value, confidence=1.0, is_keyed=True))
        return
    turn.set_visit(entry="", is_starred=False)
    repair.no_match(turn)


def _is_possible(turn: Turn, field: Value, entry: str) -> bool:
    value = keyed.reading(field, entry, fields.today(turn.book, turn.state))
    return bool(value) and fields.is_within(turn.book, turn.state, field, value)


def _note_entry(turn: Turn) -> None:
    turn.note("caller", f"(keyed {len(turn.state.visit.entry)} digits)")
