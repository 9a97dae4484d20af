"""What happened on a call: the closed union of everything an ear may report to the dialogue.

Each event is past tense, frozen, and carries ``at_ms``: milliseconds of the call's own clock, counted in audio
that arrived (a resumed call goes on counting from its saved state). No event is ever built from a wall clock by
the dialogue; the wall time of a call enters once, in ``CallStarted.started_at``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

Refusal = Literal[
    "declined",
    "no_answer",
    "busy",
    "voicemail",
    "failed",
    "carrier",
    "agent_lost",
    "rescinded",
    "caller_left",
]
"""How an offer to a person may fail: they declined; nobody, a busy line or no key 1 answered; their line failed;
the carrier could not be asked; their console or process was lost; another was first; the caller hung up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One recognised word, with its place in the call and the engine's confidence 0..1."""

    text: str
    confidence: float
    start_ms: int = 0
    end_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One reading of an utterance; confidence 0..1."""

    text: str
    confidence: float
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How an utterance sounded, in a few numbers: neither words nor the sound can be made of them again."""

    voiced_ms: int
    """How much of it is voice; the rest was measured on that alone."""
    level_db: float
    """Mean loudness, dB below full scale."""
    pitch_hz: float
    """Median."""
    spread_st: float
    """How far the pitch moves: from its lowest fifth to its highest, in semitones."""
    tilt_db: float
    """Upper half of the telephone band against the lower: raised voices are sharper."""
    pace_hz: float
    """Syllables a second, about, without the pauses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted:
    """A caller is on the line and hears us."""

    type: Literal["call_started"] = "call_started"
    at_ms: int = 0
    call_id: str
    """The carrier's id of the call (Twilio: CallSid)."""
    caller: str
    """The caller's number as the carrier gave it; may be empty, ``anonymous`` or ``client:name``."""
    called: str
    started_at: str
    """Wall time of the start, ISO 8601 with offset; the only wall time the dialogue ever sees."""
    profile: dict[str, Any] = field(default_factory=dict)
    """What an earlier call kept of this caller with their consent (see ``actions.Remember``); empty: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResumed:
    """The audio stream broke and another one carries the same call on."""

    type: Literal["call_resumed"] = "call_resumed"
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStarted:
    """The caller has begun to speak (debounced: a click or a breath does not count)."""

    type: Literal["speech_started"] = "speech_started"
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An utterance has ended. Hypotheses best first; none at all when it was only noise."""

    type: Literal["heard"] = "heard"
    at_ms: int
    began_ms: int = 0
    ended_ms: int = 0
    """When the last voiced frame arrived (before the wait that made sure the turn was over)."""
    hypotheses: tuple[Hypothesis, ...] = ()
    is_cut: bool = False
    """True when the utterance was cut at its longest allowed length."""
    engine: str = ""
    voice: Voice | None = None
    """Only where the step asked for it (``Expectation.is_mood_heard``) and there was enough of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A key was pressed: one of 0-9, * or #."""

    type: Literal["pressed"] = "pressed"
    at_ms: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A timer set by ``SetTimer`` ran out: so long nothing came."""

    type: Literal["silent"] = "silent"
    at_ms: int
    timer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptEnded:
    """A prompt is over at the caller's ear: played to its end, or cleared on the way."""

    type: Literal["prompt_ended"] = "prompt_ended"
    at_ms: int
    prompt_id: str
    played: int
    """How many of its phrases were heard whole."""
    is_finished: bool
    """False when it was cleared (barge-in) before its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """The company's data answered. ``is_found`` false: it answered that there is no such thing."""

    type: Literal["looked_up"] = "looked_up"
    at_ms: int
    lookup_id: str
    is_found: bool
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandFailed:
    """An action could not be carried out (a look-up, a queue, a voice ...)."""

    type: Literal["hand_failed"] = "hand_failed"
    at_ms: int
    action: str
    """The ``type`` of the action that failed, such as ``lookup``."""
    ref: str = ""
    """Its id where it has one (lookup_id, prompt_id, ticket_id)."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlaced:
    """Where the caller's ticket stands in the queue now (answer to ``Enqueue`` and ``CheckQueue``)."""

    type: Literal["queue_placed"] = "queue_placed"
    at_ms: int
    ticket_id: str
    position: int
    """1 is next."""
    size: int
    waited_ms: int = 0
    wait_low_ms: int = 0
    wait_high_ms: int = 0
    """How much longer it will probably take, as a range; both 0 where nothing is known."""
    has_agents: bool = True
    """False where nobody is signed in for this queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overflowed:
    """The queue cannot serve the ticket in good time: it stands in another queue now, or something else is due."""

    type: Literal["overflowed"] = "overflowed"
    at_ms: int
    ticket_id: str
    to: Literal["queue", "callback", "message"]
    """``queue``: moved already, with its age; else what the caller is to be offered."""
    queue: str
    """Where the ticket stands now."""
    why: Literal["wait", "closed", "nobody", "full"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentOffered:
    """A person's phone rings for this ticket."""

    type: Literal["agent_offered"] = "agent_offered"
    at_ms: int
    ticket_id: str
    offer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRefused:
    """An offer ended without a person; the ticket keeps its place."""

    type: Literal["agent_refused"] = "agent_refused"
    at_ms: int
    ticket_id: str
    offer_id: str
    reason: Refusal
    tries: int
    """How many offers of this ticket have failed so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAnswered:
    """A person has accepted and waits in the room: this caller is theirs and nobody else's."""

    type: Literal["agent_answered"] = "agent_answered"
    at_ms: int
    ticket_id: str
    offer_id: str
    room: str
    """Name of the conference."""
    agent_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLeft:
    """The person has left the room and the caller is the machine's again."""

    type: Literal["agent_left"] = "agent_left"
    at_ms: int
    ticket_id: str
    reason: Literal["hung_up", "handed_back", "lost", "never_came"]
    """hung_up: done; handed_back: with ``target``; lost: the person's line broke; never_came: not in the room."""
    target: str = ""
    """What the person wants done: a name under ``hand_back`` of the site (survey, identify, another)."""
    agent_name: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    """What the person knows by now, for the flow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackBooked:
    """The answer to ``BookCallback``."""

    type: Literal["callback_booked"] = "callback_booked"
    at_ms: int
    ticket_id: str
    is_booked: bool
    reason: Literal["", "number", "country", "hours", "duplicate", "gone"] = ""
    """Why not: no number to call, a country not allowed, ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The answer to ``Record``: the message is kept."""

    type: Literal["recorded"] = "recorded"
    at_ms: int
    recording_id: str
    duration_ms: int
    text: str = ""
    """What the ear understood of it; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded:
    """The line is gone, for whatever reason; nothing can be said any more."""

    type: Literal["call_ended"] = "call_ended"
    at_ms: int
    reason: str = "caller_hung_up"


Event = (
    CallStarted | CallResumed | SpeechStarted | Heard | Pressed | Silent | PromptEnded | LookedUp | HandFailed
    | QueuePlaced | Overflowed | AgentOffered | AgentRefused | AgentAnswered | AgentLeft | CallbackBooked | Recorded
    | CallEnded
)  # fmt: skip

EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
"""Reads and writes any event as JSON: ``EVENT.dump_json(event)``, ``EVENT.validate_json(text)``."""
