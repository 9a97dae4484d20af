"""The mouth on a scripted wire: order, pace, marks, being cut, and a voice that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from linekit import MS, ScriptedRenderer, ScriptedWire

from ivr.events import Event, HandFailed, PromptEnded
from ivr.line.mouth import LEAD_MS, MARK_GRACE_MS, Mouth


class Clock:
    now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


def speak(
    renderer: ScriptedRenderer,
    wire: ScriptedWire,
    events: list[Event],
    scene: Callable[[Mouth, Clock], Awaitable[None]],
) -> None:
    async def run() -> None:
        clock = Clock()
        mouth = Mouth(renderer, wire, events.append, clock)
        task = asyncio.create_task(mouth.run())
        try:
            await scene(mouth, clock)
        finally:
            task.cancel()

    asyncio.run(run())


def test_a_slower_pace_is_the_voice_s_to_speak() -> None:
    wire = ScriptedWire()

    async def scene(mouth: Mouth, clock: Clock) -> None:
        mouth.say("p1", ("hello",), "", 0.5)
        await rendered()

    speak(ScriptedRenderer(), wire, [], scene)
    assert sum(len(each) for each in wire.sent if isinstance(each, bytes)) == 1000 * MS


async def rendered() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def hear(mouth: Mouth, clock: Clock, ms: int) -> None:
    """Let the caller hear so much."""
    for _ in range(ms // 20):
        clock.now_ms += 20
        mouth.tick()
        await asyncio.sleep(0)


def test_phrases_go_out_in_order_with_a_mark_after_each(renderer, wire, events) -> None:
    async def scene(mouth: Mouth, clock: Clock) -> None:
        mouth.say("p1", ("a", "b"), "")
        await rendered()
        await hear(mouth, clock, 1000)
        assert wire.words == ["p1:0", "p1:1"]
        assert wire.sound.index(b"b") > wire.sound.index(b"a")
        mouth.marked("p1:0")
        assert events == []
        mouth.marked("p1:1")
        assert events == [PromptEnded(at_ms=1000, prompt_id="p1", played=2, is_finished=True)]
        await mouth.silent()

    speak(renderer, wire, events, scene)


def test_sound_is_never_further_ahead_than_the_lead(renderer, wire, events) -> None:
    async def scene(mouth: Mouth, clock: Clock) -> None:
        mouth.play("p1", b"m" * 10_000 * MS)
        await rendered()
        while clock.now_ms < 8_000:
            ahead_ms = len(wire.sound) // MS - clock.now_ms
            assert LEAD_MS - 120 <= ahead_ms <= LEAD_MS + 100
            await hear(mouth, clock, 20)

    speak(renderer, wire, events, scene)


def test_a_hush_clears_at_once_and_tells_what_was_heard(renderer, wire, events) -> None:
    async def scene(mouth: Mouth, clock: Clock) -> None:
        mouth.say("p1", ("a", "b", "c"), "")
        mouth.say("p2", ("d",), "")
        await rendered()
        await hear(mouth, clock, 700)
        mouth.marked("p1:0")
        mouth.hush()
        assert wire.words[-1] == "clear"
        assert events == [
            PromptEnded(at_ms=700, prompt_id="p1", played=1, is_finished=False),
            PromptEnded(at_ms=700, prompt_id="p2", played=0, is_finished=False),
        ]
        sent = len(wire.sound)
        mouth.marked("p1:1")  # the carrier gives flushed marks back too
        await rendered()
        await hear(mouth, clock, 3000)
        assert len(wire.sound) == sent and len(events) == 2
        assert not mouth.is_playing

    speak(renderer, wire, events, scene)


def test_a_hush_with_nothing_on_the_wire_sends_no_clear(renderer, wire, events) -> None:
    async def scene(mouth: Mouth, clock: Clock) -> None:
        mouth.hush()
        assert wire.sent == []

    speak(renderer, wire, events, scene)


def test_marks_that_never_come_back_do_not_stop_the_call(renderer, wire, events) -> None:
    async def scene(mouth: Mouth, clock: Clock) -> None:
        mouth.say("p1", ("a",), "")
        await rendered()
        await hear(mouth, clock, 500 + MARK_GRACE_MS - 20)
        assert events == []
        await hear(mouth, clock, 20)
        assert [event.type for event in events] == ["prompt_ended"]

    speak(renderer, wire, events, scene)


def test_a_voice_that_fails_is_an_event_and_the_next_prompt_is_said(renderer, wire, events) -> None:
    async def scene(mouth: Mouth, clock: Clock) -> None:
        mouth.say("p1", ("broken",), "")
        mouth.say("p2", ("x",), "")
        await rendered()
        assert events == [HandFailed(at_ms=0, action="say", ref="p1", reason="no voice")]
        assert wire.words == ["p2:0"]

    speak(renderer, wire, events, scene)


def test_a_prompt_without_words_ends_at_once(renderer, wire, events) -> None:
    async def scene(mouth: Mouth, clock: Clock) -> None:
        mouth.say("p1", (), "")
        assert events == [PromptEnded(at_ms=0, prompt_id="p1", played=0, is_finished=True)]
        await mouth.silent()

    speak(renderer, wire, events, scene)
