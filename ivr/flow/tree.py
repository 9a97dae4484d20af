"""YAML text to a tree whose every part knows its line and column.

Nothing is executed, shared or guessed: tags, anchors and aliases are refused, and every scalar stays the text
it was written as (``key: 1``, ``yes`` and ``no`` too), so that the model alone decides what a value means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ivr.errors import Fault

MAX_CHARS = 1_000_000
"""Longest file, in characters; a flow of a hundred steps has about thirty thousand."""
MAX_LINE = 4_000
"""Longest line, in characters; the parser's time grows with the square of some."""
MAX_NODES = 40_000
"""Most keys, values and lists in one file: about twenty for each of two thousand steps."""
MAX_REPEATED = 100
"""Most repeated keys that are reported one by one."""
MAX_DEPTH = 12
"""Deepest nesting; a flow needs six."""
NO_BREAK = "\u00a0"
"""Looks like a blank and is none to YAML; word processors and web pages leave it behind."""

Place = tuple[int, int]
"""Line and column, both from 1."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value, as the text it was written as; ``is_empty`` where nothing at all was written."""

    text: str
    place: Place
    is_empty: bool = False
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Values one below the other."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values, in the order they were written; the first of a repeated key counts."""

    entries: dict[str, Node]
    keys: dict[str, Place] = field(default_factory=dict)
    """Where each key stands."""
    place: Place = (1, 1)


Node = Scalar | Listing | Mapping


class Unreadable(Exception):
    """Reading stopped here; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def read(text: str, file: str) -> tuple[Node | None, tuple[Fault, ...]]:
    """The tree of ``text`` and what is wrong with it as YAML. No tree where it cannot be read at all."""
    if len(text) > MAX_CHARS:
        return None, (
            Fault(
                file,
                1,
                f"{len(text):,} characters",
                f"at most {MAX_CHARS:,}",
                "Split it into several flows.",
                "too-big",
            ),
        )
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > MAX_LINE:
            found, wanted = f"a line of {len(line):,} characters", f"at most {MAX_LINE:,}"
            return None, (
                Fault(file, number, found, wanted, "Break the line, or fold the text with >-.", "too-big"),
            )
    reader = _Reader(file)
    try:
        return reader.document(text), tuple(reader.faults)
    except Unreadable as stop:
        return None, (*reader.faults, stop.fault)
    except MarkedYAMLError as error:
        return None, (*reader.faults, _syntax(error, text, file))
    except YAMLError as error:
        return None, (*reader.faults, _character(error, text, file))


def plain(node: Node) -> Any:
    """The tree as dicts, lists and texts; a value that was left empty is None."""
    match node:
        case Scalar():
            return None if node.is_empty else node.text
        case Listing():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(value) for key, value in node.entries.items()}


class _Reader:
    """Builds one tree from the parser's events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.nodes = 0

    def document(self, text: str) -> Node | None:
        events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        root: Node | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent) and root is not None:
                raise self.stop(
                    event,
                    "a second document (---)",
                    "one flow in a file",
                    "Move it to a file of its own.",
                    "documents",
                )
            if isinstance(event, NodeEvent):
                root = self.node(event, events, depth=1)
        return root

    def node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        self.guard(event, depth)
        place = _place(event)
        match event:
            case ScalarEvent():
                is_empty = event.value == "" and event.implicit[0]
                return Scalar(event.value, place, is_empty, is_quoted=not event.implicit[0])
            case SequenceStartEvent():
                items = []
                while not isinstance(item := next(events), SequenceEndEvent):
                    items.append(self.node(item, events, depth + 1))
                return Listing(tuple(items), place)
            case MappingStartEvent():
                return self.mapping(events, place, depth)
        raise self.stop(
            event, "something that is no value", "a text, a list or keys", "Write it in plain words.", "yaml"
        )

    def mapping(self, events: Iterator[Any], place: Place, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                wanted = "a text in quotes where a value begins with { or [, and a plain word as a key"
                raise self.stop(
                    event,
                    "brackets used as a key",
                    wanted,
                    'Put the whole text in quotes: "{{ name }}".',
                    "brackets",
                )
            self.guard(event, depth)
            key, where = event.value, _place(event)
            value = self.node(next(events), events, depth + 1)
            if key in entries and len(self.faults) >= MAX_REPEATED:
                remedy = "Remove them."
                raise self.stop(
                    event, f"more than {MAX_REPEATED} repeated keys", "each once", remedy, "duplicate-key"
                )
            if key in entries:
                found = f"the key {key[:40]!r} again, first on line {keys[key][0]}"
                remedy = "Remove or rename one of the two."
                self.faults.append(
                    Fault(self.file, where[0], found, "each key once", remedy, "duplicate-key", where[1])
                )
            else:
                entries[key], keys[key] = value, where
        return Mapping(entries, keys, place)

    def guard(self, event: Any, depth: int) -> None:
        """Refuses what a flow file never needs and what could make reading it long."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.stop(
                event, f"more than {MAX_NODES:,} values", "fewer", "Split it into several flows.", "too-big"
            )
        if depth > MAX_DEPTH:
            remedy = "Check the indentation and the brackets here."
            raise self.stop(event, f"more than {MAX_DEPTH} levels of nesting", "fewer", remedy, "too-deep")
        if isinstance(event, AliasEvent) or event.anchor is not None:
            sign = ("*" if isinstance(event, AliasEvent) else "&") + event.anchor[:40]
            remedy = 'Write the value out; a text that begins with * or & needs quotes: "*".'
            raise self.stop(event, f"the reference {sign}", "values written out", remedy, "alias")
        if getattr(event, "tag", None) is not None and str(event.tag) != "!":
            remedy = "Remove the tag; a text that begins with ! needs quotes."
            raise self.stop(event, f"the tag {str(event.tag)[:60]}", "plain values", remedy, "tag")

    def stop(self, event: Any, found: str, wanted: str, remedy: str, code: str) -> Unreadable:
        line, column = _place(event)
        return Unreadable(Fault(self.file, line, found, wanted, remedy, code, column))


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _syntax(error: MarkedYAMLError, text: str, file: str) -> Fault:
    """The parser's complaint in a designer's words."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem, context = str(error.problem or ""), str(error.context or "")
    lines = text.splitlines() or [""]
    here = lines[min(line, len(lines)) - 1]
    if "'\\t'" in problem or here[:column].count("\t") or here.startswith("\t"):
        found, wanted, remedy, code = "a tab", "spaces only", "Replace each tab by two spaces.", "tab"
    elif strange := [
        number for number in (line - 1, line) if NO_BREAK in "".join(lines[number - 1 : number])
    ]:
        line, column = strange[0], lines[strange[0] - 1].index(NO_BREAK) + 1
        found, wanted = "a blank of another kind (U+00A0)", "plain blanks"
        remedy, code = "Delete it and type the blank again.", "character"
    elif unkeyed := _unkeyed(error, lines, line, column):
        line, column = unkeyed
        found, wanted = "a line that is no 'key: value'", "a colon and a blank between key and value"
        remedy, code = "Write it as 'say: Hello.'.", "colon"
    elif "mapping values are not allowed" in problem:
        found, wanted = "a second colon, or an indentation that does not fit", "one 'key: value' on a line"
        remedy, code = "Put a text that holds a colon in quotes, or line the keys up.", "colon"
    elif opened := _unclosed(lines, line):
        line, column = opened
        found, wanted, remedy, code = "a quote that is never closed", "a closing quote", "Add it.", "quote"
    elif "{{" in here or "{%" in here:
        found, wanted = "a text that begins with a brace", "it in quotes"
        remedy, code = 'Put the whole text in quotes: "{{ name }}".', "brackets"
    elif "quoted scalar" in context and "escape" in problem:
        found, wanted = "a backslash in a text in double quotes", "plain characters"
        remedy, code = "Remove the backslash, or use single quotes.", "escape"
    elif "quoted scalar" in context:
        line, column = _begun(error, line, column)
        found, wanted, remedy, code = "a quote that is never closed", "a closing quote", "Add it.", "quote"
    elif "flow sequence" in context or "flow mapping" in context:
        line, column = _begun(error, line, column)
        found, wanted = "a bracket that is never closed, or a missing comma", "brackets in pairs"
        remedy, code = "Close the bracket; put texts that hold commas or brackets in quotes.", "brackets"
    elif "cannot start any token" in problem or "scanning an a" in context:
        line, column = _begun(error, line, column)
        sign = here[column - 1 : column]
        found, wanted = f"a text that begins with {sign}", "it in quotes"
        remedy, code = f'Write "{sign}...".', "quote"
    else:
        found, wanted = (
            "a line that does not fit the ones above it",
            "keys lined up, texts that hold ' or \" in quotes",
        )
        remedy, code = "Check the indentation and the quotes of this line and the one above.", "indentation"
    return Fault(file, line, found, wanted, remedy, code, column)


def _begun(error: MarkedYAMLError, line: int, column: int) -> Place:
    """Where what went wrong began; the given place where the parser does not say."""
    mark = error.context_mark
    return (mark.line + 1, mark.column + 1) if mark else (line, column)


def _unclosed(lines: list[str], line: int) -> Place | None:
    """Where a text opens a quote that only the next quote closes, on the ``line`` that the parser blames."""
    for number in range(line - 1 if line <= len(lines) else 0, 0, -1):
        opened = re.search(r"""(?:^\s*- +|: +)((["'])(?:(?!\2).)*)$""", lines[number - 1])
        if opened is None:
            continue
        is_closed_here = not any(opened[2] in between for between in lines[number : line - 1])
        if is_closed_here and opened[2] in lines[line - 1]:
            return number, opened.start(1) + 1
    return None


def _unkeyed(error: MarkedYAMLError, lines: list[str], line: int, column: int) -> Place | None:
    """Where a line stands that should be a key with its value and has no colon; the parser often blames the next."""
    if "simple key" in str(error.context):
        return _begun(error, line, column)
    before = re.sub(r"\s#.*", "", lines[line - 2]) if 1 < line <= len(lines) else ""
    is_after = any(part in str(error.problem) for part in ("mapping values", "expected key"))
    is_key = is_after and re.fullmatch(r"\s*\w*", lines[line - 1][: column - 1])
    if not is_key or not before.strip() or re.search(r":(\s|$)|^\s*(- |#)", before):
        return None
    return line - 1, len(before) - len(before.lstrip()) + 1


def _character(error: YAMLError, text: str, file: str) -> Fault:
    """A character that no text file should hold."""
    position = getattr(error, "position", 0) or 0
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    shown = (
        f"the unprintable character U+{ord(text[position]):04X}"
        if position < len(text)
        else "an unprintable character"
    )
    return Fault(
        file, line, shown, "printable text", "Delete it, and save the file as UTF-8.", "character", column
    )
