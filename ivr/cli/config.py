"""Shows every setting in force and where its value comes from. Secrets are never shown.

For example:

    ivr config
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from pydantic import SecretStr

from ivr import config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    rows = [
        (f"{section}.{key}", value, source(section, key)) for section, key, value in settings(config.load())
    ]
    name_width = max(len(name) for name, _, _ in rows)
    value_width = min(40, max(len(shown(value)) for _, value, _ in rows))
    for name, value, where in rows:
        print(f"{name:<{name_width}}  {shown(value):<{value_width}}  {where}")
    return 0


def settings(values: config.Config) -> list[tuple[str, str, object]]:
    """Every setting as section, key, value."""
    return [(section, key, value) for section, keys in values for key, value in keys]


def shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "(set, not shown)" if value.get_secret_value() else "(not set)"
    if isinstance(value, dict):
        each = (name if isinstance(inner, SecretStr) else f"{name}: {inner}" for name, inner in value.items())
        return ", ".join(each) or "(not set)"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "(not set)"
    return "(not set)" if value in ("", None) else str(value)


def source(section: str, key: str) -> str:
    variable = f"IVR_{section}__{key}".upper()
    if variable in os.environ or any(name.startswith(f"{variable}__") for name in os.environ):
        return variable
    return config.TOML if key in config.read_toml(Path.cwd()).get(section, {}) else "default"
