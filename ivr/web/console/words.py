"""What is known of a caller in the words of an agent's page: numbers, times, fields, moods. Pure; draws no page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from markupsafe import Markup, escape

from ivr.actions import MoodEvidence, Ticket
from ivr.nlu.matcher import contains
from ivr.nlu.normalise import tokens

IDENTITY = {
    "pin": "Identity proved by PIN",
    "agent": "Identity checked by a colleague",
    "caller_id": "Known by phone number only, not proved",
    "none": "Not identified: ask who is calling",
}
STATES = {
    "offline": "Offline",
    "ready": "Ready",
    "reserved": "A call is coming",
    "ringing": "Ringing",
    "talking": "In a call",
    "holding": "Caller on hold",
    "wrapup": "After the call",
    "break": "On a break",
    "rona": "Missed a call",
    "lost": "Connection lost",
}
CALM = frozenset({"calm", "neutral"})
BREAKS = ("lunch", "short break", "meeting", "training", "paperwork")
MISSED = {
    "no_answer": "It rang and nobody answered.",
    "busy": "Your line was busy.",
    "voicemail": "A voicemail or nobody's key press answered your line.",
    "failed": "Your line could not be reached.",
    "carrier": "The telephone network could not ring you.",
    "agent_lost": "Your page lost its connection.",
}
"""Why an offer went past a person, by the reason the queue gives."""
UNKNOWN_NUMBERS = frozenset({"", "anonymous", "unknown", "restricted", "unavailable", "private"})

_THREE = re.compile(r"\d{1,3}")
_LONG_CODES = re.compile(r"2[1-69]|3[578]|42|5[09]|6[789]|8[0578]|9[679]")
"""How country codes of three digits begin; others have two, but for +1 and +7 (ITU-T E.164)."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_PARTS = 40
"""Most facts shown of one answer; what is longer is no summary any more."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known, as it is shown."""

    label: str
    values: tuple[str, ...]
    """One, or those of a list."""


def clock(ms: float) -> str:
    """``1:05``; hours only where there are any."""
    seconds = max(0, int(ms // 1000))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def phone(number: str) -> str:
    """A number in groups that can be read out; words for one that was withheld."""
    if number.lower() in UNKNOWN_NUMBERS:
        return "Number withheld"
    if number.startswith("client:"):
        return f"Browser phone {number.removeprefix('client:')}"
    digits = number.removeprefix("+")
    if not digits.isdigit() or len(digits) < 7:
        return number
    if number.startswith("+44"):
        return f"+44 {digits[2:6]} {digits[6:]}"
    if number.startswith("+1"):
        return f"+1 {digits[1:4]} {digits[4:7]} {digits[7:]}"
    if not number.startswith("+"):
        return " ".join(_THREE.findall(digits))
    code = 1 if digits[0] == "7" else 3 if _LONG_CODES.match(digits) else 2
    return f"+{digits[:code]} {' '.join(_THREE.findall(digits[code:]))}"


def caller(ticket: Ticket) -> str:
    """The largest words of the page: who is on the line."""
    return ticket.name or phone(ticket.caller)


def label(name: str) -> str:
    """A field's or an intent's own name as words."""
    words = name.replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]


def facts(fields: Mapping[str, Any], zone: tzinfo) -> list[Fact]:
    """Everything known; of nested answers each part by its own name, or by both where that is taken."""
    found: dict[str, Fact] = {}
    for above, name, value in _leaves(fields):
        many = value if isinstance(value, list | tuple) else (value,)
        fact = Fact(label(name), tuple(shown(one, zone) for one in many))
        if fact.label in found and found[fact.label] != fact:
            fact = Fact(label(f"{above} {name}"), fact.values)
        found.setdefault(fact.label, fact)
    return list(found.values())[:_PARTS]


def _leaves(fields: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str, Any]]:
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, name)
        elif value not in (None, "", [], ()):
            yield above, name, value


def shown(value: Any, zone: tzinfo) -> str:
    """One value as people write it: yes and no, days and times."""
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            leaves = _leaves(value)
            return ", ".join(f"{label(name).lower()} {shown(leaf, zone)}" for _, name, leaf in leaves)
        case str() if _MOMENT.match(value):
            return _moment(value, zone)
        case str():
            return _DAY.sub(lambda found: _day(found[0]), value)
    return str(value)


def _day(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def _moment(text: str, zone: tzinfo) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment(at if at.tzinfo else at.replace(tzinfo=zone), zone)


def day(value: date) -> str:
    """``Sun 22 Nov 2026``."""
    return f"{value:%a} {value.day} {value:%b %Y}"


def moment(at: datetime | None, zone: tzinfo) -> str:
    """``Sun 22 Nov 2026, 14:05`` in the site's zone."""
    if at is None:
        return "at an unknown time"
    here = at.astimezone(zone)
    return f"{day(here.date())}, {here:%H:%M}"


def queues(names: Mapping[str, str], own: Iterable[str]) -> str:
    """``customer care and our specialists``."""
    known = [names.get(name, name) for name in own] or ["no queue: ask for one"]
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"


def signs(evidence: MoodEvidence) -> str:
    """What weighed besides the caller's words, such as a raised voice."""
    said = tokens(evidence.text)
    return ", ".join(word for word in evidence.words if not contains(said, tokens(word)))


def marked(evidence: MoodEvidence) -> Markup:
    """The caller's words with those marked that weighed."""
    if not evidence.words:
        return escape(evidence.text)
    either = "|".join(re.escape(word) for word in sorted(evidence.words, key=len, reverse=True))
    pieces = re.split(rf"\b({either})\b", evidence.text, flags=re.IGNORECASE)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if at % 2 else escape(piece)
        for at, piece in enumerate(pieces)
    )
