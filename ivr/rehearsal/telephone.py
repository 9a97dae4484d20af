"""A telephone line that exists in memory: the caller's sound goes in frame by frame, the machine's comes back.

It speaks the carrier's side of a media stream, as an exchange does, and its frames are the only clock. Noise,
lost frames and echo are added here, the same for the same seed. Who speaks when, it is told.
"""

from __future__ import annotations

import json
import random
from binascii import a2b_base64
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.audio import mulaw
from ivr.audio.frame import FRAME_MS, FRAME_SAMPLES, RATE_HZ
from ivr.audio.noise import pink
from ivr.telephony import media

VOICED_LEVEL = 250
"""Mean magnitude of the samples (of 32767) from which a frame counts as sound at the caller's ear."""
ECHO_MS = 120
"""How late the echo comes: a mobile network's round trip."""
BED_MS = 20_000
"""Length of the noise before it repeats."""
STREAM, CALL, ACCOUNT = "MZ" + "0" * 32, "CA" + "0" * 32, "AC" + "0" * 32
Samples = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Condition:
    """How good the line is."""

    noise_db: float | None = None
    """Signal-to-noise ratio; None: no noise."""
    loss_percent: float = 0.0
    """Frames of the caller that get lost."""
    echo_db: float | None = None
    """How much weaker the machine's voice comes back in the caller's line; None: not at all."""
    seed: int = 0

    @property
    def name(self) -> str:
        parts = ["clean" if self.noise_db is None else f"{self.noise_db:g} dB"]
        if self.loss_percent:
            parts.append(f"{self.loss_percent:g} % lost")
        if self.echo_db is not None:
            parts.append(f"echo {self.echo_db:g} dB")
        return ", ".join(parts)


class Telephone:
    """The socket of a media stream, with a telephone at its other end. ``tick`` is called before each frame."""

    def __init__(self, condition: Condition, power: float, tick: Callable[[], Awaitable[bool]]) -> None:
        """``power``: of the caller's voice, mean square. ``tick`` gives False to hang up."""
        self._condition = condition
        self._tick = tick
        self._chance = random.Random(condition.seed)
        self._side = media.TwilioSide(STREAM, CALL, ACCOUNT)
        self._bed = _bed(condition, power)
        self._bed_at = self._chance.randrange(len(self._bed)) if len(self._bed) else 0
        self._echo: deque[Samples] = deque([np.zeros(FRAME_SAMPLES)] * (ECHO_MS // FRAME_MS))
        self._voice: deque[bytes] = deque()
        self._waiting: deque[str] = deque()
        """Messages that go before the next frame."""
        self._playing = bytearray()
        self._played = 0
        self._marks: deque[tuple[int, str]] = deque()
        self._is_open = True
        self._at_ms = 100
        """Of the stream, as the carrier counts: never from 0."""
        self.now_ms = 0
        """Frames sent so far, of all streams of the call."""
        self.heard_ms: int | None = None
        """When the machine's sound was last heard; None: not since it was asked for."""
        self.said_ms = 0
        """When the caller's voice was last sounding."""

    def open(self, now_ms: int) -> None:
        """A new stream of the same call."""
        self._side = media.TwilioSide(STREAM, CALL, ACCOUNT)
        self._is_open, self._at_ms, self.now_ms = True, 100, now_ms
        self._playing.clear()
        self._marks.clear()
        self._waiting.clear()

    def speak(self, pcm: bytes) -> None:
        """Speak PCM16 8 kHz from the next frame on."""
        size = FRAME_SAMPLES * 2
        self._voice.extend(pcm[start : start + size].ljust(size, b"\0") for start in range(0, len(pcm), size))

    def press(self, key: str) -> None:
        self._waiting.append(self._side.dtmf(key))

    @property
    def is_speaking(self) -> bool:
        return bool(self._voice)

    @property
    def is_sounding(self) -> bool:
        """Whether the machine's sound is still on its way to the caller's ear."""
        return bool(self._playing)

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
        samples = np.zeros(FRAME_SAMPLES)
        if self._voice:
            samples += np.frombuffer(self._voice.popleft(), "<i2")
            if np.abs(samples).mean() >= VOICED_LEVEL:
                self.said_ms = self.now_ms + FRAME_MS
        if len(self._bed):
            samples += np.take(self._bed, range(self._bed_at, self._bed_at + FRAME_SAMPLES), mode="wrap")
            self._bed_at = (self._bed_at + FRAME_SAMPLES) % len(self._bed)
        if self._condition.echo_db is not None:
            samples += self._echo[0] * 10 ** (-self._condition.echo_db / 20)
        if self._chance.random() * 100 < self._condition.loss_percent:
            self._side.skip()
            return None
        pcm = np.clip(samples, -32768, 32767).astype("<i2").tobytes()
        return self._side.media(self._at_ms, mulaw.encode(pcm))

    def _play(self) -> None:
        """The machine's next 20 ms at the caller's ear; marks that are reached go back."""
        frame = bytes(self._playing[:FRAME_SAMPLES])
        del self._playing[:FRAME_SAMPLES]
        self._played += len(frame)
        samples = np.zeros(FRAME_SAMPLES)
        if frame:
            sound = np.frombuffer(mulaw.decode(frame), "<i2")
            samples[: len(sound)] = sound
            if self.heard_ms is None and np.abs(samples).mean() >= VOICED_LEVEL:
                self.heard_ms = self.now_ms
        self._echo.append(samples)
        self._echo.popleft()
        while self._marks and self._marks[0][0] <= self._played:
            self._waiting.append(self._side.mark(self._marks.popleft()[1]))


def _bed(condition: Condition, power: float) -> Samples:
    """The noise of the line; empty for none."""
    if condition.noise_db is None:
        return np.zeros(0)
    noise = pink(RATE_HZ * BED_MS // 1000, condition.seed)
    return noise * np.sqrt(power / 10 ** (condition.noise_db / 10))
