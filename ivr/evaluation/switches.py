"""What can be left out to see what it is worth, and the parts of an evaluation that show it.

Each is a part that the product can be built without: nothing is patched.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ABLATIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "domain-model": ("sentences", "words"),
        "second-pass": ("sentences", "words"),
        "re-ranking": ("calls", "fields"),
        "confirmation": ("calls",),
        "mood-text": ("mood",),
        "mood-voice": ("mood",),
    }
)
