"""Check digits of the numbers callers read out: pure functions, no I/O.

Knows two schemes: ``luhn`` (ISO/IEC 7812-1 annex B) and ``gs1`` (GS1 General Specifications, section 7.9:
weights 3 and 1 alternating from the right). Says whether a number can be true, not whether it exists.
"""

from __future__ import annotations

from typing import Literal, assert_never, get_args

Kind = Literal["luhn", "gs1"]
KINDS: tuple[str, ...] = get_args(Kind)


def append(kind: Kind, body: str) -> str:
    """``body`` with its check digit added. Raises ValueError where ``body`` is not ASCII digits."""
    if not _is_digits(body):
        raise ValueError(f"found {body!r}; wanted digits 0-9")
    return body + str(-_weigh(kind, body) % 10)


def is_valid(kind: Kind, digits: str) -> bool:
    """Whether the last digit is the check digit of those before it; false for all but two or more digits."""
    return len(digits) > 1 and _is_digits(digits) and append(kind, digits[:-1]) == digits


def _weigh(kind: Kind, body: str) -> int:
    from_right = [int(digit) for digit in reversed(body)]
    match kind:
        case "luhn":
            doubled = [sum(divmod(digit * 2, 10)) for digit in from_right[::2]]
            return sum(doubled) + sum(from_right[1::2])
        case "gs1":
            return 3 * sum(from_right[::2]) + sum(from_right[1::2])
        case _:
            assert_never(kind)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
