"""The caller of a talk: in which order they wait, speak, press keys and hang up.

Gives orders to whatever line carries the talk (``text`` or ``sound``), one at a time, and looks at the call before
the next one. It judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.rehearsal.model import Cue, Talk, Whenever
from ivr.rehearsal.stage import OPENING, Stage, said
from ivr.rehearsal.words import has, plain

REACTIONS = 5
"""How often in one turn the caller does what ``whenever`` says: more is a circle."""


@dataclass(frozen=True, slots=True)
class Begin:
    """The call is answered."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Wait until it is the caller's turn."""


@dataclass(frozen=True, slots=True)
class Overhear:
    """Wait until the machine has spoken for so long; or so long where it says nothing."""

    ms: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Be silent."""

    ms: int


@dataclass(frozen=True, slots=True)
class Speak:
    """Say these words; none: a sound without words."""

    text: str
    sure: float = 1.0


@dataclass(frozen=True, slots=True)
class Press:
    keys: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """The caller ends the call."""


Order = Begin | Settle | Overhear | Wait | Speak | Press | HangUp


def orders(stage: Stage) -> Iterator[Order]:
    """What the caller does, in order; each must be carried out before the next is asked for."""
    talk = stage.script.talk
    stage.begin_beat(OPENING, "")
    yield Begin()
    if talk.turns[0].interrupts is None:
        yield from _settled(stage, OPENING)
    for index, cue in enumerate(talk.turns):
        if not cue.is_act:
            continue
        if stage.is_over:
            return
        if cue.interrupts is not None:
            yield Overhear(cue.interrupts)
        stage.begin_beat(index, act_of(cue))
        yield _order(cue)
        following = next((each for each in talk.turns[index + 1 :] if each.is_act), None)
        if following is None or following.interrupts is None:
            yield from _settled(stage, index)
    if not stage.is_over:
        yield HangUp()


def act_of(cue: Cue | Whenever) -> str:
    """What the caller does, as the transcript shows it."""
    if cue.caller is not None:
        return cue.caller or "(a sound without words)"
    if cue.keys is not None:
        return f"[{cue.keys}]"
    if isinstance(cue, Cue) and cue.hangs_up:
        return "(hangs up)"
    return f"(silent for {(cue.silent or 0) / 1000:g} s)" if isinstance(cue, Cue) else ""


def _settled(stage: Stage, index: int) -> Iterator[Order]:
    """Wait for the caller's turn, and do what the talk says should come whenever certain words do."""
    yield Settle()
    for _ in range(REACTIONS):
        reaction = _reaction(stage, index)
        if reaction is None or stage.is_over:
            return
        stage.begin_beat(index, act_of(reaction))
        yield Speak(reaction.caller) if reaction.caller is not None else Press(reaction.keys or "")
        yield Settle()


def _reaction(stage: Stage, index: int) -> Whenever | None:
    """What the words of the last beat call for; words that the turn itself expects do not."""
    words = plain(" ".join(said(stage.moments_of(stage.beats[-1]))))
    expected = [
        text
        for cue in answered(stage.script.talk, index)
        for text in (*cue.bot, cue.bot_exactly or "", *cue.bot_one_of)
    ]
    for each in stage.script.talk.whenever:
        is_act = each.caller is not None or each.keys is not None
        is_expected = any(has(plain(text), word) for text in expected for word in each.bot)
        if is_act and not is_expected and all(has(words, text) for text in each.bot):
            return each
    return None


def answered(talk: Talk, index: int) -> list[Cue]:
    """The turn with an act at ``index`` (or ``OPENING``) and the turns after it that only expect."""
    own = [talk.turns[index]] if index != OPENING else []
    for cue in talk.turns[index + 1 :]:
        if cue.is_act:
            break
        own.append(cue)
    return own


def _order(cue: Cue) -> Order:
    if cue.caller is not None:
        return Speak(cue.caller, cue.sure)
    if cue.keys is not None:
        return Press(cue.keys)
    return HangUp() if cue.hangs_up else Wait(cue.silent or 0)
