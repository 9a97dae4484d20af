"""A caller on the telephone: one media stream as a ``Line``.

The caller's sound is the clock: every 20 ms frame ticks the mouth, the ear and the timers, and sound that was
lost on the way counts as silence. The one wall clock is for a stream that has stalled.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, assert_never

from ivr.actions import (
    CancelTimer,
    Expectation,
    Hush,
    Listen,
    Play,
    Record,
    Say,
    SetTimer,
    StopListening,
)
from ivr.audio import mulaw
from ivr.audio.frame import FRAME_MS, FRAME_SAMPLES, Frame
from ivr.audio.vad import VoiceDetector
from ivr.errors import MediaError
from ivr.events import CallEnded, HandFailed, Pressed, Recorded, Silent
from ivr.line import Emit, LineAction
from ivr.line.ear import Ear, Recogniser
from ivr.line.mouth import Mouth, Renderer
from ivr.line.record import Recorder
from ivr.telephony import media

log = logging.getLogger(__name__)

STALL_S = 10.0
"""Wall time without any message after which a stream counts as lost; Twilio sends one every 20 ms."""
DRAIN_S = 60.0
"""Wall time that last words may take before the line is let go all the same."""
FAULTS = 50
"""So many messages that are not of the protocol, and the stream is let go."""
QUIET = bytes([mulaw.SILENCE]) * FRAME_SAMPLES


class Socket(Protocol):
    """One media socket."""

    async def receive(self) -> str | None:
        """The next message; None when the socket is closed."""
        ...

    async def send(self, text: str) -> None: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Sound:
    """The engines a telephone line needs; shared by all lines of a process but for the detector."""

    recogniser: Recogniser
    renderer: Renderer
    detector: Callable[[], VoiceDetector]
    clips: dict[str, bytes]
    """Clips of our own making by name, mu-law 8 kHz."""
    messages: Path
    """The folder of callers' messages."""
    dictation: Expectation
    """How messages are understood."""


class _StreamWire:
    """Writes to the socket in the order asked for, without making anyone wait."""

    def __init__(self, socket: Socket, stream_sid: str) -> None:
        self._socket = socket
        self._sid = stream_sid
        self._out: asyncio.Queue[str] = asyncio.Queue()

    def media(self, payload: bytes) -> None:
        self._out.put_nowait(media.encode_media(self._sid, payload))

    def mark(self, name: str) -> None:
        self._out.put_nowait(media.encode_mark(self._sid, name))

    def clear(self) -> None:
        self._out.put_nowait(media.encode_clear(self._sid))

    async def run(self) -> None:
        while True:
            await self._socket.send(await self._out.get())


class AudioLine:
    """One media stream, from just after its ``start`` message to its end."""

    def __init__(self, socket: Socket, stream_sid: str, sound: Sound, emit: Emit, base_ms: int = 0) -> None:
        """``base_ms``: what the call's clock had reached before this stream."""
        self._socket = socket
        self._emit = emit
        self._clips = sound.clips
        self._base_ms = base_ms
        self._clock_ms = 0
        self._origin_ms: int | None = None
        self._left = bytearray()
        self._timers: dict[str, int] = {}
        self._wire = _StreamWire(socket, stream_sid)
        self._mouth = Mouth(sound.renderer, self._wire, emit, lambda: self.now_ms)
        self._ear = Ear(sound.recogniser, sound.detector(), emit)
        self._messages = sound.messages
        self._dictation = sound.dictation
        self._recorder: Recorder | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._is_parting = False
        self._faults = 0

    @property
    def now_ms(self) -> int:
        return self._base_ms + self._clock_ms

    def perform(self, action: LineAction) -> None:
        match action:
            case Say():
                self._mouth.say(action.prompt_id, action.phrases, action.voice, action.pace)
            case Play():
                self._play(action)
            case Hush():
                self._mouth.hush()
            case Listen():
                self._ear.listen(action.expect)
            case StopListening():
                self._ear.stop()
            case Record():
                self._recorder = Recorder(action)
                self._ear.listen(self._dictation, self._recorder.take)
            case SetTimer():
                self._timers[action.timer] = self.now_ms + action.after_ms
            case CancelTimer():
                self._timers.pop(action.timer, None)
            case _:
                assert_never(action)

    async def run(self) -> None:
        helpers = (asyncio.create_task(self._mouth.run()), asyncio.create_task(self._wire.run()))
        try:
            is_stopped = await self._read()
            await self._kept()
            if is_stopped and not self._is_parting:
                self._emit(CallEnded(at_ms=self.now_ms, reason="caller_hung_up"))
        finally:
            self._ear.close()
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def finish(self, last: Callable[[], Awaitable[None]]) -> None:
        try:
            await asyncio.wait_for(self._mouth.silent(), DRAIN_S)
        except TimeoutError:
            log.warning("last words were not played within %d s; the line is let go", DRAIN_S)
        self._emit(CallEnded(at_ms=self.now_ms, reason="we_hung_up"))
        await last()
        await self._socket.close()

    async def part(self, last: Callable[[], Awaitable[bool]]) -> None:
        # Whoever parts once may be gone even where ``last`` failed: from now on only the carrier's own word
        # of the call's end counts, for a stream that stops no longer means it.
        self._is_parting = True
        if await last():
            await self._socket.close()

    async def _read(self) -> bool:
        """True when the carrier has said that the stream is over; false for a lost one."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(STALL_S) as limit:
                while (text := await self._socket.receive()) is not None:
                    limit.reschedule(loop.time() + STALL_S)
                    if not self._understand(text):
                        return self._faults < FAULTS
        except TimeoutError:
            log.warning("no message for %d s; the stream is given up and the carrier asks what next", STALL_S)
        return False

    def _understand(self, text: str) -> bool:
        """False when the stream is over."""
        try:
            return self._take(media.decode(text))
        except MediaError as error:
            self._faults += 1
            log.warning("media socket: %s", error)
            if self._faults >= FAULTS:
                log.error("%d messages were not of the protocol; the stream is given up", self._faults)
            return self._faults < FAULTS

    def _take(self, message: media.Message) -> bool:
        match message:
            case media.Media():
                self._hear(message)
            case media.Dtmf():
                self._press(message.key)
            case media.Mark():
                self._mouth.marked(message.name)
            case media.Stop():
                return False
            case media.Connected() | media.Start():
                raise MediaError("found a second beginning of the stream; it is passed over")
            case _:
                assert_never(message)
        return True

    def _hear(self, message: media.Media) -> None:
        if self._origin_ms is None:
            self._origin_ms = message.timestamp_ms
        lost_ms = media.gap_ms(message, self._origin_ms, self._clock_ms)
        for _ in range(lost_ms // FRAME_MS):
            self._frame(QUIET)
        self._left += message.payload
        while len(self._left) >= FRAME_SAMPLES:
            self._frame(bytes(self._left[:FRAME_SAMPLES]))
            del self._left[:FRAME_SAMPLES]

    def _frame(self, ulaw: bytes) -> None:
        frame = Frame(self.now_ms, mulaw.decode(ulaw))
        is_voiced = self._ear.push(frame, is_playing=self._mouth.is_playing)
        self._clock_ms += FRAME_MS
        if self._recorder is not None:
            self._recorder.push(frame, is_voiced=is_voiced)
            if self._recorder.is_over:
                self._end_message()
        self._mouth.tick()
        for timer in [name for name, due_ms in self._timers.items() if due_ms <= self.now_ms]:
            del self._timers[timer]
            self._emit(Silent(at_ms=self.now_ms, timer=timer))

    def _press(self, key: str) -> None:
        """A key that ends a message says nothing else."""
        if self._recorder is not None:
            self._end_message()
        else:
            self._emit(Pressed(at_ms=self.now_ms, key=key))

    def _end_message(self) -> None:
        if self._recorder is not None:
            self._keeping = asyncio.create_task(self._keep(self._recorder), name="message")
            self._recorder = None

    async def _kept(self) -> None:
        """A message that the line's end broke off is kept as far as it came."""
        self._end_message()
        if self._keeping is not None:
            await self._keeping

    async def _keep(self, message: Recorder) -> None:
        await self._ear.finish()
        try:
            await asyncio.to_thread(message.write, self._messages)
        except (OSError, ValueError) as error:
            log.error("a message is not kept: %s", error)
            reason = type(error).__name__
            failed = HandFailed(at_ms=self.now_ms, action="record", ref=message.recording_id, reason=reason)
            self._emit(failed)
            return
        recorded = Recorded(
            at_ms=self.now_ms,
            recording_id=message.recording_id,
            duration_ms=message.duration_ms,
            text=message.text,
        )
        self._emit(recorded)

    def _play(self, action: Play) -> None:
        clip = self._clips.get(action.clip)
        if clip is None:
            reason = f"no clip is named {action.clip}"
            self._emit(HandFailed(at_ms=self.now_ms, action="play", ref=action.prompt_id, reason=reason))
            return
        self._mouth.play(action.prompt_id, clip)
