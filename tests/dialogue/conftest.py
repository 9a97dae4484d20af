"""A conversation written as a test: what the caller does, and a transcript of what the dialogue answers.

The state goes through JSON before every event. The line is played here: a hush cuts what plays.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ivr.actions import (
    Action,
    CancelTimer,
    CheckQueue,
    Dequeue,
    Divert,
    Enqueue,
    Hangup,
    Hush,
    Listen,
    Lookup,
    Play,
    Say,
    SetTimer,
    StopListening,
)
from ivr.dialogue.engine import handle, where
from ivr.dialogue.state import State, begin, from_json, to_json
from ivr.events import (
    CallEnded,
    CallResumed,
    CallStarted,
    Event,
    HandFailed,
    Heard,
    Hypothesis,
    LookedUp,
    Pressed,
    PromptEnded,
    QueuePlaced,
    Silent,
    SpeechStarted,
)
from ivr.flow.load import load
from ivr.flow.model import Book

GOLDENS = Path(__file__).parent / "goldens"
PHRASE_MS = 1_500
STARTED = CallStarted(
    call_id="CA1", caller="+441632960001", called="+441632960000", started_at="2026-11-23T10:00:00+00:00"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the goldens anew; read the difference")


@pytest.fixture(scope="session")
def book() -> Book:
    """A copy of the sample company, so that a designer's change of words changes no golden here."""
    return load(Path(__file__).parent / "flows")


class Talk:
    """One call, driven by what the caller does."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.state: State = begin(book, STARTED)
        self.at_ms = 0
        self.playing: list[Say | Play] = []
        self.lines: list[str] = []
        self.last: tuple[Action, ...] = ()
        self.emit(STARTED)

    def emit(self, event: Event) -> None:
        self.state, self.last = handle(self.book, from_json(to_json(self.state)), event)
        self.lines += ["", f"{_event(event)}    @{where(self.state)} {self.state.phase}"]
        self.lines += [f"    {_action(action)}" for action in self.last]
        cut: list[Say | Play] = []
        for action in self.last:
            match action:
                case Say() | Play():
                    self.playing.append(action)
                case Hush():
                    cut, self.playing = self.playing, []
        answer = self.last
        for index, prompt in enumerate(cut):
            self.ends(prompt, self._played if index == 0 else 0)
        self.last = answer

    _played = 0

    def ends(self, prompt: Say | Play, played: int | None = None) -> None:
        self.playing = [other for other in self.playing if other is not prompt]
        count = len(prompt.phrases) if isinstance(prompt, Say) else 0
        ended = count if played is None else played
        self.at_ms += PHRASE_MS * ended
        self.emit(
            PromptEnded(
                at_ms=self.at_ms, prompt_id=prompt.prompt_id, played=ended, is_finished=played is None
            )
        )

    def hears(self) -> None:
        """Everything on its way is heard to its end (of music: one turn of the clip)."""
        for prompt in list(self.playing):
            self.ends(prompt)

    def starts_to_speak(self, played: int = 0) -> None:
        """``played``: phrases of the first prompt that were heard whole by then."""
        self._played = played
        self.at_ms += 300
        self.emit(SpeechStarted(at_ms=self.at_ms))
        self._played = 0

    def says(self, *texts: str, confidence: float = 0.95) -> None:
        self.starts_to_speak()
        self.utters(*texts, confidence=confidence)

    def utters(self, *texts: str, confidence: float = 0.95, is_cut: bool = False) -> None:
        self.at_ms += 1_200
        readings = tuple(
            Hypothesis(text=text, confidence=confidence - 0.1 * n) for n, text in enumerate(texts)
        )
        self.emit(Heard(at_ms=self.at_ms, hypotheses=readings, is_cut=is_cut))

    def presses(self, keys: str) -> None:
        for key in keys:
            self.at_ms += 200
            self.emit(Pressed(at_ms=self.at_ms, key=key))

    def waits(self, timer: str, ms: int = 1_000) -> None:
        self.at_ms += ms
        assert timer in self.state.sound.timers, f"no timer {timer} is set: {self.state.sound.timers}"
        self.emit(Silent(at_ms=self.at_ms, timer=timer))

    def looked_up(self, is_found: bool = True, **fields: Any) -> None:
        self.at_ms += 50
        self.emit(
            LookedUp(at_ms=self.at_ms, lookup_id=self.state.lookup_id, is_found=is_found, fields=fields)
        )

    def fails(self, action: str, ref: str = "") -> None:
        self.at_ms += 50
        self.emit(HandFailed(at_ms=self.at_ms, action=action, ref=ref, reason="test"))

    def placed(self, position: int, after_ms: int = 50) -> None:
        self.at_ms += after_ms
        assert self.state.waiting is not None
        self.emit(
            QueuePlaced(
                at_ms=self.at_ms,
                ticket_id=self.state.waiting.ticket.ticket_id,
                position=position,
                size=max(3, position),
            )
        )

    def resumes(self) -> None:
        self.playing = []
        self.emit(CallResumed(at_ms=self.at_ms))

    def hangs_up(self) -> None:
        self.playing = []
        self.emit(CallEnded(at_ms=self.at_ms))

    def of(self, kind: type) -> list[Any]:
        """The actions of one class that the last event led to."""
        return [action for action in self.last if isinstance(action, kind)]

    def words(self) -> str:
        """What is on its way to the caller's ear."""
        return " ".join(" ".join(prompt.phrases) for prompt in self.playing if isinstance(prompt, Say))


@pytest.fixture
def talk(book: Book) -> Talk:
    return Talk(book)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Talk], None]:
    """Compares a conversation with the golden named after the test."""

    def check(talk: Talk) -> None:
        path = GOLDENS / f"{request.node.name.removeprefix('test_')}.txt"
        text = "\n".join(talk.lines).lstrip() + "\n"
        if request.config.getoption("--update", default=False):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing: pytest tests/dialogue --update"
        assert text == path.read_text(encoding="utf-8")

    return check


def _event(event: Event) -> str:
    match event:
        case CallStarted():
            return "> the phone rings"
        case CallResumed():
            return "> the line is back"
        case SpeechStarted():
            return "> speech begins"
        case Heard():
            said = " | ".join(f'"{h.text}" {h.confidence:.2f}' for h in event.hypotheses) or "noise"
            return f"> heard {said}" + (" (cut)" if event.is_cut else "")
        case Pressed():
            return f"> pressed {event.key}"
        case Silent():
            return f"> timer {event.timer} ran out"
        case PromptEnded():
            how = "to its end" if event.is_finished else f"cut after {event.played}"
            return f"> {event.prompt_id} was heard {how}"
        case LookedUp():
            return f"> {event.lookup_id} answered {event.fields if event.is_found else 'no such thing'}"
        case HandFailed():
            return f"> failed: {event.action} {event.ref}"
        case QueuePlaced():
            return f"> place {event.position} of {event.size}"
        case CallEnded():
            return f"> call ended: {event.reason}"


def _action(action: Action) -> str:
    match action:
        case Say():
            how = "" if action.barge_in == "speech" else f" [{action.barge_in}]"
            return f"say {action.prompt_id}{how}: " + " / ".join(action.phrases)
        case Play():
            return f"play {action.prompt_id} {action.clip}"
        case Listen():
            expect = action.expect
            if expect.kind == "digits":
                return f"listen for {expect.min_digits} to {expect.max_digits} digits" + (
                    " (secret)" if expect.is_secret else ""
                )
            return f"listen for {expect.kind}: " + ", ".join(o.name for o in expect.options)
        case SetTimer():
            return f"timer {action.timer} {action.after_ms}"
        case CancelTimer():
            return f"no timer {action.timer}"
        case Lookup():
            shown = {k: "***" if k in action.secrets else v for k, v in action.parameters.items()}
            return f"look up {action.lookup_id} {action.name} {shown}"
        case Enqueue():
            t = action.ticket
            return (
                f"enqueue {t.ticket_id} in {t.queue}: {t.reason} intent={t.intent} identity={t.identity} "
                f"fields={sorted(t.fields)} turns={len(t.turns)}"
            )
        case CheckQueue():
            return "check queue"
        case Dequeue():
            return f"dequeue: {action.reason}"
        case Divert():
            return f"divert: {action.reason}"
        case Hangup():
            return f"hang up: {action.outcome}"
        case Hush():
            return "hush"
        case StopListening():
            return "stop listening"
