"""The local exchange as a process: a telephone network at a desk, in place of Twilio."""

from __future__ import annotations

import asyncio

import uvloop

from ivr.app.desk import open_lookups
from ivr.config import DEMO_NUMBER, Config
from ivr.exchange.server import Exchange, serve
from ivr.exchange.settings import Number, Settings
from ivr.flow.site import Book
from ivr.shelf import BESIDE_S, Shelf
from ivr.speech import engines
from ivr.store import connect


def run(config: Config) -> None:
    """The exchange of the account in the settings, until its end. A flow is also dialled by its name."""
    uvloop.run(_serve(config))


async def _serve(config: Config) -> None:
    base = config.public_url()
    number = Number(f"{base}/voice/incoming", f"{base}/voice/fallback", f"{base}/voice/status")
    shelf = Shelf(config.flows.folder, connect(config.redis.url), open_lookups(config).signatures())
    dialled = (DEMO_NUMBER, *shelf.open(or_last=True).flows)
    settings = Settings(
        config.twilio.account_sid,
        config.auth_token(),
        numbers=dict.fromkeys(dialled, number),
        api_key_sid=config.twilio.api_key_sid,
        api_key_secret=config.api_key_secret(),
        port=int(config.twilio.api_url.rpartition(":")[2]),
    )
    voice = engines.voice(config)
    loop = asyncio.get_running_loop()

    def follow(exchange: Exchange) -> None:
        def add(book: Book) -> None:
            loop.call_soon_threadsafe(exchange.numbers.update, dict.fromkeys(book.flows, number))

        shelf.follow(add)

    try:
        with shelf.watching(BESIDE_S):
            await serve(settings, voice.render, follow)
    finally:
        await voice.close()
