"""Which languages of a site can be heard and spoken with the engines of this machine."""

from __future__ import annotations

from collections.abc import Collection

from ivr.flow.faults import Notes
from ivr.flow.site import Book
from ivr.speech.tts import Synthesiser, Voice

_ALSO = {"zh": ("cmn", "yue")}
"""Where voices write a language otherwise than sites do (ISO 639-3 for the Chinese languages)."""


def unheard(book: Book, heard: Collection[str], notes: Notes) -> None:
    """Notes ``no-ears-for-language`` for each language that no recogniser hears."""
    remedy = "Put a speech model for it into voice_models/ (see `ivr models list`), or remove the language."
    of_settings = (
        "Set speech.language in the settings to it, with a speech model for it (see `ivr models list`)."
    )
    for language in (book.site.language, *book.site.languages):
        if language not in heard:
            found = f"no recogniser for the language {language!r}"
            do = of_settings if language == book.site.language else remedy
            notes.warning(
                book.site, _path(book, language), found, "one that hears it", do, "no-ears-for-language"
            )


async def unspoken(book: Book, voice: Synthesiser, notes: Notes) -> frozenset[str]:
    """Notes ``no-voice-for-language`` for each language without a voice that speaks it; the others are the answer.

    Raises SpeechError.
    """
    voices = await voice.voices()
    spoken = set()
    for language in (book.site.language, *book.site.languages):
        name = named(book, language)
        chosen = [one for one in voices if name in (one.name, one.language)] if name else voices
        if any(_speaks(one, language) for one in chosen) and (name or language == book.site.language):
            spoken.add(language)
            continue
        wrong = f"the voice {name!r}, which does not speak" if name else "no voice named for"
        fitting = sorted(one.name for one in voices if _speaks(one, language))
        remedy = (
            f"Write 'voice: {fitting[0]}'."
            if fitting
            else f"No voice of {voice.engine} speaks it: choose another voice.engine in the settings."
        )
        found, wanted = f"{wrong} the language {language!r}", "a voice that speaks it"
        notes.warning(book.site, _path(book, language), found, wanted, remedy, "no-voice-for-language")
    return frozenset(spoken)


async def speakable(book: Book, voice: Synthesiser) -> frozenset[str]:
    """The languages of a site that have a voice. Raises SpeechError."""
    return await unspoken(book, voice, Notes())


def named(book: Book, language: str) -> str:
    """The voice that a site names for one of its languages; empty for the one in the settings."""
    tongue = book.site.languages.get(language)
    return tongue.voice if tongue is not None else book.site.voice


def _speaks(voice: Voice, language: str) -> bool:
    return voice.language.lower().replace("_", "-").split("-")[0] in (language, *_ALSO.get(language, ()))


def _path(book: Book, language: str) -> str:
    return f"languages/{language}" if language in book.site.languages else "language"
