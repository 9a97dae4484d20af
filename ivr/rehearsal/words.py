"""Words of talks compared as people compare them: case, punctuation and spacing do not matter."""

from __future__ import annotations

import re
import unicodedata

_GAPS = re.compile(r"[^\w]+|_+")
DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that put no space between words."""


def plain(text: str) -> str:
    """The words alone, in small letters, one space between them."""
    found = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("\u2019", "")
    return _GAPS.sub(" ", found).strip()


def has(words: str, text: str) -> bool:
    """Whether ``text`` is among ``words`` (already plain), as whole words."""
    return find(words, text) >= 0


def find(words: str, text: str, start: int = 0) -> int:
    """Where ``text`` ends in ``words`` (already plain), from ``start`` on; -1 where it is not."""
    wanted = plain(text)
    if DENSE.search(wanted):
        place = words.replace(" ", "").find(wanted.replace(" ", ""), start)
        return place + len(wanted.replace(" ", "")) if place >= 0 else -1
    place = f" {words} ".find(f" {wanted} ", start)
    return place + len(wanted) if place >= 0 else -1
