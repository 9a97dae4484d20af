"""Every text that callers may hear, with its place in the designers' files and the words it comes to."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.flow.model import Book


@dataclass(frozen=True, slots=True)
class Prompt:
    """One text of a file."""

    language: str
    flow: str
    """Empty for the site's own words."""
    step: str
    """Empty for the site's own words."""
    key: str
    """Path of the key below the step (or the site's ``prompts``), such as ``no_match/1``."""
    text: str
    """As written, a template."""
    spoken: tuple[str, ...]
    """As said with example values, once for each way its conditions can go; () where no example would do."""
    file: str
    line: int
    column: int
    voice: str = ""
    """Empty for the site's."""


def prompts(book: Book) -> tuple[Prompt, ...]:
    """All prompts, in the order of files and steps, the main language first."""
    return ()
