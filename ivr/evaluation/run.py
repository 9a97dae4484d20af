"""One evaluation: ears and voices of the settings, the parts asked for, and the report."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from ivr.app.voices import caller_voice
from ivr.config import Config
from ivr.evaluation import calls, digits, fields, intents, mood, recordings, sentences, unmeant, words
from ivr.evaluation.desk import Desk, Sizes, Told
from ivr.evaluation.figures import Report
from ivr.evaluation.material import Material
from ivr.flow.site import Book
from ivr.speech import engines

PARTS: Mapping[str, Callable[[Desk], Awaitable[None]]] = MappingProxyType(
    {part.PART: part.measure for part in (sentences, words, unmeant, digits, calls, fields, mood, intents)}
)
WITHOUT_EARS = frozenset({mood.PART, intents.PART})


async def run(
    config: Config,
    book: Book,
    parts: Sequence[str],
    material: Material,
    sizes: Sizes,
    told: Told,
    *,
    data: Path | None,
    folder: Path | None = None,
    without: frozenset[str] = frozenset(),
    voice: str = "piper",
) -> Report:
    """Measure ``parts``; with ``folder`` a user's own recordings too.

    Raises SpeechError where an engine or the callers' voice is not here, IvrError for a bad list of recordings.
    """
    began_s = time.monotonic()
    if folder is not None:
        recordings.read(folder, book)
    workers = config.speech.workers or os.cpu_count() or 1
    speech = config.speech.model_copy(update={"workers": workers})
    ear = engines.pick(config.model_copy(update={"speech": speech}))
    is_spoken = bool(set(parts) - WITHOUT_EARS - {digits.PART})
    try:
        async with caller_voice(config, voice, is_spoken) as speak:
            desk = Desk(config, book, ear, speak, material, data, sizes, without, told, at_once=workers + 1)
            desk.report.facts.update(_facts(desk, parts, voice))
            for part in parts:
                await PARTS[part](desk)
            if folder is not None:
                await recordings.measure(desk, folder)
    finally:
        await ear.close()
    desk.report.facts["took"] = f"{time.monotonic() - began_s:.0f} s"
    return desk.report


def _facts(desk: Desk, parts: Sequence[str], voice: str) -> dict[str, str]:
    return {
        "engine": f"{desk.ear.engine} ({desk.ear.model})",
        "ears": desk.ear.describe(),
        "callers": f"{voice}'s voice; recorded people for digits",
        "parts": ", ".join(parts),
        "without": ", ".join(sorted(desk.without)) or "nothing",
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
    }
