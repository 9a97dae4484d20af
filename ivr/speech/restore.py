"""The telephone's missing band restored before decoding: a line's spectra in, wide-band cepstra out.

PocketSphinx's English model was trained on speech up to 6,800 Hz; a telephone ends below 4,000 Hz. A small
network, trained by ``scripts/train-ear`` on synthetic voices, gives from 130 ms of a line's spectra the cepstra
that the same speech would have had in a quiet room with the whole band. numpy only; it does not decode.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Frames = npt.NDArray[np.float32]
"""One row for 10 ms."""

NET = Path(__file__).parents[2] / "voice_models" / "telephone-ear.npz"
"""The trained network, part of the project: found beside the package, whatever the working folder."""
LINE_HZ = 8000
CEPSTRA = 13
BEFORE, AFTER = 8, 6
"""Frames of context the network sees on either side of the one it restores."""
AHEAD = 20
"""Frames by which the level and the colour of the line are known ahead of the frame they are taken out of."""
_PRIOR_FRAMES = 20.0
"""What is known of a line before it is heard counts as much as so many frames of speech."""
QUIET = 5.0
"""So far under the loudest frame (natural logarithm of power) a frame tells nothing of the voice."""
_FADE = 0.002
"""By how much a frame the loudest one is forgotten (natural logarithm of power)."""
_LOG_FLOOR = 1e-4
_PRE_EMPHASIS = 0.97
_LIFTER = 22


@dataclass(frozen=True, slots=True)
class Bank:
    """Filters of a front end: rate, edges of the band in Hz, how many, and the noise added to each filter's power."""

    rate_hz: int
    lower_hz: float
    upper_hz: float
    filters: int
    floor: float = _LOG_FLOOR


WIDE = Bank(16000, 130, 6800, 25)
"""The acoustic model's own (its feat.params)."""
LINE = Bank(LINE_HZ, 130, 3800, 23, floor=3e3)
"""A telephone line's; the floor is about the noise of mu-law's smallest step, so that digital silence is quiet
and not minus infinity."""


class Spectra:
    """PCM in, logarithms of the filters' power out, as PocketSphinx computes them (its noise removal left out)."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._size = int(0.025625 * bank.rate_hz + 0.5)
        self._step = bank.rate_hz // 100
        self._points = 1 << (self._size - 1).bit_length()
        at = np.arange(self._size)
        self._window = 0.54 - 0.46 * np.cos(2 * np.pi * at / (self._size - 1))
        self._filters = _filters(bank, self._points)
        self._rest = np.zeros(1)  # begins with the sample before the next frame

    def feed(self, samples: npt.ArrayLike) -> Frames:
        """The frames that are complete now."""
        whole = np.concatenate([self._rest, np.asarray(samples, np.float64)])
        count = max(0, (len(whole) - 1 - self._size) // self._step + 1)
        if not count:
            self._rest = whole
            return np.zeros((0, self._bank.filters), np.float32)
        self._rest = whole[count * self._step :]
        return self._spectra(_sharpened(whole), count)

    def finish(self) -> Frames:
        """The last frame, filled with silence; none where nothing is left."""
        left = len(self._rest) - 1
        if left <= self._size - self._step:
            return np.zeros((0, self._bank.filters), np.float32)
        sharp, self._rest = _sharpened(self._rest), np.zeros(1)
        return self._spectra(np.concatenate([sharp, np.zeros(self._size - left)]), 1)

    def _spectra(self, sharp: npt.NDArray[np.float64], count: int) -> Frames:
        pieces = np.lib.stride_tricks.sliding_window_view(sharp, self._size)[:: self._step][:count]
        power = np.square(np.abs(np.fft.rfft(pieces * self._window, self._points)))
        return np.log(power @ self._filters + self._bank.floor).astype(np.float32)


def _sharpened(samples: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return samples[1:] - _PRE_EMPHASIS * samples[:-1]


def _filters(bank: Bank, points: int) -> npt.NDArray[np.float64]:
    """Triangles of equal area, equally wide in mel, their corners on the transform's own frequencies."""
    step_hz = bank.rate_hz / points
    edges = 2595 * np.log10(1 + np.array([bank.lower_hz, bank.upper_hz]) / 700)
    mels = np.linspace(edges[0], edges[1], bank.filters + 2)
    corners = np.floor(700 * (10 ** (mels / 2595) - 1) / step_hz + 0.5) * step_hz
    low, middle, high = corners[:-2], corners[1:-1], corners[2:]
    hertz = (np.arange(points // 2 + 1) * step_hz)[:, None]
    rising, falling = (hertz - low) / (middle - low), (high - hertz) / (high - middle)
    filters: npt.NDArray[np.float64] = np.maximum(np.minimum(rising, falling), 0) * 2 / (high - low)
    return filters


def cepstra(spectra: Frames) -> Frames:
    """Liftered cosine transform of spectra, as the acoustic model was trained on."""
    filters = spectra.shape[1]
    order = np.arange(CEPSTRA)[:, None]
    cosine = np.cos(np.pi * order * (np.arange(filters) + 0.5) / filters) * np.sqrt(2 / filters)
    cosine[0] /= np.sqrt(2)
    lift = 1 + _LIFTER / 2 * np.sin(np.pi * order / _LIFTER)
    found: Frames = (spectra @ (lift * cosine).T).astype(np.float32)
    return found


class Levelling:
    """Takes the level and the colour of a line out of its spectra, as the call goes.

    Both are a running mean of what is loud enough to be the voice, begun with what is common.
    """

    def __init__(self, usual: Frames) -> None:
        self._sum = usual.astype(np.float64) * _PRIOR_FRAMES
        self._weight = _PRIOR_FRAMES
        self._loudest = -np.inf
        self._waiting: list[Frames] = []

    def feed(self, spectra: Frames) -> Frames:
        """The frames of which enough is known ahead."""
        found = []
        for frame in spectra:
            self._learn(frame)
            self._waiting.append(frame)
            if len(self._waiting) > AHEAD:
                found.append(self._waiting.pop(0) - self._mean())
        return self._stacked(found)

    def finish(self) -> Frames:
        waiting, self._waiting = self._waiting, []
        return self._stacked([frame - self._mean() for frame in waiting])

    def _learn(self, frame: Frames) -> None:
        loud = float(frame.mean())
        self._loudest = max(self._loudest - _FADE, loud)
        if loud > self._loudest - QUIET:
            self._sum += frame
            self._weight += 1

    def _mean(self) -> npt.NDArray[np.float64]:
        return self._sum / self._weight

    def _stacked(self, found: list[Any]) -> Frames:
        return np.array(found, np.float32).reshape(-1, len(self._sum))


@dataclass(frozen=True, slots=True)
class Net:
    """The trained network: usual spectra of a line, and layers of weights (inputs x outputs) and offsets."""

    usual: Frames
    layers: tuple[tuple[Frames, Frames], ...]

    @classmethod
    def load(cls, path: Path) -> Net:
        """Raises OSError or ValueError where the file is not what ``save`` wrote."""
        with np.load(path, allow_pickle=False) as file:
            count = sum(name.startswith("weights") for name in file.files)
            layers = tuple(
                (file[f"weights{at}"].astype(np.float32), file[f"offsets{at}"].astype(np.float32))
                for at in range(count)
            )
            return cls(file["usual"].astype(np.float32), layers)

    def save(self, path: Path) -> None:
        """In half precision: nothing is lost that can be heard."""
        named: dict[str, Any] = {"usual": self.usual.astype(np.float16)}
        for at, (weights, offsets) in enumerate(self.layers):
            named[f"weights{at}"] = weights.astype(np.float16)
            named[f"offsets{at}"] = offsets.astype(np.float16)
        np.savez_compressed(path, **named)

    def __call__(self, windows: Frames) -> Frames:
        """Windows of levelled spectra (frames x inputs) to cepstra (frames x 13)."""
        found = windows
        for at, (weights, offsets) in enumerate(self.layers):
            found = found @ weights + offsets
            if at < len(self.layers) - 1:
                found = np.maximum(found, 0)
        return found


class Restoring:
    """One utterance: PCM of a line in, restored cepstra out, 280 ms behind."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self._spectra = Spectra(LINE)
        self._levelling = Levelling(net.usual)
        self._context = np.zeros((0, LINE.filters), np.float32)

    def feed(self, samples: npt.ArrayLike) -> Frames:
        return self._restore(self._levelling.feed(self._spectra.feed(samples)))

    def finish(self) -> Frames:
        """What was still waiting for its context."""
        last = self._levelling.feed(self._spectra.finish())
        rest = np.concatenate([last, self._levelling.finish()])
        rest = np.concatenate([rest, np.repeat(rest[-1:], AFTER, axis=0)])
        return self._restore(rest)

    def _restore(self, levelled: Frames) -> Frames:
        if not len(levelled):
            return np.zeros((0, CEPSTRA), np.float32)
        if not len(self._context):
            self._context = np.repeat(levelled[:1], BEFORE, axis=0)
        self._context = np.concatenate([self._context, levelled])
        seen = windows(self._context)
        self._context = self._context[len(seen) :]
        return self._net(seen)


def windows(levelled: Frames) -> Frames:
    """Each frame with its context in one row; as many rows as have all of it."""
    width = BEFORE + 1 + AFTER
    if len(levelled) < width:
        return np.zeros((0, width * levelled.shape[1]), np.float32)
    seen = np.lib.stride_tricks.sliding_window_view(levelled, width, axis=0)
    return seen.transpose(0, 2, 1).reshape(len(seen), -1)
