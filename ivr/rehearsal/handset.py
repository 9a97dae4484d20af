"""What the caller of a talk holds in their hand, and what a line must be to carry it.

Mixes the caller's voice, the noise of the line and the echo into frames, and notes when something was said and
heard. Knows no clock and loses nothing: that is the line's, ``telephone``'s or ``exchange``'s.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ivr.audio import mulaw
from ivr.audio.frame import FRAME_MS, FRAME_SAMPLES, RATE_HZ
from ivr.audio.noise import pink
from ivr.exchange.track import VOICED_LEVEL
from ivr.line.audio import Socket

ECHO_MS = 120
"""How late the echo comes: a mobile network's round trip."""
BED_MS = 20_000
"""Length of the noise before it repeats."""
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


class Handset:
    """The caller's mouth and ear."""

    def __init__(self, condition: Condition, power: float, chance: random.Random) -> None:
        """``power``: of the caller's voice, mean square."""
        self._echo_db = condition.echo_db
        self._bed = _bed(condition, power)
        self._bed_at = chance.randrange(len(self._bed)) if len(self._bed) else 0
        self._echo: deque[Samples] = deque([np.zeros(FRAME_SAMPLES)] * (ECHO_MS // FRAME_MS))
        self._voice: deque[bytes] = deque()
        self.heard_ms: int | None = None
        """When the machine's sound was last heard; None: not since it was asked for."""
        self.said_ms = 0
        """When the caller's voice was last sounding."""

    def speak(self, pcm: bytes) -> None:
        """Speak PCM16 8 kHz from the next frame on."""
        size = FRAME_SAMPLES * 2
        self._voice.extend(pcm[start : start + size].ljust(size, b"\0") for start in range(0, len(pcm), size))

    @property
    def is_speaking(self) -> bool:
        return bool(self._voice)

    def frame(self, now_ms: int) -> bytes:
        """The caller's next 20 ms, mu-law."""
        samples = np.zeros(FRAME_SAMPLES)
        if self._voice:
            samples += np.frombuffer(self._voice.popleft(), "<i2")
            if np.abs(samples).mean() >= VOICED_LEVEL:
                self.said_ms = now_ms + FRAME_MS
        if len(self._bed):
            samples += np.take(self._bed, range(self._bed_at, self._bed_at + FRAME_SAMPLES), mode="wrap")
            self._bed_at = (self._bed_at + FRAME_SAMPLES) % len(self._bed)
        if self._echo_db is not None:
            samples += self._echo[0] * 10 ** (-self._echo_db / 20)
        return mulaw.encode(np.clip(samples, -32768, 32767).astype("<i2").tobytes())

    def hear(self, ulaw: bytes, now_ms: int) -> None:
        """The machine's next 20 ms at the caller's ear, or as much of it as there is sound."""
        samples = np.zeros(FRAME_SAMPLES)
        if ulaw:
            sound = np.frombuffer(mulaw.decode(ulaw), "<i2")
            samples[: len(sound)] = sound
            if self.heard_ms is None and np.abs(samples).mean() >= VOICED_LEVEL:
                self.heard_ms = now_ms
        self._echo.append(samples)
        self._echo.popleft()


class Connection(Socket, Protocol):
    """The line between a caller's handset and a media socket of ours."""

    handset: Handset
    now_ms: int
    """The call's clock, over all its streams."""
    is_real_time: bool
    """Whether time goes on while the engines work."""

    @property
    def is_sounding(self) -> bool:
        """Whether the machine's sound is still on its way to the caller's ear."""
        ...

    async def open(self, now_ms: int) -> str:
        """The call's next stream, from ``now_ms``; gives its sid. Raises CarrierError where none comes."""
        ...

    def press(self, key: str) -> None: ...

    def wake(self) -> None:
        """Something happened on our side: in real time, nobody waits for the next frame to see it."""
        ...

    async def leave(self) -> None:
        """The call is over for both."""
        ...


Tick = Callable[[], Awaitable[bool]]
"""What both sides do before each frame; gives False when the caller hangs up."""
Dial = Callable[[Condition, float, Tick], Connection]
"""Makes the line of a talk: how good it is, the mean square of the caller's voice, the caller."""


def _bed(condition: Condition, power: float) -> Samples:
    """The noise of the line; empty for none."""
    if condition.noise_db is None:
        return np.zeros(0)
    noise = pink(RATE_HZ * BED_MS // 1000, condition.seed)
    return noise * np.sqrt(power / 10 ** (condition.noise_db / 10))
