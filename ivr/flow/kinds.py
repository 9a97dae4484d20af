"""The small kinds of value that all files of designers share: names, keys, times, lists of texts."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Shape(BaseModel):
    """Keys and values; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


OURS = frozenset({"file", "places"})
"""Fields of the models that loading fills in; no designer writes them."""


def _texts(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
"""One text or a list of them; a list escalates: the first miss plays the first, and so on."""

NAME = re.compile(r"^[a-z][a-z0-9_]*$")
Name = Annotated[str, Field(pattern=NAME.pattern, max_length=40)]
Word = Annotated[str, Field(pattern=r"^[^\W\d_]+('[^\W\d_]+)*$", max_length=40)]
"""One word, as engines know words."""
KEY = r"^[0-9*#]$"
Key = Annotated[str, Field(pattern=KEY)]
LANGUAGE = r"^[a-z]{2}$"
LanguageCode = Annotated[str, Field(pattern=LANGUAGE)]
"""ISO 639-1."""
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _milliseconds(value: Any) -> Any:
    """Reads ``5``, ``5s``, ``1.5s`` or ``300ms`` as milliseconds; the rest is left for pydantic to refuse."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    found = (
        re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*(ms|s|)\s*", value) if isinstance(value, str) else None
    )
    if not found:
        return value
    return round(float(found[1]) * (1 if found[2] == "ms" else 1000))


def _never(value: Any) -> Any:
    return None if value == "never" else _milliseconds(value)


Duration = Annotated[int, BeforeValidator(_milliseconds), Field(ge=0, le=600_000)]
"""Milliseconds; written as ``5s`` or ``300ms``, a bare number means seconds."""
Pause = Annotated[int | None, BeforeValidator(_never), Field(ge=0, le=3_600_000)]
"""As Duration, up to an hour; None is written as ``never``."""
