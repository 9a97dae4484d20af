"""One media stream on a scripted socket: its clock, keys, marks, faults and ends."""

from __future__ import annotations

import asyncio

import pytest
from linekit import (
    BASE_MS,
    MS,
    Stream,
    nothing,
    play,
    voiced,
)

from ivr.actions import CancelTimer, Expectation, Play, Say, SetTimer
from ivr.audio import mulaw
from ivr.events import CallEnded, HandFailed, Heard, Pressed, PromptEnded, Silent, SpeechStarted
from ivr.line import audio
from ivr.line.audio import FAULTS
from ivr.telephony.media import MAX_GAP_MS


def test_the_callers_sound_is_the_clock_of_timers() -> None:
    async def scene(stream: Stream) -> None:
        stream.line.perform(SetTimer(timer="no_input", after_ms=1_000))
        stream.line.perform(SetTimer(timer="turn", after_ms=400))
        stream.line.perform(CancelTimer(timer="turn"))
        await stream.socket.hear(980)
        assert stream.events == []
        await stream.socket.hear(20)
        assert stream.events == [Silent(at_ms=BASE_MS + 1_000, timer="no_input")]
        await stream.socket.hear(2_000)
        assert len(stream.events) == 1

    play(scene)


def test_lost_sound_counts_as_silence_up_to_a_broken_clock() -> None:
    async def scene(stream: Stream) -> None:
        await stream.socket.hear(200)
        stream.socket.lose(600)
        await stream.socket.hear(20)
        assert stream.line.now_ms == BASE_MS + 820
        stream.socket.lose(10**12)
        await stream.socket.hear(20)
        assert stream.line.now_ms <= BASE_MS + 840 + MAX_GAP_MS

    play(scene)


def test_a_phrase_is_sent_and_its_mark_ends_the_prompt() -> None:
    async def scene(stream: Stream) -> None:
        stream.line.perform(Say(prompt_id="p1", phrases=("a",)))
        await stream.socket.read()
        await stream.socket.hear(500)
        assert stream.socket.sound == b"a" * 500 * MS
        assert stream.socket.marks == ["p1:0"]
        stream.socket.put(stream.socket.side.mark("p1:0"))
        await stream.socket.read()
        (ended,) = stream.told(PromptEnded)
        assert (ended.prompt_id, ended.is_finished) == ("p1", True)
        stream.socket.put(stream.socket.side.mark("p1:0"))
        stream.socket.put(stream.socket.side.mark("never sent"))
        await stream.socket.read()
        assert len(stream.told(PromptEnded)) == 1

    play(scene)


def test_a_clip_is_played_and_an_unknown_one_is_a_failed_hand() -> None:
    async def scene(stream: Stream) -> None:
        stream.line.perform(Play(prompt_id="p1", clip="hold"))
        stream.line.perform(Play(prompt_id="p2", clip="nothing"))
        await stream.socket.read()
        await stream.socket.hear(700)
        assert stream.socket.sound == b"h" * 700 * MS
        (failed,) = stream.told(HandFailed)
        assert (failed.action, failed.ref) == ("play", "p2")

    play(scene)


def test_keys_and_words_are_told_in_their_order() -> None:
    async def scene(stream: Stream) -> None:
        stream.line.perform(audio.Listen(expect=Expectation(kind="commands")))
        stream.socket.put(stream.socket.side.dtmf("4"))
        stream.socket.put(stream.socket.side.dtmf("#"))
        await stream.socket.hear(600)
        await stream.socket.hear(800, mulaw.encode(voiced(800)))
        await stream.socket.hear(2_500)
        async with asyncio.timeout(2):
            while not stream.told(Heard):
                await asyncio.sleep(0)
        assert [event.key for event in stream.told(Pressed)] == ["4", "#"]
        assert [event.type for event in stream.events] == ["pressed", "pressed", "speech_started", "heard"]
        assert stream.told(SpeechStarted)[0].at_ms > BASE_MS

    play(scene)


def test_messages_that_are_not_of_the_protocol_are_survived_until_there_are_too_many() -> None:
    bad = ["", "{", "[]", "x" * 70_000, '{"event":"media"}', '{"event":"dtmf","dtmf":{"digit":"a"}}']

    async def scene(stream: Stream) -> None:
        for number in range(FAULTS - 2):
            stream.socket.put(bad[number % len(bad)])
        stream.socket.put(stream.socket.side.start({}))
        await stream.socket.read()
        stream.socket.put(stream.socket.side.dtmf("1"))
        await stream.socket.read()
        assert [event.key for event in stream.told(Pressed)] == ["1"]
        assert not stream.running.done()
        stream.socket.put("one too many")
        await stream.is_over()
        assert stream.told(CallEnded) == []

    play(scene)


def test_a_stop_is_the_callers_end_and_a_closed_socket_is_not() -> None:
    async def stopped(stream: Stream) -> None:
        await stream.socket.hear(40)
        stream.socket.put(stream.socket.side.stop())
        await stream.is_over()
        assert stream.events == [CallEnded(at_ms=BASE_MS + 40, reason="caller_hung_up")]

    async def closed(stream: Stream) -> None:
        await stream.socket.hear(40)
        stream.socket.hang_up()
        await stream.is_over()
        assert stream.events == []

    play(stopped)
    play(closed)


def test_a_stream_that_stalls_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "STALL_S", 0.1)

    async def scene(stream: Stream) -> None:
        await stream.socket.hear(40)
        await stream.is_over()
        assert stream.events == []

    play(scene)


def test_the_last_words_are_heard_before_the_line_is_let_go() -> None:
    async def scene(stream: Stream) -> None:
        stream.line.perform(Say(prompt_id="p1", phrases=("a",)))
        order: list[str] = []

        async def last() -> None:
            order.append("closed" if stream.socket.is_closed else "open")

        finishing = asyncio.create_task(stream.line.finish(last))
        await stream.socket.hear(600)
        assert not finishing.done() and not stream.socket.is_closed
        stream.socket.put(stream.socket.side.mark("p1:0"))
        await asyncio.wait_for(finishing, 5)
        await stream.is_over()
        assert stream.socket.is_closed and order == ["open"]
        assert [event.type for event in stream.events] == ["prompt_ended", "call_ended"]
        assert stream.events[-1] == CallEnded(at_ms=BASE_MS + 600, reason="we_hung_up")

    play(scene)


def test_last_words_that_are_never_played_do_not_hold_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "DRAIN_S", 0.05)

    async def scene(stream: Stream) -> None:
        stream.line.perform(Say(prompt_id="p1", phrases=("a",)))
        await asyncio.wait_for(stream.line.finish(nothing), 5)
        await stream.is_over()
        assert stream.told(CallEnded)

    play(scene)


def test_a_caller_taken_to_a_room_has_not_hung_up() -> None:
    async def scene(stream: Stream) -> None:
        async def last() -> bool:
            stream.socket.put(stream.socket.side.stop())
            await stream.is_over()
            return True

        await asyncio.wait_for(stream.line.part(last), 5)
        assert stream.events == [] and stream.socket.is_closed

    play(scene)


def test_a_caller_who_could_not_be_taken_there_is_still_on_the_line() -> None:
    async def scene(stream: Stream) -> None:
        async def last() -> bool:
            return False

        await asyncio.wait_for(stream.line.part(last), 5)
        assert not stream.socket.is_closed
        stream.socket.put(stream.socket.side.dtmf("5"))
        await stream.socket.read()
        assert [event.key for event in stream.told(Pressed)] == ["5"]

    play(scene)
