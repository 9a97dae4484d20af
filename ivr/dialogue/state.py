"""All that a call is, as one frozen value that goes through JSON after every event.

Only shape and serialisation live here. A state names the book version it began with and goes on under it. What
changes many times an event has no slots, so that ``changed`` can copy it whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from ivr.actions import BargeIn, MoodEvidence, Ticket, TurnNote
from ivr.errors import StoreError
from ivr.events import CallStarted, Voice
from ivr.flow.model import Identity
from ivr.flow.site import Book
from ivr.flow.words import PROFILE

_Value = TypeVar("_Value")

VERSION = 2
PACES = (1.0, 0.85, 0.7)
"""Of the voice's usual rate, each slower than the one before."""
Phase = Literal[
    "starting", "telling", "asking", "looking_up", "waiting", "bridged", "called_back", "leaving", "over"
]
"""starting: nothing said yet. telling: a prompt that nothing may stop is played to its end.
asking: the caller may answer. looking_up: the company's data is asked. waiting: in line for a person.
bridged: with a person, or on the way to them; the machine's stream may be gone.
called_back: we rang, as the caller had asked, and wait for a yes.
leaving: the last words are on their way. over: the line is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where one flow of the stack stands."""

    flow: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question the caller was asked, to go back to; ``field`` is what it filled, or empty."""

    stack: tuple[Frame, ...]
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt on its way to the caller's ear. ``phrases`` is empty for music."""

    prompt_id: str
    phrases: tuple[str, ...] = ()
    barge_in: BargeIn = "speech"
    played: int | None = None
    """Phrases heard whole, once it was cut and that has been reported."""


@dataclass(frozen=True, kw_only=True)
class Sound:
    """What is on the line in both directions."""

    playing: tuple[Prompt, ...] = ()
    hushed: tuple[Prompt, ...] = ()
    """Cut by the caller's voice; said again from the cut when it was only noise."""
    is_resuming: bool = False
    """True while the place of the cut has not been reported yet, and the prompt is to go on from there."""
    is_speaking: bool = False
    is_listening: bool = False
    timers: tuple[str, ...] = ()
    failures: int = 0
    """Prompts in a row that could not be played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A value that was understood and is not taken yet: to be looked for in the data, or asked back."""

    field: str
    value: str
    """As text (``nlu.values.as_text``)."""
    confidence: float
    """0..1."""
    before: str = ""
    """The value it takes the place of, as text."""
    is_keyed: bool = False
    is_sure: bool = False
    """True once the caller has said that it is right."""
    is_found: bool = False
    """True once the company's data has it, or could not be asked."""
    others: tuple[str, ...] = ()
    """What else it may have been, likeliest first, for when this one does not exist."""
    is_second: bool = False
    """True where another one sounded likelier and does not exist: it is always read back."""
    part: str = ""
    """What was heard of a longer string: the rest is waited for where none like it exists."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One stay at a question: its counters are forgotten when the step is left."""

    no_input: int = 0
    no_match: int = 0
    helps: int = 0
    noises: int = 0
    strange: int = 0
    """How often words were surely heard here that are none of the question's; also counted in ``no_match``."""
    is_asked: bool = False
    """False while keys typed ahead answer the question before it is put."""
    entry: str = ""
    """Digits so far, keyed or spoken."""
    is_keyed: bool = False
    """True while the entry comes from keys: what is mumbled along with them is no second entry."""
    is_starred: bool = False
    """True when the last key was ``*``: a second one clears the entry."""
    doubt: str = ""
    """What was understood but not surely: the question on the line is whether that is right."""
    denied: tuple[str, ...] = ()
    """Choices the caller has called wrong here; not offered again."""
    field: str = ""
    """Of a form: the field that is asked for; empty while its opening question is on the line."""
    stage: Literal["ask", "read_back", "change"] = "ask"
    """Of a form: fields are asked for; all is read back; which field to change is asked."""
    told: str = ""
    """The field whose value the caller was told in passing before this question: a no is about that."""
    guesses: tuple[Guess, ...] = ()
    """Values of the last answer still to be settled; a ``doubt`` is about the first."""
    refusals: int = 0
    """Values understood here that the caller has called wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A flow that runs because of where the call stands, which goes on there when it is done."""

    kind: str
    """A pattern, or ``identify``."""
    flow: str = ""
    below: tuple[Frame, ...] = ()
    """Where the call stood."""
    then: Literal["ask", "again", "go", "enter", "transfer", "leave"]
    """ask: the question is asked again. again: all since the caller's last answer is said again. go: on at
    ``target``. enter: the step there, if the caller is known well enough by now. transfer: to the queue ``target``.
    leave: the end of the call, with the outcome ``target``."""
    target: str = ""
    texts: tuple[str, ...] = ()
    """ask: said before the question (``is_own``: in its place). transfer: the reason."""
    is_own: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    """What its templates may read besides."""
    visit: Visit = Visit()
    """Of the question it broke into."""
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How well the caller is known, by what (path of a field to its value): it holds while that stays so."""

    level: Identity
    by: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a waiting caller and the machine are settling besides the wait, over the music."""

    kind: Literal[
        "offer_callback", "offer_message", "confirm_number", "ask_number", "booking", "record", "recording",
        "keeping",
    ]  # fmt: skip
    """offer_*, confirm_number: yes or no is awaited. ask_number: a telephone number. booking: the queue is asked.
    record: the caller is told to speak. recording: they speak. keeping: they hear that it is kept."""
    number: str = ""
    """To be called back, E.164."""
    entry: str = ""
    """Digits keyed so far."""
    misses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A place in line."""

    ticket: Ticket
    joined_at_ms: int = 0
    """On the call's clock."""
    place: int = 0
    """0 until known; 1 is next."""
    wait_low_ms: int = 0
    wait_high_ms: int = 0
    """How much longer it will take; both 0 where nothing is known."""
    has_agents: bool = True
    """False once the caller was told that nobody is there."""
    said_place: int = 0
    """0 until said."""
    said_high: int = 0
    """The longest wait the caller was told, in minutes."""
    said_at_ms: int = 0
    rang_at_ms: int | None = None
    """When the caller was last told that a phone rings."""
    told_offer: str = ""
    """The offer they were told of, until it has ended."""
    overflows: tuple[str, ...] = ()
    """What was offered already, and why: each once."""
    errand: Errand | None = None
    failures: int = 0
    offer_id: str = ""
    """The offer that was accepted, once one was."""
    room: str = ""
    """Where the person waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A call of ours to someone who asked for it."""

    ticket: Ticket
    is_refused: bool = False
    """True once they said that now is no good time: the question is whether we call again."""
    misses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of something the caller said or keyed: for the records. Holds no value."""

    how: Literal["taken", "doubted", "confirmed", "denied", "unmatched", "command"]
    """taken: it was acted on. doubted: it was asked back. confirmed, denied: the caller called right or wrong what
    was asked back, told or read back. unmatched: it fitted nothing. command: a universal one."""
    step: str
    """The question it answered, as ``flow.step``."""
    name: str = ""
    """The choice or command."""
    field: str = ""
    """The field whose value it was; of a secret nothing is told."""
    is_keyed: bool = False


@dataclass(frozen=True, kw_only=True)
class State:
    """One call. ``version`` is of this shape; ``book_version`` of the flows it runs."""

    version: int = VERSION
    call_id: str
    caller: str
    called: str
    started_at: str
    """Wall time of the start, ISO 8601 with offset."""
    book_version: str
    at_ms: int = 0
    """Time of the last event, on the call's clock."""
    phase: Phase = "starting"
    stack: tuple[Frame, ...] = ()
    """Outermost flow first."""
    asides: tuple[Aside, ...] = ()
    """Innermost last."""
    history: tuple[Question, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    """Answers of the caller by field, and answers of look-ups by name."""
    secrets: tuple[str, ...] = ()
    """Names of fields that no log, ticket or prompt may show."""
    denied: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Values the caller has called wrong, and guesses that do not exist, by field."""
    heard: dict[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)
    """By field the strings of digits as they last sounded, each with its chance, while none is taken."""
    guessed: int = 0
    """Strings looked for in the company's data that were not what sounded likeliest."""
    intent: str = ""
    reason: str = ""
    """The last of its intents that something was done for."""
    identity: Identity = "none"
    """The highest level of ``proofs``."""
    proofs: tuple[Proof, ...] = ()
    name: str = ""
    misses: int = 0
    visit: Visit = Visit()
    sound: Sound = Sound()
    keys: str = ""
    """Typed ahead, for the next questions."""
    is_hash_due: bool = False
    """True after an entry that was complete without its ``#``: one that follows is no new input."""
    said: tuple[str, ...] = ()
    """Phrases since the caller's last answer, for "repeat"."""
    turns: tuple[TurnNote, ...] = ()
    lookup_id: str = ""
    waiting: Waiting | None = None
    callback: Callback | None = None
    """What this call of ours is about, until the caller has said whether they want a person now."""
    done: tuple[str, ...] = ()
    """What the machine did so far, in words for an agent."""
    mood: MoodEvidence | None = None
    """The most upset the caller has been."""
    moods: tuple[float, ...] = ()
    """How upset the caller's last words were, each by themselves."""
    voices: tuple[Voice, ...] = ()
    """The caller's own beginning, which a raised voice is held against."""
    is_mood_told: bool = False
    """True once the caller was told that their voice is listened to."""
    topics: tuple[str, ...] = ()
    """Topics that the caller was sent to a person for."""
    is_soothed: bool = False
    """True once an upset caller was sent to a person; done once a call."""
    agent: str = ""
    """Name of the person the caller last spoke to."""
    exit: Literal["", "hangup", "divert", "bridge"] = ""
    outcome: str = ""
    counter: int = 0
    """Ids given so far."""
    language: str = ""
    """What is spoken; empty: the site's own."""
    pace: float = 1.0
    """Of the voice's usual rate; lower after "slower"."""
    profile: dict[str, Any] = field(default_factory=dict)
    """What is known of the caller from earlier calls, with their consent."""
    verdicts: tuple[Verdict, ...] = ()
    """What the last event decided about the caller's words or keys."""
    spoken: int = 0
    keyed: int = 0
    """Answers of the caller that were taken, secrets aside."""
    keeps: tuple[str, ...] = ()
    """Parts of a profile that the caller has agreed to have kept."""


STATE: TypeAdapter[State] = TypeAdapter(State)


def changed(value: _Value, **changes: Any) -> _Value:
    """As ``dataclasses.replace``, for a State, Sound or Visit: a tenth of the time, ten times an event."""
    if not changes.keys() <= value.__dict__.keys():
        raise TypeError(f"{type(value).__name__} has no {', '.join(changes.keys() - value.__dict__.keys())}")
    made = object.__new__(type(value))
    made.__dict__.update(value.__dict__, **changes)
    return made


def begin(book: Book, event: CallStarted) -> State:
    """The state of a call nothing has happened on yet; hand it to ``handle`` with the same event.

    A known caller's language and pace hold from the first word, and what they agreed to have kept goes on so.
    """
    language, pace = event.profile.get("language"), event.profile.get("pace")
    return State(
        call_id=event.call_id,
        caller=event.caller,
        called=event.called,
        started_at=event.started_at,
        book_version=book.version,
        at_ms=event.at_ms,
        profile=event.profile,
        language=language if language in book.site.languages else "",
        pace=pace if pace in PACES else PACES[0],
        keeps=tuple(part for part in PROFILE if part in event.profile),
    )


def to_json(state: State) -> str:
    return STATE.dump_json(state).decode()


def from_json(text: str | bytes) -> State:
    """Read a state. Raises StoreError where it is of another version or not a state at all."""
    try:
        version = json.loads(text)["version"]
    except (ValueError, TypeError, KeyError):
        raise StoreError("found something that is no call state; wanted JSON with a version") from None
    if version != VERSION:
        raise StoreError(
            f"found a call state of version {version!r}; wanted {VERSION}. Let calls end before an update"
        )
    try:
        return STATE.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise StoreError(f"found a call state that cannot be read: {place}: {first['msg']}") from None
