"""The local exchange as a process: a telephone network at a desk, in place of Twilio."""

from __future__ import annotations

import uvloop

from ivr.config import DEMO_NUMBER, Config
from ivr.exchange.server import serve
from ivr.exchange.settings import Number, Settings
from ivr.flow.load import load
from ivr.speech import engines


def run(config: Config) -> None:
    """The exchange of the account in the settings, until its end. A flow is also dialled by its name."""
    uvloop.run(_serve(config))


async def _serve(config: Config) -> None:
    base = config.public_url()
    number = Number(f"{base}/voice/incoming", f"{base}/voice/fallback", f"{base}/voice/status")
    dialled = (DEMO_NUMBER, *load(config.flows.folder).flows)
    settings = Settings(
        config.twilio.account_sid,
        config.auth_token(),
        numbers=dict.fromkeys(dialled, number),
        api_key_sid=config.twilio.api_key_sid,
        api_key_secret=config.api_key_secret(),
        port=int(config.twilio.api_url.rpartition(":")[2]),
    )
    voice = engines.voice(config)
    try:
        await serve(settings, voice.render)
    finally:
        await voice.close()
