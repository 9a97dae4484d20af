"""How a question is asked: how long it takes, how often and how hurriedly, and whether it leaves a way to a person.

A part of ``lint``.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ivr.flow.faults import Notes
from ivr.flow.lint import reading
from ivr.flow.model import Collect, Confirm, Flow, Question, Timers, Value
from ivr.flow.site import Book, Site
from ivr.flow.words import Text, asked_by, site_texts, step_texts

LONGEST_S = 20.0
"""Of one prompt."""
LONGEST_FORCED_S = 8.0
"""Of a question that nothing stops."""
MOST_MISSES = 3
"""Times a caller is asked again before a person."""
SHORTEST_MS = {"no_input": 2_000, "between_keys": 1_500, "max_speech": 3_000}
"""Shorter than people think, find the next key, or speak (platforms: no input 3 to 5 s, between keys 2 to 4 s)."""
UNHEARD = ("reason", "did")
"""Texts that an agent reads and no caller hears."""


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
    for field, value in asked_by(step).items():
        at = f"{path}/collect" if isinstance(step, Collect) else f"{path}/form/{field}"
        if remedy := _swallows(value):
            found = "a value that may be 0, so that key 0 fetches no person here"
            notes.warning(flow, at, found, "a person by key 0", remedy, "no-person")


def _swallows(value: Value) -> str:
    """What to do where key 0 alone is a value; empty where it fetches a person."""
    if value.type == "digits" and value.bounds()[0] == 1 and value.check is None:
        return "Use 'type: number' with at_least: 1, or ask for more digits."
    if value.type in ("number", "money") and Decimal(value.at_least or 0) <= 0:
        return "Add 'at_least: 1', or tell callers that they can say 'a person'."
    return ""


def _asked(step: Question) -> tuple[str, ...]:
    return (step.confirm if isinstance(step, Confirm) else step.ask,)


def _repeated(owner: Flow | Site, path: str, key: str, times: int, notes: Notes) -> None:
    found = f"one text for {key}, said up to {times} times"
    remedy = "Add a second that says it otherwise, with the keys or the way to a person."
    notes.warning(owner, path, found, "words that get fuller each time", remedy, "same-again")
