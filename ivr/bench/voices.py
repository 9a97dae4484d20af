"""The voices of the bench's callers: everything they will say, synthesised before the first call."""

from __future__ import annotations

import random
from collections.abc import Iterable

from ivr.app.voices import caller_voice
from ivr.audio import mulaw
from ivr.config import Config
from ivr.errors import SpeechError
from ivr.speech.stt import DIGITS

ORDER_DIGITS = 6
ESPEAK = (
    "The callers speak by espeak, which speech engines understand badly, so many turns are asked again; "
    "for the test voice run: pip install -e '.[callers]'."
)


def strings(count: int, seed: int) -> list[str]:
    """Order numbers of no order (those of the sample begin with 1 to 9), digit by digit in words."""
    draw = random.Random(seed)
    return [
        " ".join(DIGITS[digit] for digit in (0, *(draw.randrange(10) for _ in range(ORDER_DIGITS - 1))))
        for _ in range(count)
    ]


async def record(config: Config, sentences: Iterable[str]) -> tuple[dict[str, bytes], str]:
    """mu-law of each sentence, and a note on the voice where there is one. Raises SpeechError."""
    wanted = list(dict.fromkeys(sentences))
    try:
        return await _spoken(config, "piper", wanted), ""
    except SpeechError:
        return await _spoken(config, "espeak", wanted), ESPEAK


async def _spoken(config: Config, engine: str, sentences: list[str]) -> dict[str, bytes]:
    async with caller_voice(config, engine, True) as speak:
        return {sentence: mulaw.encode(await speak(sentence)) for sentence in sentences}
