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
from ivr.errors import IvrError
from ivr.evaluation import calls, digits, fields, intents, mood, recordings, sentences, unmeant, words
from ivr.evaluation.desk import Desk, Sizes, Told
from ivr.evaluation.figures import Report
from ivr.evaluation.material import Material
from ivr.evaluation.switches import ABLATIONS, leaving_out
from ivr.flow.site import Book
from ivr.speech import engines

PARTS: Mapping[str, Callable[[Desk], Awaitable[None]]] = MappingProxyType(
    {part.PART: part.measure for part in (sentences, words, unmeant, digits, calls, fields, mood, intents)}
)
LANGUAGE = "en"
"""Of all the material."""
PATIENCE_S = 60.0
"""For one text to be spoken, while the ears work on other ones: nobody waits on a line."""
WITHOUT_EARS = frozenset({intents.PART})


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
    book = leaving_out(book, without)
    truths = recordings.read(folder, book) if folder is not None else []
    workers = config.speech.workers or os.cpu_count() or 1
    own = config.model_copy(
        update={
            "speech": config.speech.model_copy(update={"workers": workers}),
            "voice": config.voice.model_copy(update={"render_timeout_s": PATIENCE_S}),
        }
    )
    ear = engines.pick(
        own,
        has_domain_model="domain-model" not in without,
        has_second_pass="second-pass" not in without,
    )
    if parts and ear.language != LANGUAGE:
        await ear.close()
        raise IvrError(
            f"the sentences are English and the ears know {ear.language!r}; measure by --recordings"
        )
    is_spoken = bool(set(parts) - WITHOUT_EARS - {digits.PART})
    try:
        async with caller_voice(own, voice, is_spoken) as speak:
            desk = Desk(own, book, ear, speak, material, data, sizes, without, told, at_once=workers + 1)
            desk.report.facts.update(_facts(desk, parts, voice))
            for part in parts:
                await PARTS[part](desk)
            if truths:
                await recordings.measure(desk, truths)
    finally:
        await ear.close()
    desk.report.facts["took"] = f"{time.monotonic() - began_s:.0f} s"
    return desk.report


async def ablations(
    config: Config, book: Book, material: Material, sizes: Sizes, told: Told, *, data: Path | None, voice: str
) -> dict[str, Report]:
    """The parts that something is worth something to, measured with all (by the empty name) and without each."""
    parts = tuple(part for part in PARTS if any(part in where for where in ABLATIONS.values()))
    found = {}
    for name, where in {"": parts, **ABLATIONS}.items():
        told(f"without {name or 'nothing'}")
        left_out = frozenset({name} if name else ())
        found[name] = await run(
            config, book, where, material, sizes, told, data=data, without=left_out, voice=voice
        )
    return found


def _facts(desk: Desk, parts: Sequence[str], voice: str) -> dict[str, str]:
    return {
        "engine": f"{desk.ear.engine} ({desk.ear.model})",
        "ears": desk.ear.describe(),
        "callers": f"{voice}'s voice; recorded people for digits",
        "parts": ", ".join(parts),
        "without": ", ".join(sorted(desk.without)) or "nothing",
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
    }
