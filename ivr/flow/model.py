"""What a flow file may say: the shape of a site, its flows and their steps.

A step is one YAML mapping whose verb (``say``, ``ask``, ``collect`` ...) tells what it does. Only shapes live
here (a site's words in ``prompts``): reading files is ``load``, judging them ``check``, rendering words
``template``; what a step does is ``dialogue``.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from ivr.actions import BargeIn
from ivr.flow.prompts import Shape, SitePrompts, Texts

DONE = "done"
"""The target that ends a flow: back to the flow that ran it; at the outermost flow, the call's goodbye."""

NAME = re.compile(r"^[a-z][a-z0-9_]*$")
Name = Annotated[str, Field(pattern=NAME.pattern, max_length=40)]
Key = Annotated[str, Field(pattern=r"^[0-9*#]$")]


def _milliseconds(value: Any) -> Any:
    """Reads ``5``, ``5s``, ``1.5s`` or ``300ms`` as milliseconds; the rest is left for pydantic to refuse."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    found = (
        re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*(ms|s|)\s*", value) if isinstance(value, str) else None
    )
    if not found:
        return value
    return round(float(found[1]) * (1 if found[2] == "ms" else 1000))


def _never(value: Any) -> Any:
    return None if value == "never" else _milliseconds(value)


Duration = Annotated[int, BeforeValidator(_milliseconds), Field(ge=0, le=600_000)]
"""Milliseconds; written as ``5s`` or ``300ms``, a bare number means seconds."""
Pause = Annotated[int | None, BeforeValidator(_never), Field(ge=0, le=3_600_000)]
"""As Duration, up to an hour; None is written as ``never``."""

Places = dict[str, tuple[int, int]]
"""Line and column of every key and list item, by its path: ``steps/menu/choices/balance/phrases/0``."""


class Timers(Shape):
    """Timers of a site or a step; a step's own wins. None: inherited."""

    no_input: Duration | None = None
    """Silence after the end of the prompt before the caller is asked again (default 5s)."""
    between_keys: Duration | None = None
    """Between keys while more may come (default 3s)."""
    complete: Duration | None = None
    """Silence that ends speech which is a full match (default 300ms)."""
    confident: Duration | None = None
    """Silence that ends a free sentence whose meaning is clear (default 600ms)."""
    incomplete: Duration | None = None
    """Silence that ends speech that cannot be complete yet (default 1.2s, digits 2s)."""
    max_speech: Duration | None = None
    """The longest utterance (default 20s)."""


class Choice(Shape):
    """One thing a caller may choose at an ``ask`` step."""

    phrases: Texts = ()
    """Ways to say it; examples, not a grammar."""
    label: str = ""
    """How it is called when asked back ("I understood: ..."); without it, its name."""
    key: Key | None = None
    next: str


class Step(Shape):
    """What every step has."""

    verb: ClassVar[str]
    note: str = ""
    """For colleagues; never spoken."""


class Spoken(Step):
    """What every step has that speaks and is listened to."""

    barge_in: BargeIn = "speech"
    no_input: Texts = ()
    """Said after silence, first, second, third time; without it the site's words."""
    no_match: Texts = ()
    """Said after words that fit nothing; without it the site's words."""
    misses: int | None = Field(None, ge=0, le=10)
    """How often the caller is asked again here; without it, ``misses_per_step`` of the site."""
    if_silent: str | None = None
    """Where to go when the caller stayed silent to the end; without it, a person."""
    if_unclear: str | None = None
    """Where to go when the caller was not understood to the end; without it, a person."""
    help: str = ""
    timers: Timers = Timers()


class Say(Step):
    """Say something and go on."""

    verb = "say"
    say: str
    barge_in: BargeIn = "speech"
    did: str = ""
    """What an agent reads of it under "done so far", such as "gave the balance"."""
    next: str


class Ask(Spoken):
    """Ask, and go on by what the caller chose."""

    verb = "ask"
    ask: str
    choices: dict[Name, Choice] = Field(min_length=1)
    choices_of: Name | None = None
    """Another ``ask`` step of the same flow whose choices hold here too. Loading copies them into ``choices``
    (the step's own come first and win), so whoever runs the step reads ``choices`` only."""
    open: bool = False
    """True where callers answer in sentences of their own ("How can I help?")."""
    into: Name | None = None
    """The field that keeps the name of what was chosen."""

    def named(self, choice: str) -> str:
        """A choice as it is called when asked back."""
        return self.choices[choice].label or choice.replace("_", " ")


class Collect(Spoken):
    """Collect a string of digits, spoken or keyed, into a field."""

    verb = "collect"
    collect: Name
    ask: str
    digits: int | None = Field(None, ge=1, le=32)
    """Exactly so many digits; or give ``min`` and ``max``."""
    min: int | None = Field(None, ge=1, le=32)
    max: int | None = Field(None, ge=1, le=32)
    ends_with: Literal["#", ""] = "#"
    """The key that ends the string early; \"\" for none."""
    check: Literal["luhn", "gs1"] | None = None
    """The check digit the string must carry."""
    secret: bool = False
    """True for what no log may ever hold (PIN)."""
    next: str

    def bounds(self) -> tuple[int, int]:
        """Fewest and most digits."""
        if self.digits is not None:
            return self.digits, self.digits
        return self.min or 1, self.max or self.min or 32


class Confirm(Spoken):
    """Ask yes or no. Going to ``no`` forgets the ``of`` field, and that value is not offered again."""

    verb = "confirm"
    confirm: str
    of: Name | None = None
    """The field being confirmed."""
    yes: str
    no: str


class LookUp(Step):
    """Ask the company's data. The answer's fields stand under ``into`` (default: the look-up's name)."""

    verb = "look_up"
    look_up: Name
    with_: dict[Name, str] = Field(default_factory=dict, alias="with")
    """Parameters; each a template."""
    into: Name | None = None
    found: str
    not_found: str | None = None
    """Where to go when there is no such thing; without it, ``failed``."""
    failed: str
    filler: str = ""
    """Said when the answer takes longer than 1.5 s; without it the site's words."""
    did: str | None = None
    """What an agent reads of it under "done so far"; without it, "looked up" and its name."""


class If(Step):
    """Go one way or the other by a condition on what is known."""

    verb = "if"
    if_: str = Field(alias="if")
    then: str
    else_: str = Field(alias="else")


class Run(Step):
    """Run another flow, then go on."""

    verb = "run"
    run: Name
    next: str


class Transfer(Step):
    """Hand the caller to a person: a place in a queue, with everything known."""

    verb = "transfer"
    transfer: Name
    """The queue."""
    say: str = ""
    """What the caller hears first; without it the site's words."""
    reason: str
    """For the agent, one short sentence (a template)."""
    priority: int = Field(0, ge=0, le=100)
    skills: Texts = ()


class HangUp(Step):
    """Say goodbye and end the call."""

    verb = "hang_up"
    hang_up: str
    """The last words; \"\" for the site's goodbye."""
    outcome: Name = "completed"


AnyStep = Say | Ask | Collect | Confirm | LookUp | If | Run | Transfer | HangUp
VERBS: dict[str, type[AnyStep]] = {
    kind.verb: kind for kind in (Collect, Ask, Confirm, LookUp, If, Run, Transfer, HangUp, Say)
}
"""Verb to step; in this order, since ``collect`` steps also carry ``ask`` and ``transfer`` steps ``say``."""


class Flow(Shape):
    """One file: a named flow and its steps."""

    flow: Name
    about: str = ""
    start: Name
    steps: dict[Name, AnyStep]
    file: str = ""
    """Where it was read from, for messages."""
    places: Places = Field(default_factory=dict, exclude=True, repr=False)


Strategy = Literal[
    "longest_idle", "ring_all", "fewest_calls", "round_robin", "least_talk", "linear", "random"
]
"""Which of the ready people is rung first (names as in Asterisk and FreeSWITCH)."""


class Overflow(Shape):
    """Where callers go whom a queue cannot serve: the name of another queue, ``callback`` or ``message``."""

    after: Pause = None
    """How long a caller waits before ``to`` is due; none: for ever."""
    to: Name = "callback"
    when_closed: Name | None = None
    when_nobody: Name | None = None
    """Where nobody is signed in for the queue."""
    when_full: Name | None = None


class Queue(Shape):
    """A line of waiting callers."""

    name: str
    """As said to callers: "customer service"."""
    strategy: Strategy = "longest_idle"
    ring: Duration = 15_000
    """How long one person's phone rings before the next one's."""
    at_once: int = Field(1, ge=1, le=20)
    """How many phones ring at once (``ring_all``: always 20)."""
    wrap_up: Duration = 30_000
    """Time for notes after a call."""
    skills: Texts = ()
    """Wanted besides those of the transfer; the least important last."""
    relax: Pause = 60_000
    """After each such while of waiting the last skill is no longer wanted; none: never."""
    max_size: int = Field(100, ge=1, le=10_000)
    hours: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], str] | None = None
    """When people serve it, such as ``mon: 08:00-18:00``, in the site's zone; a day left out is closed;
    none at all: always open. Read by ``hours.is_open``."""
    overflow: Overflow = Overflow()
    announce: Literal["place", "wait", "both", "none"] = "both"
    """What waiting callers are told."""
    then: Name | None = None
    """The flow that runs when the person has hung up and the caller is still there; none: goodbye."""


class ScreenPart(Shape):
    """One look-up whose answer the agent sees beside the call."""

    title: str
    look_up: Name
    with_: dict[Name, str] = Field(default_factory=dict, alias="with")
    """Parameters; each a template over the ticket's fields and ``caller``. One that cannot be filled: not shown."""


class Mood(Shape):
    """When a caller counts as upset."""

    is_on: bool = Field(True, alias="on")
    threshold: float = Field(0.6, gt=0, le=1)
    priority: int = Field(20, ge=0, le=100)
    """Added to the priority of whoever is upset."""
    transfer: bool = True
    """True where an upset caller goes to a person at once."""
    queue: Name | None = None
    """Where they go; without it, ``agent_queue``."""


WAITING_PHRASES: dict[Literal["call_me_back", "how_long", "leave_message"], tuple[str, ...]] = {
    "call_me_back": ("call me back", "ring me back", "can you call me back", "I'd rather be called back"),
    "how_long": ("how long", "how long will it take", "how much longer", "where am I in the queue"),
    "leave_message": ("leave a message", "I want to leave a message", "take a message", "voicemail"),
}


class Site(Shape):
    """``site.yaml``: what all flows share."""

    company: str
    entry: Name
    """The flow every call begins with."""
    language: str = "en"
    voice: str = ""
    time_zone: str
    """Name such as Europe/London; dates in prompts are in it."""
    numbers: dict[str, Name] = Field(default_factory=dict)
    """Called number to flow, where not ``entry``."""
    timers: Timers = Timers()
    misses_per_step: int = Field(3, ge=1, le=10)
    misses_per_call: int = Field(5, ge=1, le=30)
    agent_queue: Name
    """Where a caller goes who asks for a person, or whom the machine does not understand."""
    queues: dict[Name, Queue]
    hand_back: dict[Name, Name] = Field(default_factory=dict)
    """What an agent may hand a caller back to the machine for, and the flow that does it."""
    screen: dict[Name, ScreenPart] = Field(default_factory=dict)
    """What the agent sees of the customer, in this order."""
    wrap_up_codes: Texts = ("solved", "to be followed up", "wrong queue", "nobody on the line")
    mood: Mood = Mood()
    may_dial: Texts = ()
    """Beginnings of the numbers and SIP addresses that agents may ring besides their colleagues, such as ``+44``
    or ``sip:lab@``; none: colleagues only."""
    callback_countries: Texts = ()
    """Calling codes that may be called back besides the number the call came from, such as ``+44``."""
    while_waiting: dict[Literal["call_me_back", "how_long", "leave_message"], Texts] = Field(
        default_factory=lambda: dict(WAITING_PHRASES)
    )
    """How callers say what works only while they wait for a person."""
    commands: dict[Literal["help", "repeat", "back", "restart", "agent"], Texts]
    """How callers say the commands that work everywhere."""
    prompts: SitePrompts
    file: str = ""
    """Where it was read from, for messages."""
    places: Places = Field(default_factory=dict, exclude=True, repr=False)


class Book(Shape):
    """Everything a call needs to run: the site and all its flows, checked, with one version."""

    site: Site
    flows: dict[Name, Flow]
    version: str
    """Content hash of all files, first 12 hex digits."""
