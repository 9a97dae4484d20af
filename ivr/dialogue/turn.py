"""One event's worth of deciding: the state as it changes and the actions as they gather.

Lives only inside ``engine.handle``. Knows how to speak, listen and set timers; decides nothing.
"""

from __future__ import annotations

from typing import Any

from ivr.actions import (
    Action,
    BargeIn,
    CancelTimer,
    Dequeue,
    Divert,
    Hangup,
    Hush,
    Play,
    Say,
    SetTimer,
    StopListening,
    TurnNote,
)
from ivr.dialogue import words
from ivr.dialogue.state import Frame, Prompt, Sound, State, Verdict, changed
from ivr.flow.model import AnyStep, Spoken
from ivr.flow.model import Say as Telling
from ivr.flow.site import Book
from ivr.mask import mask_text

TURNS_KEPT = 10
"""Last turns that a ticket carries."""
DONE_KEPT = 10
"""Last things done that a ticket carries."""


class Turn:
    """Mutable only while one event is handled."""

    def __init__(self, book: Book, state: State) -> None:
        self._book = book
        self.state = state
        self.actions: list[Action] = []
        self.path: list[tuple[Frame, str]] = []
        """Where the call stood and where it went from there, each time it went on."""

    @property
    def book(self) -> Book:
        """In the caller's language."""
        return self._book.speaking(self.state.language)

    @property
    def main_language(self) -> str:
        return self._book.site.language

    @property
    def step(self) -> AnyStep:
        frame = self.state.stack[-1]
        return self.book.flows[frame.flow].steps[frame.step]

    def set(self, **changes: Any) -> None:
        self.state = changed(self.state, **changes)

    def set_visit(self, **changes: Any) -> None:
        self.set(visit=changed(self.state.visit, **changes))

    def set_sound(self, **changes: Any) -> None:
        self.set(sound=changed(self.state.sound, **changes))

    def stand(self, step: str) -> None:
        """Move the innermost flow to a step."""
        *outer, frame = self.state.stack
        self.set(stack=(*outer, Frame(flow=frame.flow, step=step)))

    def new_id(self, letter: str) -> str:
        self.set(counter=self.state.counter + 1)
        return f"{letter}{self.state.counter}"

    def say(self, *templates: str, barge_in: BargeIn = "speech", is_kept: bool = True, **more: Any) -> None:
        """Speak the templates as one prompt. ``is_kept``: part of what "repeat" says again."""
        found = [words.phrases(self.book, self.state, template, **more) for template in templates]
        self.say_phrases(tuple(phrase for each in found for phrase in each), barge_in, is_kept=is_kept)

    def say_phrases(self, phrases: tuple[str, ...], barge_in: BargeIn, *, is_kept: bool = False) -> None:
        if not phrases:
            return
        prompt_id = self.new_id("p")
        self.cancel_timer("no_input")
        self.actions.append(
            Say(
                prompt_id=prompt_id,
                phrases=phrases,
                voice=self._voice(),
                pace=self.state.pace,
                barge_in=barge_in,
            )
        )
        self._play(Prompt(prompt_id=prompt_id, phrases=phrases, barge_in=barge_in))
        if is_kept:
            self.set(said=self.state.said + phrases)
        self.note("bot", mask_text(" ".join(phrases)))

    def play(self, clip: str) -> None:
        prompt_id = self.new_id("p")
        self.actions.append(Play(prompt_id=prompt_id, clip=clip, barge_in="hotword"))
        self._play(Prompt(prompt_id=prompt_id, barge_in="hotword"))

    def hush(self) -> None:
        """Stop whatever plays; it stays known as cut until something is understood."""
        sound = self.state.sound
        if sound.playing:
            self.actions.append(Hush())
            self.set_sound(playing=(), hushed=sound.hushed + sound.playing)

    def forget_cut(self) -> None:
        """What was cut will not be said again."""
        self.set_sound(hushed=(), is_resuming=False)
        self.cancel_timer("resume")

    def set_timer(self, timer: str, after_ms: int) -> None:
        self.actions.append(SetTimer(timer=timer, after_ms=after_ms))
        if timer not in self.state.sound.timers:
            self.set_sound(timers=(*self.state.sound.timers, timer))

    def cancel_timer(self, *timers: str) -> None:
        for timer in timers:
            if timer in self.state.sound.timers:
                self.actions.append(CancelTimer(timer=timer))
                self.set_sound(timers=tuple(t for t in self.state.sound.timers if t != timer))

    def stop_listening(self) -> None:
        if self.state.sound.is_listening:
            self.actions.append(StopListening())
            self.set_sound(is_listening=False, is_speaking=False)

    def barge_in(self) -> BargeIn:
        """What stops what is playing now: the strictest of all prompts on their way."""
        modes = {prompt.barge_in for prompt in self.state.sound.playing}
        return "off" if "off" in modes else "hotword" if "hotword" in modes else "speech"

    def note(self, who: Any, text: str) -> None:
        """Remember a turn for the agent; ``text`` must be free of secrets."""
        turn = TurnNote(who=who, text=text, at_ms=self.state.at_ms)
        self.set(turns=(*self.state.turns, turn)[-TURNS_KEPT:])

    def judged(self, how: Any, *, field: str = "", **more: Any) -> None:
        """Remember for the records what became of the caller's words or keys, secrets aside (``state.Verdict``)."""
        if field in self.state.secrets:
            return
        frame = self.state.stack[-1]
        verdict = Verdict(how=how, step=f"{frame.flow}.{frame.step}", field=field, **more)
        self.set(verdicts=(*self.state.verdicts, verdict))

    def did(self, text: str) -> None:
        """Remember a thing done for the caller; ``text`` must be free of secrets."""
        if text and text not in self.state.done:
            self.set(done=(*self.state.done, text)[-DONE_KEPT:])

    def leave_line(self, reason: str) -> None:
        """Give up the place in line, where there is one."""
        if self.state.waiting is not None:
            self.actions.append(Dequeue(ticket_id=self.state.waiting.ticket.ticket_id, reason=reason))
            self.set(waiting=None)

    def hang_up(self, template: str, outcome: str) -> None:
        """Last words, the site's goodbye where there are none, and the end."""
        self._quiet()
        self.say(template or self.book.site.prompts.goodbye, is_kept=False)
        self.part(outcome)

    def part(self, outcome: str) -> None:
        """The end, once all is heard that was said."""
        self._quiet()
        self.actions.append(Hangup(outcome=outcome))
        self.set(phase="leaving", exit="hangup", outcome=outcome)

    def divert(self, reason: str, *templates: str) -> None:
        """Leave the caller to the fallback number."""
        self._quiet()
        self.hush()
        self.leave_line(reason)
        self.say(*templates, is_kept=False)
        self.actions.append(Divert(reason=reason))
        self.set(phase="leaving", exit="divert", outcome="diverted")

    def _voice(self) -> str:
        """The step's own; the site's where no step speaks."""
        is_asked = self.state.stack and self.state.phase not in ("waiting", "bridged", "called_back")
        step = self.step if is_asked else None
        own = step.voice if isinstance(step, Telling | Spoken) else ""
        return own or self.book.site.voice

    def _quiet(self) -> None:
        self.stop_listening()
        self.cancel_timer(*self.state.sound.timers)

    def _play(self, prompt: Prompt) -> None:
        self.set_sound(playing=(*self.state.sound.playing, prompt))

    def reset_sound(self) -> None:
        """A new stream: nothing plays, no timer runs."""
        self.set(sound=Sound())
