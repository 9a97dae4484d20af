"""Every setting is in the README with its variable and default, and no page names one that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from reading import PAGES, ROOT, codes, examples, spans, table

from ivr import config

SETTINGS = {
    f"{section}.{key}": value for section, keys in config.Config.model_construct() for key, value in keys
}
TOML = [one for page in PAGES for one in examples(page) if one.language == "toml"]


def variable_of(name: str) -> str:
    return f"IVR_{name.replace('.', '__')}".upper()


def default(value: object) -> str:
    if value is None or value in ((), {}):
        return ""
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def test_every_setting_is_in_the_readme_with_its_variable_and_default() -> None:
    rows = table(ROOT / "README.md", "setting", "environment", "default", "meaning")
    written = [(*codes(name), *codes(variable), *(codes(value) or [""])) for name, variable, value, _ in rows]
    assert written == [(name, variable_of(name), default(value)) for name, value in SETTINGS.items()]
    assert all(meaning for *_, meaning in rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_named_exists(page: Path) -> None:
    sections = "|".join(config.Config.model_fields)
    named = {span for span in spans(page) if re.fullmatch(rf"(?:{sections})\.(?!py$)[a-z_]+", span)}
    assert named <= set(SETTINGS)
    variables = set(re.findall(r"\bIVR_[A-Z]+__[A-Z_]+", page.read_text(encoding="utf-8")))
    by_name = tuple(variable_of(name) + "__" for name, value in SETTINGS.items() if isinstance(value, dict))
    known = {variable_of(name) for name in SETTINGS}
    assert {variable for variable in variables if not variable.startswith(by_name)} <= known


def test_there_are_examples_of_the_settings_file() -> None:
    assert len(TOML) >= 2


@pytest.mark.parametrize("example", TOML, ids=lambda one: one.page.name)
def test_an_example_of_the_settings_file_is_taken(example, tmp_path: Path) -> None:
    (tmp_path / config.TOML).write_text(example.body, encoding="utf-8")
    config.load(tmp_path)
