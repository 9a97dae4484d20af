"""What a flow file may say: the shape of a flow and its steps.

A step is one YAML mapping whose verb (``say``, ``ask``, ``collect`` ...) tells what it does. Only shapes live
here (a site's in ``site``): reading files is ``load``, judging them ``check``, rendering words
``template``; what a step does is ``dialogue``.
"""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

from pydantic import Field

from ivr.actions import BargeIn
from ivr.flow.kinds import Duration, Key, Name, Shape, Texts

DONE = "done"
"""The target that ends a flow: back to the flow that ran it; at the outermost flow, the call's goodbye."""

Identity = Literal["none", "caller_id", "pin", "agent"]
"""How well a caller is known, each level above the one before: by the number they call from (which can be
forged), by a PIN, or because a person has checked."""
IDENTITIES: tuple[Identity, ...] = get_args(Identity)

FieldType = Literal[
    "digits", "number", "money", "date", "time", "letters", "yes_no", "choice", "name", "phone"
]
"""What a field may hold. In the call's fields: digits and letters a text ("40718264", "AB12"); number an int or
float; money a decimal text ("105.20"); date ISO ("2026-12-03"); time "17:30"; yes_no true or false; choice the
option's name; name a text; phone E.164."""
Confirmation = Literal["auto", "never", "implicit", "explicit"]
"""Whether a value is asked back: by how surely it was understood; never; told in passing; always asked."""

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
    """The key of the phone that chooses it."""
    next: str
    """Where it leads."""


class Step(Shape):
    """What every step has."""

    verb: ClassVar[str]
    note: str = ""
    """For colleagues; never spoken."""
    needs: Identity = "none"
    """How well the caller must be known to come here; who is not is led through ``identify`` of the site first."""
    if_refused: str | None = None
    """Where a caller goes who could not be identified so well; without it, a person."""


class Spoken(Step):
    """What every step has that speaks and is listened to."""

    barge_in: BargeIn = "speech"
    """What stops the words: any speech, only a command or a choice (``hotword``), or nothing but a key (``off``)."""
    voice: str = ""
    """Who speaks; without it, the flow's or the site's voice."""
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
    """Said to who asks for help; without it the site's words."""
    timers: Timers = Timers()
    """How long is waited here."""


class Say(Step):
    """Say something and go on."""

    verb = "say"
    say: str
    """The words."""
    barge_in: BargeIn = "speech"
    """What stops the words: any speech, only a command (``hotword``), or nothing but a key (``off``)."""
    voice: str = ""
    """Who speaks; without it, the flow's or the site's voice."""
    did: str = ""
    """What an agent reads of it under "done so far", such as "gave the balance"."""
    next: str
    """Where it goes on."""


class Ask(Spoken):
    """Ask, and go on by what the caller chose."""

    verb = "ask"
    ask: str
    """The question."""
    choices: dict[Name, Choice] = Field(min_length=1)
    """What may be answered, each with a name."""
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


class Value(Shape):
    """What one field may hold."""

    type: FieldType = "digits"
    """What kind of value."""
    digits: int | None = Field(None, ge=1, le=32)
    """Exactly so many digits (or letters); or give ``min`` and ``max``."""
    min: int | None = Field(None, ge=1, le=32)
    """The fewest digits (or letters)."""
    max: int | None = Field(None, ge=1, le=32)
    """The most digits (or letters)."""
    at_least: str | None = None
    """The least number, amount, day or time; a day as ISO or ``today``, ``today+3``."""
    at_most: str | None = None
    """The most, written as ``at_least``."""
    currency: str = Field("GBP", pattern=r"^[A-Z]{3}$")
    """Of money (ISO 4217)."""
    country: str = Field("+44", pattern=r"^\+[1-9][0-9]{0,3}$")
    """Of phone numbers said without a country code."""
    options: dict[Name, Texts] = Field(default_factory=dict)
    """Of a ``choice``: names, each with ways to say it."""
    exists: Name | None = None
    """A look-up with one parameter that must find the value, or it is as wrong as a false check digit."""
    confirm: Confirmation = "auto"
    """Whether it is asked back: by how surely it was understood, never, told in passing, always."""
    ends_with: Literal["#", ""] = "#"
    """The key that ends the string early; \"\" for none."""
    check: Literal["luhn", "gs1"] | None = None
    """The check digit the string must carry."""
    secret: bool = False
    """True for what no log may ever hold (PIN)."""

    def bounds(self) -> tuple[int, int]:
        """Fewest and most digits."""
        if self.digits is not None:
            return self.digits, self.digits
        return self.min or 1, self.max or self.min or 32


class Collect(Value, Spoken):
    """Collect one value, spoken or keyed, into a field."""

    verb = "collect"
    collect: Name
    """The name of the field that keeps it."""
    ask: str
    """The question."""
    next: str
    """Where it goes on."""


class FormField(Value):
    """One field of a form."""

    ask: str
    """Asked where the opening question did not bring it."""
    label: str = ""
    """How it is called when the caller is asked what to change; without it, its name."""
    no_input: Texts = ()
    """Said after silence; without it the site's words."""
    no_match: Texts = ()
    """Said after words that fit nothing; without it the site's words."""
    help: str = ""
    """Said to who asks for help; without it the site's words."""
    is_optional: bool = Field(False, alias="optional")
    """True where it is taken when said, but not asked for."""


class Form(Spoken):
    """Collect several values, in any order, as many in one sentence as the caller gives; then go on."""

    verb = "form"
    form: dict[Name, FormField] = Field(min_length=1)
    """The fields by name."""
    ask: str = ""
    """The opening question; without it, that of the first field."""
    confirm: str = ""
    """Read back when all is known, as a yes-or-no question; a no, or a correction, leads back into the form."""
    next: str
    """Where it goes on when all is known."""


class Confirm(Spoken):
    """Ask yes or no. Going to ``no`` forgets the ``of`` field, and that value is not offered again."""

    verb = "confirm"
    confirm: str
    """The question."""
    of: Name | None = None
    """The field being confirmed."""
    yes: str
    """Where a yes leads."""
    no: str
    """Where a no leads."""


class LookUp(Step):
    """Ask the company's data. The answer's fields stand under ``into`` (default: the look-up's name)."""

    verb = "look_up"
    look_up: Name
    """The look-up."""
    with_: dict[Name, str] = Field(default_factory=dict, alias="with")
    """Parameters; each a template."""
    into: Name | None = None
    """The name under which the answer stands."""
    found: str
    """Where to go when it was found."""
    not_found: str | None = None
    """Where to go when there is no such thing; without it, ``failed``."""
    failed: str
    """Where to go when the data could not be asked."""
    filler: str = ""
    """Said when the answer takes longer than 1.5 s; without it the site's words."""
    did: str | None = None
    """What an agent reads of it under "done so far"; without it, "looked up" and its name."""
    is_quiet: bool = Field(False, alias="quiet")
    """True where the caller has asked for nothing: nobody is told to wait, or that it failed."""
    changes: bool = False
    """True for what cannot be undone (a payment, a cancellation): lint wants a confirmation on the way to it."""
    proves: Identity | None = None
    """How well the caller is known once it was found and ``proves_if`` holds."""
    proves_if: str = ""
    """A condition on the answer, such as ``identity.verified``; empty: found is enough."""


class If(Step):
    """Go one way or the other by a condition on what is known."""

    verb = "if"
    if_: str = Field(alias="if")
    """The condition."""
    then: str
    """Where to go when it holds."""
    else_: str = Field(alias="else")
    """Where to go when not."""


class Run(Step):
    """Run another flow, then go on."""

    verb = "run"
    run: Name
    """The flow."""
    next: str
    """Where it goes on when that is done."""


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
    """More is sooner."""
    skills: Texts = ()
    """What the person must be good at; the least important last."""


class Set(Step):
    """Keep values under names, for later conditions and words."""

    verb = "set"
    set_: dict[Name, str] = Field(alias="set", min_length=1)
    """Name to template."""
    next: str
    """Where it goes on."""


class Language(Step):
    """Go on in another language of the site."""

    verb = "language"
    language: str
    """Its code, such as ``zh``."""
    next: str
    """Where it goes on."""


class Remember(Step):
    """Keep a profile of the caller across calls, from now on; only after they have agreed."""

    verb = "remember"
    remember: tuple[Literal["name", "language", "pace", "answers", "reason"], ...]
    """What of it is kept; none: everything kept is forgotten, and nothing is kept any more."""
    next: str
    """Where it goes on."""


class HangUp(Step):
    """Say goodbye and end the call."""

    verb = "hang_up"
    hang_up: str
    """The last words; \"\" for the site's goodbye."""
    outcome: Name = "completed"
    """How the call is counted."""


AnyStep = (
    Say | Ask | Collect | Form | Confirm | LookUp | If | Run | Transfer | Set | Language | Remember | HangUp
)
Question = Ask | Collect | Form | Confirm
"""The steps that wait for the caller."""
VERBS: dict[str, type[AnyStep]] = {
    kind.verb: kind
    for kind in (Collect, Form, Ask, Confirm, LookUp, If, Run, Transfer, Set, Language, Remember, HangUp, Say)
}
"""Verb to step; in this order, since ``collect`` and ``form`` steps also carry ``ask``, and ``transfer`` steps
``say``."""


class Flow(Shape):
    """One file: a named flow and its steps."""

    flow: Name
    """Its name."""
    about: str = ""
    """What it is for: for colleagues, and for people who send callers back to it."""
    start: Name
    """The step it begins with."""
    barge_in: BargeIn | None = None
    """For every step of it that says nothing else."""
    voice: str = ""
    """For every step of it that says nothing else."""
    timers: Timers = Timers()
    """For every step of it that says nothing else."""
    steps: dict[Name, AnyStep]
    """The steps by name."""
    file: str = ""
    """Where it was read from, for messages."""
    places: Places = Field(default_factory=dict, exclude=True, repr=False)
