"""JSON Schemas of the files that designers write, made from the models, so that editors know every key.

A schema sees a file as an editor does: numbers are numbers and ``true`` is no text, where the loader takes all values
as they were written. It knows shapes only; whether names exist and ways lead on is ``check``'s business.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Mapping
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from ivr.flow.kinds import OURS, Duration, Pause, Shape, Texts
from ivr.flow.model import VERBS, AnyStep, Flow
from ivr.flow.shape import LookUps
from ivr.flow.site import Site
from ivr.flow.translate import EACH, OF_FLOW, OF_SITE, OF_STEPS, Frame

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Json = dict[str, Any]

TEXT: Json = {"type": ["string", "number", "boolean"]}
"""Every plain value is a text where one is wanted."""
TEXTS: Json = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
NOTHING: Json = {"type": "null"}
"""A key whose value is left empty, where that is as good as no key."""
TIME = r"^\s*\d{1,6}(\.\d{1,6})?\s*(ms|s)?\s*$"
YES_NO: Json = {"enum": [True, False, "yes", "no", "on", "off", "true", "false"]}


def reader(kind: Any) -> Any:
    """What reads a kind of value, such as ``Duration``, before its type is judged."""
    return next(each.func for each in get_args(kind)[1:] if isinstance(each, BeforeValidator))


def schemas(further: Mapping[str, type[Shape]] | None = None) -> dict[str, Json]:
    """The schemas by the kind of file; ``further``: kinds of file that other rooms read."""
    made: dict[str, type[Shape]] = {"flow": Flow, "site": Site, "look_ups": LookUps, **(further or {})}
    return {
        **{name: schema_of(kind) for name, kind in made.items()},
        "words": _headed("Words of a flow in another language", _words_of_flow()),
        "site_words": _headed("Words of the site in another language", _framed(OF_SITE)),
    }


def schema_of(kind: type[Shape]) -> Json:
    """The schema of one file that holds a ``kind``."""
    made = _Made()
    made.refer(kind)
    own = made.definitions.pop(kind.__name__)
    return _headed(sentence(kind), own | {"$defs": dict(sorted(made.definitions.items()))})


def sentence(kind: type[Shape]) -> str:
    """What a model is, in a sentence."""
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].split())


def docstrings(kind: type[Shape]) -> dict[str, str]:
    """Field to what stands below it in the source, of the model and all it is made of."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if issubclass(base, Shape):
            found |= _below_fields(base)
    return found


def _below_fields(kind: type[Shape]) -> dict[str, str]:
    tree = ast.parse(inspect.getsource(sys.modules[kind.__module__]))
    body = next(
        node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    )
    found: dict[str, str] = {}
    for one, after in pairwise(body):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            match after:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    found[one.target.id] = " ".join(text.split())
    return found


class _Made:
    """Collects the definitions that a schema refers to."""

    def __init__(self) -> None:
        self.definitions: dict[str, Json] = {}

    def refer(self, kind: type[Shape]) -> Json:
        name = kind.__name__
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = self.object(kind)
        return {"$ref": f"#/$defs/{name}"}

    def object(self, kind: type[Shape]) -> Json:
        about = docstrings(kind)
        fields = {name: each for name, each in kind.model_fields.items() if name not in OURS}
        keys: dict[str, Json] = {}
        for name, each in fields.items():
            found = self.of(each.annotation, rules_of(each))
            keys[each.alias or name] = found | ({"description": about[name]} if name in about else {})
        needed = [each.alias or name for name, each in fields.items() if each.is_required()]
        return {
            "type": "object",
            "description": sentence(kind),
            "properties": keys,
            "required": needed,
            "additionalProperties": False,
        }

    def of(self, kind: Any, rules: list[Any]) -> Json:
        """The schema of one value."""
        if get_origin(kind) is Annotated:
            inner, *more = get_args(kind)
            return self.of(inner, [*rules, *(rule for each in more for rule in rules_of(each))])
        readers = [rule.func for rule in rules if isinstance(rule, BeforeValidator)]
        if kind == AnyStep:
            return {"oneOf": [self.refer(each) for each in VERBS.values()]}
        if reader(Texts) in readers:
            return TEXTS
        if reader(Duration) in readers:
            return {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": TIME}]}
        if reader(Pause) in readers:
            written = {"type": "string", "pattern": f"{TIME}|^never$"}
            return {"anyOf": [{"type": "number", "minimum": 0}, written, NOTHING]}
        if readers:
            return {}
        return self.plain(kind, rules)

    def plain(self, kind: Any, rules: list[Any]) -> Json:
        arguments = get_args(kind)
        match get_origin(kind):
            case origin if origin in (Union, UnionType):
                kinds = [each for each in arguments if each is not NoneType]
                made = [self.of(each, rules if len(kinds) == 1 else []) for each in kinds]
                return {"anyOf": [*made, NOTHING] if NoneType in arguments else made}
            case origin if origin is Literal:
                return {"enum": list(arguments)}
            case origin if origin is dict:
                keys = self.of(arguments[0], [])
                named = {"propertyNames": keys} if keys.keys() & {"enum", "pattern"} else {}
                least = {"minProperties": 1} if arguments[1] == AnyStep else _size(rules)
                return {
                    "type": "object",
                    "additionalProperties": self.of(arguments[1], []),
                    **named,
                    **least,
                }
            case origin if origin is tuple:
                return {"type": "array", "items": self.of(arguments[0], [])}
        return self.single(kind, rules)

    def single(self, kind: Any, rules: list[Any]) -> Json:
        if isinstance(kind, type) and issubclass(kind, Shape):
            return self.refer(kind)
        if kind is bool:
            return YES_NO
        if kind is int:
            return {"type": "integer"} | _limits(rules)
        if kind is float:
            return {"type": "number"} | _limits(rules)
        if kind is str:
            return _text(rules)
        return {}


def rules_of(each: Any) -> list[Any]:
    """What a type or a field demands besides its kind."""
    return list(each.metadata) if isinstance(each, FieldInfo) else [each]


def _limits(rules: list[Any]) -> Json:
    names = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
    return {
        said: getattr(rule, name) for rule in rules for name, said in names.items() if hasattr(rule, name)
    }


def _size(rules: list[Any]) -> Json:
    least = [rule.min_length for rule in rules if hasattr(rule, "min_length")]
    return {"minProperties": least[0]} if least else {}


def _text(rules: list[Any]) -> Json:
    """A text; with a pattern, a number is one only where its figures could fit."""
    pattern = next((rule.pattern for rule in rules if getattr(rule, "pattern", None)), None)
    if pattern is None:
        return TEXT
    most = [rule.max_length for rule in rules if getattr(rule, "max_length", None)]
    longest = {"maxLength": most[0]} if most else {}
    if not pattern.startswith("^[0-9"):
        return {"type": "string", "pattern": pattern, **longest}
    highest = {"maximum": 9} if pattern.endswith("]$") else {}
    return {
        "anyOf": [
            {"type": "string", "pattern": pattern, **longest},
            {"type": "integer", "minimum": 0, **highest},
        ]
    }


def _words_of_flow() -> Json:
    steps = {"anyOf": [_framed(frame) for frame in OF_STEPS.values() if frame]}
    head = _framed(OF_FLOW)
    keys = {"flow": TEXT, **head["properties"], "steps": {"type": "object", "additionalProperties": steps}}
    return head | {"properties": keys}


def _framed(frame: Frame) -> Json:
    """The words that a translation may have, as a schema."""
    made = {key: TEXTS if isinstance(inner, str) else _framed(inner) for key, inner in frame.items()}
    if EACH in made:
        return {"type": "object", "additionalProperties": made[EACH]}
    return {"type": "object", "properties": made, "additionalProperties": False}


def _headed(title: str, schema: Json) -> Json:
    return {"$schema": DIALECT, "title": title, **schema}
