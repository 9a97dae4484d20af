"""A recogniser's words in one canonical form, and the strings of digits that words may stand for.

Knows English as it is spoken on telephones: contractions, fillers, British and American spellings, "double
five oh". Judges nothing: what a caller meant at a step is ``match``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

FILLERS = frozenset((
    "um", "uh", "er", "erm", "ehm", "hm", "hmm", "mm", "mhm", "mmm", "ah", "eh", "huh", "unk", "noise",
))  # fmt: skip
POLITE = frozenset((
    "please", "thanks", "thank", "you", "kindly", "well", "so", "just", "like", "okay", "ok", "hi",
    "hello", "hey",
))  # fmt: skip
"""Words that change nothing beside others; dropped only where other words are left."""
CONTRACTIONS = {
    "won't": "will not", "can't": "can not", "cannot": "can not", "shan't": "shall not", "let's": "let us",
    "gonna": "going to", "wanna": "want to", "gotta": "got to", "gimme": "give me", "dunno": "do not know",
    "ain't": "is not", "y'all": "you all", "o'clock": "oclock",
}  # fmt: skip
ENDINGS = (
    ("n't", " not"),
    ("'re", " are"),
    ("'ve", " have"),
    ("'ll", " will"),
    ("'d", " would"),
    ("'m", " am"),
)
IS_AFTER = frozenset((
    "that", "it", "what", "where", "when", "who", "how", "there", "here", "he", "she", "everything",
))  # fmt: skip
"""Words after which ``'s`` is "is"; elsewhere it is a possessive and dropped."""
SPELLINGS = {
    "cheque": "check", "colour": "color", "enquiry": "inquiry", "enquiries": "inquiries",
    "favourite": "favorite", "cancelled": "canceled", "cancelling": "canceling",
    "organisation": "organization", "centre": "center", "programme": "program", "licence": "license",
    "adviser": "advisor", "travelled": "traveled", "ok": "okay", "grey": "gray", "catalogue": "catalog",
    "recognise": "recognize", "apologise": "apologize", "yeh": "yeah", "realise": "realize",
    "labour": "labor", "neighbour": "neighbor", "parcels": "parcel", "packages": "package",
    "orders": "order", "accounts": "account",
}  # fmt: skip
DIGITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "null": "0", "one": "1",
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "niner": "9",
}  # fmt: skip
HOMOPHONES = {"to": "2", "too": "2", "for": "4", "fore": "4", "ate": "8", "won": "1", "tree": "3", "sex": "6"}
"""Taken as digits only beside digits, where nothing but digits and these is said."""
TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
    "eighty": "8", "ninety": "9",
}  # fmt: skip
TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
JOINTS = frozenset((
    "and", "then", "dash", "hyphen", "space",
))  # fmt: skip
"""Words that may stand between digits and mean nothing."""


WORD = re.compile(r"[\u3400-\u9fff]|[^\W_'\u3400-\u9fff]+(?:'[^\W_'\u3400-\u9fff]+)*")
"""A word: letters with apostrophes within, or one ideograph."""
_HAN = {
    "零": "zero", "〇": "zero", "一": "one", "幺": "one", "二": "two", "两": "two", "三": "three", "四": "four",
    "五": "five", "六": "six", "七": "seven", "八": "eight", "九": "nine",
}  # fmt: skip
"""Digits as they are said one by one in Mandarin."""


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[str, ...]:
    """Canonical words of a text, fillers dropped: ``"Um, what's my balance?"`` -> ``what is my balance``.

    Words of any script are kept; only what is done to English words is English. A Chinese word is its
    ideographs, for no two recognisers part words alike; those of single digits are as the English words are.
    """
    words: list[str] = []
    for raw in WORD.findall(unicodedata.normalize("NFKC", text).lower().replace("’", "'")):
        for word in _expand(raw).split():
            if word not in FILLERS:
                words.append(_HAN.get(word) or SPELLINGS.get(word, word))
    return tuple(words)


def content(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without politeness, unless nothing else was said."""
    return tuple(word for word in words if word not in POLITE) or words


def readings(words: Sequence[str]) -> tuple[str, ...]:
    """Digit strings the words may stand for, likeliest first; none where no digit was said.

    A leading "oh" may be a sigh, and "twenty three" may be meant as 20 and 3: both are offered.
    """
    said = [word for word in words if word not in JOINTS]
    if all(is_number(word) or word in HOMOPHONES for word in said) and any(map(is_number, said)):
        said = [HOMOPHONES.get(word, word) for word in said]
    found = [_join(said, split_tens=False)]
    if said and said[0] in ("oh", "o"):
        found.append(_join(said[1:], split_tens=False))
    if any(word in TENS for word in said):
        found.append(_join(said, split_tens=True))
    return tuple(dict.fromkeys(digits for digits in found if digits))


def has_gap(words: Sequence[str]) -> bool:
    """True where other words stand between the digits: a sentence with numbers in it, not a number."""
    marks = [is_number(word) for word in words if word not in JOINTS]
    if True not in marks:
        return False
    first, last = marks.index(True), len(marks) - marks[::-1].index(True)
    return not all(marks[first:last])


def _expand(word: str) -> str:
    if word in CONTRACTIONS:
        return CONTRACTIONS[word]
    for ending, full in ENDINGS:
        if word.endswith(ending) and len(word) > len(ending):
            return word.removesuffix(ending) + full
    if word.endswith("'s"):
        stem = word.removesuffix("'s")
        return f"{stem} is" if stem in IS_AFTER else stem
    return word.replace("'", "")


def is_number(word: str) -> bool:
    """True for a word that is or multiplies digits: ``five``, ``double``, ``42``."""
    return (
        word in DIGITS
        or word in TEENS
        or word in TENS
        or word in TIMES
        or word == "hundred"
        or _is_written(word)
    )


def _is_written(word: str) -> bool:
    return word.isascii() and word.isdigit()


def _join(words: Sequence[str], *, split_tens: bool) -> str:
    """The digits of the words in order; words that are no numbers are passed over."""
    out: list[str] = []
    times = 1
    for at, word in enumerate(words):
        if word in TIMES:
            times = TIMES[word]
            continue
        before = words[at - 1] if at else ""
        after = words[at + 1] if at + 1 < len(words) else ""
        piece = _piece(word, before, after, split_tens=split_tens)
        out.append(piece * times)
        if piece:
            times = 1
    return "".join(out)


def _piece(word: str, before: str, after: str, *, split_tens: bool) -> str:
    if _is_written(word):
        return word
    if word in DIGITS:
        return DIGITS[word]
    if word in TEENS:
        return TEENS[word]
    if word in TENS:
        is_pair = not split_tens and DIGITS.get(after, "0") != "0"
        return TENS[word] if is_pair else TENS[word] + "0"
    if word == "hundred" and before in DIGITS:
        if after in TEENS or after in TENS:
            return ""
        return "0" if after in DIGITS else "00"
    return ""
