"""The fields of a question: what each may hold now, how its value is said, and which is asked for next.

Pure looks at book and state; what an answer changes is ``filling``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from ivr.actions import Option, Slot
from ivr.checkdigit import is_valid
from ivr.dialogue import number as numbers
from ivr.dialogue import words
from ivr.dialogue.state import State, Visit
from ivr.flow.bounds import BOUNDED, bound, order
from ivr.flow.model import Ask, Collect, Confirm, FieldType, Form, FormField, Question, Value
from ivr.flow.site import Book
from ivr.flow.template import uses
from ivr.nlu.values import as_text

MOST_GUESSED = 8
"""Look-ups a call for what else a caller may have said."""
SHORTEST_NUMBER, LONGEST_NUMBER = 6, 17
"""Digits of a telephone number as it may be said or keyed, with 00 and the country's code."""
MOST_KEYS = 8
"""Options that have a key; 9 and 0 mean the same in every step."""
SAID: dict[FieldType, str] = {
    "digits": "{{ value | digits }}",
    "number": "{{ value | number }}",
    "money": "{{ value | money(currency) }}",
    "date": "{{ value | date }}",
    "time": "{{ value | time }}",
    "letters": "{{ value | spell }}",
    "phone": "{{ value | digits }}",
}
"""Type to the template that says a value of it; others are said as they are."""


def of(step: Collect | Form) -> Mapping[str, Value]:
    return {step.collect: step} if isinstance(step, Collect) else step.form


def asked(step: Collect | Form, state: State) -> str:
    """The field that keys go to and that words are likeliest about."""
    if isinstance(step, Collect):
        return step.collect
    return state.visit.field or missing(step, state) or next(iter(step.form))


def missing(step: Form, state: State) -> str | None:
    """The first field that must be asked for."""
    fields = step.form.items()
    return next((name for name, each in fields if name not in state.fields and not each.is_optional), None)


def last(step: Form, state: State) -> str | None:
    """The field that was filled last."""
    return next((name for name in reversed(state.fields) if name in step.form), None)


def first_visit(step: Form, state: State) -> Visit:
    """How a form begins: with its opening question where nothing of it is known, else with what is missing."""
    is_new = last(step, state) is None
    return Visit(field="" if is_new and step.ask else missing(step, state) or "")


def question(book: Book, state: State, step: Collect | Form) -> tuple[str, dict[str, Any]]:
    """The template of the question that is on the line, and the names it may read besides."""
    visit, prompts = state.visit, book.site.prompts
    if visit.doubt:
        guess = visit.guesses[0]
        return prompts.did_you_say, {"value": said(book, state, of(step)[guess.field], visit.doubt)}
    if isinstance(step, Collect):
        return step.ask, {}
    match visit.stage:
        case "read_back":
            return step.confirm, {}
        case "change":
            return prompts.what_to_change, {"fields": [label(step, name) for name in step.form]}
        case "ask":
            return (step.form[visit.field].ask if visit.field else step.ask), {}


def today(book: Book, state: State) -> Date | None:
    """The day it is for the site; none where the call has no readable start."""
    try:
        now = datetime.fromisoformat(words.now(state))
    except ValueError:
        return None
    return (now.astimezone(ZoneInfo(book.site.time_zone)) if now.tzinfo else now).date()


def limits(book: Book, state: State, field: Value) -> tuple[str, str]:
    """Least and most as values are written; empty where there is no such bound."""
    day = today(book, state)
    if field.type not in BOUNDED or day is None:
        return "", ""
    least, most = (
        bound(field.type, text, day) if text is not None else "" for text in (field.at_least, field.at_most)
    )
    return least, most


def slot(book: Book, state: State, name: str, field: Value, *, known: str, is_asked: bool) -> Slot:
    """What may be said for a field now. While its digits are being keyed, what is still missing of them."""
    low, high = (SHORTEST_NUMBER, LONGEST_NUMBER) if field.type == "phone" else field.bounds()
    so_far = len(state.visit.entry) if is_asked and field.type == "digits" else 0
    least, most = limits(book, state, field)
    return Slot(
        name=name,
        type=field.type,
        min_length=max(1, low - so_far),
        max_length=max(1, high - so_far),
        check=field.check or "" if not so_far else "",
        at_least=least,
        at_most=most,
        options=tuple(Option(name=each, phrases=said) for each, said in field.options.items()),
        currency=field.currency if field.type == "money" else "",
        country=field.country if field.type == "phone" else "",
        denied=() if known else state.denied.get(name, ()),
        known="" if field.secret else known,
        is_asked=is_asked,
        heard=state.heard.get(name, ()) if not so_far else (),
        is_in_data=is_in_data(state, field) and not so_far,
    )


def is_in_data(state: State, field: Value) -> bool:
    """Whether what else a value may have been is looked for in the company's data.

    Never for a secret, and not without end: nobody shall find out the numbers of others by saying any.
    """
    return field.exists is not None and not field.secret and state.guessed < MOST_GUESSED


def known(state: State, name: str) -> str:
    """The value a field has by now, as text; the one in doubt while that is asked back."""
    visit = state.visit
    if visit.doubt and visit.guesses and visit.guesses[0].field == name:
        return visit.doubt
    return as_text(state.fields[name]) if name in state.fields else ""


def value_of(field: Value, text: str) -> Any:
    """The value as the call's fields hold it."""
    if field.type == "yes_no":
        return text == "true"
    if field.type == "number":
        amount = Decimal(text)
        return int(amount) if amount == amount.to_integral_value() else float(amount)
    return text


def is_whole(field: Value, text: str) -> bool:
    """Whether the length and the check digit are right."""
    if field.type not in ("digits", "letters"):
        return bool(text)
    low, high = field.bounds()
    return low <= len(text) <= high


def is_checked(field: Value, text: str) -> bool:
    return field.type != "digits" or not field.check or is_valid(field.check, text)


def is_within(book: Book, state: State, field: Value, text: str) -> bool:
    """Whether a value lies between its bounds."""
    if field.type not in BOUNDED:
        return True
    least, most = limits(book, state, field)
    try:
        value = order(field.type, text)
        return not (least and _is_below(value, order(field.type, least))) and not (
            most and _is_below(order(field.type, most), value)
        )
    except (ValueError, InvalidOperation):
        return False


def said(book: Book, state: State, field: Value, text: str) -> str:
    """A value as a person says it."""
    if not text:
        return ""
    if field.type == "choice":
        return named(field, text)
    if field.type == "yes_no":
        return book.site.prompts.say_yes if text == "true" else book.site.prompts.say_no
    value = numbers.spoken(text, field.country) if field.type == "phone" else text
    template = SAID.get(field.type, "{{ value }}")
    return words.text(book, state, template, value=value, currency=field.currency)


def named(field: Value, option: str) -> str:
    """An option as it is called: the first way to say it."""
    return next(iter(field.options.get(option, ())), option.replace("_", " "))


def label(step: Form, name: str) -> str:
    return step.form[name].label or name.replace("_", " ")


def is_read_back(book: Book, state: State, step: Collect | Form, name: str) -> bool:
    """Whether the flow itself confirms a field before anything else: a form's own question, or the next step."""
    if isinstance(step, Form):
        return bool(step.confirm) and name in uses(step.confirm).names
    after = book.flows[state.stack[-1].flow].steps.get(step.next)
    return getattr(after, "of", None) == step.collect


def own_words(step: Collect | Form, state: State, key: str) -> Any:
    """The words under ``key`` (``help``, ``no_input``, ``no_match``): of the field that is asked for, or the step."""
    field = step.form.get(state.visit.field) if isinstance(step, Form) else None
    own = getattr(field, key) if isinstance(field, FormField) else None
    return own or getattr(step, key)


def keys_words(book: Book, state: State, step: Collect | Form) -> str:
    """How the field that is asked for may be keyed."""
    field, prompts = of(step)[asked(step, state)], book.site.prompts
    match field.type:
        case "digits":
            return prompts.keys_help
        case "letters" | "name":
            return prompts.no_keys
        case "choice":
            keyed = enumerate(list(field.options)[:MOST_KEYS], 1)
            told = (
                words.text(book, state, prompts.key_choice, key=key, choice=named(field, option))
                for key, option in keyed
            )
            return " ".join(told)
        case _:
            return str(getattr(prompts, f"keys_{field.type}"))


def keys_told(book: Book, state: State, step: Question) -> str:
    """What somebody who likes to key must be told with the question; that digits can be keyed, they know."""
    visit = state.visit
    if isinstance(step, Confirm) or visit.doubt or visit.stage == "read_back":
        return book.site.prompts.keys_yes_no
    if isinstance(step, Ask) or visit.stage == "change" or of(step)[asked(step, state)].type == "digits":
        return ""
    return keys_words(book, state, step)


def has_secret(step: Collect | Form) -> bool:
    return any(field.secret for field in of(step).values())


def _is_below(one: Decimal | str, other: Decimal | str) -> bool:
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one < other
    return str(one) < str(other)
