"""What a person hears of a caller before taking the call: who, how sure, why, what was done, how they feel.

At most 8 s spoken, whatever the ticket holds: what matters least gives way first. Holds no number of a customer.
"""

from __future__ import annotations

import re

from ivr.actions import Ticket

LONGEST_MS = 8000
KEYS = "Press 1 to accept, 2 to decline, 3 to repeat."
"""Said after the brief to a person who has nothing but a telephone."""
NAME_CHARS = 30

_LETTER_MS, _STOP_MS, _DIGIT_MS, _END_MS = 62, 340, 330, 250
"""How long our voice takes at 165 words a minute; ``tests/dialogue/test_brief.py`` measures it."""
_IDENTITY = {
    "none": "not identified",
    "caller_id": "number known",
    "pin": "PIN checked",
    "agent": "checked by an agent",
}
_UNSPOKEN = re.compile(r"[^\w\s'.,:-]|_")
_LONG_NUMBER = re.compile(r"\+?\d[\d -]{3,}\d")


def brief(ticket: Ticket) -> str:
    """The words for a person whose telephone has just been answered."""
    who = f"{_name(ticket)}, {_IDENTITY[ticket.identity]}."
    reason, done, mood, why = map(
        _plain, (ticket.reason, ", ".join(ticket.done), ticket.mood, ticket.mood_why)
    )
    for words_of_reason, words_of_done, words_of_why in _WORDS:
        parts = (
            who,
            _sentence(_first(reason, words_of_reason)),
            _sentence(_first(done, words_of_done), "Done: "),
            _sentence(": ".join(filter(None, (mood, _first(why, words_of_why))))),
        )
        text = " ".join(filter(None, parts))
        if spoken_ms(text) <= LONGEST_MS:
            return text
    return who


_WORDS = (
    *((12, 9, 6), (12, 6, 4), (10, 5, 3), (10, 4, 2), (9, 3, 2)),
    *((9, 0, 3), (7, 0, 2), (5, 0, 1), (3, 0, 0), (2, 0, 0)),
)
"""How many words are said of the reason, of what was done and of why they are upset, until it is short enough."""


def spoken_ms(text: str) -> int:
    """How long a text takes to say; rather too much than too little."""
    digits = sum(each.isdigit() for each in text)
    stops = sum(each in ".,:;!?" for each in text)
    return digits * _DIGIT_MS + stops * _STOP_MS + (len(text) - digits - stops) * _LETTER_MS + _END_MS


def _name(ticket: Ticket) -> str:
    name = _plain(ticket.name).strip(".,:")
    if len(name) > NAME_CHARS:
        name = name[:NAME_CHARS].rpartition(" ")[0] or name[:NAME_CHARS]
    return name or "Unknown caller"


def _plain(text: str) -> str:
    """One line without what a voice cannot say well; long numbers are for the screen, not for the ear."""
    return " ".join(_LONG_NUMBER.sub(" ", _UNSPOKEN.sub(" ", text)).split())


def _first(text: str, words: int) -> str:
    return " ".join(text.split()[:words])


def _sentence(text: str, before: str = "") -> str:
    text = text.strip(" .,:")
    return f"{before}{text[:1].upper()}{text[1:]}." if text else ""
