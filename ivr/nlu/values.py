"""The values of several slots in one sentence, with what the caller took back in it."""

from __future__ import annotations

from dataclasses import dataclass

Value = str | int | float | bool
"""As ``flow.model.FieldType`` says: digits, letters, choice, name and phone a text, number an int or float, money
"105.20", date "2026-12-03", time "17:30", yes_no true or false."""


@dataclass(frozen=True, slots=True)
class Said:
    """One value a caller said for one slot."""

    slot: str
    """The slot's name."""
    value: Value
    confidence: float
    """0..1: the recogniser's times the reading's; a value of two readings ("half past three") is never sure."""
    is_correction: bool = False
    """True where the caller took back another value for it: in the same sentence, or what is ``known``."""


def as_text(value: Value) -> str:
    """A value as ``Slot.known``, ``Slot.denied`` and the bounds hold it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
