"""``--update``: the words that a file of talks expects, replaced by those that came. All else stays as it stood."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from ivr.rehearsal.report import Result
from ivr.rehearsal.stage import OPENING, said

WORDS = frozenset({"bot", "bot_exactly", "bot_one_of"})
"""Expectations that can be written anew; all others are the designer's word."""
_PLAIN = re.compile(r"[A-Za-z](?:[\w '.?!;-]|,(?! *$))*")
"""Texts that need no quotes; in brackets, a comma does."""

Patch = tuple[int, int, str]
"""From and to which character of the text, and what stands there instead."""


def updated(text: str, results: Iterable[Result]) -> str:
    """A file's text with what its machine said in place of the expected words that did not come."""
    root = YAML(typ="rt", pure=True).compose(text)
    patches = [
        patch for result in results for patch in _patches(_turns(root, result.script.name), text, result)
    ]
    for first, end, new in sorted(patches, reverse=True):
        text = text[:first] + new + text[end:]
    return text


def _turns(root: Any, name: str) -> list[Any]:
    """The nodes of a talk's turns."""
    body = value_of(value_of(root, "talks"), name)
    return list((body if isinstance(body, SequenceNode) else value_of(body, "turns")).value)


def _patches(turns: list[Any], text: str, result: Result) -> Iterator[Patch]:
    places = {
        (failure.index, failure.key)
        for failure in result.failures
        if failure.key in WORDS and failure.index < len(turns)
    }
    for index, key in places:
        words = _came(result, index)
        for name, value in turns[index].value:
            if name.value == key and words:
                is_inside = turns[index].flow_style or getattr(value, "flow_style", False)
                first = text.index(":", name.end_mark.index) + 1
                written = quoted(words, is_inside=bool(is_inside))
                if _has_notes(value, text, first):
                    yield from _in_list(value, text, written)
                else:
                    yield first, end_of(value, text), " " + written


def _has_notes(node: Any, text: str, first: int) -> bool:
    """Whether notes stand between the entries of a list, which begins after ``first``."""
    if not isinstance(node, SequenceNode) or node.flow_style:
        return False
    begins = [item.start_mark.index for item in node.value]
    ends = [first, *(end_of(item, text) for item in node.value)]
    return any("#" in text[end:begin] for end, begin in zip(ends, begins, strict=False))


def _in_list(node: Any, text: str, written: str) -> Iterator[Patch]:
    """The words as the one entry of a list, whose notes stay."""
    head, *rest = node.value
    yield head.start_mark.index, end_of(head, text), written
    for item in rest:
        dash, end = text.rindex("-", 0, item.start_mark.index), end_of(item, text)
        after = text[end:].partition("\n")[0]
        note = after.lstrip()
        yield dash if note else text.rindex("\n", 0, dash), end + len(after) - len(note), ""


def _came(result: Result, index: int) -> str:
    """All that was said in answer to the act that this turn speaks of."""
    stage = result.stage
    turns = stage.script.talk.turns
    act = max((place for place in range(index + 1) if turns[place].is_act), default=OPENING)
    moments = [m for beat in stage.beats if beat.index == act for m in stage.moments_of(beat)]
    return " ".join(said(moments))


def quoted(words: str, *, is_inside: bool) -> str:
    """The words as YAML; ``is_inside``: between brackets."""
    is_plain = _PLAIN.fullmatch(words) and not (is_inside and "," in words)
    return words if is_plain else json.dumps(words, ensure_ascii=False)


def end_of(node: Any, text: str) -> int:
    """Where a value ends, without the room and the notes that follow it."""
    if isinstance(node, SequenceNode) and not node.flow_style:
        return end_of(node.value[-1], text)
    end: int = node.end_mark.index
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return len(text[:end].rstrip())
    return end


def value_of(node: Any, key: str) -> Any:
    """The node of a key's value; None where there is none."""
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)
