"""A gateway process: calls, on the one public port that it shares with its siblings."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop

from ivr.actions import Expectation, Option
from ivr.app.desk import MESSAGES, desk, fallback_twiml
from ivr.audio import mulaw
from ivr.audio.music import hold_clip
from ivr.audio.vad import HarmonicDetector
from ivr.carry import Carrying, carry
from ivr.config import Config
from ivr.dialogue.warm import fixed_phrases, questions
from ivr.errors import SpeechError
from ivr.flow.model import Book
from ivr.gateway import Gateway, Server
from ivr.line.audio import Sound
from ivr.newsroom import Newsroom
from ivr.session import Hands
from ivr.speech import engines
from ivr.speech.cache import Cache
from ivr.speech.stt import Recogniser
from ivr.telephony.addresses import Addresses
from ivr.telephony.rest import TwilioCarrier
from ivr.telephony.webhook import SignatureChecker

log = logging.getLogger(__name__)

HANDS = 16
"""Threads for what blocks: Redis, mostly. A save takes well below a millisecond."""
GREETING = 3
"""Phrases that the first caller hears at once."""
SENTENCE_MS = 1200
"""Silence that ends a sentence of a message; the message itself goes on."""


def run(config: Config, fd: int, web_socket: Path) -> None:
    """A gateway on an inherited listening socket, until its end."""
    uvloop.run(_serve(config, socket.socket(fileno=fd), web_socket))


async def _serve(config: Config, listener: socket.socket, web_socket: Path) -> None:
    checker = SignatureChecker(config.auth_token(), config.public_url())
    with desk(config) as parts, ThreadPoolExecutor(HANDS, "hand") as executor:
        async with _sound(config, parts.book) as sound:
            carrier = TwilioCarrier(config, Addresses(config.public_url()).resume)
            hands = Hands(parts.lookups, parts.queue, executor, carrier)
            newsroom = Newsroom(parts.queue)
            carrying = Carrying(
                lambda version: parts.book, hands, sound, parts.store, parts.records, parts.queue, newsroom
            )
            gateway = Gateway(
                carry=lambda media: carry(media, carrying),
                is_signed=checker.is_valid_upgrade,
                web=web_socket,
                fallback_twiml=fallback_twiml(config, parts.book),
                journal=parts.store,
                desks=parts.queue,
                newsroom=newsroom,
                exchange=config.twilio.api_url,
            )
            gc.freeze()
            reading = asyncio.create_task(newsroom.run())
            try:
                await Server(gateway, listener).serve()
            finally:
                reading.cancel()


@asynccontextmanager
async def _sound(config: Config, book: Book) -> AsyncIterator[Sound]:
    """The engines, getting warm: what callers will hear first is rendered, what they may say is known."""
    recogniser = engines.pick(config)
    voice = engines.voice(config)
    fixed = fixed_phrases(book)
    log.info("ears: %s; voice: %s", recogniser.describe(), voice.describe())
    clips: dict[str, bytes] = {}
    warming = asyncio.create_task(_warm(recogniser, voice, book, fixed, clips))
    try:
        await voice.warm(fixed[:GREETING])
        yield Sound(
            recogniser,
            Discreet(voice, frozenset(fixed)),
            HarmonicDetector,
            clips,
            config.data.folder / MESSAGES,
            _dictation(book),
        )
    finally:
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)
        await recogniser.close()
        await voice.close()


async def _warm(
    recogniser: Recogniser, voice: Cache, book: Book, fixed: tuple[str, ...], clips: dict[str, bytes]
) -> None:
    clips["hold"] = await asyncio.to_thread(lambda: mulaw.encode(hold_clip()))
    try:
        await recogniser.warm((*questions(book), _dictation(book)))
        await voice.warm(fixed)
    except SpeechError as error:
        log.error("%s", error)


def _dictation(book: Book) -> Expectation:
    """How callers' messages are understood: anything may be said, most likely what the flows speak of."""
    options = (option for expect in questions(book) for option in expect.options)
    phrases = dict.fromkeys(phrase for option in options for phrase in option.phrases)
    return Expectation(
        kind="choice",
        options=(Option(name="message", phrases=tuple(phrases)),),
        is_open=True,
        language=book.site.language,
        complete_ms=SENTENCE_MS,
        confident_ms=SENTENCE_MS,
        incomplete_ms=SENTENCE_MS,
    )


class Discreet:
    """A voice that keeps on disk only what every caller hears: the rest is somebody's own business."""

    def __init__(self, voice: Cache, fixed: frozenset[str]) -> None:
        self._voice = voice
        self._fixed = fixed

    async def render(self, text: str, voice: str = "") -> bytes:
        return await self._voice.render(text, voice, is_secret=text not in self._fixed)
