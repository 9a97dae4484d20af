"""Everything that engines find wrong with a book, as warnings at their places in the designers' files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ivr.errors import Fault
from ivr.flow.faults import Notes, order
from ivr.flow.site import Book
from ivr.proof import languages, lengths, options
from ivr.proof.unknown import unknown
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

    Codes: ``prompt-too-long``, ``sounds-alike``, ``cannot-be-heard``, ``unknown-word``, ``no-ears-for-language``,
    ``no-voice-for-language``. Raises SpeechError where an engine does not work at all.
    """
    notes = Notes()
    main = book.site.language
    languages.unheard(book, ears, notes)
    spoken = await languages.unspoken(book, voice, notes)
    notes.faults += await lengths.too_long(book, voice, spoken, told)
    for language, recogniser in ears.items():
        is_tried = language == main == options.DICTIONARY and (caller is not None or main in spoken)
        trial = options.Trial(recogniser, (caller or voice).render) if is_tried else None
        told(f"words that the recogniser of {language} does not know")
        await options.unheard(book.speaking(language), recogniser, trial, notes)
        if language == main == options.DICTIONARY:
            await unknown(book, recogniser, notes)
        if trial is not None:
            await options.alike(book, trial, notes, told)
    return tuple(sorted(dict.fromkeys(notes.faults), key=order))
