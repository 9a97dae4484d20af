"""The web process: pages and webhooks behind the gateway, on a Unix socket."""

from __future__ import annotations

from pathlib import Path

from ivr.app import DEMO_NUMBER
from ivr.app.desk import desk, fallback_twiml, prepare_company
from ivr.carry import bury
from ivr.config import Config
from ivr.errors import StoreError
from ivr.lookups.seed import DEMO
from ivr.speech import models
from ivr.telephony.webhook import SignatureChecker
from ivr.web import About, Parts, create_web, serve_web


def run(config: Config, unix_socket: Path) -> None:
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
                fallback_twiml=fallback_twiml(config, parts.book),
                divert_twiml=fallback_twiml(config, parts.book, is_told=True),
                about=about,
                faults=faults,
                bury=lambda call_id: bury(call_id, lambda version: parts.book, parts.store, parts.records),
                demo_number=DEMO_NUMBER if config.twilio.api_url else "",
                demo_caller=DEMO.phone,
            )
        )
        serve_web(app, unix_socket)
