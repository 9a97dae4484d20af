"""What a question offers: how much at once, how it can be said and keyed, and whether its words name the right keys.

A part of ``lint``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivr.flow import words
from ivr.flow.faults import Notes
from ivr.flow.lint import reading
from ivr.flow.model import AnyStep, Ask, Choice, Collect, Confirm, Flow, Form, Value
from ivr.flow.phrases import RESERVED, plain
from ivr.flow.site import Book
from ivr.flow.spoken import DIGITS

MOST = 5
"""Options of one question: callers forget the first of more."""
FEWEST_PHRASES = 3
"""Of a choice that callers put in words of their own."""
KEYS = {word: str(number) for number, word in enumerate(DIGITS)} | {"star": "*", "hash": "#", "pound": "#"}
"""Keys as prompts call them, besides the digits themselves."""
_KEY = "|".join((*KEYS, "[0-9]"))
_PRESS = re.compile(rf"\b(?:press|key)\s+({_KEY})\b", re.IGNORECASE)
_FOR = re.compile(rf"(?:\bpress|[,;]|\bor|\band)\s+({_KEY})\s+(?:for|to)\s+([^,;.?!]+)", re.IGNORECASE)
_SMALL = frozenset(
    ("a", "an", "the", "your", "our", "my", "of", "for", "to", "and", "or", "is", "in", "on", "us")
)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that callers may choose."""

    name: str
    key: str
    label: str
    """How it is called, as plain words."""
    said: frozenset[str]
    """Ways to say it, as plain words."""

    @classmethod
    def of(cls, name: str, key: str, phrases: Sequence[str], label: str = "") -> Option:
        called = plain(f"{name.replace('_', ' ')} {label}")
        said = {plain(each) for each in (name.replace("_", " "), label, *phrases)}
        return cls(name, key, called, frozenset(said - {""}))


YES_NO = (Option.of("yes", "1", ()), Option.of("no", "2", ()))


def judge(book: Book, notes: Notes) -> None:
    """Notes warnings for everything that callers are given to choose from."""
    for flow in book.flows.values():
        for name, step in flow.steps.items():
            path = f"steps/{name}"
            is_over = False
            for options, texts in _offers(flow, path, step):
                is_over |= _texts(flow, options, texts, notes)
            if isinstance(step, Ask):
                _ask(flow, path, step, is_over, notes)


def _offers(flow: Flow, path: str, step: AnyStep) -> Iterator[tuple[tuple[Option, ...], list[words.Text]]]:
    """The options of a step, for a form those of each field, with the texts that may name them."""
    texts = [text for text in words.step_texts(flow, path, step) if text.is_spoken]
    match step:
        case Ask():
            yield tuple(_option(*item) for item in step.choices.items()), texts
        case Confirm():
            yield YES_NO, texts
        case Collect():
            yield _of_value(step), texts
        case Form():
            for field, value in step.form.items():
                yield (
                    _of_value(value),
                    [text for text in texts if text.path.startswith(f"{path}/form/{field}/")],
                )


def _option(name: str, choice: Choice) -> Option:
    return Option.of(name, choice.key or "", choice.phrases, choice.label)


def _of_value(value: Value) -> tuple[Option, ...]:
    """A choice's options have keys by their order."""
    if value.type == "yes_no":
        return YES_NO
    named = value.options.items() if value.type == "choice" else ()
    return tuple(
        Option.of(name, str(key) if key < 9 else "", said) for key, (name, said) in enumerate(named, 1)
    )


def _texts(flow: Flow, options: tuple[Option, ...], texts: list[words.Text], notes: Notes) -> bool:
    """Judges what the words offer; whether some offer too much."""
    is_over = False
    for text in texts if options else ():
        said = reading.said(text.text)
        named = _named_keys(said)
        plainly, keys = f" {plain(said)} ", {key for key, _ in named}
        count = sum(each.key in keys or any(f" {one} " in plainly for one in each.said) for each in options)
        if count > MOST:
            is_over = True
            _too_many(flow, text.path, f"{count} options in one text", notes)
        _keys(flow, text.path, named, options, notes)
    return is_over


def _named_keys(text: str) -> list[tuple[str, str]]:
    """The keys that a text tells callers to press, each with what it is said to be for, or nothing."""
    if not _PRESS.search(text):
        return []
    found = [(_key(key), "") for key in _PRESS.findall(text)]
    return found + [(_key(key), about) for key, about in _FOR.findall(text)]


def _key(word: str) -> str:
    return KEYS.get(word.lower(), word)


def _keys(
    flow: Flow, path: str, named: list[tuple[str, str]], options: tuple[Option, ...], notes: Notes
) -> None:
    """Notes keys that a text names and that do nothing, or something else than it says."""
    by_key = {option.key: option for option in options if option.key}
    told: set[str] = set(RESERVED)
    for key, about in named:
        if key in told:
            continue
        if key not in by_key:
            told.add(key)
            found = f"the key {key} in the words, which does nothing here"
            remedy = f"Give it to a choice, or name another: there is {', '.join(sorted(by_key)) or 'none'}."
            notes.warning(flow, path, found, "a key of this question", remedy, "dead-key")
        elif (meant := _meant(about, options)) and by_key[key] not in meant:
            told.add(key)
            found = f"the key {key} for {about.strip()!r}, which leads to {by_key[key].name!r}"
            own = f"key {meant[0].key}" if meant[0].key else "no key"
            remedy = f"Correct the words or the keys: {meant[0].name!r} has {own}."
            notes.warning(flow, path, found, "the key that does what is said", remedy, "wrong-key")


def _meant(about: str, options: tuple[Option, ...]) -> list[Option]:
    """The options whose name or label shares most words with ``about``; none where none does."""
    wanted = set(plain(about).split()) - _SMALL
    shared = {option: len(wanted & set(option.label.split())) for option in options}
    most = max(shared.values(), default=0)
    return [option for option, count in shared.items() if most and count == most]


def _ask(flow: Flow, path: str, step: Ask, is_over: bool, notes: Notes) -> None:
    targets = {choice.next for choice in step.choices.values()}
    if not is_over and not step.open and len(targets) > MOST:
        _too_many(flow, f"{path}/choices", f"a question with {len(targets)} ways to go on", notes)
    has_keys = any(choice.key for choice in step.choices.values())
    for name, choice in step.choices.items():
        at = f"{path}/choices/{name}"
        if at not in flow.places:
            continue
        if not choice.phrases:
            found, remedy = f"the choice {name!r}, which can be keyed but not said", "Add phrases."
            notes.warning(flow, at, found, "ways to say it", remedy, "keys-only")
        elif step.open and len(choice.phrases) < FEWEST_PHRASES:
            found = f"the choice {name!r} with only {len(choice.phrases)} of all the ways to say it"
            wanted = f"{FEWEST_PHRASES} or more, in an open question a dozen"
            remedy = "Add sentences that differ, as callers would say them."
            notes.warning(flow, f"{at}/phrases", found, wanted, remedy, "few-phrases")
        if not choice.key and has_keys and not step.open:
            found = f"the choice {name!r} without a key, where others have one"
            notes.warning(flow, at, found, "a key", "Add one: not everybody can speak up.", "no-key")


def _too_many(flow: Flow, path: str, found: str, notes: Notes) -> None:
    remedy = "Offer the usual ones, and the rest behind 'something else' or in the callers' own words (open: true)."
    notes.warning(flow, path, found, f"at most {MOST}", remedy, "too-many-options")
