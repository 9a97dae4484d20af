"""What is none of a step's business: sentences of other matters at a yes or no and in the waiting line, two people at
once, and sounds that are no speech. What of it is taken, without asking back, is an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from ivr.actions import Expectation
from ivr.audio.frame import RATE_HZ
from ivr.audio.music import hold_clip
from ivr.audio.noise import pink
from ivr.dialogue.warm import questions
from ivr.evaluation.desk import Desk, levelled
from ivr.evaluation.figures import CLEAN
from ivr.evaluation.words import answer
from ivr.nlu.match import ACCEPT
from ivr.rehearsal.handset import Condition

PART = "unmeant"
SOUND_S = 3
PEAK = 6_000
"""Of 32,767: the loudest sample of a sound."""
Said = tuple[str, bytes]
"""What it is, and its sound as PCM16 8 kHz."""


async def measure(desk: Desk) -> None:
    asked = questions(desk.book)
    waiting = next(expect for expect in asked if expect.kind == "commands")
    places = (
        ("the first question", asked[0]),
        ("a yes or no", answer(desk.book)),
        ("waiting in line", waiting),
    )
    texts = desk.material.far
    voices = [await desk.speak(text) for text in texts]
    one_by_one = list(zip(texts, voices, strict=True))
    both = [
        (f"{texts[at]} / {texts[at - 1]}", mixed(voices[at], voices[at - 1]))
        for at in range(0, len(texts), 2)
    ]
    sounds = [(name, made.tobytes()) for name, made in noises().items()]
    for where, expect in places:
        desk.told(f"unmeant: {len(texts)} sentences, {len(both)} pairs and {len(sounds)} sounds at {where}")
        if expect != asked[0]:
            await _measure(desk, f"sentences of other matters taken at {where}", expect, one_by_one)
        await _measure(desk, f"two people at once taken at {where}", expect, both)
        await _measure(desk, f"sounds without speech taken at {where}", expect, sounds)


def noises() -> Mapping[str, np.ndarray]:
    """What is on a line besides speech, a few seconds of each at 8 kHz."""
    at_s = np.arange(RATE_HZ * SOUND_S) / RATE_HZ
    clicks = np.zeros(len(at_s))
    clicks[np.random.default_rng(1).integers(0, len(at_s), 12)] = 1
    wail = np.sin(2 * np.pi * (450 * at_s - 30 * np.cos(2 * np.pi * 1.2 * at_s))) * np.abs(np.sin(4 * at_s))
    music = np.frombuffer(hold_clip(), "<i2").astype(np.float64)[: len(at_s)]
    found = {
        "silence": np.zeros(len(at_s)),
        "hiss": pink(len(at_s), 1),
        "hum": np.sin(2 * np.pi * 100 * at_s),
        "clicks": clicks,
        "chord": sum(np.sin(2 * np.pi * hertz * at_s) for hertz in (262, 330, 392)),
        "wail": wail,
        "music": music,
    }
    return MappingProxyType({name: levelled(samples, PEAK) for name, samples in found.items()})


def mixed(one: bytes, other: bytes) -> bytes:
    """Two people who speak at once."""
    first, second = (np.frombuffer(pcm, "<i2").astype(np.float64) for pcm in (one, other))
    both = np.zeros(max(len(first), len(second)))
    both[: len(first)] += first
    both[: len(second)] += second
    return levelled(both, PEAK).tobytes()


async def _measure(desk: Desk, name: str, expect: Expectation, said: Sequence[Said]) -> None:
    async def one(each: Said) -> bool:
        text, pcm = each
        found = await desk.hear(expect, pcm, Condition())
        is_sure = found.meaning.confidence > ACCEPT or expect.kind == "commands"
        return not desk.judge(PART, CLEAN, text, found, "nothing", found.got if is_sure else "nothing")

    taken = await desk.each(one, said)
    desk.figure(PART, name, CLEAN, sum(taken), len(said))
