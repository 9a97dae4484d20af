"""How a question is asked: how much it offers, how long it takes, which keys it names, how often it is repeated.

A part of ``lint``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ivr.flow.faults import Notes
from ivr.flow.lint import reading
from ivr.flow.model import Ask, Book, Choice, Collect, Confirm, Flow, Question, Site, Timers
from ivr.flow.phrases import plain
from ivr.flow.spoken import DIGITS
from ivr.flow.words import Text, site_texts, step_texts

MOST_OPTIONS = 5
"""Of one question: callers forget the first of more."""
LONGEST_S = 20.0
"""Of one prompt."""
LONGEST_FORCED_S = 8.0
"""Of a question that nothing stops."""
MOST_MISSES = 3
"""Times a caller is asked again before a person."""
FEWEST_PHRASES = 3
"""Of a choice that callers put in words of their own."""
SHORTEST_MS = {"no_input": 2_000, "between_keys": 1_500, "max_speech": 3_000}
"""Shorter than people think, find the next key, or speak (platforms: no input 3 to 5 s, between keys 2 to 4 s)."""
UNHEARD = ("reason", "did")
"""Texts that an agent reads and no caller hears."""
KEYS = {word: str(number) for number, word in enumerate(DIGITS)} | {"star": "*", "hash": "#", "pound": "#"}
"""Keys as prompts call them, besides the digits themselves."""
_KEY = "|".join((*KEYS, "[0-9]"))
_PRESS = re.compile(rf"\b(?:press|key)\s+({_KEY})\b", re.IGNORECASE)
_FOR = re.compile(rf"(?:\bpress|[,;]|\bor|\band)\s+({_KEY})\s+(?:for|to)\s+([^,;.?!]+)", re.IGNORECASE)
_SMALL = frozenset(
    ("a", "an", "the", "your", "our", "my", "of", "for", "to", "and", "or", "is", "in", "on", "us")
)


def judge(book: Book, notes: Notes) -> None:
    """Notes warnings for all questions and prompts."""
    for text in (*site_texts(book.site), *_flow_texts(book)):
        if text.is_spoken and text.path.split("/")[-1] not in UNHEARD:
            _length(text.owner, text.path, text.text, notes)
    _timers(book.site, "timers", book.site.timers, notes)
    for flow in book.flows.values():
        _timers(flow, "timers", flow.timers, notes)
        for name, step in flow.steps.items():
            if isinstance(step, Question):
                _question(book.site, flow, f"steps/{name}", step, notes)
            if isinstance(step, Ask):
                _ask(flow, f"steps/{name}", step, notes)


def _flow_texts(book: Book) -> Iterator[Text]:
    for flow in book.flows.values():
        for name, step in flow.steps.items():
            yield from step_texts(flow, f"steps/{name}", step)


def _length(owner: Flow | Site, path: str, text: str, notes: Notes) -> None:
    takes_s = reading.estimated_s(text)
    if takes_s is not None and takes_s > LONGEST_S:
        remedy = "Say the most important thing first, and the rest in a step of its own or under help."
        wanted = f"at most {LONGEST_S:.0f} s"
        notes.warning(owner, path, f"a text of about {takes_s:.0f} s", wanted, remedy, "prompt-too-long")


def _timers(owner: Flow | Site, path: str, timers: Timers, notes: Notes) -> None:
    """Timers too short for people, where they are written."""
    for key, least_ms in SHORTEST_MS.items():
        value = getattr(timers, key)
        if value is not None and value < least_ms and f"{path}/{key}" in owner.places:
            found = f"{key} of {value / 1000:g}s, which hurries callers"
            wanted = f"at least {least_ms / 1000:g}s"
            notes.warning(owner, f"{path}/{key}", found, wanted, "Choose a longer time.", "hurried")


def _question(site: Site, flow: Flow, path: str, step: Question, notes: Notes) -> None:
    _timers(flow, f"{path}/timers", step.timers, notes)
    most = site.misses_per_step if step.misses is None else step.misses
    if step.misses is not None and most > MOST_MISSES:
        found, wanted = f"a question asked again {most} times before a person", f"at most {MOST_MISSES} times"
        notes.warning(flow, f"{path}/misses", found, wanted, "Make it fewer.", "too-many-tries")
    for key in ("no_input", "no_match"):
        texts = getattr(step, key)
        if len(texts) == 1 and most >= MOST_MISSES:
            _repeated(flow, f"{path}/{key}", key, most, notes)
    if step.barge_in == "off":
        takes_s = sum(reading.estimated_s(text) or 0.0 for text in _asked(step))
        if takes_s > LONGEST_FORCED_S:
            found = f"a question of about {takes_s:.0f} s that callers cannot interrupt"
            remedy = (
                "Say what they must hear in a step of its own with barge_in: off, and ask shortly after it."
            )
            wanted = f"at most {LONGEST_FORCED_S:.0f} s"
            notes.warning(flow, f"{path}/barge_in", found, wanted, remedy, "cannot-interrupt")
    if isinstance(step, Collect) and step.type == "digits" and step.bounds()[0] == 1:
        found = "a number that may be a single digit, so that keys 0 and 9 are digits here and fetch nobody"
        remedy = "Ask for more digits, or say in the question that 'a person' can be said."
        notes.warning(flow, f"{path}/collect", found, "a person by key 0", remedy, "no-person")


def _asked(step: Question) -> tuple[str, ...]:
    return (step.confirm if isinstance(step, Confirm) else step.ask,)


def _repeated(owner: Flow | Site, path: str, key: str, times: int, notes: Notes) -> None:
    found = f"one text for {key}, said up to {times} times"
    remedy = "Add a second that says it otherwise, with the keys or the way to a person."
    notes.warning(owner, path, found, "words that get fuller each time", remedy, "same-again")


def _ask(flow: Flow, path: str, step: Ask, notes: Notes) -> None:
    offered = _offers(flow, path, step, notes)
    targets = {choice.next for choice in step.choices.values()}
    if not offered and not step.open and len(targets) > MOST_OPTIONS:
        found = f"a question with {len(targets)} ways to go on"
        _too_many(flow, f"{path}/choices", found, notes)
    for name, choice in step.choices.items():
        at = f"{path}/choices/{name}"
        if at in flow.places:
            _choice(flow, at, name, choice, step, notes)
    for text in step_texts(flow, path, step):
        if text.is_spoken:
            _keys(flow, text.path, reading.said(text.text), step, notes)


def _offers(flow: Flow, path: str, step: Ask, notes: Notes) -> bool:
    """Notes texts that offer too much; whether there are any."""
    is_any = False
    for text in step_texts(flow, path, step):
        words = reading.said(text.text)
        count = sum(_is_offered(name, choice, words) for name, choice in step.choices.items())
        if count > MOST_OPTIONS:
            is_any = True
            _too_many(flow, text.path, f"{count} options in one text", notes)
    return is_any


def _too_many(flow: Flow, path: str, found: str, notes: Notes) -> None:
    remedy = "Offer the usual ones, and the rest behind 'something else' or in the callers' own words (open: true)."
    notes.warning(flow, path, found, f"at most {MOST_OPTIONS}", remedy, "too-many-options")


def _is_offered(name: str, choice: Choice, text: str) -> bool:
    """Whether a text offers a choice: by its key, its label or one of its phrases."""
    words = f" {plain(text)} "
    named = {plain(said) for said in (name.replace("_", " "), choice.label, *choice.phrases)} - {""}
    keys = {key for key, _ in _named_keys(text)}
    return choice.key in keys or any(f" {each} " in words for each in named)


def _named_keys(text: str) -> list[tuple[str, str]]:
    """The keys that a text tells callers to press, each with what it is said to be for, or nothing."""
    if not _PRESS.search(text):
        return []
    found = [(_key(key), "") for key in _PRESS.findall(text)]
    return found + [(_key(key), about) for key, about in _FOR.findall(text)]


def _key(word: str) -> str:
    return KEYS.get(word.lower(), word)


def _choice(flow: Flow, path: str, name: str, choice: Choice, step: Ask, notes: Notes) -> None:
    has_keys = any(each.key for each in step.choices.values())
    if not choice.phrases:
        found, remedy = f"the choice {name!r}, which can be keyed but not said", "Add phrases."
        notes.warning(flow, path, found, "ways to say it", remedy, "keys-only")
    elif step.open and len(choice.phrases) < FEWEST_PHRASES:
        found = f"the choice {name!r} with only {len(choice.phrases)} of all the ways to say it"
        wanted = f"{FEWEST_PHRASES} or more, in an open question a dozen"
        remedy = "Add sentences that differ, as callers would say them."
        notes.warning(flow, f"{path}/phrases", found, wanted, remedy, "few-phrases")
    if not choice.key and has_keys and not step.open:
        found, wanted = f"the choice {name!r} without a key, where others have one", "a key"
        notes.warning(flow, path, found, wanted, "Add one: not everybody can speak up.", "no-key")


def _keys(flow: Flow, path: str, text: str, step: Ask, notes: Notes) -> None:
    """Notes keys that a text names and that do nothing, or something else than it says."""
    by_key = {choice.key: name for name, choice in step.choices.items() if choice.key}
    told: set[str] = set()
    for key, about in _named_keys(text):
        if key in told or key in "09":
            continue
        if key not in by_key:
            told.add(key)
            found = f"the key {key} in the words, which does nothing here"
            remedy = f"Give it to a choice, or name another: there is {', '.join(sorted(by_key)) or 'none'}."
            notes.warning(flow, path, found, "a key of this question", remedy, "dead-key")
        elif about and (meant := _meant(about, step.choices)) and by_key[key] not in meant:
            told.add(key)
            found = f"the key {key} for {about.strip()!r}, which leads to {by_key[key]!r}"
            remedy = (
                f"Did you mean the key of {meant[0]!r}, {step.choices[meant[0]].key or 'which has none'}?"
            )
            notes.warning(flow, path, found, "the key that does what is said", remedy, "wrong-key")


def _meant(about: str, choices: Mapping[str, Choice]) -> tuple[str, ...]:
    """The choices whose name or label shares most words with ``about``; none where none does."""
    wanted = set(plain(about).split()) - _SMALL
    shared = {
        name: len(wanted & set(plain(f"{name.replace('_', ' ')} {choice.label}").split()))
        for name, choice in choices.items()
    }
    most = max(shared.values(), default=0)
    return tuple(name for name, count in shared.items() if most and count == most)
