"""What ``site.yaml`` may say: what all flows share, and the book that holds a site and its flows.

Only shapes live here (the words of a site in ``prompts``, a flow and its steps in ``model``).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ivr.actions import BargeIn
from ivr.flow.connectors import Connector
from ivr.flow.kinds import Day, Duration, LanguageCode, Name, Pause, Shape, Texts, Word
from ivr.flow.model import Flow, Identity, Places, Timers
from ivr.flow.prompts import SitePrompts

Strategy = Literal[
    "longest_idle", "ring_all", "fewest_calls", "round_robin", "least_talk", "linear", "random"
]
"""Which of the ready people is rung first (names as in Asterisk and FreeSWITCH)."""


class Overflow(Shape):
    """Where callers go whom a queue cannot serve: the name of another queue, ``callback`` or ``message``."""

    after: Pause = None
    """How long a caller waits before ``to`` is due; none: for ever."""
    to: Name = "callback"
    """A queue, ``callback`` or ``message``."""
    when_closed: Name | None = None
    """Where outside its hours."""
    when_nobody: Name | None = None
    """Where nobody is signed in for the queue."""
    when_full: Name | None = None
    """Where too many wait."""


class Queue(Shape):
    """A line of waiting callers."""

    name: str
    """As said to callers: "customer service"."""
    strategy: Strategy = "longest_idle"
    """Which of the people who are ready is rung first."""
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
    """So many may wait."""
    hours: dict[Day, str] | Name | None = None
    """When people serve it, such as ``mon: 08:00-18:00``, in the site's zone, or a name under ``hours`` of the
    site; a day left out is closed; none at all: always open. Read by ``hours.is_open``."""
    overflow: Overflow = Overflow()
    """Where callers go whom it cannot serve."""
    announce: Literal["place", "wait", "both", "none"] = "both"
    """What waiting callers are told."""
    then: Name | None = None
    """The flow that runs when the person has hung up and the caller is still there; none: goodbye."""


class Hours(Shape):
    """When something is open. A day left out is closed; so is a holiday of the site."""

    mon: str = ""
    tue: str = ""
    wed: str = ""
    thu: str = ""
    fri: str = ""
    sat: str = ""
    sun: str = ""
    """Spans of the day, such as ``08:00-12:00, 13:00-18:00``."""
    days: dict[str, str] = Field(default_factory=dict)
    """Single days that differ (ISO day to spans, empty for closed); they win over holidays."""
    zone: str = ""
    """Time zone; without it, the site's."""
    on_holidays: bool = False
    """True where holidays are as any day."""


Pattern = Literal["silence", "no_match", "repeat", "correction", "cannot_help", "goodbye", "survey"]
"""What happens on every call and a site may shape as a flow of its own. silence, no_match: before a question is
asked again. repeat: when the caller wants to hear it again. correction: a value was corrected (``field``, ``value``,
``before``). cannot_help: on the way to a person because the machine cannot go on (``why``). goodbye: in place of
the last words. survey: after a person has hung up and the queue names no other."""


class Tongue(Shape):
    """One more language of a site. Its words stand in files such as ``main.zh.yaml``."""

    voice: str = ""
    """A voice of the engine that speaks it."""
    name: str = ""
    """As its speakers call it."""


class ScreenPart(Shape):
    """One look-up whose answer the agent sees beside the call."""

    title: str
    """Its heading."""
    look_up: Name
    """The look-up."""
    with_: dict[Name, str] = Field(default_factory=dict, alias="with")
    """Parameters; each a template over the ticket's fields and ``caller``. One that cannot be filled: not shown."""


class Topic(Shape):
    """Something callers speak of that is for people."""

    phrases: Texts = ()
    """Words that name it, besides those that come with ``complaint``, ``legal``, ``medical``, ``threat`` and
    ``vulnerable``."""
    queue: Name | None = None
    """Where such callers go; without it, ``agent_queue``."""
    priority: int = Field(30, ge=0, le=100)
    """Of their ticket."""
    say: str = ""
    """Said before a person; without it, the prompt ``transfer``."""


class Mood(Shape):
    """When a caller counts as upset, and what goes to a person whatever the mood."""

    is_on: bool = Field(True, alias="on")
    """Whether mood is looked at."""
    is_voice_heard: bool = Field(False, alias="voice")
    """Whether a raised voice adds to the words; the caller is told so (prompt ``mood_notice``)."""
    threshold: float = Field(0.6, gt=0, le=1)
    """From how upset on, 0 to 1."""
    priority: int = Field(20, ge=0, le=100)
    """Added to the priority of whoever is upset."""
    transfer: bool = True
    """True where an upset caller goes to a person at once."""
    queue: Name | None = None
    """Where they go; without it, ``agent_queue``."""
    topics: dict[Name, Topic] = Field(default_factory=dict, max_length=20)
    """What goes to a person at once, upset or not; the first that fits counts."""


WAITING_PHRASES: dict[Literal["call_me_back", "how_long", "leave_message"], tuple[str, ...]] = {
    "call_me_back": ("call me back", "ring me back", "can you call me back", "I'd rather be called back"),
    "how_long": ("how long", "how long will it take", "how much longer", "where am I in the queue"),
    "leave_message": ("leave a message", "I want to leave a message", "take a message", "voicemail"),
}


class Site(Shape):
    """``site.yaml``: what all flows share."""

    company: str
    """Its name; ``{{ company }}`` in every text."""
    entry: Name
    """The flow every call begins with."""
    language: str = "en"
    """What callers are greeted in."""
    languages: dict[LanguageCode, Tongue] = Field(default_factory=dict, max_length=20)
    """Languages besides ``language``."""
    voice: str = ""
    """For every flow that says nothing else."""
    barge_in: BargeIn | None = None
    """For every flow that says nothing else."""
    time_zone: str
    """Name such as Europe/London; dates in prompts are in it."""
    hours: dict[Name, Hours] = Field(default_factory=dict)
    """Opening hours by name; templates read ``hours.NAME.is_open``, ``.opens``, ``.closes`` and ``.holiday``."""
    holidays: dict[str, str] = Field(default_factory=dict)
    """ISO day to its name."""
    patterns: dict[Pattern, Name] = Field(default_factory=dict)
    """What happens on every call, as flows of the site's own."""
    identify: dict[Identity, Name] = Field(default_factory=dict)
    """The flow that makes a caller known so well; for steps with ``needs``."""
    numbers: dict[str, Name] = Field(default_factory=dict)
    """Called number to flow, where not ``entry``."""
    timers: Timers = Timers()
    """For every flow that says nothing else."""
    misses_per_step: int = Field(3, ge=1, le=10)
    """How often a question is asked before a person takes over."""
    misses_per_call: int = Field(5, ge=1, le=30)
    """How often the machine may fail to understand in a whole call."""
    agent_queue: Name
    """Where a caller goes who asks for a person, or whom the machine does not understand."""
    queues: dict[Name, Queue]
    """The lines of waiting callers, by name."""
    hand_back: dict[Name, Name] = Field(default_factory=dict)
    """What an agent may hand a caller back to the machine for, and the flow that does it."""
    screen: dict[Name, ScreenPart] = Field(default_factory=dict)
    """What the agent sees of the customer, in this order."""
    wrap_up_codes: Texts = ("solved", "to be followed up", "wrong queue", "nobody on the line")
    """What agents may note as the result of a call."""
    mood: Mood = Mood()
    """When a caller counts as upset, and what then."""
    may_dial: Texts = ()
    """Beginnings of the numbers and SIP addresses that agents may ring besides their colleagues, such as ``+44``
    or ``sip:lab@``; none: colleagues only."""
    callback_countries: Texts = ()
    """Calling codes that may be called back besides the number the call came from, such as ``+44``."""
    while_waiting: dict[Literal["call_me_back", "how_long", "leave_message"], Texts] = Field(
        default_factory=lambda: dict(WAITING_PHRASES)
    )
    """How callers say what works only while they wait for a person."""
    commands: dict[Literal["help", "repeat", "slower", "back", "restart", "agent"], Texts]
    """How callers say the commands that work everywhere."""
    vocabulary: dict[Word, str | None] = Field(default_factory=dict, max_length=500)
    """Words of your own that callers say (names, streets, products), each with ordinary words that sound like it, or
    nothing where its letters tell."""
    prompts: SitePrompts
    """Words used wherever a step has none of its own."""
    file: str = ""
    """Where it was read from, for messages."""
    places: Places = Field(default_factory=dict, exclude=True, repr=False)


Part = Literal["re-ranking", "confirmation", "mood-text", "mood-voice"]
"""re-ranking: choosing among the strings of digits a caller may have said by length, check digit, what was said
before and the company's data. confirmation: asking back, telling in passing and reading back. mood-text,
mood-voice: a caller's words, or the sound of their voice, as signs of their mood."""


class Book(Shape):
    """Everything a call needs to run: the site and all its flows, checked, with one version."""

    site: Site
    flows: dict[Name, Flow]
    version: str
    """Content hash of all files, first 12 hex digits."""
    look_ups: dict[Name, Connector] = Field(default_factory=dict)
    """The company's data as described in ``look_ups.yaml``."""
    translations: dict[str, Book] = Field(default_factory=dict, exclude=True, repr=False)
    """The same book in each further language of the site."""
    without: tuple[Part, ...] = Field((), exclude=True, repr=False)
    """Parts of understanding that are left out."""

    def speaking(self, language: str) -> Book:
        """The book in a language; itself where it has no such translation."""
        return self.translations.get(language, self)

    def leaving_out(self, *parts: Part) -> Book:
        """The book with parts of understanding left out in every language, to measure what each is worth."""
        translations = {name: book.leaving_out(*parts) for name, book in self.translations.items()}
        return self.model_copy(update={"translations": translations, "without": parts})
