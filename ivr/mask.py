"""The one place that hides what must not be kept: phone and account numbers, PINs, cards, tokens.

Works on text alone and knows no context: any number of four or more digits is hidden, also one spoken in
words, so parcel and order numbers go with the rest. Amounts, times, dates, addresses and ids of the carrier
stay readable. Masking what is masked changes nothing.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SECRET = "[secret]"
"""Stands for a whole value that must not be kept."""
AT_LEAST = 4
"""Digits in a row that may be a PIN or more."""
SHOWN_FROM = 7
"""Longer numbers than this keep their last two digits, so that two can be told apart."""
SHOWN = 2
HIDDEN = re.compile(rf"\[\d+ digits\]|{re.escape(SECRET)}|\S*\*\S*(?:[\s().,-]+\d\b){{0,{SHOWN}}}")
"""What stands where something was hidden, as whole words: the digits that are shown are part of it."""

_ONES = "zero oh nought one two three four five six seven eight nine"
_TENS = (
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety triple"
)
_DIGITS_OF_WORD = (
    dict.fromkeys(_ONES.split(), 1) | {"double": 1} | dict.fromkeys(_TENS.split(), 2) | {"quadruple": 3}
)
"""How many digits a word adds; ``double seven`` is one more than ``seven``."""
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"

_SECRETS = re.compile(
    r"""
    \$argon2\w*\$[^\s"']+                                               # a hashed PIN
    | \beyJ[\w-]+\.[\w-]+\.[\w-]*                                       # a JSON web token
    | (?P<name>\b(?:[\w-]*token|password|secret|authorization|bearer|pin)\b["']?\s*[:=]\s*["']?
        (?!(?:bearer\s+|basic\s+)?\[secret\])(?:bearer\s+|basic\s+)?)[^\s"'&,;)}\]]+
    | (?P<bearer>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}
    | \b(?!(?:[A-Z]{2}[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b)
        (?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{32,}                # a long random word
    """,
    re.VERBOSE | re.IGNORECASE,
)

_TOKENS = re.compile(
    rf"""
    (?P<kept>
        [A-Z]{{2}}[0-9a-f]{{32}}\b                                      # an id of the carrier
        | \b[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b       # a UUID
        | \b\d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\d-])
        | \b\d{{1,2}}:\d\d(?::\d\d(?:\.\d+)?)?\b                        # a time
        | \b\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d+)?\b                    # an address
        | (?<=[a-z\]]):\d{{2,5}}\b                                      # a port
        | (?:£|\$|€|GBP\ ?|USD\ ?|EUR\ ?)\d[\d,]*(?:\.\d+)?
        | (?<![\d.])\d{{1,3}}(?:,\d{{3}})*\.\d{{1,3}}(?![\d.])          # an amount
        | (?<![\d.])\d{{4,}}\.\d\d(?![\d.])
        | \b\d+\ ?(?:ms|s|bytes|[kMG]i?B|k?Hz)\b                        # a measurement
        | \b(?:line|pid|port)[ =:]\ ?\d+
        | \b{_MONTH}\.?,?\ (?:19|20)\d\d\b                              # a year
    )
    | (?P<number>(?:(?<![\w])|(?<=%2B)|(?<=_)|(?<=pin))\+?\d+(?!\w)|\b(?:{"|".join(_DIGITS_OF_WORD)})\b)
    | (?P<homophone>\b(?:to|too|for|ate|won)\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_GAP = re.compile(r"[\s().,\-–]*(?:(?:uh|um|er|erm|and\s+then|then)[\s,.]+)*")
_TIGHT = re.compile(r"[.,]")

_ONE_DIGIT_CODES = ("1", "7")
_TWO_DIGIT_CODES = (
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 "
    "81 82 84 86 90 91 92 93 94 95 98"
)
"""Country codes of one and two digits (ITU-T E.164, list of assigned codes); all others have three."""


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    digits: int
    is_written: bool
    is_homophone: bool = False


def mask_number(number: str) -> str:
    """A caller's number with country and last two digits: ``+447700900123`` becomes ``+44********23``.

    What is no number (``anonymous``, empty) stays; of ``client:name`` and ``sip:...`` only the scheme is
    kept.
    """
    scheme, colon, _ = number.partition(":")
    if colon:
        return f"{scheme}:{SECRET}"
    digits = re.sub(r"[\s().-]", "", number)
    if not digits.removeprefix("+").isdigit():
        return mask_text(number)
    keep = 1 + _country_length(digits[1:]) if digits.startswith("+") else 0
    hidden = len(digits) - keep - SHOWN
    if hidden < AT_LEAST - 1:
        return "*" * len(digits)
    return digits[:keep] + "*" * hidden + digits[-SHOWN:]


def mask_text(text: str, at_least: int = AT_LEAST) -> str:
    """``text`` without its secrets: numbers of ``at_least`` digits, written or spoken, and tokens.

    Use ``at_least=1`` for answers to a question for a number, which may come in pieces.
    """
    text = _SECRETS.sub(lambda found: (found["name"] or found["bearer"] or "") + SECRET, text)
    parts, done = [], 0
    for run in _runs(text):
        digits = sum(token.digits for token in run)
        if digits < at_least:
            continue
        start, end = run[0].start, run[-1].end
        parts += [text[done:start], _hide(text[start:end], digits, all(token.is_written for token in run))]
        done = end
    return "".join(parts) + text[done:]


def mask_value(value: Any, at_least: int = AT_LEAST) -> Any:
    """A JSON value with every text in it masked; numbers of four or more digits become masked text."""
    match value:
        case str():
            return mask_text(value, at_least)
        case bool() | None | float():
            return value
        case int():
            return value if abs(value) < 10 ** (AT_LEAST - 1) else mask_text(str(value), at_least)
        case Mapping():
            return {key: mask_value(inner, at_least) for key, inner in value.items()}
        case list() | tuple():
            return [mask_value(inner, at_least) for inner in value]
        case _:
            return mask_text(str(value), at_least)


class MaskingFilter(logging.Filter):
    """Masks a record's message, its text arguments and its traceback; numbers as arguments are measurements.

    Put it on handlers, not on loggers: a logger's filter does not see what its children send.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = mask_text(str(record.msg))
        if isinstance(record.args, Mapping):
            record.args = {key: _mask_argument(value) for key, value in record.args.items()}
        elif record.args:
            record.args = tuple(_mask_argument(value) for value in record.args)
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if record.exc_text:
            record.exc_text = mask_text(record.exc_text)
        return True


def _mask_argument(value: Any) -> Any:
    return value if isinstance(value, int | float) else mask_text(str(value))


def _runs(text: str) -> Iterator[list[_Token]]:
    """Numbers that follow each other with nothing between but spaces, hyphens and hesitations."""
    run: list[_Token] = []
    maybe: list[_Token] = []
    for token in _tokens(text):
        last = maybe or run
        joins = bool(last) and token is not None and _joins(text[last[-1].end : token.start])
        if token is not None and token.is_homophone:
            maybe = [*maybe, token] if joins and all(each.digits == 1 for each in run) else []
            if not maybe and run:
                yield run
                run = []
        elif token is not None and joins and not (_has_homophone([*run, *maybe]) and token.digits > 1):
            run, maybe = [*run, *maybe, token], []
        else:
            if run:
                yield run
            run, maybe = [token] if token is not None else [], []
    if run:
        yield run


def _has_homophone(tokens: list[_Token]) -> bool:
    """Among "to" and "for" only single digits count: "nine to five thirty" is a time."""
    return any(token.is_homophone for token in tokens)


def _tokens(text: str) -> Iterator[_Token | None]:
    """Written and spoken numbers in order; None where something stands that must be kept and so ends a
    run."""
    for found in _TOKENS.finditer(text):
        start, end, word = found.start(), found.end(), found.group()
        if found["kept"]:
            yield None
        elif found["homophone"]:
            yield _Token(start, end, 1, is_written=False, is_homophone=True)
        elif word[-1].isdigit():
            yield _Token(start, end, len(word.removeprefix("+")), is_written=True)
        else:
            yield _Token(start, end, _DIGITS_OF_WORD[word.lower()], is_written=False)


def _joins(gap: str) -> bool:
    """``3 4 7, 1 2`` is one number; ``1,2`` and ``1.2`` are not."""
    return _GAP.fullmatch(gap) is not None and _TIGHT.fullmatch(gap) is None


def _hide(found: str, digits: int, is_written: bool) -> str:
    if not is_written:
        return f"[{digits} digits]"
    shown = SHOWN if digits >= SHOWN_FROM else 0
    keep = 1 + _country_length(found[1:]) if found.startswith("+") and digits >= SHOWN_FROM else 0
    hidden = digits - shown - keep + (1 if keep else 0)
    return found[:keep] + re.sub(r"\d", "*", found[keep:], count=hidden)


def _country_length(digits: str) -> int:
    if digits.startswith(_ONE_DIGIT_CODES):
        return 1
    return 2 if digits[:2] in _TWO_DIGIT_CODES.split() else 3
