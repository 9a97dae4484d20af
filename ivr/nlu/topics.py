"""What a caller may speak of that is for people: complaints, law, health, threats, someone who needs care.

Phrases that are looked for in what was said, denied ones left out; which of them matter is the site's. English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ivr.nlu.normalise import tokens
from ivr.nlu.spans import starts
from ivr.nlu.temper import is_denied

KNOWN: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "complaint": (
        "make a complaint", "file a complaint", "raise a complaint", "lodge a complaint", "formal complaint",
        "have a complaint", "my complaint", "want to complain", "like to complain", "complain about",
        "complaints department", "ombudsman", "trading standards", "report you to",
    ),
    "legal": (
        "my lawyer", "a lawyer", "my solicitor", "a solicitor", "my attorney", "an attorney", "legal action",
        "legal advice", "take you to court", "see you in court", "small claims", "sue you", "suing you",
        "a lawsuit", "court order", "power of attorney", "data protection", "subject access request",
        "breach of contract", "bailiff", "bailiffs", "police report", "call the police", "identity theft",
    ),
    "medical": (
        "heart attack", "chest pain", "can not breathe", "an ambulance", "a stroke", "is unconscious",
        "my medication", "my insulin", "oxygen", "dialysis", "allergic reaction", "side effects", "in hospital",
        "in the hospital", "got injured", "was injured", "is injured", "hurt myself", "got burned",
        "electric shock", "medical emergency", "my wheelchair",
    ),
    "threat": (
        "kill you", "kill him", "kill her", "kill them", "kill someone", "hurt you", "hurt someone", "a bomb",
        "burn down", "burn your", "come and find you", "know where you live", "come down there", "you will regret",
        "smash your", "break your", "bring a gun", "bring a knife", "punch you", "beat you",
    ),
    "vulnerable": (
        "kill myself", "end my life", "end it all", "do not want to live", "want to die", "hurt myself",
        "harm myself", "suicide", "suicidal", "passed away", "has died", "just died", "my late husband",
        "my late wife", "bereavement", "dementia", "alzheimer", "being abused", "domestic abuse", "violent partner",
        "can not pay my rent", "can not afford food", "can not afford to eat", "lost my job", "made redundant",
        "bankrupt", "bankruptcy", "food bank", "i am blind", "i am deaf", "hard of hearing", "mental health",
        "panic attack", "cancer", "terminally ill", "no heating", "homeless", "being scammed", "got scammed",
        "been scammed", "someone made me transfer",
    ),
})  # fmt: skip
"""By the name a site may give a topic."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that was named, and the words that named it."""

    name: str
    words: str


def find(text: str, wanted: Mapping[str, tuple[str, ...]]) -> Topic | None:
    """The first topic of ``wanted`` that the text names. Its phrases come besides the ``KNOWN`` ones of its name."""
    words = tokens(text)
    for name, own in wanted.items():
        for phrase in (*own, *KNOWN.get(name, ())):
            if _is_named(words, tokens(phrase)):
                return Topic(name, phrase)
    return None


def _is_named(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return bool(phrase) and any(
        starts(words, at, phrase) and not is_denied(words, at) for at in range(len(words))
    )
