"""The words of a prompt: templates in Jinja's sandbox, their values, and the phrases they are spoken in.

A template reads what the call knows and nothing else: a dot reads a key, never an attribute of an object;
there are no calls, no loops and no writing, and limits on its length and its text.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

from jinja2 import StrictUndefined, Template, TemplateError, Undefined, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ivr.errors import IvrError
from ivr.flow import near, spoken, spoken_zh

Result = TypeVar("Result")

MAX_TEXT = 4_000
"""Longest template, in characters."""
MAX_OUTPUT = 2_000
"""Longest rendered text, in characters: about two minutes of speech."""
MAX_DEPTH = 25
"""Deepest nesting of a template's parts; compiling takes time that grows with its square and more."""
ANY_KEY = "*"
"""Stands in a path for a key that is not written in the template: ``hours[department]``."""
MAX_VARIANTS = 16
"""Most ways through the conditions of one template that are told apart."""
PHRASE_CHARS = 36
"""A phrase longer than this is broken at a comma if it has one: about 2 s of speech at 165 words a minute."""

FILTERS = ("abs", "capitalize", "default", "first", "float", "int", "last", "length", "lower", "round",
           "title", "trim", "upper")  # fmt: skip
"""Jinja's own filters that a prompt may use, none of which grows a text; those of ``spoken`` come on top."""
TESTS = ("defined", "undefined", "none", "string", "number", "even", "odd", "in", "true", "false")
ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.Filter, nodes.Test, nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.Add, nodes.Sub, nodes.Neg, nodes.Pos, nodes.Concat, nodes.Keyword, nodes.List,
    nodes.Tuple,
)  # fmt: skip
"""The parts of Jinja's language a prompt needs; with no loop, call, product or assignment none takes long."""
FAILURES = (
    TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError,
    MemoryError, SyntaxError,
)  # fmt: skip
"""Everything that reading, compiling or rendering a hostile template was seen to raise."""
IN_WORDS = {
    "Unexpected end of template": ("an {% if %} that never ends", "Add {% endif %} where it ends."),
    "unexpected end of template": ("{{ without }}", "Add }} where the name ends."),
    "recursion depth": ("too many parts inside one another", "Say it in simpler words."),
    "got '='": ("a single =", "Write == to compare."),
}
"""What Jinja complains of, by a part of its sentence: found and remedy in a designer's words."""


class TemplateFailed(IvrError):
    """A prompt or condition that cannot be read, or not be rendered with what the call knows now."""

    def __init__(self, found: str, remedy: str = "") -> None:
        self.found, self.remedy = found, remedy
        super().__init__(f"{found}. {remedy}" if remedy else found)


@dataclass(frozen=True, slots=True)
class Uses:
    """What a template reads: names, and ``(name, field)`` where it reads a field of one."""

    names: frozenset[str]
    fields: frozenset[tuple[str, str]]


def render(text: str, values: Mapping[str, Any], language: str = "en") -> str:
    """``text`` with ``values`` filled in as they are said in ``language``, white space folded.

    Raises TemplateFailed with the reason.
    """
    rendered = _run(lambda: " ".join(_template(text, language).render(values).split()))
    if len(rendered) > MAX_OUTPUT:
        raise TemplateFailed(f"a text of {len(rendered):,} characters; at most {MAX_OUTPUT:,} can be spoken")
    return rendered


def evaluate(expression: str, values: Mapping[str, Any]) -> bool:
    """Whether the condition (an expression without braces) holds. Raises TemplateFailed with the reason."""
    return bool(_run(lambda: _template(_braced(expression)).render(values)))


def uses(text: str, *, is_condition: bool = False) -> Uses:
    """What a template or a condition reads. Raises TemplateFailed where it cannot be read."""
    return _run(lambda: _uses(_braced(text) if is_condition else text))


def tree(text: str, *, is_condition: bool = False) -> nodes.Template:
    """The syntax tree of a template or a condition. Raises TemplateFailed where it cannot be read."""
    return _run(lambda: _tree(_braced(text) if is_condition else text))


@lru_cache(maxsize=4096)
def _tree(text: str) -> nodes.Template:
    """Shared by all who read it; nobody changes it."""
    return _parse(text)


@lru_cache(maxsize=4096)
def _uses(text: str) -> Uses:
    tree = _parse(text)
    _template(text)
    fields = frozenset(
        (node.node.name, node.attr)
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name)
    )
    return Uses(frozenset(find_undeclared_variables(tree)), fields)


def reads(text: str) -> Mapping[tuple[str, ...], frozenset[str]]:
    """Every path that a template reads, such as ``("money", "balance")``, with the filters put on it. A key that only
    the call knows is ANY_KEY.

    Raises TemplateFailed where it cannot be read.
    """
    found: dict[tuple[str, ...], set[str]] = {}
    _run(lambda: _reads(_parse(text), (), found))
    return {path: frozenset(filters) for path, filters in found.items()}


def _reads(node: nodes.Node, filters: tuple[str, ...], found: dict[tuple[str, ...], set[str]]) -> None:
    if path := _path(node):
        found.setdefault(path, set()).update(filters)
        for key in node.find_all(nodes.Getitem):
            _reads(key.arg, (), found)
        if isinstance(node, nodes.Getitem):
            _reads(node.arg, (), found)
        return
    if isinstance(node, nodes.Filter) and node.node is not None:
        _reads(node.node, (*filters, node.name), found)
        for argument in (*node.args, *node.kwargs):
            _reads(argument, (), found)
        return
    for child in node.iter_child_nodes():
        _reads(child, (), found)


def _path(node: nodes.Node) -> tuple[str, ...]:
    """The names of ``money.balance``; () for anything else."""
    match node:
        case nodes.Name():
            return (node.name,)
        case nodes.Getattr():
            before = _path(node.node)
            return (*before, node.attr) if before else ()
        case nodes.Getitem():
            before = _path(node.node)
            key = node.arg.value if isinstance(node.arg, nodes.Const) else ANY_KEY
            return (*before, str(key)) if before else ()
    return ()


def variants(text: str, values: Mapping[str, Any], language: str = "en") -> tuple[str, ...]:
    """``text`` rendered once for each way its conditions can go, whatever ``values`` make of them.

    Beyond MAX_VARIANTS ways, as often as each branch is rendered once. Raises TemplateFailed with the reason.
    """

    def rendered() -> list[str]:
        said, environment = [], _OTHERS.get(language, _ENVIRONMENT)
        for parts in _branches(_parse(text).body):
            way = nodes.Template([nodes.Output(list(parts), lineno=1)], lineno=1)
            way.set_environment(environment)
            said.append(" ".join(environment.from_string(way).render(values).split()))
        return said

    return tuple(dict.fromkeys(_run(rendered)))


def _branches(body: list[nodes.Node]) -> list[tuple[nodes.Expr, ...]]:
    """The parts of a template without conditions, one list for each way they can go."""
    places = [ways for node in body for ways in _ways(node)]
    if math.prod(map(len, places)) <= MAX_VARIANTS:
        picks = list(itertools.product(*places))
    else:
        rounds = max(map(len, places))
        picks = [tuple(ways[min(turn, len(ways) - 1)] for ways in places) for turn in range(rounds)]
    return [tuple(part for way in pick for part in way) for pick in picks]


def _ways(node: nodes.Node) -> list[list[tuple[nodes.Expr, ...]]]:
    """For each part of a node in turn, what may stand there."""
    match node:
        case nodes.If():
            branches = [node.body, *(other.body for other in node.elif_), node.else_]
            return [[way for branch in branches for way in _branches(branch)]]
        case nodes.Output():
            return [
                [(part.expr1,), (part.expr2,) if part.expr2 is not None else ()]
                if isinstance(part, nodes.CondExpr)
                else [(part,)]
                for part in node.nodes
            ]
    return []


def split(text: str) -> tuple[str, ...]:
    """``text`` in phrases as a voice would breathe: sentences, long ones broken at commas.

    The phrases joined by a blank (none after full-width stops) are the text again, white space folded.
    """
    phrases: list[str] = []
    for sentence in re.split(r"(?<=[.!?])\s+|(?<=[。！？])\s*", " ".join(text.split())):
        phrases += _breaths(sentence)
    return tuple(phrase for phrase in phrases if phrase)


def _breaths(sentence: str) -> list[str]:
    """One sentence in pieces of at most PHRASE_CHARS where commas allow, each as long as may be."""
    pieces: list[str] = []
    for clause in re.split(r"(?<=[,;:])\s+|(?<=[，；：])\s*", sentence):
        if pieces and _length(pieces[-1]) + 1 + _length(clause) <= PHRASE_CHARS:
            pieces[-1] += ("" if pieces[-1][-1] in "，；：" else " ") + clause
        else:
            pieces.append(clause)
    return pieces


def _length(text: str) -> int:
    """Characters as they take time: an ideograph is a syllable, three letters."""
    return len(text) + 2 * len(re.findall(r"[\u3040-\u9fff]", text))


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja without a way out: a dot reads a key of a mapping, never an attribute of an object."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Undefined):
            return obj if argument is None else super().getitem(obj, argument)
        try:
            return (
                obj[argument]
                if isinstance(obj, Mapping | list | tuple)
                else self.undefined(obj=obj, name=argument)
            )
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=argument)


def _environment(filters: Mapping[str, Callable[..., str]]) -> _Sandbox:
    environment = _Sandbox(undefined=StrictUndefined, autoescape=False, loader=None)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS} | dict(filters)
    environment.tests = {name: environment.tests[name] for name in TESTS}
    return environment


_ENVIRONMENT = _environment(spoken.FILTERS)
_OTHERS = MappingProxyType({"zh": _environment(spoken_zh.FILTERS)})
"""By language; any other is said as English is."""


def _braced(expression: str) -> str:
    """A condition as a template that is empty when it does not hold."""
    if not expression.strip():
        raise TemplateFailed("no condition")
    if "{{" in expression or "{%" in expression or "}}" in expression:
        raise TemplateFailed("braces in a condition", "Remove them; a condition needs none.")
    return "{{ 1 if (" + expression + ") else '' }}"


def _parse(text: str) -> nodes.Template:
    """The syntax tree, once it holds nothing but what is allowed."""
    if len(text) > MAX_TEXT:
        raise TemplateFailed(f"a text of {len(text):,} characters; at most {MAX_TEXT:,} can be spoken")
    tree = _ENVIRONMENT.parse(text)
    if _depth(tree) > MAX_DEPTH:
        raise TemplateFailed(f"more than {MAX_DEPTH} parts inside one another", "Say it in simpler words.")
    for node in tree.find_all(nodes.Node):
        if isinstance(node, nodes.Name) and node.name == "self":
            raise TemplateFailed("the name 'self', which means nothing here")
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            raise TemplateFailed(f"the field {node.attr[:40]!r}, which no value has")
        if not isinstance(node, ALLOWED):
            remedy = "Keep to {{ names }}, filters and {% if %}."
            raise TemplateFailed(f"{type(node).__name__.lower()!r}, which has no place in a prompt", remedy)
        if isinstance(node, nodes.Filter) and node.name not in _ENVIRONMENT.filters:
            raise TemplateFailed(
                f"the unknown filter {node.name!r}", near.remedy(node.name, _ENVIRONMENT.filters)
            )
        if isinstance(node, nodes.Test) and node.name not in _ENVIRONMENT.tests:
            raise TemplateFailed(
                f"the unknown test {node.name!r}", near.remedy(node.name, _ENVIRONMENT.tests)
            )
    return tree


def _depth(node: nodes.Node) -> int:
    return 1 + max((_depth(child) for child in node.iter_child_nodes()), default=0)


@lru_cache(maxsize=4096)
def _template(text: str, language: str = "en") -> Template:
    return _OTHERS.get(language, _ENVIRONMENT).from_string(_parse(text))


def _run(work: Callable[[], Result]) -> Result:
    """What ``work`` gives; whatever a template can raise becomes TemplateFailed."""
    try:
        return work()
    except TemplateFailed:
        raise
    except FAILURES as error:
        said = (str(error) or type(error).__name__)[:200]
        found, remedy = next((told for part, told in IN_WORDS.items() if part in said), (said, ""))
        raise TemplateFailed(found, remedy) from None
