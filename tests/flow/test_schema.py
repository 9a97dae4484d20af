"""The schemas for editors say what the models say: what loads is valid, what has another shape is not."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from corpus import BAD, GOOD
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.cli.schema import KINDS, PAGE, made, page
from ivr.errors import FlowError
from ivr.flow import shape, tree
from ivr.flow.model import VERBS, Flow
from ivr.flow.site import Site

ROOT = Path(__file__).parents[2]
SAMPLES = sorted(
    path
    for folder in (ROOT / "call_flows", GOOD, ROOT / "tests" / "dialogue" / "flows")
    for path in folder.glob("*.yaml")
)
OF_SHAPE = {"unknown-key", "missing-key", "no-verb", "two-verbs", "empty"}
"""Codes of what a schema must refuse too."""
VALIDATORS = {kind: Draft202012Validator(schema) for kind, schema in made().items()}


def kind_of(name: str) -> str:
    stem, _, more = name.removesuffix(".yaml").partition(".")
    if more:
        return "talks" if more == "talks" else "site_words" if stem == "site" else "words"
    return stem if stem in ("site", "look_ups") else "flow"


def as_editors_see(text: str) -> Any:
    """The file by YAML 1.2, days as texts."""
    return plain(YAML(typ="safe", pure=True).load(text))


def plain(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): plain(each) for key, each in value.items()}
        case list():
            return [plain(each) for each in value]
        case date():
            return value.isoformat()
    return value


def is_valid(kind: str, content: Any) -> bool:
    return bool(VALIDATORS[kind].is_valid(content))


def test_there_is_a_sound_schema_for_every_kind_of_file() -> None:
    assert set(VALIDATORS) == set(KINDS)
    for validator in VALIDATORS.values():
        Draft202012Validator.check_schema(validator.schema)
        assert isinstance(validator.schema, dict) and validator.schema["title"]
        assert validator.schema["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_that_loads_is_valid(path: Path) -> None:
    content = as_editors_see(path.read_text(encoding="utf-8"))
    errors = VALIDATORS[kind_of(path.name)].iter_errors(content)
    assert [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:120]}" for error in errors] == []


def shape_faults(path: Path) -> set[str]:
    """The codes of what the models refuse in a file of the bad corpus."""
    root, _ = tree.read(path.read_text(encoding="utf-8"), path.name)
    if not isinstance(root, tree.Mapping):
        return set()
    sheet = shape.Sheet(path.name, root)
    shape.site(sheet) if path.stem.startswith("site_") else shape.flow(sheet)
    return {fault.code for fault in sheet.faults}


MISSHAPEN = [
    path
    for path in BAD
    if not path.stem.startswith(("words_", "look_ups_")) and shape_faults(path) & OF_SHAPE
]


def test_many_mistakes_are_of_shape() -> None:
    assert len(MISSHAPEN) >= 20


@pytest.mark.parametrize("path", MISSHAPEN, ids=lambda path: path.stem)
def test_what_the_models_refuse_for_its_shape_the_schema_refuses(path: Path) -> None:
    try:
        content = as_editors_see(path.read_text(encoding="utf-8"))
    except YAMLError:
        return
    assert not is_valid("site" if path.stem.startswith("site_") else "flow", content)


def loads(kind: str, content: Any) -> bool:
    """Whether the models take a file of this content."""
    sheet = shape.Sheet("x.yaml", tree.Mapping({}))
    try:
        if kind == "site":
            return shape.model_of(Site, texts(content), "", sheet, "the site") is not None
        steps = content.get("steps")
        if not isinstance(steps, dict) or not all(isinstance(step, dict) for step in steps.values()):
            return False
        if not steps:
            return False
        head = shape.model_of(Flow, texts({**content, "steps": {}}), "", sheet, "the flow")
        for step in steps.values():
            verb = next((verb for verb in VERBS if verb in step), None)
            if verb is None or shape.model_of(VERBS[verb], texts(step), "", sheet, "the step") is None:
                return False
        return head is not None
    except FlowError:
        return False


def texts(value: Any) -> Any:
    """Content as the loader has it: every plain value a text."""
    match value:
        case dict():
            return {key: texts(each) for key, each in value.items()}
        case list():
            return [texts(each) for each in value]
        case bool():
            return "true" if value else "false"
        case None:
            return None
    return str(value)


def mutations(content: Any) -> Iterator[tuple[str, Any]]:
    """The content with one thing wrong or missing, anywhere."""

    def places(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        if isinstance(value, dict):
            for key, each in value.items():
                yield (*path, key)
                yield from places(each, (*path, key))

    for path in places(content, ()):
        for what in ("gone", "renamed", "list of keys", "empty"):
            other = copy.deepcopy(content)
            owner = other
            for key in path[:-1]:
                owner = owner[key]
            value = owner.pop(path[-1])
            match what:
                case "renamed":
                    owner[f"{path[-1]}_x"] = value
                case "list of keys":
                    owner[path[-1]] = [{"a": "b"}]
                case "empty":
                    owner[path[-1]] = None
            yield f"{'/'.join(map(str, path))} {what}", other


@pytest.mark.parametrize("name", ["main.yaml", "other.yaml", "site.yaml"])
def test_of_a_thousand_changes_schema_and_models_refuse_the_same(name: str) -> None:
    content = as_editors_see((GOOD / name).read_text(encoding="utf-8"))
    kind = kind_of(name)
    differing = [
        what for what, other in mutations(content) if is_valid(kind, other) is not loads(kind, other)
    ]
    assert differing == []


def test_editors_show_what_each_key_means() -> None:
    steps = made()["flow"]["$defs"]
    assert "yes" in steps["Confirm"]["properties"] and steps["Confirm"]["properties"]["of"]["description"]
    assert "``" not in page()


def test_the_reference_page_is_of_today() -> None:
    """Written anew by ``ivr schema --reference``."""
    assert (ROOT / PAGE).read_text(encoding="utf-8") == page()
