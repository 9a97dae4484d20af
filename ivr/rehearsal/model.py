"""What a file of talks may say: conversations by name, what is given for them, what the machine must answer.

Only shapes; reading a file is ``read``, acting a talk ``text`` and ``sound``, judging it ``judge``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ivr.flow.kinds import Duration, LanguageCode, Name, Shape, Texts
from ivr.flow.model import Identity

Keys = Annotated[str, Field(pattern=r"^[0-9*#]+$", max_length=64)]
OpenOrClosed = Literal["open", "closed"]
CLOCK = "%Y-%m-%d %H:%M"
"""How a talk writes the time of a call."""
AT = "2026-01-05 10:00"
"""The time of a call where nothing else is given: a Monday morning."""
CALLER, CALLED = "+447700900123", "+441632960000"


def _wanted(value: Any) -> Any:
    return {"queue": value} if isinstance(value, str) else value


def _asked(value: Any) -> Any:
    """``parcel``, ``[parcel, order]`` or ``{parcel: {number: ...}}`` as the last of these."""
    names = (value,) if isinstance(value, str) else value
    if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names):
        return {name: {} for name in names}
    return value


def _replies(value: Any) -> Any:
    """``found``, ``failed``, ``slow 2s`` and so on, or fields, or cases, as a list of cases."""
    if isinstance(value, str) and value.startswith("slow "):
        return ({"slow": value.removeprefix("slow ")},)
    if isinstance(value, str) or (isinstance(value, dict) and not value.keys() & Reply.model_fields.keys()):
        return ({"gives": value},)
    return (value,) if isinstance(value, dict) else value


def _gives(value: Any) -> Any:
    return "found" if value is None else value


def _people(value: Any) -> Any:
    return (value,) if isinstance(value, dict) else value


class Reply(Shape):
    """What a look-up answers."""

    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    """Only for these parameters; none: for all."""
    gives: Annotated[Literal["found", "not found", "failed"] | dict[str, Any], BeforeValidator(_gives)] = (
        "found"
    )
    """Fields: found, and these stand in it."""
    slow: Duration = 0
    """How long the answer takes."""
    times: int | None = Field(None, ge=1)
    """How often this answer is given; then the next case counts. None: always."""


class Person(Shape):
    """A person who takes the caller."""

    name: str = "Alex"
    answers: Duration = 5_000
    """So long after the caller joined the queue."""
    talks_for: Duration = 20_000
    then: Literal["hangs up", "hands back", "is lost"] = "hangs up"
    to: str = ""
    """Of ``hands back``: a name under ``hand_back`` of the site."""
    fields: dict[str, Any] = Field(default_factory=dict)
    """What they know by then, for the flow."""


class Given(Shape):
    """What stands in for the world while a talk is acted."""

    at: str = Field(AT, pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d$")
    """Day and time of the call, in the site's zone."""
    hours: OpenOrClosed | dict[Name, OpenOrClosed] = Field(default_factory=dict)
    """All opening hours of the site, or those named, in place of what the calendar says."""
    look_ups: dict[Name, Annotated[tuple[Reply, ...], BeforeValidator(_replies)]] = Field(
        default_factory=dict
    )
    agents: Annotated[
        Literal["none", "busy", "closed", "full"] | tuple[Person, ...], BeforeValidator(_people)
    ] = "busy"
    """Who serves the queues: nobody; people with other callers; nobody at this hour; or people who answer, the
    first of them the first transfer."""
    ahead: int = Field(0, ge=0, le=1_000)
    """Callers before this one, in any queue."""
    caller: str = CALLER
    called: str = ""
    """The number called; without it, the call begins in the flow of the file."""
    language: LanguageCode | None = None
    """What the caller speaks, where it is not the site's own language."""
    profile: dict[str, Any] = Field(default_factory=dict)
    """What an earlier call kept of the caller: ``name``, ``language``, ``pace``, ``answers``, ``reason``."""
    noise: float | None = Field(None, ge=-10, le=60)
    """As sound only: the noise on the line, as signal-to-noise ratio in dB."""


class Wanted(Shape):
    """What is expected of a transfer; what is left out may be anything."""

    queue: str | None = None
    reason: str | None = None
    """Words in it."""
    priority: int | None = None
    skills: Texts | None = None
    intent: str | None = None
    identity: Identity | None = None
    name: str | None = None
    language: str | None = None
    mood: str | None = None


class Never(Shape):
    """What must not occur."""

    bot: Texts = ()
    """Words."""
    step: Texts = ()
    looks_up: Texts = ()
    transfer: Texts = ()
    """Queues."""


class Expected(Shape):
    """What the machine must do; what is left out may be anything."""

    bot: Texts = ()
    """Words that must be among what it says; several: all of them, in this order."""
    bot_exactly: str | None = None
    """All that it says."""
    bot_one_of: Texts = ()
    """Of these, at least one must be among what it says."""
    step: str | None = None
    """Where the call stands then: a step of this flow, or ``flow.step``."""
    fields: dict[str, Any] = Field(default_factory=dict)
    """What is known then; dots lead inside (``identity.name``), an empty value: not known."""
    transfer: Annotated[Wanted | None, BeforeValidator(_wanted)] = None
    looks_up: Annotated[dict[str, dict[str, Any]], BeforeValidator(_asked)] = Field(default_factory=dict)
    """Look-ups that are made, with the parameters that matter."""
    ends: str | None = None
    """How the call is over: its outcome, such as ``completed`` or ``caller_hung_up``."""
    never: Texts = ()
    """Words that must not be among what it says."""


class Cue(Expected):
    """One line of a talk: what the caller does, what is expected after it, or both."""

    caller: str | None = None
    """What the caller says; empty: a sound without words."""
    keys: Keys | None = None
    silent: Duration | None = None
    """How long the caller is silent, counted from the end of what the machine says."""
    hangs_up: bool = False
    sure: float = Field(1.0, gt=0, le=1)
    """As text only: how surely the words are recognised."""
    interrupts: Duration | None = None
    """The caller does it while the machine speaks, so long after it began."""
    within_ms: int | None = Field(None, ge=0, le=60_000)
    """From the caller's last sound or key to the machine's first word."""

    @property
    def is_act(self) -> bool:
        return self.hangs_up or not (self.caller is None and self.keys is None and self.silent is None)


class Whenever(Shape):
    """Words that may come at any time, and what the caller then does."""

    bot: Texts
    caller: str | None = None
    keys: Keys | None = None


class Talk(Shape):
    """One conversation."""

    about: str = ""
    given: Given = Given()
    never: Never = Never()
    whenever: tuple[Whenever, ...] = ()
    sometime: tuple[Expected, ...] = ()
    """What must come in the course of the talk, no matter when."""
    turns: tuple[Cue, ...] = ()


class Talks(Shape):
    """One file: conversations by name, with what is given for all of them."""

    flow: Name | None = None
    """The flow they test; without it, the one the file is named after."""
    about: str = ""
    given: Given = Given()
    never: Never = Never()
    whenever: tuple[Whenever, ...] = ()
    talks: dict[str, Talk]
