"""Messages of callers: when they end, what is kept of them and for whom."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from linekit import Stream, play, voiced

from ivr.actions import Record
from ivr.audio import mulaw, wav
from ivr.events import CallEnded, HandFailed, Pressed, Recorded
from ivr.line.record import FIRST_WORD_MS, TAIL_MS

SPEECH = mulaw.encode(voiced(1_000))
QUIET_MS = 600
"""What every line has before its first words; the detector of voice learns the line by it."""
MESSAGE = Record(recording_id="CA1-m1", max_ms=20_000, pause_ms=3_000)


async def the_end(stream: Stream) -> Any:
    """What came of the message."""
    async with asyncio.timeout(5):
        while True:
            await stream.socket.read()
            for event in stream.events:
                if isinstance(event, Recorded | HandFailed):
                    return event
            await asyncio.sleep(0.005)


def test_a_pause_ends_a_message_and_sound_and_words_are_kept_for_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "messages"

    async def scene(stream: Stream) -> None:
        await stream.socket.hear(QUIET_MS)
        stream.line.perform(MESSAGE)
        await stream.socket.hear(1_000, SPEECH)
        await stream.socket.hear(1_500)
        await stream.socket.hear(1_000, SPEECH)
        await stream.socket.hear(2_900)
        assert stream.told(Recorded) == []
        await stream.socket.hear(300)
        recorded = await the_end(stream)
        assert (recorded.recording_id, recorded.text) == ("CA1-m1", "yes and no")
        assert recorded.duration_ms == pytest.approx(3_500 + TAIL_MS, abs=100)
        path = folder / "CA1-m1.wav"
        assert len(wav.read(path)) == recorded.duration_ms * 16
        assert (folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
        assert list(folder.iterdir()) == [path]

    play(scene, folder)


def test_a_key_ends_a_message_and_says_nothing_else(tmp_path: Path) -> None:
    async def scene(stream: Stream) -> None:
        await stream.socket.hear(QUIET_MS)
        stream.line.perform(MESSAGE)
        await stream.socket.hear(1_000, SPEECH)
        stream.socket.put(stream.socket.side.dtmf("1"))
        recorded = await the_end(stream)
        assert (recorded.text, recorded.duration_ms > 900) == ("yes", True)
        assert stream.told(Pressed) == []
        stream.socket.put(stream.socket.side.dtmf("2"))
        await stream.socket.read()
        assert [event.key for event in stream.told(Pressed)] == ["2"]

    play(scene, tmp_path)


def test_a_message_ends_at_its_longest(tmp_path: Path) -> None:
    async def scene(stream: Stream) -> None:
        await stream.socket.hear(QUIET_MS)
        stream.line.perform(Record(recording_id="m", max_ms=2_000))
        await stream.socket.hear(2_000, SPEECH * 2)
        assert (await the_end(stream)).duration_ms == 2_000

    play(scene, tmp_path)


def test_who_says_nothing_leaves_no_message(tmp_path: Path) -> None:
    async def scene(stream: Stream) -> None:
        await stream.socket.hear(QUIET_MS)
        stream.line.perform(MESSAGE)
        await stream.socket.hear(FIRST_WORD_MS - 100)
        assert stream.events == []
        await stream.socket.hear(200)
        recorded = await the_end(stream)
        assert (recorded.duration_ms, recorded.text) == (0, "")
        assert list(tmp_path.iterdir()) == []

    play(scene, tmp_path)


def test_who_hangs_up_while_speaking_has_left_a_message(tmp_path: Path) -> None:
    async def scene(stream: Stream) -> None:
        await stream.socket.hear(QUIET_MS)
        stream.line.perform(MESSAGE)
        await stream.socket.hear(1_000, SPEECH)
        stream.socket.put(stream.socket.side.stop())
        await stream.is_over()
        assert [type(event) for event in stream.events] == [Recorded, CallEnded]
        assert (tmp_path / "CA1-m1.wav").exists()

    play(scene, tmp_path)


def test_a_message_that_cannot_be_kept_is_a_failed_hand(tmp_path: Path) -> None:
    async def scene(stream: Stream) -> None:
        await stream.socket.hear(QUIET_MS)
        stream.line.perform(Record(recording_id="../elsewhere", max_ms=1_000))
        await stream.socket.hear(1_000, SPEECH)
        failed = await the_end(stream)
        assert (failed.action, failed.ref, failed.reason) == ("record", "../elsewhere", "ValueError")
        assert list(tmp_path.parent.glob("elsewhere*")) == []

    play(scene, tmp_path)
