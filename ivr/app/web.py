"""The web process: pages and webhooks behind the gateway, on a Unix socket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import redis

from ivr.accounts.door import Door
from ivr.accounts.sessions import Sessions
from ivr.accounts.throttle import Throttle
from ivr.agents.distributor import Distributor
from ivr.app.desk import MESSAGES, Desk, desk, fallback_twiml, open_profiles, open_users, prepare_company
from ivr.carry import bury
from ivr.config import DEMO_NUMBER, Config
from ivr.errors import StoreError
from ivr.handover import Handover
from ivr.legs import Legs
from ivr.lookups.seed import DEMO
from ivr.records.store import Records
from ivr.shelf import BESIDE_S
from ivr.speech import models
from ivr.store import CallStore, connect
from ivr.telephony.addresses import Addresses
from ivr.telephony.rest import TwilioCarrier
from ivr.telephony.token import phone_token
from ivr.telephony.webhook import SignatureChecker
from ivr.web import About, Parts, create_web, serve_web
from ivr.web.console import ConsoleParts
from ivr.web.console.windows import Windows


def run(config: Config, unix_socket: Path) -> None:
    """The web process, until its end; it also makes the sample company, as there is one of it in a node."""
    prepare_company(config)
    with desk(config, look_s=BESIDE_S) as parts:
        checker = SignatureChecker(config.auth_token(), config.public_url())
        client = connect(config.redis.url)
        legs = Legs(client)
        profiles = open_profiles(config)
        hands = open_hands(config, parts.queue, legs, lambda: parts.book.site.may_dial)
        model = models.find(config)
        app = create_web(
            Parts(
                public_url=config.public_url(),
                signatures=checker,
                store=parts.store,
                queue=parts.queue,
                hands=hands,
                legs=legs,
                fallback_twiml=lambda: fallback_twiml(config, parts.book),
                divert_twiml=lambda: fallback_twiml(config, parts.book, is_told=True),
                about=lambda: _about(parts, model),
                faults=lambda: _faults(parts.store),
                bury=lambda call_id: bury(call_id, parts.shelf.of, parts.store, parts.records, profiles),
                door=open_door(config, client, parts.records),
                phone_token=phone_tokens(config),
                console=ConsoleParts(
                    distributor=parts.queue,
                    hands=hands,
                    book=lambda: parts.book,
                    ask=lambda name, given: parts.lookups.ask(name, given, look_ups=parts.book.look_ups),
                    earlier=parts.records.earlier,
                    windows=Windows(client),
                    messages=config.data.folder / MESSAGES,
                    noted=parts.records.note_wrap_up,
                    phone="exchange" if config.twilio.api_url else "twilio",
                ),
                demo_number=DEMO_NUMBER if config.twilio.api_url else "",
                demo_caller=DEMO.phone,
            )
        )
        serve_web(app, unix_socket)


def _about(parts: Desk, model: Path | None) -> About:
    return About(
        engine="vosk" if model else "pocketsphinx",
        model=model.name if model else "its own",
        flows=parts.book.version,
        calls=parts.store.live_calls(),
        broken=len(parts.shelf.faults),
    )


def _faults(store: CallStore) -> tuple[str, ...]:
    try:
        store.ping()
    except StoreError as error:
        return (str(error),)
    return ()


def open_hands(
    config: Config, queue: Distributor, legs: Legs, may_dial: Callable[[], Sequence[str]]
) -> Handover:
    """What people do with calls, through the carrier of the settings."""
    addresses = Addresses(config.public_url())
    return Handover(queue, TwilioCarrier(config, addresses.resume), legs, addresses, may_dial)


def open_door(config: Config, client: redis.Redis, records: Records) -> Door:
    """Where people sign in; the records tell who came, who left and who was refused."""

    def note(kind: str, told: dict[str, str]) -> None:
        records.note("", datetime.now(UTC), 0, kind, told)

    return Door(open_users(config), Sessions(client), Throttle(client), note)


def phone_tokens(config: Config) -> Callable[[str], str] | None:
    """Makes keys for agents' browser phones, where an API key is set."""
    account, key, secret = config.twilio.account_sid, config.twilio.api_key_sid, config.api_key_secret()
    return partial(phone_token, account, key, secret) if key and secret else None
