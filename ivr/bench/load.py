"""Many calls at once, in prompts, keys and hold, and whether each ear got every sound without a hole.

What was played is compared with what the machine had to play, byte by byte: a frame that came too late leaves
a hole in the sound. Only texts that are the same in every call, and the hold music, can be compared so; all
others are passed over.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ivr.audio.frame import FRAME_MS, FRAME_SAMPLES
from ivr.bench.crowd import Follower, Journals
from ivr.bench.figures import LATE, Figure
from ivr.bench.talk import ANSWER_S, FROM, ORDER
from ivr.errors import CarrierError
from ivr.exchange.client import Phone
from ivr.exchange.track import Track
from ivr.flow.template import split

PER_SECOND = 8.0
"""Calls begun in a second."""
KEY_GAP_S = 0.12
HEAD_BYTES = 400
"""By so much a sound is found in what was heard: less than one message of the machine."""
PIECE_BYTES = FRAME_SAMPLES
HOLE_BYTES = 4000 * FRAME_SAMPLES // FRAME_MS
"""The longest hole looked over, 4 s; a sound that does not go on within it was cut off."""
SCRIPTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "hold": ("0", ("",)),
    "prompts": ("5", ("9",)),
    "keys": ("3", (ORDER, "3")),
}
"""What each kind of caller presses: at the first question, and over and over at those that follow."""


@dataclass(slots=True)
class Loaded:
    """What the crowd heard."""

    late_frames: list[float] = field(default_factory=list)
    """By call: frames that were missing when they were due."""
    behind_ms: list[float] = field(default_factory=list)
    """By frame: how late it came to the ear against the steady pace of the call's earliest frames."""
    key_ms: list[float] = field(default_factory=list)
    sounds: int = 0
    """Phrases and pieces of music compared."""
    not_found: int = 0
    """Sounds that should have been heard to their end and were not found at all."""
    calls: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def figures(self) -> list[Figure]:
        return [
            Figure.of(LATE, self.late_frames, "frames"),
            Figure.of("frames behind their time, load", self.behind_ms),
            Figure.of("answer to a key, load", self.key_ms),
        ]


async def load(
    exchange_url: str,
    number: str,
    journals: Journals,
    sounds: Mapping[str, bytes],
    music: bytes,
    calls: int,
    together_s: float,
    all_there: asyncio.Event,
) -> Loaded:
    """Carry the crowd and compare; ``sounds``: mu-law of each phrase that is the same in every call.

    All calls live together for ``together_s``; ``all_there`` is set when the last of them has begun.
    """
    found = Loaded()
    end_s = time.monotonic() + calls / PER_SECOND + together_s
    callers = []
    for kind in itertools.islice(itertools.cycle(SCRIPTS), calls):
        caller = _Caller(kind, found, journals)
        callers.append(asyncio.create_task(caller.call(exchange_url, number, end_s)))
        await asyncio.sleep(1 / PER_SECOND)
    all_there.set()
    for heard in await asyncio.gather(*callers):
        if heard is not None:
            _compare(heard, sounds, music, found)
    return found


@dataclass(frozen=True, slots=True)
class _Heard:
    """One call's sound and what should have been in it, in order."""

    track: Track
    phrases: tuple[str, ...]
    is_music_last: bool


class _Caller:
    """One caller of the crowd, who only presses keys."""

    def __init__(self, kind: str, found: Loaded, journals: Journals) -> None:
        self._kind = kind
        self._found = found
        self._journals = journals

    async def call(self, exchange_url: str, number: str, end_s: float) -> _Heard | None:
        try:
            async with await Phone.connect(exchange_url) as phone:
                call_sid = await phone.call(number, FROM)
                follower = self._journals.follow(call_sid)
                try:
                    await phone.answered()
                    self._found.calls[self._kind] += 1
                    await self._act(phone, follower, end_s)
                finally:
                    self._journals.drop(call_sid)
                return _Heard(phone.heard, *_played(follower))
        except (CarrierError, TimeoutError) as error:
            self._found.failures.append(f"{self._kind}: {error}")
            return None

    async def _act(self, phone: Phone, follower: Follower, end_s: float) -> None:
        first, rest = SCRIPTS[self._kind]
        keys = itertools.chain([first], itertools.cycle(rest))
        asked = 0
        while (left_s := end_s - time.monotonic()) > 0 and not follower.trace.is_over:
            follower.moved.clear()
            if follower.trace.questions > asked and not follower.trace.is_holding:
                asked = follower.trace.questions
                await self._press(phone, next(keys))
            try:
                await asyncio.wait_for(follower.moved.wait(), left_s)
            except TimeoutError:
                return

    async def _press(self, phone: Phone, keys: str) -> None:
        if not keys:
            return
        for key in keys:
            pressed_s = time.monotonic()
            await phone.press(key, KEY_GAP_S)
        until_s = pressed_s + ANSWER_S
        while (answer_s := phone.heard.first_voiced_s(pressed_s)) is None and time.monotonic() < until_s:
            await asyncio.sleep(KEY_GAP_S)
        if answer_s is not None:
            self._found.key_ms.append((answer_s - pressed_s) * 1000)


def _played(follower: Follower) -> tuple[tuple[str, ...], bool]:
    """The phrases that were played to their end, in order, and whether music came last."""
    entries = follower.trace.entries
    finished = {
        entry["prompt_id"]
        for entry in entries
        if entry.get("type") == "prompt_ended" and entry["is_finished"]
    }
    said = [entry for entry in entries if entry.get("type") == "say" and entry["prompt_id"] in finished]
    phrases = tuple(phrase for entry in said for phrase in split(entry["text"]))
    plays = [entry for entry in entries if entry.get("type") in ("say", "play")]
    return phrases, bool(plays) and plays[-1]["type"] == "play"


def _compare(heard: _Heard, sounds: Mapping[str, bytes], music: bytes, found: Loaded) -> None:
    ear, at, late = bytes(heard.track.sound), 0, 0
    for phrase in heard.phrases:
        sound = sounds.get(phrase)
        if not sound:
            continue
        holes = missing_frames(ear, sound, at)
        found.sounds += 1
        if holes is None:
            found.not_found += 1
            continue
        at, late = holes.end, late + holes.frames
    if heard.is_music_last:
        holes = missing_frames(ear, music, at, is_cut=True)
        found.sounds += 1
        late += holes.frames if holes else 0
        found.not_found += holes is None
    found.late_frames.append(late)
    found.behind_ms += behind_ms(heard.track.at_s)


@dataclass(frozen=True, slots=True)
class Holes:
    """How one sound was heard."""

    frames: int
    """Frames of silence that do not belong to it, rounded up."""
    end: int
    """Where it ends in what was heard."""


def missing_frames(ear: bytes, sound: bytes, start: int = 0, *, is_cut: bool = False) -> Holes | None:
    """The holes in a sound as it was heard, looked for from ``start`` on; None where it was not heard.

    ``is_cut``: the call may have ended before the sound did.
    """
    at = ear.find(sound[:HEAD_BYTES], start)
    if at < 0:
        return None
    done, missing = 0, 0
    while done < len(sound):
        piece = sound[done : done + PIECE_BYTES]
        if ear.startswith(piece, at):
            done, at = done + len(piece), at + len(piece)
            continue
        heard = _agreeing(piece, ear[at : at + len(piece)])
        done, at = done + heard, at + heard
        if is_cut and at + FRAME_SAMPLES > len(ear):
            break
        goes_on = ear.find(sound[done : done + PIECE_BYTES], at, at + HOLE_BYTES)
        if goes_on < 0:
            return Holes(missing // FRAME_SAMPLES, at) if is_cut else None
        missing, at = missing + goes_on - at, goes_on
    return Holes(-(-missing // FRAME_SAMPLES), at)


def _agreeing(one: bytes, other: bytes) -> int:
    """How many bytes they begin alike."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def behind_ms(at_s: Sequence[float]) -> list[float]:
    """How late each frame of a call came against the pace that its earliest frames set."""
    if not len(at_s):
        return []
    paced = np.asarray(at_s) - np.arange(len(at_s)) * FRAME_MS / 1000
    return [float(value) for value in (paced - paced.min()) * 1000]
