"""The line of words: time passes only when nobody has anything to do, and it always comes to an end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from ivr.actions import Hush, Play, Say, SetTimer
from ivr.events import CallEnded, Event, Heard, Pressed, PromptEnded, Silent, SpeechStarted
from ivr.line.text import MS_PER_CHAR, QUIET_TIMERS, HungUp, Keyed, Said, TextLine, Turn, Waited


def act(
    *turns: Turn, begin: Callable[[TextLine], None], answer: Callable[[TextLine, Event], None]
) -> list[Event]:
    """What a line tells; ``answer`` is done after each event."""
    script, events, line = deque(turns), [], None

    async def next_turn() -> Turn | None:
        return script.popleft() if script else None

    async def settled() -> None:
        pass

    def emit(event: Event) -> None:
        events.append(event)
        assert line is not None
        answer(line, event)

    line = TextLine(next_turn, settled, emit)
    begin(line)
    asyncio.run(line.run())
    return events


def nothing(line: TextLine, event: Event) -> None:
    pass


def test_prompts_are_heard_before_the_caller_speaks() -> None:
    events = act(
        Said("yes"), begin=lambda line: line.perform(Say(prompt_id="p1", phrases=("Well?",))), answer=nothing
    )
    assert [event.type for event in events] == ["prompt_ended", "speech_started", "heard", "call_ended"]
    assert events[0] == PromptEnded(at_ms=5 * MS_PER_CHAR, prompt_id="p1", played=1, is_finished=True)
    assert isinstance(events[1], SpeechStarted) and isinstance(events[2], Heard)
    assert events[2].hypotheses[0].text == "yes"
    assert events[3] == CallEnded(at_ms=events[2].at_ms, reason="caller_hung_up")


def test_keys_are_taken_before_the_caller_goes_on() -> None:
    def on(line: TextLine, event: Event) -> None:
        match event:
            case Pressed():
                line.perform(SetTimer(timer="keys", after_ms=3_000))
            case Silent():
                line.perform(Say(prompt_id="p1", phrases=("And now?",)))

    events = act(Keyed("12"), Said("yes"), begin=lambda line: None, answer=on)
    told = ["pressed", "pressed", "silent", "prompt_ended", "speech_started", "heard", "call_ended"]
    assert [event.type for event in events] == told


def test_a_caller_who_hangs_up_is_gone_though_a_timer_runs() -> None:
    begin = SetTimer(timer="no_input", after_ms=5_000)
    events = act(HungUp(), begin=lambda line: line.perform(begin), answer=nothing)
    assert events == [CallEnded(at_ms=0, reason="caller_hung_up")]


def test_a_hush_cuts_the_music() -> None:
    def on(line: TextLine, event: Event) -> None:
        if isinstance(event, Pressed):
            line.perform(Hush())

    events = act(Keyed("9"), begin=lambda line: line.perform(Play(prompt_id="p1", clip="hold")), answer=on)
    (ended,) = [event for event in events if isinstance(event, PromptEnded)]
    assert (ended.played, ended.is_finished) == (0, False)


def test_a_silent_caller_lets_timers_run_out_and_gives_up_in_the_end() -> None:
    def again(line: TextLine, event: Event) -> None:
        if isinstance(event, Silent):
            line.perform(SetTimer(timer="no_input", after_ms=5_000))

    begin = SetTimer(timer="no_input", after_ms=5_000)
    events = act(begin=lambda line: line.perform(begin), answer=again)
    assert [event.at_ms for event in events[:-1]] == [5_000 * count for count in range(1, QUIET_TIMERS + 1)]
    assert isinstance(events[-1], CallEnded)


def test_a_wait_lets_only_the_timers_within_it_run_out() -> None:
    def begin(line: TextLine) -> None:
        line.perform(SetTimer(timer="soon", after_ms=1_000))
        line.perform(SetTimer(timer="late", after_ms=9_000))

    events = act(Waited(2_000), Keyed("1"), begin=begin, answer=nothing)
    assert events[0] == Silent(at_ms=1_000, timer="soon")
    assert isinstance(events[1], Pressed) and 2_000 < events[1].at_ms < 9_000
