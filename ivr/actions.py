"""What to do on a call: the closed union of everything the dialogue may ask a hand to do.

Imperative, frozen, complete: a hand needs nothing but the action itself. Texts are final (templates rendered).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

BargeIn = Literal["speech", "hotword", "off"]
"""What stops a prompt: any speech or key / only a complete match or a key / nothing (VoiceXML bargeintype)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing a caller may choose: its name in the flow, example phrases, and a key or none."""

    name: str
    phrases: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One value that may be said now: what ``flow.model.Value`` says of it, with days and bounds worked out."""

    name: str
    """The field it fills."""
    type: Literal["digits", "number", "money", "date", "time", "letters", "yes_no", "choice", "name", "phone"]
    min_length: int = 1
    max_length: int = 32
    """Of digits and letters."""
    check: Literal["", "luhn", "gs1"] = ""
    at_least: str = ""
    at_most: str = ""
    """Bounds as the value itself is written; empty for none."""
    options: tuple[Option, ...] = ()
    """Of a choice."""
    currency: str = ""
    country: str = ""
    """Calling code, such as +44."""
    denied: tuple[str, ...] = ()
    """Values the caller has already called wrong, as text (``nlu.values.as_text``)."""
    known: str = ""
    """The value it has by now, as text; for corrections such as "not six, nine"."""
    is_asked: bool = True
    """True for what the question on the line asks for; false for what may be said or corrected besides."""
    heard: tuple[tuple[str, float], ...] = ()
    """Of digits: what they sounded like when they were said before, with the chance of each; they are most likely
    said once more. Never of a secret."""
    is_in_data: bool = False
    """True where the company's data says which values there are: then unlikely ones are worth naming, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a caller may say or key now: all that recognition, end of turn and understanding need to know."""

    kind: Literal["choice", "digits", "values", "commands"]
    """One of ``options``; a string of digits; values of ``slots`` (and ``options``, such as yes and no, besides);
    or nothing but ``commands`` (while waiting)."""
    options: tuple[Option, ...] = ()
    slots: tuple[Slot, ...] = ()
    """Of ``values``: one or several, the asked one first."""
    today: str = ""
    """ISO day of the call, for days such as "tomorrow"."""
    commands: tuple[Option, ...] = ()
    """Universal commands: help, repeat, slower, back, restart, agent (names as in ``nlu.phrases``)."""
    min_digits: int = 0
    max_digits: int = 0
    check: Literal["", "luhn", "gs1"] = ""
    """The check digit the string must carry, as in ``ivr.checkdigit``: ``luhn``, ``gs1``; empty for none."""
    denied: tuple[str, ...] = ()
    """Digit strings the caller has already called wrong: never understood from speech again."""
    heard: tuple[tuple[str, float], ...] = ()
    """Of a string of digits, as ``Slot.heard``."""
    is_in_data: bool = False
    """The same, as ``Slot.is_in_data``."""
    is_reranked: bool = True
    """False: strings of digits are taken as they were heard, to measure what choosing among the likely ones is
    worth."""
    is_open: bool = False
    """True where callers use whole sentences of their own, not only the given phrases."""
    words: tuple[tuple[str, str], ...] = ()
    """Words of the company's own that may be said, lower case, each with ordinary words that sound like it; empty
    where its letters tell."""
    is_secret: bool = False
    """True where what is said or keyed must never reach a log (PIN)."""
    is_mood_heard: bool = False
    """True where the sound of the voice is to be measured as well (``events.Voice``)."""
    language: str = "en"
    complete_ms: int = 300
    """Silence that ends a turn which already is a full match."""
    confident_ms: int = 600
    """Silence that ends a free sentence whose meaning is already clear."""
    incomplete_ms: int = 1200
    """Silence that ends a turn that cannot be complete yet (digits: 2000)."""
    max_speech_ms: int = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speak the phrases one after the other; ``PromptEnded`` answers."""

    type: Literal["say"] = "say"
    prompt_id: str
    phrases: tuple[str, ...]
    voice: str = ""
    """Empty for the site's voice."""
    pace: float = 1.0
    """Of the voice's usual rate; 0.8 is slower."""
    barge_in: BargeIn = "speech"


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Play a clip of our own making (``hold``: music); ``PromptEnded`` answers at its end."""

    type: Literal["play"] = "play"
    prompt_id: str
    clip: str
    barge_in: BargeIn = "hotword"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hush:
    """Stop speaking at once: ``clear`` on the wire. The prompts cut off answer with ``PromptEnded``."""

    type: Literal["hush"] = "hush"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """From now on, understand the caller by this expectation (replaces the one before)."""

    type: Literal["listen"] = "listen"
    expect: Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class StopListening:
    """Speech no longer matters until the next ``Listen``; keys are still reported."""

    type: Literal["stop_listening"] = "stop_listening"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """Report ``Silent(timer)`` when ``after_ms`` of stream time have passed; the same name replaces."""

    type: Literal["set_timer"] = "set_timer"
    timer: str
    after_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTimer:
    """Forget a timer; unknown names are no fault."""

    type: Literal["cancel_timer"] = "cancel_timer"
    timer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Ask the company's data; ``LookedUp`` or ``HandFailed`` answers."""

    type: Literal["lookup"] = "lookup"
    lookup_id: str
    name: str
    parameters: dict[str, Any] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    """Names of parameters that must never reach a log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnNote:
    """One turn as an agent will read it: who, and the (masked) words."""

    who: Literal["caller", "bot"]
    text: str
    at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodEvidence:
    """What a mood was read from: every escalation explains itself."""

    text: str
    """The caller's (masked) words."""
    at_ms: int
    score: float
    """0 calm .. 1 as upset as can be."""
    threshold: float
    words: tuple[str, ...] = ()
    """The words that weighed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A caller who waits for a person, with all that the person will need. Holds no secret."""

    ticket_id: str
    call_id: str
    queue: str
    reason: str
    """Why a person is needed, as a short sentence."""
    intent: str = ""
    """What the caller wanted, by the flow's own name."""
    caller: str = ""
    name: str = ""
    identity: Literal["none", "caller_id", "pin", "agent"] = "none"
    """How well the caller is identified; ``agent``: a person has checked it."""
    fields: dict[str, Any] = field(default_factory=dict)
    turns: tuple[TurnNote, ...] = ()
    priority: int = 0
    skills: tuple[str, ...] = ()
    language: str = "en"
    mood: str = ""
    """Empty until mood is measured; else one word with its evidence in ``mood_why``."""
    mood_why: str = ""
    joined_ms: int = 0
    """Wall time, ms since 1970, at which the caller first joined a queue; 0: now. Kept across queues, callbacks
    and returns, so that nobody loses their age."""
    kind: Literal["call", "callback", "message"] = "call"
    """A caller on the line; one who is to be called back; a message to be dealt with."""
    done: tuple[str, ...] = ()
    """What the machine did already, a few words each, for the agent."""
    mood_evidence: MoodEvidence | None = None
    """Why ``mood`` is what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enqueue:
    """Put the caller in line for a person; ``QueuePlaced`` or ``HandFailed`` answers."""

    type: Literal["enqueue"] = "enqueue"
    ticket: Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckQueue:
    """Ask where the ticket stands; ``QueuePlaced`` or ``HandFailed`` answers."""

    type: Literal["check_queue"] = "check_queue"
    ticket_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dequeue:
    """Take the caller out of the line."""

    type: Literal["dequeue"] = "dequeue"
    ticket_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookCallback:
    """Turn a ticket into one to be called back, with its age; ``CallbackBooked`` or ``HandFailed`` answers."""

    type: Literal["book_callback"] = "book_callback"
    ticket_id: str
    number: str
    """E.164."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveMessage:
    """Turn a ticket into a task of its queue: the recording and its transcript, for a person to deal with."""

    type: Literal["leave_message"] = "leave_message"
    ticket_id: str
    recording_id: str
    text: str
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Keep what the caller says from now on, until they pause, press a key or ``max_ms``; ``Recorded`` answers."""

    type: Literal["record"] = "record"
    recording_id: str
    max_ms: int
    pause_ms: int = 3000
    """Silence that ends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """Leave the machine at once for the room where a person waits."""

    type: Literal["bridge"] = "bridge"
    ticket_id: str
    room: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remember:
    """Keep this of a caller who has agreed to it, for later calls, in place of what was kept; nothing: forget all."""

    type: Literal["remember"] = "remember"
    caller: str
    """E.164."""
    profile: dict[str, Any]
    """Of ``name``, ``language``, ``pace``, ``answers``, ``reason``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Divert:
    """Leave the machine once everything said has been heard: the carrier dials the fallback number."""

    type: Literal["divert"] = "divert"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup:
    """End the call once everything said has been heard."""

    type: Literal["hangup"] = "hangup"
    outcome: str = "completed"


Action = (
    Say | Play | Hush | Listen | StopListening | SetTimer | CancelTimer | Lookup | Enqueue | CheckQueue | Dequeue
    | BookCallback | LeaveMessage | Record | Bridge | Remember | Divert | Hangup
)  # fmt: skip

ACTION: TypeAdapter[Action] = TypeAdapter(Annotated[Action, Field(discriminator="type")])
"""Reads and writes any action as JSON: ``ACTION.dump_json(action)``, ``ACTION.validate_json(text)``."""
