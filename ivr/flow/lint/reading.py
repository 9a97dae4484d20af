"""What a template needs to be known, what a condition makes sure of, and how long a text is.

A part of ``lint``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from jinja2 import nodes
from jinja2.meta import find_undeclared_variables

from ivr.flow import template

CHARS_PER_S = 16.0
"""Of English as espeak-ng speaks it at its usual rate: five prompts of the sample, 15.2 to 17.3 (mean 16.1)."""
VALUE_CHARS = 12
"""What a value adds to a text, about."""

TESTS = ("defined", "undefined")
Names = frozenset[str]
NONE: Names = frozenset()


@dataclass(frozen=True, slots=True)
class Sure:
    """The names that are surely known where a condition holds, and where it does not."""

    then: Names
    otherwise: Names


def needed(text: str, *, is_condition: bool = False) -> Names:
    """The names that must be known whenever the text is said: those outside its branches, less those it tests."""
    tree = template.tree(text, is_condition=is_condition)
    tests = (node.node for node in tree.find_all(nodes.Test) if node.name in TESTS)
    defaults = (node.node for node in tree.find_all(nodes.Filter) if node.name == "default")
    return frozenset(_outside(tree)) - {
        node.name for node in (*tests, *defaults) if isinstance(node, nodes.Name)
    }


def _outside(node: nodes.Node) -> set[str]:
    """Names that are read outside the branches below a node."""
    if isinstance(node, nodes.Name):
        return {node.name}
    if isinstance(node, nodes.If | nodes.CondExpr):
        return _outside(node.test)
    return {name for child in node.iter_child_nodes() for name in _outside(child)}


def sure(condition: str) -> Sure:
    """What a condition makes sure of."""
    tree = template.tree(condition, is_condition=True)
    found = next((node.test for node in tree.find_all(nodes.CondExpr)), None)
    return _sure(found) if found is not None else Sure(NONE, NONE)


def _sure(node: nodes.Node) -> Sure:
    match node:
        case nodes.And():
            left, right = _sure(node.left), _sure(node.right)
            return Sure(left.then | right.then, left.otherwise & right.otherwise)
        case nodes.Or():
            left, right = _sure(node.left), _sure(node.right)
            return Sure(left.then & right.then, left.otherwise | right.otherwise)
        case nodes.Not():
            inner = _sure(node.node)
            return Sure(inner.otherwise, inner.then)
        case nodes.Test(node=nodes.Name(name=str(tested))) if node.name in TESTS:
            name: Names = frozenset({tested})
            return Sure(name, NONE) if node.name == "defined" else Sure(NONE, name)
    return Sure(NONE, NONE)


def said(text: str) -> str:
    """The words that a text surely or possibly says, without its values: for finding words in it."""
    tree = template.tree(text)
    return " ".join(data.data for data in tree.find_all(nodes.TemplateData))


def estimated_s(text: str) -> float | None:
    """About how long an English text takes to say, by its longest branches; None for other scripts."""
    plain = said(text)
    if sum(sign.isascii() for sign in plain) < 0.8 * len(plain):
        return None
    return _chars(template.tree(text)) / CHARS_PER_S


def _chars(node: nodes.Node) -> int:
    match node:
        case nodes.TemplateData():
            return len(" ".join(node.data.split()))
        case nodes.If():
            bodies = [node.body, *(each.body for each in node.elif_), node.else_]
            return max(sum(map(_chars, body)) for body in bodies)
        case nodes.Template():
            return sum(map(_chars, node.body))
        case nodes.Output():
            return sum(
                _chars(each) if isinstance(each, nodes.TemplateData) else VALUE_CHARS for each in node.nodes
            )
    return 0


@lru_cache(maxsize=4096)
def names(text: str) -> Names:
    """Every name that a template reads."""
    return frozenset(find_undeclared_variables(template.tree(text)))


def parts(text: str, of: str, *, is_condition: bool = False) -> Names | None:
    """What a template reads of a name, ``opening`` of ``hours.opening``; None where that is worked out in a call."""
    found = set[str]()
    for node in template.tree(text, is_condition=is_condition).find_all((nodes.Getattr, nodes.Getitem)):
        match node:
            case nodes.Getattr(node=nodes.Name(name=name), attr=str(part)) if name == of:
                found.add(part)
            case nodes.Getitem(node=nodes.Name(name=name), arg=nodes.Const(value=str(part))) if name == of:
                found.add(part)
            case nodes.Getitem(node=nodes.Name(name=name)) if name == of:
                return None
    return frozenset(found)
