"""One more language of a site: files such as ``main.zh.yaml`` hold the words of ``main.yaml`` in Chinese.

Such a file is built as the one it translates and holds words only; what it leaves out stays in the main
language. Here the two are laid over each other, before any of it is shaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

from ivr.errors import Fault
from ivr.flow import near
from ivr.flow.faults import MOST, place_of
from ivr.flow.kinds import Shape
from ivr.flow.model import VERBS, Flow
from ivr.flow.prompts import SitePrompts
from ivr.flow.shape import Sheet
from ivr.flow.site import Book, Site
from ivr.flow.tree import Mapping, Node, Scalar

WORDS = "words"
"""Words for the caller: every language needs its own."""
OWN = "own"
"""What a language may have of its own, and need not."""
Frame = dict[str, Any]
"""Key to WORDS, OWN, or the frame below it. ``EACH`` stands for every name that the main file has there."""
EACH = "*"


def _keys(kind: type[Shape], field: str) -> tuple[str, ...]:
    """The keys that a mapping of a model may have."""
    keys: tuple[str, ...] = get_args(get_args(kind.model_fields[field].annotation)[0])
    return keys


_SPOKEN: Frame = {"no_input": WORDS, "no_match": WORDS, "help": WORDS, "voice": OWN}
_VALUE: Frame = {"options": {EACH: WORDS}}
OF_STEPS: dict[str, Frame] = {
    "say": {"say": WORDS, "voice": OWN},
    "ask": {**_SPOKEN, "ask": WORDS, "choices": {EACH: {"phrases": WORDS, "label": WORDS}}},
    "collect": {**_SPOKEN, **_VALUE, "ask": WORDS},
    "form": {
        **_SPOKEN,
        "ask": WORDS,
        "confirm": WORDS,
        "form": {
            EACH: {
                **_VALUE,
                "label": WORDS,
                "ask": WORDS,
                "no_input": WORDS,
                "no_match": WORDS,
                "help": WORDS,
            }
        },
    },
    "confirm": {**_SPOKEN, "confirm": WORDS},
    "look_up": {"filler": WORDS},
    "if": {},
    "run": {},
    "transfer": {"say": WORDS},
    "set": {},
    "language": {},
    "remember": {},
    "hang_up": {"hang_up": WORDS},
}
"""Verb to the words of its step."""
OF_SITE: Frame = {
    "company": OWN,
    "voice": OWN,
    "prompts": dict.fromkeys(SitePrompts.model_fields, WORDS),
    "commands": dict.fromkeys(_keys(Site, "commands"), WORDS),
    "while_waiting": dict.fromkeys(_keys(Site, "while_waiting"), WORDS),
    "queues": {EACH: {"name": WORDS}},
    "holidays": {EACH: WORDS},
    "mood": {"topics": {EACH: {"phrases": WORDS, "say": WORDS}}},
}
OF_FLOW: Frame = {"voice": OWN}


def merged(main: Mapping, sheet: Sheet, *, of: str) -> Mapping:
    """The tree of the file ``of`` with the words of ``sheet``'s in place of its own; faults noted there.

    Voices speak one language, so those of the main file are left out.
    """
    overlay = _Overlay(sheet, of)
    return overlay.site(main) if of == "site.yaml" else overlay.flow(main)


class _Overlay:
    """Lays one file over the file it translates."""

    def __init__(self, sheet: Sheet, of: str) -> None:
        self.sheet = sheet
        self.of = of

    def site(self, main: Mapping) -> Mapping:
        return self.lay(voiceless(main), self.sheet.root, OF_SITE, "")

    def flow(self, main: Mapping) -> Mapping:
        main, words, frame = voiceless(main), self.sheet.root, dict(OF_FLOW)
        named, name = words.entries.get("flow"), main.entries.get("flow")
        if named is not None:
            words = _but(words, "flow")
            if _text(named) != _text(name):
                found = f"the flow {_text(named)[:60]!r} in the words of {self.of}"
                remedy = "Correct it, or leave it out."
                self.sheet.fault("flow", found, f"'flow: {_text(name)}'", remedy, "overlay")
        if isinstance(steps := main.entries.get("steps"), Mapping):
            frame["steps"] = {name: _words_of(step) for name, step in steps.entries.items()}
        return self.lay(main, words, frame, "")

    def lay(self, main: Mapping, words: Mapping, frame: Frame, path: str) -> Mapping:
        """``main`` with the values of ``words`` that ``frame`` allows."""
        entries = dict(main.entries)
        for key, node in words.entries.items():
            if len(self.sheet.faults) > MOST:
                break
            here, inner = f"{path}{key}", frame.get(EACH, frame.get(key))
            if (EACH in frame or path == "steps/") and not self.has(here, key, main):
                continue
            if inner is None:
                self.refuse(here, key, main, frame)
            elif isinstance(inner, str):
                entries[key] = node
            elif isinstance(node, Mapping):
                below = entries.get(key)
                entries[key] = self.lay(
                    below if isinstance(below, Mapping) else Mapping({}), node, inner, f"{here}/"
                )
            else:
                remedy = f"Write it as it stands in {self.of}, with the words alone."
                wanted = "keys with values, indented below it"
                self.sheet.fault(here, "no keys with values", wanted, remedy, "type")
        return replace(main, entries=entries, keys={**main.keys, **words.keys})

    def has(self, path: str, name: str, main: Mapping) -> bool:
        """Whether the main file has something under a name; a fault where not."""
        if name in main.entries:
            return True
        found, wanted = (
            f"{name[:60]!r}, which {self.of} does not have",
            f"a name that stands there in {self.of}",
        )
        self.sheet.fault(path, found, wanted, near.remedy(name, main.entries), "overlay")
        return False

    def refuse(self, path: str, key: str, main: Mapping, frame: Frame) -> None:
        words = ", ".join(frame) or "no words at all"
        if key in main.entries:
            found, remedy = f"{key[:60]!r}, which is no words", f"Leave it to {self.of}."
        else:
            found, remedy = f"the unknown key {key[:60]!r}", near.remedy(key, frame, "Remove it.")
        self.sheet.fault(path, found, f"words only, here {words}", remedy, "overlay")


def missing(book: Book) -> tuple[Fault, ...]:
    """A warning for all words that a further language of the site lacks, so that callers hear the main one's."""
    return tuple(
        fault
        for language, other in book.translations.items()
        for main, translated in _pairs(book, other)
        for fault in _missing(main, translated, language)
    )


def _pairs(book: Book, other: Book) -> Iterator[tuple[Flow | Site, Flow | Site]]:
    yield book.site, other.site
    for name, flow in book.flows.items():
        yield flow, other.flows[name]


def _missing(main: Flow | Site, translated: Flow | Site, language: str) -> Iterator[Fault]:
    paths = list(_needed(main))
    if not paths:
        return
    if translated.file == main.file:
        stem = main.file.removesuffix(".yaml")
        found, wanted = f"no {stem}.{language}.yaml", f"the words of {main.file} in {language!r}"
        yield Fault(
            main.file, 1, found, wanted, "Write it, words only.", "translation-missing", 1, is_warning=True
        )
        return
    for path in paths:
        if path not in translated.places:
            line, column = place_of(translated.places, path)
            at, _ = place_of(main.places, path)
            found = f"no {path} in {language!r}"
            remedy = f"Add it as in {main.file}, line {at}."
            yield Fault(
                translated.file,
                line,
                found,
                "words in each language",
                remedy,
                "translation-missing",
                column,
                is_warning=True,
            )


def _needed(owner: Flow | Site) -> Iterator[str]:
    """The path of all words that a translation of a file needs."""
    if isinstance(owner, Site):
        yield from _paths(owner, OF_SITE, "")
        return
    for name, step in owner.steps.items():
        for path in _paths(step, OF_STEPS[step.verb], f"steps/{name}/"):
            if path in owner.places:
                yield path


def _paths(value: Any, frame: Frame, path: str) -> Iterator[str]:
    keys = value if EACH in frame else frame
    for key in keys:
        inner = frame.get(EACH, frame.get(key))
        below = value.get(key) if isinstance(value, dict) else getattr(value, key)
        if inner == WORDS and below:
            yield f"{path}{key}"
        elif isinstance(inner, dict) and below:
            yield from _paths(below, inner, f"{path}{key}/")


def _words_of(step: Node) -> Frame:
    verb = next((verb for verb in VERBS if verb in step.entries), "") if isinstance(step, Mapping) else ""
    return OF_STEPS.get(verb, {})


def voiceless(node: Node) -> Any:
    """A file or a step without the voice that its own language has."""
    if not isinstance(node, Mapping):
        return node
    steps = node.entries.get("steps")
    if isinstance(steps, Mapping):
        spoken = {name: voiceless(step) for name, step in steps.entries.items()}
        node = replace(node, entries={**node.entries, "steps": replace(steps, entries=spoken)})
    return replace(node, entries={name: each for name, each in node.entries.items() if name != "voice"})


def _but(node: Mapping, key: str) -> Mapping:
    return replace(node, entries={name: each for name, each in node.entries.items() if name != key})


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""
