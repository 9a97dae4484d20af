"""A call of a test, driven by what the caller does, and its transcript.

The state goes through JSON before every event. The line is played here: a hush cuts what plays.
"""

from __future__ import annotations

from typing import Any

from ivr.actions import (
    Action,
    BookCallback,
    Bridge,
    CancelTimer,
    CheckQueue,
    Dequeue,
    Divert,
    Enqueue,
    Hangup,
    Hush,
    LeaveMessage,
    Listen,
    Lookup,
    Play,
    Record,
    Say,
    SetTimer,
    StopListening,
)
from ivr.dialogue.engine import handle, where
from ivr.dialogue.state import State, begin, from_json, to_json
from ivr.events import (
    AgentAnswered,
    AgentLeft,
    AgentOffered,
    AgentRefused,
    CallbackBooked,
    CallEnded,
    CallResumed,
    CallStarted,
    Event,
    HandFailed,
    Heard,
    Hypothesis,
    LookedUp,
    Overflowed,
    Pressed,
    PromptEnded,
    QueuePlaced,
    Recorded,
    Silent,
    SpeechStarted,
)
from ivr.flow.site import Book

PHRASE_MS = 1_500
STARTED = CallStarted(
    call_id="CA1", caller="+441632960001", called="+441632960000", started_at="2026-11-23T10:00:00+00:00"
)


class Talk:
    """One call, driven by what the caller does."""

    def __init__(self, book: Book, state: State | None = None) -> None:
        """``state``: of a call that does not begin as any other."""
        self.book = book
        self.state: State = state or begin(book, STARTED)
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
                case Record():
                    self.records = [action]
                case Say() | Play():
                    self.playing.append(action)
                case Hush():
                    cut, self.playing = self.playing, []
        answer = self.last
        for index, prompt in enumerate(cut):
            self.ends(prompt, self._played if index == 0 else 0)
        self.last = answer

    _played = 0
    records: list[Record]

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

    @property
    def ticket_id(self) -> str:
        assert self.state.waiting is not None
        return self.state.waiting.ticket.ticket_id

    def placed(
        self, position: int, after_ms: int = 50, wait_m: tuple[float, float] = (0, 0), **more: Any
    ) -> None:
        """``wait_m``: the expected wait in minutes."""
        self.at_ms += after_ms
        low, high = (round(minutes * 60_000) for minutes in wait_m)
        self.news(
            QueuePlaced, position=position, size=max(3, position), wait_low_ms=low, wait_high_ms=high, **more
        )

    def news(self, kind: type, after_ms: int = 0, **more: Any) -> None:
        """News of the line about this caller's ticket."""
        self.at_ms += after_ms
        self.emit(kind(at_ms=self.at_ms, ticket_id=self.ticket_id, **more))

    def answered(self, offer_id: str = "O1") -> None:
        """A person accepts."""
        self.news(AgentAnswered, 2_000, offer_id=offer_id, room=f"room-{offer_id}", agent_name="Bea")

    def left(self, reason: str, target: str = "", **fields: Any) -> None:
        """The person is gone, and the caller's line is a new stream of ours."""
        self.playing = []
        self.news(AgentLeft, reason=reason, target=target, agent_name="Bea", fields=fields)

    def recorded(self, duration_ms: int, text: str = "") -> None:
        self.at_ms += duration_ms
        recording_id = next(each.recording_id for each in self.records if isinstance(each, Record))
        self.emit(Recorded(at_ms=self.at_ms, recording_id=recording_id, duration_ms=duration_ms, text=text))

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


class Line:
    """What a line would be playing and timing, by the actions alone."""

    def __init__(self) -> None:
        self.playing: set[str] = set()
        self.timers: set[str] = set()

    def before(self, event: Event, phase: str) -> None:
        match event:
            case PromptEnded():
                self.playing.discard(event.prompt_id)
            case HandFailed(action="say" | "play"):
                self.playing.discard(event.ref)
            case Silent():
                self.timers.discard(event.timer)
            case CallResumed():
                self.playing, self.timers = set(), set()
            case AgentLeft() if phase == "bridged":
                self.playing, self.timers = set(), set()

    def after(self, actions: tuple[Action, ...]) -> None:
        for action in actions:
            match action:
                case Say() | Play():
                    self.playing.add(action.prompt_id)
                case Hush():
                    self.playing.clear()
                case SetTimer():
                    self.timers.add(action.timer)
                case CancelTimer():
                    self.timers.discard(action.timer)


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
            wait = f", {event.wait_low_ms // 1000} to {event.wait_high_ms // 1000} s" * (
                event.wait_high_ms > 0
            )
            return f"> place {event.position} of {event.size}{wait}" + ", nobody there" * (
                not event.has_agents
            )
        case Overflowed():
            return f"> overflow to {event.to} ({event.why}), in {event.queue}"
        case AgentOffered():
            return f"> a phone rings ({event.offer_id})"
        case AgentRefused():
            return f"> {event.offer_id} refused: {event.reason}, {event.tries} so far"
        case AgentAnswered():
            return f"> {event.agent_name} accepts ({event.offer_id})"
        case AgentLeft():
            return f"> {event.agent_name} left: {event.reason} {event.target} {event.fields or ''}".rstrip()
        case CallbackBooked():
            return f"> callback booked: {event.is_booked} {event.reason}".rstrip()
        case Recorded():
            return f"> recorded {event.duration_ms} ms: {event.text!r}"
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
            names = [slot.name for slot in expect.slots]
            names += [o.name for o in expect.options or (() if expect.slots else expect.commands)]
            return f"listen for {expect.kind}: " + ", ".join(names)
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
                + f" priority={t.priority}" * (t.priority > 0)
                + f" mood={t.mood}" * (t.mood not in ("", "calm"))
                + f" done={list(t.done)}" * bool(t.done)
            )
        case CheckQueue():
            return "check queue"
        case BookCallback():
            return f"book a callback to {action.number}"
        case Record():
            return f"record {action.recording_id} for {action.max_ms}"
        case LeaveMessage():
            return f"leave message {action.recording_id} of {action.duration_ms} ms: {action.text!r}"
        case Bridge():
            return f"bridge to {action.room}"
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
