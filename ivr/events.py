"""What happened on a call: the closed union of everything an ear may report to the dialogue.

Each event is past tense, frozen, and carries ``at_ms``: milliseconds of the call's own clock, counted in audio
that arrived (a resumed call goes on counting from its saved state). No event is ever built from a wall clock by
the dialogue; the wall time of a call enters once, in ``CallStarted.started_at``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded:
    """The line is gone, for whatever reason; nothing can be said any more."""

    type: Literal["call_ended"] = "call_ended"
    at_ms: int
    reason: str = "caller_hung_up"


Event = (
    CallStarted | CallResumed | SpeechStarted | Heard | Pressed | Silent | PromptEnded | LookedUp | HandFailed
    | QueuePlaced | CallEnded
)  # fmt: skip

EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
"""Reads and writes any event as JSON: ``EVENT.dump_json(event)``, ``EVENT.validate_json(text)``."""
