"""A telephone line that exists in memory: the caller's sound goes in frame by frame, the machine's comes back.

It speaks the carrier's side of a media stream, as an exchange does, and its frames are the only clock. Frames get
lost here, the same for the same seed. Who speaks when, it is told.
"""

from __future__ import annotations

import json
import random
from binascii import a2b_base64
from collections import deque

from ivr.audio.frame import FRAME_MS, FRAME_SAMPLES
from ivr.rehearsal.handset import Condition, Handset, Tick
from ivr.telephony import media

STREAM, CALL, ACCOUNT = "MZ" + "0" * 32, "CA" + "0" * 32, "AC" + "0" * 32


class Telephone:
    """The socket of a media stream, with a telephone at its other end. ``tick`` is called before each frame."""

    def __init__(self, condition: Condition, power: float, tick: Tick) -> None:
        """``power``: of the caller's voice, mean square."""
        self._loss_percent = condition.loss_percent
        self._tick = tick
        self._chance = random.Random(condition.seed)
        self._side = media.TwilioSide(STREAM, CALL, ACCOUNT)
        self._waiting: deque[str] = deque()
        """Messages that go before the next frame."""
        self._playing = bytearray()
        self._played = 0
        self._marks: deque[tuple[int, str]] = deque()
        self._is_open = True
        self._at_ms = 100
        """Of the stream, as the carrier counts: never from 0."""
        self.handset = Handset(condition, power, self._chance)
        self.now_ms = 0
        """Frames sent so far, of all streams of the call."""
        self.is_real_time = False

    @property
    def is_sounding(self) -> bool:
        return bool(self._playing)

    async def open(self, now_ms: int) -> str:
        self._side = media.TwilioSide(STREAM, CALL, ACCOUNT)
        self._is_open, self._at_ms, self.now_ms = True, 100, now_ms
        self._playing.clear()
        self._marks.clear()
        self._waiting.clear()
        return STREAM

    def press(self, key: str) -> None:
        self._waiting.append(self._side.dtmf(key))

    def wake(self) -> None:
        """Before the next frame is soon enough: until then no time passes."""

    async def leave(self) -> None:
        self._is_open = False

    async def receive(self) -> str | None:
        while self._is_open:
            if self._waiting:
                return self._waiting.popleft()
            if not await self._tick():
                self._is_open = False
                return self._side.stop()
            if not self._is_open:
                return None
            frame = self._frame()
            self._play()
            self._at_ms += FRAME_MS
            self.now_ms += FRAME_MS
            if frame is not None:
                self._waiting.append(frame)
        return None

    async def send(self, text: str) -> None:
        match json.loads(text):
            case {"event": "media", "media": {"payload": str(payload)}}:
                self._playing += a2b_base64(payload)
            case {"event": "mark", "mark": {"name": str(name)}}:
                self._marks.append((self._played + len(self._playing), name))
            case {"event": "clear"}:
                self._playing.clear()
                for _, name in self._marks:
                    self._waiting.append(self._side.mark(name))
                self._marks.clear()

    async def close(self) -> None:
        self._is_open = False

    def _frame(self) -> str | None:
        """The caller's next 20 ms as a message; None where it gets lost."""
        sound = self.handset.frame(self.now_ms)
        if self._chance.random() * 100 < self._loss_percent:
            self._side.skip()
            return None
        return self._side.media(self._at_ms, sound)

    def _play(self) -> None:
        """The machine's next 20 ms at the caller's ear; marks that are reached go back."""
        frame = bytes(self._playing[:FRAME_SAMPLES])
        del self._playing[:FRAME_SAMPLES]
        self._played += len(frame)
        self.handset.hear(frame, self.now_ms)
        while self._marks and self._marks[0][0] <= self._played:
            self._waiting.append(self._side.mark(self._marks.popleft()[1]))
