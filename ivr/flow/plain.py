"""What a designer wrote, as people read it: templates without braces, fields in a few words."""

from __future__ import annotations

import re

from ivr.flow.model import Value

_CONDITION = re.compile(r"{%-?\s*(if|elif|else|endif)\b.*?%}", re.DOTALL)
_SIGNS = {"if": "(", "elif": " / ", "else": " / ", "endif": ")"}
_VALUE = re.compile(r"{{\s*([\w.]+)?(.*?)}}", re.DOTALL)
_WORDS = re.compile(r"""["']([^"']*)["']\s+if\b.*\belse\s+["']([^"']*)["']""", re.DOTALL)


def kept(value: Value) -> str:
    """What a field holds, in a few words: ``8 digits``, ``4 to 6 digits``, ``a date``."""
    if value.type in ("digits", "letters"):
        least, most = value.bounds()
        length = str(least) if least == most else f"{least} to {most}"
        return f"{length} {value.type}" + (", secret" if value.secret else "")
    named = {"yes_no": "yes or no", "phone": "a phone number", "choice": "one of " + ", ".join(value.options)}
    return named.get(value.type, f"a {value.type}")


def quoted(text: str) -> str:
    return f"“{plain(text)}”"


def plain(text: str) -> str:
    """A template as people read it: values as ``[name]``, what hangs on a condition as ``(one / the other)``."""
    said = _CONDITION.sub(lambda found: _SIGNS[found[1]], text)
    said = " ".join(_VALUE.sub(_value, said).split())
    said = re.sub(r" \)(?=[\w(])", ") ", said)
    said = re.sub(r"(?<=[^\s(])\( ", " (", said)
    return said.replace(" )", ")").replace("( ", "(").replace(")(", ") (")


def _value(found: re.Match[str]) -> str:
    if found[1]:
        return f"[{found[1].rpartition('.')[2].replace('_', ' ')}]"
    words = _WORDS.search(found[2])
    return f"({words[1]} / {words[2]})" if words else "[...]"
