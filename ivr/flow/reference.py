"""The reference page of the manual: every key of every file, what it holds and what it means, from the models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from ivr.flow.connectors import Connector
from ivr.flow.kinds import OURS, Duration, Pause, Shape, Texts
from ivr.flow.model import VERBS, AnyStep, Choice, Flow, FormField, Spoken, Step, Timers, Value
from ivr.flow.prompts import SitePrompts
from ivr.flow.schema import docstrings, reader, rules_of, sentence
from ivr.flow.site import Hours, Mood, Overflow, Queue, ScreenPart, Site, Tongue

HEAD = """\
# Reference

Every key of every file. This page is made from the program itself (`ivr schema --reference`), so it is never out of
date. How to use the keys is told in [the other pages](README.md).

A time is written as `5s`, `1.5s` or `300ms`; a bare number means seconds. A name has small letters, digits and `_`,
begins with a letter and is at most 40 long. Where several texts may stand they are a list, of which the first is said
the first time, the second the second time. A step is named where it leads; `done` ends the flow.

## In your editor

An editor that knows JSON Schema can tell you the keys while you write, and underline what does not fit. Run
`ivr schema --write schemas`, and begin each file with a line that names its schema, such as

    # yaml-language-server: $schema=../schemas/flow.json

The kinds are `flow`, `site`, `look_ups`, `words` (of a flow in another language), `site_words` and `talks`. Visual
Studio Code reads that line with its YAML extension; so do others with the same language server. The schema knows keys
and kinds of values. Whether names exist and ways lead on, `ivr lint` tells.
"""
PARTS: tuple[type[Shape], ...] = (Choice, FormField, Timers)
OF_SITE: tuple[type[Shape], ...] = (Queue, Overflow, Hours, Tongue, ScreenPart, Mood)


def page(talks: Mapping[str, type[Shape]]) -> str:
    """The page in Markdown; ``talks``: title and model of what files of conversations hold."""
    return "\n".join(_lines(talks)).rstrip() + "\n"


def _lines(talks: Mapping[str, type[Shape]]) -> Iterator[str]:
    yield HEAD
    yield from _table("A flow", Flow)
    yield from _table("Keys of every step", Step)
    yield from _table("Keys of every step that asks", Spoken, less=Step)
    yield from _table("Keys of every value that is collected", Value)
    for verb, step in VERBS.items():
        yield from _table(f"A step with `{verb}`", step, less=(Step, Spoken, Value))
    for part in PARTS:
        yield from _table(f"{part.__name__}: a part of a flow", part, less=(Value,))
    yield from _table("The site: `site.yaml`", Site)
    for part in OF_SITE:
        yield from _table(f"{part.__name__}: a part of the site", part)
    yield from _table("The site's words: `prompts`", SitePrompts)
    yield from _table("A look-up: `look_ups.yaml`", Connector)
    for title, kind in talks.items():
        yield from _table(title, kind)


def _table(title: str, kind: type[Shape], less: type[Shape] | tuple[type[Shape], ...] = ()) -> Iterator[str]:
    """The keys of a model but for those of ``less``, which stand elsewhere on the page."""
    bases = [base for base in (less if isinstance(less, tuple) else (less,)) if issubclass(kind, base)]
    elsewhere = {name for base in bases for name in base.model_fields}
    about = docstrings(kind)
    yield f"## {title}\n"
    yield f"{_prose(sentence(kind))}\n"
    if bases and (names := [SECTIONS[base] for base in bases if base in SECTIONS]):
        yield f"Besides: {', '.join(names)}.\n"
    rows = [
        (each.alias or name, each, about.get(name, ""))
        for name, each in kind.model_fields.items()
        if name not in OURS and name not in elsewhere
    ]
    if rows:
        yield "| key | holds | without it | meaning |\n|---|---|---|---|"
        for key, each, text in rows:
            yield f"| `{key}` | {held(each)} | {_default(each)} | {_cell(_prose(text))} |"
        yield ""


SECTIONS: Mapping[type[Shape], str] = {
    Step: "[keys of every step](#keys-of-every-step)",
    Spoken: "[keys of every step that asks](#keys-of-every-step-that-asks)",
    Value: "[keys of every value](#keys-of-every-value-that-is-collected)",
}


def held(each: FieldInfo) -> str:
    """What a key holds, in words."""
    return _held(each.annotation, rules_of(each))


def _held(kind: Any, rules: list[Any]) -> str:
    if get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        return _held(inner, [*rules, *(rule for each in more for rule in rules_of(each))])
    readers = [rule.func for rule in rules if isinstance(rule, BeforeValidator)]
    if kind == AnyStep:
        return "a step"
    for of, words in ((Texts, "a text or several"), (Duration, "a time"), (Pause, "a time, or `never`")):
        if reader(of) in readers:
            return words
    arguments = get_args(kind)
    match get_origin(kind):
        case origin if origin in (Union, UnionType):
            kinds = [each for each in arguments if each is not NoneType]
            return " or ".join(_held(each, rules if len(kinds) == 1 else []) for each in kinds)
        case origin if origin is Literal:
            return "one of " + ", ".join(f"`{each}`" if each else '`""`' for each in arguments)
        case origin if origin is dict:
            keys = _held(arguments[0], [])
            return f"{'names' if keys in ('a text', 'a name') else keys}, each with {_held(arguments[1], [])}"
        case origin if origin is tuple:
            return f"a list; each {_held(arguments[0], [])}"
    return _single(kind, rules)


def _single(kind: Any, rules: list[Any]) -> str:
    if isinstance(kind, type) and issubclass(kind, Shape):
        return f"keys: see {kind.__name__}"
    if kind is bool:
        return "yes or no"
    if kind in (int, float):
        bounds = [("from", "ge"), ("above", "gt"), ("to", "le")]
        said = [
            f"{word} {getattr(rule, name)}" for word, name in bounds for rule in rules if hasattr(rule, name)
        ]
        return " ".join(["a whole number" if kind is int else "a number", *said])
    pattern = next((rule.pattern for rule in rules if getattr(rule, "pattern", None)), "")
    if pattern.startswith("^[a-z][a-z0-9_]"):
        return "a name"
    return "a text" if kind is str else "anything"


def _default(each: FieldInfo) -> str:
    """What holds where the key is left out."""
    if each.is_required():
        return "**needed**"
    match each.get_default(call_default_factory=True):
        case None | "" | () | {} | Shape():
            return ""
        case bool(value):
            return "yes" if value else "no"
        case int(value) if reader(Duration) in _readers(each) or reader(Pause) in _readers(each):
            return f"`{value / 1000:g}s`"
        case tuple(texts) if all(isinstance(text, str) for text in texts):
            return _cell(", ".join(map(str, texts)))
        case dict(texts):
            return _cell("; ".join(f"{key}: {', '.join(said)}" for key, said in texts.items()))
        case str(text) if " " in text:
            return f"`{_cell(text)}`" if "{" in text else _cell(text)
        case value:
            return f"`{value}`"


def _readers(each: FieldInfo) -> list[Any]:
    return [rule.func for rule in each.metadata if isinstance(rule, BeforeValidator)]


def _prose(text: str) -> str:
    return text.replace("``", "`")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
