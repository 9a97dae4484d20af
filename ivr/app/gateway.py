"""A gateway process: calls, on the one public port that it shares with its siblings."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop

from ivr.actions import Expectation, Option
from ivr.app.desk import MESSAGES, desk, fallback_twiml, open_profiles
from ivr.audio import mulaw
from ivr.audio.music import hold_clip
from ivr.audio.vad import HarmonicDetector
from ivr.carry import Carrying, carry
from ivr.config import Config
from ivr.dialogue.warm import all_questions, first_phrases, fixed_speech, questions
from ivr.errors import SpeechError
from ivr.flow.site import Book
from ivr.gateway import Gateway, Server
from ivr.line.audio import Sound
from ivr.newsroom import Newsroom
from ivr.nlu.match import learn
from ivr.session import Hands
from ivr.shelf import LOOK_S, Shelf
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
BOOKS = 8
"""Books whose calls' needs are held ready."""
SENTENCE_MS = 1200
"""Silence that ends a sentence of a message; the message itself goes on."""


def run(config: Config, fd: int, web_socket: Path) -> None:
    """A gateway on an inherited listening socket, until its end."""
    uvloop.run(_serve(config, socket.socket(fileno=fd), web_socket))


async def _serve(config: Config, listener: socket.socket, web_socket: Path) -> None:
    checker = SignatureChecker(config.auth_token(), config.public_url())
    with desk(config, look_s=LOOK_S) as parts, ThreadPoolExecutor(HANDS, "hand") as executor:
        async with _sounds(config, parts.shelf) as sounds:
            carrier = TwilioCarrier(config, Addresses(config.public_url()).resume)
            hands = Hands(parts.lookups, parts.queue, executor, open_profiles(config), carrier)
            newsroom = Newsroom(parts.queue)
            carrying = Carrying(
                parts.shelf.of, hands, sounds.of, parts.store, parts.records, parts.queue, newsroom
            )
            gateway = Gateway(
                carry=lambda media: carry(media, carrying),
                is_signed=checker.is_valid_upgrade,
                web=web_socket,
                fallback_twiml=lambda: fallback_twiml(config, parts.book),
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


class _Sounds:
    """The engines as each book's calls need them. Thread-safe."""

    def __init__(self, make: Callable[[Book], Sound]) -> None:
        self._make = make
        self._made: OrderedDict[str, Sound] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, book: Book) -> Sound:
        """Blocking: the words of a book that was not asked for before are gathered first."""
        with self._lock:
            if book.version not in self._made:
                self._made[book.version] = self._make(book)
            self._made.move_to_end(book.version)
            while len(self._made) > BOOKS:
                self._made.popitem(last=False)
            return self._made[book.version]


@asynccontextmanager
async def _sounds(config: Config, shelf: Shelf) -> AsyncIterator[_Sounds]:
    """The engines, getting warm: what callers will hear first is rendered, what they may say is known."""
    recogniser = engines.ears(config, shelf.book.site.languages)
    cache = engines.voice(config)
    log.info("ears: %s; voice: %s", recogniser.describe(), cache.describe())
    clips: dict[str, bytes] = {}
    voice, messages = Discreet(cache), config.data.folder / MESSAGES

    def make(book: Book) -> Sound:
        return Sound(recogniser, voice, HarmonicDetector, clips, messages, dictation(book))

    sounds, loop = _Sounds(make), asyncio.get_running_loop()
    warming: set[asyncio.Task[None]] = set()

    def warm(book: Book) -> None:
        task = loop.create_task(_warm(recogniser, cache, voice, book))
        warming.add(task)
        task.add_done_callback(warming.discard)

    def prepare(book: Book) -> None:
        sounds.of(book)
        loop.call_soon_threadsafe(warm, book)

    hold = asyncio.create_task(_hold(clips))
    warm(shelf.book)
    shelf.follow(prepare)
    try:
        await cache.warm(first_phrases(shelf.book, GREETING), shelf.book.site.voice)
        sounds.of(shelf.book)
        yield sounds
    finally:
        for task in (hold, *warming):
            task.cancel()
        await asyncio.gather(hold, *warming, return_exceptions=True)
        await recogniser.close()
        await cache.close()


async def _hold(clips: dict[str, bytes]) -> None:
    clips["hold"] = await asyncio.to_thread(lambda: mulaw.encode(hold_clip()))


async def _warm(recogniser: Recogniser, cache: Cache, voice: Discreet, book: Book) -> None:
    """Gets ready for a book, one thing at a time, so that calls that run have their turn between; what callers may
    mean is learnt with what they may say."""
    speech = await asyncio.to_thread(fixed_speech, book)
    for phrases in speech.values():
        voice.learn(phrases)
    try:
        for expect in (*await asyncio.to_thread(all_questions, book), dictation(book)):
            await asyncio.to_thread(learn, expect)
            await recogniser.warm((expect,))
            await asyncio.sleep(0)
        for name, phrases in speech.items():
            await cache.warm(phrases, name)
    except SpeechError as error:
        log.error("%s", error)


def dictation(book: Book) -> Expectation:
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

    def __init__(self, voice: Cache) -> None:
        self._voice = voice
        self._fixed: set[str] = set()

    def learn(self, fixed: Iterable[str]) -> None:
        """Phrases that are the same for every caller."""
        self._fixed.update(fixed)

    async def render(self, text: str, voice: str = "", pace: float = 1.0) -> bytes:
        return await self._voice.render(text, voice, pace, is_secret=text not in self._fixed)
