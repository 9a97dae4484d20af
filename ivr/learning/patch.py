"""A flow file's text with something added: every comment, order, quote and indent stays as the designer wrote it.

Works on the places of the YAML's nodes and inserts characters; nothing is written out anew. A value that refers to
another place (``*name``) cannot come here: who reads flows refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from ivr.errors import IvrError
from ivr.rehearsal.update import end_of, quoted, value_of


def with_phrases(text: str, step: str, choice: str, phrases: Sequence[str]) -> str:
    """The text of a flow, or of its words in another language, with more ways to say a choice of a question.

    Raises IvrError where the choice is not written there.
    """
    node = _root(text)
    for key in ("steps", step, "choices", choice):
        node = value_of(node, key)
        if not isinstance(node, MappingNode):
            raise IvrError(
                f"found no choice {choice!r} at the step {step!r} in the file; write it there first"
            )
    known = value_of(node, "phrases")
    match known:
        case SequenceNode(flow_style=False, value=[*_, last]):
            return _in_lines(text, last, phrases)
        case SequenceNode(value=[*_, last]):
            return _insert(text, end_of(last, text), "".join(f", {_quoted(each)}" for each in phrases))
        case SequenceNode():
            return _insert(text, known.start_mark.index + 1, ", ".join(map(_quoted, phrases)))
        case ScalarNode(value=only):
            first, end = known.start_mark.index, end_of(known, text)
            return text[:first] + listed((*((only,) if only else ()), *phrases)) + text[end:]
        case _:
            return _as_first(text, node, f"phrases: {listed(phrases)}")


def with_choice(text: str, step: str, choice: str, keys: Mapping[str, str], target: Mapping[str, str]) -> str:
    """The text of a flow with one more choice at the end of a question's, and the step it leads to at the end.

    ``keys``: of the choice, ``target``: of the step, both as YAML; the step is called as the choice. Raises IvrError
    where steps or choices stand in braces.
    """
    steps = value_of(_root(text), "steps")
    choices = value_of(value_of(steps, step), "choices")
    for node in (choices, steps):
        if not isinstance(node, MappingNode) or node.flow_style:
            raise IvrError(
                f"the choices of the step {step!r} do not stand in lines of their own; write them so first"
            )
    text = _as_last(text, steps, choice, target)
    return _as_last(text, choices, choice, keys)


def _root(text: str) -> Any:
    return YAML(typ="rt", pure=True).compose(text)


def _in_lines(text: str, last: Any, phrases: Sequence[str]) -> str:
    """Each on a line of its own below the last one, under the same dash."""
    dash = text.rindex("-", 0, last.start_mark.index)
    indent = text[text.rfind("\n", 0, dash) + 1 : dash]
    ending = _line_ending(text)
    found = text.find("\n", end_of(last, text))
    lines = "".join(f"{indent}- {quoted(each, is_inside=False)}{ending}" for each in phrases)
    if found < 0:
        return text + ending + lines
    return _insert(text, found + 1, lines)


def _as_first(text: str, node: Any, written: str) -> str:
    """Before the first key of a mapping."""
    place = node.value[0][0].start_mark.index
    if node.flow_style:
        return _insert(text, place, f"{written}, ")
    indent = text[text.rfind("\n", 0, place) + 1 : place]
    return _insert(text, place, f"{written}{_line_ending(text)}{indent}")


def _as_last(text: str, node: Any, name: str, keys: Mapping[str, str]) -> str:
    """One more entry of a mapping, below the last."""
    indent, ending = " " * node.value[0][0].start_mark.column, _line_ending(text)
    lines = [f"{indent}{name}:", *(f"{indent}  {key}: {value}" for key, value in keys.items())]
    found = text.find("\n", _last_end(node, text))
    block = "".join(f"{line}{ending}" for line in lines)
    return text + ending + block if found < 0 else _insert(text, found + 1, block)


def _last_end(node: Any, text: str) -> int:
    """Where the last thing written of a node ends."""
    match node:
        case MappingNode(flow_style=False, value=[*_, (_, last)]):
            return _last_end(last, text)
        case SequenceNode(flow_style=False, value=[*_, last]):
            return _last_end(last, text)
        case _:
            return end_of(node, text)


def _insert(text: str, place: int, new: str) -> str:
    return text[:place] + new + text[place:]


def listed(phrases: Sequence[str]) -> str:
    """Phrases as YAML, between brackets."""
    return f"[{', '.join(map(_quoted, phrases))}]"


def _quoted(phrase: str) -> str:
    return quoted(phrase, is_inside=True)


def _line_ending(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
