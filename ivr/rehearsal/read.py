"""A file of talks to scripts that can be acted, or every fault of the file with its line.

Read as strictly as a flow: an unknown key, step, look-up or queue is a fault. Nothing is acted here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ivr.errors import Fault, FlowError
from ivr.flow import near, shape, tree
from ivr.flow.faults import MOST, first
from ivr.flow.load import read_text
from ivr.flow.site import Book
from ivr.rehearsal.model import CLOCK, Cue, Expected, Given, Never, Talk, Talks
from ivr.rehearsal.words import plain

ENDING = ".talks.yaml"
TYPED = frozenset({"look_ups", "profile", "fields"})
"""Keys whose values keep their kind: true and false, numbers, nothing; a text in quotes stays a text."""
MAX_TALKS = 1_000
MAX_TURNS = 2_000
"""Most turns in all talks of one file; the longest file of the sample has two hundred."""
MAX_SHARED = 1_000
"""Most values that a file gives for all of its talks: each talk has its own copy."""
SHARED = ("given", "never", "whenever")
SAID = ("bot", "bot_one_of", "never")
"""Keys of words, of which some must be left when signs are not counted: without, they would say nothing."""
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_BROKEN = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None}


@dataclass(frozen=True, slots=True)
class Script:
    """One talk, with all that its file gives for it."""

    name: str
    flow: str
    """The flow it tests."""
    file: str
    talk: Talk
    line: int
    """Where its name stands."""
    lines: tuple[int, ...]
    """Where each of its turns stands."""
    keys: dict[tuple[int, str], int]
    """Where each key of each turn stands."""

    def line_of(self, index: int, key: str) -> int:
        """Where a key of a turn stands, or the turn, or the talk."""
        return self.keys.get((index, key)) or (self.lines[index] if index >= 0 else self.line)


def find(folder: Path) -> tuple[Path, ...]:
    """The files of talks in a folder of flows."""
    return tuple(sorted(path for path in folder.glob(f"*{ENDING}") if path.name[0] != "."))


def load(paths: Iterable[Path], book: Book, lookups: Collection[str] | None = None) -> tuple[Script, ...]:
    """The scripts of these files. Raises FlowError with every fault of every file."""
    scripts: list[Script] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            scripts += parse(_text(path), path.name, book, lookups)
        except FlowError as error:
            faults += error.faults
    if faults:
        raise FlowError(first(faults))
    return tuple(scripts)


def parse(
    text: str, file: str, book: Book, lookups: Collection[str] | None = None, flow: str = ""
) -> tuple[Script, ...]:
    """The scripts of one file's text. ``flow``: the one they test where the text names none; else by the file's name.

    With ``lookups`` the names of look-ups are checked too. Raises FlowError with every fault.
    """
    root, found = tree.read(text, file)
    if not isinstance(root, tree.Mapping):
        what = "no keys with values"
        missing = Fault(file, 1, what, "a file of talks", "Begin with 'talks:'.", "type", 1)
        raise FlowError(found or (missing,))
    sheet = shape.Sheet(file, root)
    named = root.entries.get("flow")
    flow = named.text if isinstance(named, tree.Scalar) else flow or file.removesuffix(ENDING)
    if flow not in book.flows:
        remedy = near.remedy(flow, book.flows)
        sheet.fault("flow", f"talks of the flow {flow!r}", "a flow", remedy, "unknown-flow")
    scripts = _scripts(sheet, flow)
    for script in scripts:
        if len(sheet.faults) <= MOST:
            _Names(sheet, book, lookups, script).check()
    if faults := [*found, *sheet.faults]:
        raise FlowError(first(faults))
    return scripts


def typed(node: tree.Node, *, is_typed: bool = False) -> Any:
    """The tree as plain values; below the keys of ``TYPED``, true, false, numbers and nothing are such."""
    match node:
        case tree.Mapping():
            return {
                key: typed(value, is_typed=is_typed or key in TYPED) for key, value in node.entries.items()
            }
        case tree.Listing():
            return [typed(item, is_typed=is_typed) for item in node.items]
        case tree.Scalar(is_empty=True):
            return None
        case tree.Scalar(text, is_quoted=False) if is_typed:
            if text in _WORDS:
                return _WORDS[text]
            return int(text) if _WHOLE.fullmatch(text) else float(text) if _BROKEN.fullmatch(text) else text
        case _:
            return node.text


def _scripts(sheet: shape.Sheet, flow: str) -> tuple[Script, ...]:
    content = typed(sheet.root)
    bodies = content.get("talks")
    if "talks" in content and (not isinstance(bodies, dict) or not bodies):
        remedy = "Write the name of a conversation below 'talks:', and its turns below the name."
        sheet.fault("talks", "no conversation", "conversations, each with a name", remedy, "missing-key")
    head = shape.model_of(
        Talks, {**content, "talks": {}} if "talks" in content else content, "", sheet, "the file"
    )
    bodies = bodies if isinstance(bodies, dict) else {}
    turns = sum(map(_turns, bodies.values()))
    shared = sum(_size(content.get(key)) for key in SHARED)
    for count, what, most in (
        (len(bodies), "conversations", MAX_TALKS),
        (turns, "turns", MAX_TURNS),
        (shared, "values for all conversations", MAX_SHARED),
    ):
        if count > most:
            sheet.fault("talks", f"{count:,} {what}", f"at most {most:,}", "Split the file.", "too-big")
            return ()
    _meant(content.get("never"), "never", sheet)
    for index, each in enumerate(_items(content.get("whenever"))):
        _meant(each, f"whenever/{index}", sheet)
    return tuple(
        script
        for name, body in bodies.items()
        if (script := _script(sheet, flow, head, name, body)) is not None
    )


def _turns(body: Any) -> int:
    """How many turns a talk has, as it is written."""
    return len(_items(body.get("turns") if isinstance(body, dict) else body))


def _size(content: Any) -> int:
    """How many keys and values it has."""
    match content:
        case dict():
            return sum(1 + _size(value) for value in content.values())
        case list():
            return sum(map(_size, content))
    return 1


def _items(content: Any) -> list[Any]:
    return content if isinstance(content, list) else []


def _meant(content: Any, path: str, sheet: shape.Sheet) -> bool:
    """Whether all that is expected says something: what is empty would hold of every call. Faults are noted."""
    before = len(sheet.faults)
    for key, value in content.items() if isinstance(content, dict) else ():
        if value is None or value == [] or (value == {} and key != "transfer"):
            remedy = "Write it after the colon, or remove the key."
            sheet.fault(f"{path}/{key}", f"nothing after '{key}:'", "what is expected", remedy, "empty")
        elif key in SAID and not all(plain(text) for text in _texts(value)):
            sheet.fault(f"{path}/{key}", "a text without words", "words", "Write what is said.", "empty")
    return len(sheet.faults) == before


def _texts(value: Any) -> list[str]:
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _script(sheet: shape.Sheet, flow: str, head: Talks | None, name: str, body: Any) -> Script | None:
    path = f"talks/{name}"
    base = path if isinstance(body, list) else f"{path}/turns"
    whole = {"turns": body} if isinstance(body, list) else body
    turns = whole.get("turns") if isinstance(whole, dict) else None
    if not isinstance(whole, dict) or not isinstance(turns, list) or not turns:
        remedy = "Write its turns below it, each with a dash: '- caller: hello'."
        sheet.fault(base, f"no turns in {name!r}", "what is said, turn by turn", remedy, "missing-key")
        return None
    talk = shape.model_of(Talk, {**whole, "turns": []}, path, sheet, f"the talk {name!r}")
    _meant(whole.get("never"), f"{path}/never", sheet)
    for key in ("whenever", "sometime"):
        for index, each in enumerate(_items(whole.get(key))):
            _meant(each, f"{path}/{key}/{index}", sheet)
    cues = [_cue(sheet, f"{base}/{index}", turn) for index, turn in enumerate(turns)]
    if head is None or talk is None or None in cues:
        return None
    acted = talk.model_copy(
        update={
            "turns": tuple(cue for cue in cues if cue is not None),
            "given": _merged(head.given, talk.given),
            "never": _joined(head.never, talk.never),
            "whenever": (*talk.whenever, *head.whenever),
        }
    )
    lines = tuple(sheet.places[f"{base}/{index}"][0] for index in range(len(turns)))
    keys = {
        (index, key): sheet.places[f"{base}/{index}/{key}"][0]
        for index, turn in enumerate(turns)
        for key in turn
    }
    return Script(name, flow, sheet.file, acted, sheet.places[path][0], lines, keys)


def _cue(sheet: shape.Sheet, path: str, content: Any) -> Cue | None:
    if not isinstance(content, dict):
        wanted, remedy = "a turn", "Write '- caller: ...', '- keys: ...' or '- bot: ...'."
        sheet.fault(path, "a text" if isinstance(content, str) else "nothing", wanted, remedy, "type")
        return None
    if not content:
        remedy = "Write what the caller does or what is expected, or remove the dash."
        sheet.fault(path, "a turn of nothing", "a turn", remedy, "empty")
        return None
    cue = shape.model_of(Cue, content, path, sheet, "the turn") if _meant(content, path, sheet) else None
    if cue is None:
        return None
    acts = [key for key in ("caller", "keys", "silent", "hangs_up") if key in content]
    if len(acts) > 1:
        remedy = "Make a turn of each."
        sheet.fault(path, f"{' and '.join(acts)} in one turn", "one of them", remedy, "two-acts")
    for key, needs in (("sure", ("caller",)), ("interrupts", ("caller", "keys"))):
        if key in content and not set(needs) & set(acts):
            remedy = f"Write it beside {' or '.join(needs)}."
            sheet.fault(f"{path}/{key}", f"{key!r} without what the caller does", "both", remedy, "no-act")
    return cue


def _merged(file: Given, talk: Given) -> Given:
    """What the talk gives, and what the file gives besides."""
    changes: dict[str, Any] = {name: getattr(talk, name) for name in talk.model_fields_set}
    if "look_ups" in changes:
        changes["look_ups"] = {**file.look_ups, **talk.look_ups}
    return file.model_copy(update=changes)


def _joined(file: Never, talk: Never) -> Never:
    return Never(**{name: (*getattr(file, name), *getattr(talk, name)) for name in Never.model_fields})


class _Names:
    """Whether what one talk speaks of exists."""

    def __init__(
        self, sheet: shape.Sheet, book: Book, lookups: Collection[str] | None, script: Script
    ) -> None:
        self._sheet = sheet
        self._book = book
        self._lookups = lookups
        self._script = script
        places = sheet.places
        self._turns = f"talks/{script.name}" + ("/turns" if f"talks/{script.name}/turns" in places else "")

    def check(self) -> None:
        talk = self._script.talk
        own = f"talks/{self._script.name}"
        for base in ("", f"{own}/"):
            if f"{base}given" in self._sheet.places:
                self._given(talk.given, f"{base}given")
            for step in talk.never.step:
                self._step(step, f"{base}never/step")
            self._known("look-up", talk.never.looks_up, self._lookups, f"{base}never/looks_up")
            self._known("queue", talk.never.transfer, self._book.site.queues, f"{base}never/transfer")
        for index, cue in enumerate(talk.turns):
            self._expected(cue, f"{self._turns}/{index}")
        for index, expected in enumerate(talk.sometime):
            self._expected(expected, f"{own}/sometime/{index}")

    def _given(self, given: Given, path: str) -> None:
        site = self._book.site
        try:
            datetime.strptime(given.at, CLOCK)
        except ValueError:
            remedy = "Write it as 2026-12-25 10:00."
            if f"{path}/at" in self._sheet.places:
                self._sheet.fault(f"{path}/at", repr(given.at), "a day and a time that exist", remedy, "time")
        if isinstance(given.hours, dict):
            self._known("hours", given.hours, site.hours, f"{path}/hours")
        self._known("look-up", given.look_ups, self._lookups, f"{path}/look_ups")
        if given.language is not None:
            tongues = (site.language, *site.languages)
            self._known("language", (given.language,), tongues, f"{path}/language")
        for person in given.agents if isinstance(given.agents, tuple) else ():
            if person.then == "hands back":
                self._known("purpose", (person.to,), site.hand_back, f"{path}/agents")

    def _expected(self, expected: Expected, path: str) -> None:
        if expected.step is not None:
            self._step(expected.step, f"{path}/step")
        self._known("look-up", expected.looks_up, self._lookups, f"{path}/looks_up")
        if expected.transfer is not None and expected.transfer.queue is not None:
            queues = self._book.site.queues
            self._known("queue", (expected.transfer.queue,), queues, f"{path}/transfer")

    def _step(self, step: str, path: str) -> None:
        flow, _, name = step.rpartition(".")
        found = self._book.flows.get(flow or self._script.flow)
        if found is None or name not in found.steps:
            known = found.steps if found is not None else self._book.flows
            self._unknown("step", step, near.remedy(name if found else flow, known), path)

    def _known(self, what: str, names: Iterable[str], known: Iterable[str] | None, path: str) -> None:
        for name in names:
            if known is not None and name not in known:
                place = f"{path}/{name}" if f"{path}/{name}" in self._sheet.places else path
                if path in self._sheet.places:
                    self._unknown(what, name, near.remedy(name, known), place)

    def _unknown(self, what: str, name: str, remedy: str, path: str) -> None:
        if path in self._sheet.places:
            self._sheet.fault(path, f"the {what} {name!r}", "one that exists", remedy, f"unknown-{what}")


def _text(path: Path) -> str:
    if not path.is_file():
        raise FlowError(
            [Fault(path.name, 1, "no such file", "a file of talks", "Name one that exists.", "file")]
        )
    return read_text(path, "Split the file.")
