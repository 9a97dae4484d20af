"""One call of a talk as it happened: every event with what the dialogue made of it, through the real dialogue.

The state goes through JSON before every event, as it does on a call that another process carries on. Who brings
the events, and when, is ``text``'s and ``sound``'s business.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ivr.actions import Action, Lookup, Say
from ivr.dialogue.engine import decide
from ivr.dialogue.state import Frame, State, begin, from_json, to_json
from ivr.events import Event
from ivr.flow.site import Book
from ivr.rehearsal.read import Script
from ivr.rehearsal.world import World, started, with_hours

BUSY_TIMERS = frozenset({"keys", "turn", "resume", "filler", "lookup", "bridge"})
"""Timers that run while the machine still makes something of what the caller did."""

OPENING = -1
"""In place of the index of a turn: before the caller's first act."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One event and what came of it."""

    at_ms: int
    event: Event
    actions: tuple[Action, ...]
    state: State
    """After it."""
    path: tuple[tuple[Frame, str], ...]
    """The ways through the steps: where the call stood, and where it went."""


@dataclass(slots=True)
class Beat:
    """One turn as it was acted: what the caller did, and what followed until the machine was quiet."""

    index: int
    """Of the turn in the talk, or ``OPENING``; several beats may belong to one, see ``Whenever``."""
    act: str
    """What the caller did, for a reader; empty: nothing yet."""
    first: int
    """The first of the call's moments that belong to it."""
    ended_ms: int = 0
    """When the caller's last sound or key was over."""
    answered_ms: int | None = None
    """When the machine's first word after that was heard; None: it said nothing."""


@dataclass(slots=True)
class Stage:
    """The call of one talk."""

    script: Script
    book: Book
    state: State
    world: World
    moments: list[Moment] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)

    @classmethod
    def of(cls, script: Script, book: Book) -> Stage:
        given = script.talk.given
        book = with_hours(book, given.hours)
        state = begin(book, started(script, book))
        if given.language is not None and given.language != book.site.language:
            state = replace(state, language=given.language)
        return cls(script, book, state, World(book, given))

    def tell(self, event: Event) -> tuple[Action, ...]:
        """Let the dialogue deal with an event; what is to be done then."""
        turn = decide(self.book, from_json(to_json(self.state)), event)
        self.state = turn.state
        actions = tuple(turn.actions)
        self.moments.append(Moment(event.at_ms, event, actions, turn.state, tuple(turn.path)))
        self.world.told(event)
        return actions

    def begin_beat(self, index: int, act: str) -> Beat:
        beat = Beat(index, act, len(self.moments))
        self.beats.append(beat)
        return beat

    def moments_of(self, beat: Beat) -> list[Moment]:
        """What happened from the caller's act to their next one."""
        place = self.beats.index(beat)
        end = self.beats[place + 1].first if place + 1 < len(self.beats) else len(self.moments)
        return self.moments[beat.first : end]

    @property
    def is_over(self) -> bool:
        return self.state.phase == "over"

    @property
    def is_quiet(self) -> bool:
        """Whether it is the caller's turn: the machine has said and done what it had to."""
        state = self.state
        if state.phase == "over":
            return True
        is_turn = state.phase in ("asking", "waiting", "called_back") and not self.world.is_coming()
        is_speaking = state.sound.is_speaking or any(prompt.phrases for prompt in state.sound.playing)
        return is_turn and not is_speaking and not BUSY_TIMERS.intersection(state.sound.timers)


def said(moments: list[Moment]) -> list[str]:
    """What the machine said, prompt by prompt."""
    return [
        " ".join(action.phrases) for moment in moments for action in moment.actions if isinstance(action, Say)
    ]


def asked(moments: list[Moment]) -> list[Lookup]:
    """The look-ups that were made."""
    return [action for moment in moments for action in moment.actions if isinstance(action, Lookup)]


def without_secrets(action: Lookup) -> dict[str, Any]:
    """The parameters of a look-up as a reader may see them."""
    return {name: "***" if name in action.secrets else value for name, value in action.parameters.items()}
