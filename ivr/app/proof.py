"""The engines that prove a book: the site's own voice, an ear for each language, a caller's voice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from ivr import proof
from ivr.config import Config
from ivr.errors import Fault, SpeechError
from ivr.flow.site import Book
from ivr.speech import engines
from ivr.speech.cache import Cache
from ivr.speech.stt import Recogniser


@dataclass(frozen=True, slots=True)
class Studio:
    """What speaks and listens."""

    voice: Cache
    ears: dict[str, Recogniser]
    """By language; those without a recogniser are left out."""
    caller: Cache | None
    """None where no voice is here that engines understand as they do people."""


async def spoken(config: Config, book: Book, told: Callable[[str], None]) -> tuple[Fault, ...]:
    """What engines find wrong with a book: see ``proof.findings``. ``told`` gets lines of progress."""
    async with studio(config, book) as made:
        return await proof.findings(book, made.voice, made.ears, made.caller, told)


@asynccontextmanager
async def studio(config: Config, book: Book) -> AsyncIterator[Studio]:
    """The engines for a book, closed at the end. Raises SpeechError where there is no voice at all."""
    async with AsyncExitStack() as stack:
        voice = engines.voice(config)
        stack.push_async_callback(voice.close)
        ears = {}
        for language in (book.site.language, *book.site.languages):
            recogniser = _ears(config, book, language)
            if recogniser is not None:
                ears[language] = recogniser
                stack.push_async_callback(recogniser.close)
        caller = _caller(config)
        if caller is not None:
            stack.push_async_callback(caller.close)
        yield Studio(voice, ears, caller)


def _ears(config: Config, book: Book, language: str) -> Recogniser | None:
    """What hears a language on calls: the main one as the settings say, a further one by a model of its own."""
    speech = config.speech
    if language != book.site.language:
        speech = speech.model_copy(update={"language": language, "model": None, "engine": "auto"})
    if speech.language != language:
        return None
    try:
        return engines.pick(config.model_copy(update={"speech": speech}))
    except SpeechError:
        return None


def _caller(config: Config) -> Cache | None:
    chosen = config.voice.model_copy(update={"engine": "piper", "name": "", "workers": 1})
    try:
        return engines.voice(config.model_copy(update={"voice": chosen}))
    except SpeechError:
        return None
