"""The only place that picks concrete parts: settings in, the parts of each process out.

``web``, ``gateway`` and ``exchange`` are the processes of a node; ``desk`` is what tools beside them need.
Nothing here carries a call or renders a page.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import uvloop
from sqlalchemy import Engine

from ivr import database
from ivr.agents.queue import WaitingQueue
from ivr.audio import mulaw
from ivr.audio.music import hold_clip
from ivr.audio.vad import HarmonicDetector
from ivr.carry import Carrying, carry
from ivr.config import Config
from ivr.dialogue.state import begin
from ivr.dialogue.warm import fixed_phrases, questions
from ivr.errors import SpeechError, StoreError
from ivr.events import CallStarted
from ivr.exchange.server import serve
from ivr.exchange.settings import Number, Settings
from ivr.flow.load import load
from ivr.flow.model import Book
from ivr.flow.template import render
from ivr.gateway import Gateway, Server
from ivr.keeper import Keeper
from ivr.line.audio import Sound
from ivr.line.text import TextLine, Turn
from ivr.lookups.ask import Lookups
from ivr.lookups.sample import Sample
from ivr.lookups.seed import DEMO, prepare
from ivr.records.store import Records
from ivr.redisserver import RedisServer
from ivr.session import Hands, Session
from ivr.speech import engines, models
from ivr.speech.cache import Cache
from ivr.speech.stt import Recogniser
from ivr.store import CallStore, connect
from ivr.telephony.rest import TwilioCarrier
from ivr.telephony.webhook import SignatureChecker
from ivr.web import RESUME, About, Parts, create_web, fallback_twiml, serve_web

log = logging.getLogger(__name__)

HANDS = 16
"""Threads for what blocks: Redis, mostly. A save takes well below a millisecond."""
GREETING = 3
"""Phrases that the first caller hears at once."""
DEMO_NUMBER = "+15550100"
"""The number at which a local exchange reaches us; fictitious (555-01xx)."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every tool beside a call needs: the company's data, the flows, Redis, the records."""

    lookups: Lookups
    book: Book
    store: CallStore
    queue: WaitingQueue
    records: Records


@contextmanager
def open_records(config: Config) -> Iterator[Records]:
    """The call records; written out at the end."""
    records = Records(_engine(config, config.database.url, "records"))
    try:
        yield records
    finally:
        records.close()


@contextmanager
def desk(config: Config) -> Iterator[Desk]:
    """The desk of an installation whose Redis is running; records are written out at the end."""
    lookups = open_lookups(config)
    book = load(config.flows.folder, lookups.signatures())
    client = connect(config.redis.url)
    with open_records(config) as records:
        yield Desk(lookups, book, CallStore(client), WaitingQueue(client), records)


def prepare_company(config: Config) -> None:
    """Make the sample company where none is configured. Call it from one process, before the others."""
    if not config.database.company_url:
        prepare(_engine(config, "", "company"), datetime.now(UTC).date())


def open_lookups(config: Config) -> Lookups:
    """The company's data."""
    engine = _engine(config, config.database.company_url, "company")
    return Lookups(Sample(engine, now=lambda: datetime.now(UTC)).lookups())


def web(config: Config, unix_socket: Path) -> None:
    """The web process, until its end; it also makes the sample company, as there is one of it in a node."""
    prepare_company(config)
    with desk(config) as parts:
        checker = SignatureChecker(config.auth_token(), config.public_url())

        def faults() -> tuple[str, ...]:
            try:
                parts.store.ping()
            except StoreError as error:
                return (str(error),)
            return ()

        model = models.find(config)

        def about() -> About:
            return About(
                engine="vosk" if model else "pocketsphinx",
                model=model.name if model else "its own",
                flows=parts.book.version,
                calls=parts.store.live_calls(),
            )

        app = create_web(
            Parts(
                public_url=config.public_url(),
                signatures=checker,
                store=parts.store,
                queue=parts.queue,
                fallback_twiml=_fallback(config, parts.book),
                about=about,
                faults=faults,
                demo_number=DEMO_NUMBER if config.twilio.api_url else "",
                demo_caller=DEMO.phone,
            )
        )
        serve_web(app, unix_socket)


async def _gateway(config: Config, listener: socket.socket, web_socket: Path) -> None:
    checker = SignatureChecker(config.auth_token(), config.public_url())
    with desk(config) as parts, ThreadPoolExecutor(HANDS, "hand") as executor:
        async with _sound(config, parts.book) as sound:
            carrier = TwilioCarrier(config, f"{config.public_url()}{RESUME}")
            hands = Hands(parts.lookups, parts.queue, executor, carrier)
            carrying = Carrying(lambda version: parts.book, hands, sound, parts.store, parts.records)
            gateway = Gateway(
                carry=lambda media: carry(media, carrying),
                is_signed=checker.is_valid_upgrade,
                web=web_socket,
                fallback_twiml=_fallback(config, parts.book),
                journal=parts.store,
                exchange=config.twilio.api_url,
            )
            gc.freeze()
            await Server(gateway, listener).serve()


def gateway(config: Config, fd: int, web_socket: Path) -> None:
    """A gateway process on an inherited listening socket, until its end."""
    uvloop.run(_gateway(config, socket.socket(fileno=fd), web_socket))


async def _exchange(config: Config) -> None:
    base = config.public_url()
    number = Number(f"{base}/voice/incoming", f"{base}/voice/fallback", f"{base}/voice/status")
    dialled = (DEMO_NUMBER, *load(config.flows.folder).flows)
    settings = Settings(
        config.twilio.account_sid,
        config.auth_token(),
        numbers=dict.fromkeys(dialled, number),
        port=int(config.twilio.api_url.rpartition(":")[2]),
    )
    voice = engines.voice(config)
    try:
        await serve(settings, voice.render)
    finally:
        await voice.close()


def exchange(config: Config) -> None:
    """The local exchange as a process, until its end."""
    uvloop.run(_exchange(config))


@asynccontextmanager
async def _sound(config: Config, book: Book) -> AsyncIterator[Sound]:
    """The engines, getting warm: what callers will hear first is rendered, what they may say is known."""
    recogniser = engines.pick(config)
    voice = engines.voice(config)
    fixed = fixed_phrases(book)
    log.info("ears: %s; voice: %s", recogniser.describe(), voice.describe())
    warming = asyncio.create_task(_warm(recogniser, voice, book, fixed))
    try:
        await voice.warm(fixed[:GREETING])
        clips = {"hold": mulaw.encode(hold_clip())}
        yield Sound(recogniser, Discreet(voice, frozenset(fixed)), HarmonicDetector, clips)
    finally:
        warming.cancel()
        await asyncio.gather(warming, return_exceptions=True)
        await recogniser.close()
        await voice.close()


async def _warm(recogniser: Recogniser, voice: Cache, book: Book, fixed: tuple[str, ...]) -> None:
    try:
        await recogniser.warm(questions(book))
        await voice.warm(fixed)
    except SpeechError as error:
        log.error("%s", error)


class Discreet:
    """A voice that keeps on disk only what every caller hears: the rest is somebody's own business."""

    def __init__(self, voice: Cache, fixed: frozenset[str]) -> None:
        self._voice = voice
        self._fixed = fixed

    async def render(self, text: str, voice: str = "") -> bytes:
        return await self._voice.render(text, voice, is_secret=text not in self._fixed)


@asynccontextmanager
async def caller_voice(
    config: Config, engine: str, is_needed: bool
) -> AsyncIterator[Callable[[str], Awaitable[bytes]]]:
    """A synthetic caller: sentence to PCM16 8 kHz. Raises SpeechError where its voice is not here."""
    chosen = config.voice.model_copy(
        update={"engine": "piper" if engine == "piper" else "pyttsx3", "name": "", "workers": 1}
    )
    if not is_needed:
        yield _speechless
        return
    voice = engines.voice(config.model_copy(update={"voice": chosen}))

    async def speak(text: str) -> bytes:
        return mulaw.decode(await voice.render(text))

    try:
        yield speak
    finally:
        await voice.close()


async def _speechless(text: str) -> bytes:
    raise SpeechError("this caller was made without a voice")


async def type_call(
    config: Config,
    to: str,
    from_: str,
    next_turn: Callable[[], Awaitable[Turn | None]],
    told: Callable[[dict[str, Any]], None],
) -> str:
    """A call of words alone, through the same dialogue, data, queue and records as any; gives its id."""
    with ExitStack() as stack:
        if not config.redis.url:
            url = stack.enter_context(RedisServer(config.data.folder)).url
            config = config.model_copy(update={"redis": config.redis.model_copy(update={"url": url})})
        prepare_company(config)
        parts = stack.enter_context(desk(config))
        executor = stack.enter_context(ThreadPoolExecutor(HANDS, "hand"))
        call_id = "CA" + secrets.token_hex(16)
        started = CallStarted(
            call_id=call_id,
            caller=from_,
            called=to,
            started_at=datetime.now(ZoneInfo(parts.book.site.time_zone)).isoformat(timespec="seconds"),
        )
        keeper = Keeper(parts.store, parts.records, call_id, 0, 0, told)
        hands = Hands(parts.lookups, parts.queue, executor)
        session = Session(begin(parts.book, started), parts.book, hands, keeper)
        await session.run(TextLine(next_turn, session.settled, session.emit), started)
        return call_id


def _fallback(config: Config, book: Book) -> str:
    """What a caller hears where the machine cannot help at all: static, made once."""
    prompts = book.site.prompts
    values = {"company": book.site.company}
    return fallback_twiml(
        config.twilio.fallback_number,
        apology=render(prompts.cannot_help, values),
        goodbye=render(prompts.goodbye, values),
        language=book.site.language,
    )


def _engine(config: Config, url: str, name: str) -> Engine:
    """A database; SQLite in the data folder where none is configured."""
    if not url:
        config.data.folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{config.data.folder / name}.sqlite"
    return database.connect(url)
