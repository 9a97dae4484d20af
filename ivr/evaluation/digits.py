"""Single digits, recorded by people: the Free Spoken Digit Dataset's own test takes, from IVR_TEST_DATA."""

from __future__ import annotations

import io
import random
import tarfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ivr.actions import Expectation
from ivr.audio import wav
from ivr.dialogue.expect import commands
from ivr.evaluation.desk import Desk, edits, levelled, name_of
from ivr.evaluation.figures import DIGIT, DIGIT_WRONG
from ivr.nlu.normalise import readings, tokens
from ivr.rehearsal.handset import Condition

PART = "digits"
ARCHIVE = "spoken-digits.tar.gz"
TAKES = 5
"""Takes 0 to 4 are the corpus's test split; nothing here is trained with them."""
GAP_SAMPLES = (960, 2000)
"""Between digits: 120 to 250 ms, as people leave who read a number out."""
PEAK = 12_000
"""Of 32,767: the loudest sample of a string, so that all speakers come equally loud."""
Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Voices:
    """Recorded digits: ``{digit}_{speaker}_{take}`` to samples at 8 kHz."""

    takes: dict[str, Samples]

    @property
    def speakers(self) -> tuple[str, ...]:
        return tuple(sorted({name.split("_")[1] for name in self.takes}))

    def one(self, speaker: str, digit: str, take: int) -> bytes:
        return levelled(self.takes[f"{digit}_{speaker}_{take}"], PEAK).tobytes()

    def string(self, speaker: str, digits: str, chance: random.Random) -> bytes:
        """Digits said one after the other, any take of each that there is."""
        parts: list[Samples] = []
        for digit in digits:
            names = (f"{digit}_{speaker}_{take}" for take in range(TAKES))
            parts.append(self.takes[chance.choice([name for name in names if name in self.takes])])
            parts.append(np.zeros(chance.randrange(*GAP_SAMPLES), np.int16))
        return levelled(np.concatenate(parts[:-1]), PEAK).tobytes()


def recorded(folder: Path | None) -> Voices | None:
    """The test takes; None where they are not here."""
    archive = folder / ARCHIVE if folder else None
    if archive is None or not archive.is_file():
        return None
    takes = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            name = Path(member.name)
            file = tar.extractfile(member) if name.suffix == ".wav" else None
            if file is not None and int(name.stem.rpartition("_")[2]) < TAKES:
                takes[name.stem] = np.frombuffer(wav.read(io.BytesIO(file.read())), np.int16)
    return Voices(takes)


async def measure(desk: Desk) -> None:
    voices = recorded(desk.data)
    if voices is None:
        desk.report.notes.append(f"Recorded digits were not measured: no {ARCHIVE}; set IVR_TEST_DATA.")
        return
    expect = Expectation(kind="digits", min_digits=1, max_digits=1, commands=commands(desk.book))
    await desk.ear.warm([expect])
    said = [
        (speaker, digit, take)
        for speaker in voices.speakers
        for digit in "0123456789"
        for take in range(desk.sizes.takes)
    ]
    for condition in desk.sizes.conditions:
        name = name_of(condition)
        desk.told(f"digits: {len(said)} of {len(voices.speakers)} speakers, {name}")
        heard = partial(_one, desk, voices, expect, condition)
        found = await desk.each(heard, enumerate(said))
        desk.figure(PART, DIGIT, name, sum(is_right for is_right, _ in found), len(said))
        desk.figure(
            PART,
            DIGIT_WRONG,
            name,
            sum(wrong for _, wrong in found),
            len(said),
            "as heard, before understanding",
        )


async def _one(
    desk: Desk,
    voices: Voices,
    expect: Expectation,
    condition: Condition,
    numbered: tuple[int, tuple[str, str, int]],
) -> tuple[bool, int]:
    """Whether a digit was understood, and how many errors were heard."""
    seed, (speaker, digit, take) = numbered
    found = await desk.hear(expect, voices.one(speaker, digit, take), condition, seed)
    heard = (readings(tokens(found.text)) or ("",))[0]
    got = found.meaning.value if found.meaning.kind == "digits" else "nothing"
    name = name_of(condition)
    return desk.judge(PART, name, f"{digit} by {speaker}", found, digit, got, "digits"), edits(digit, heard)
