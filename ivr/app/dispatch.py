"""The dispatcher as a process: it brings people's telephones to the callers that the queue gives them."""

from __future__ import annotations

import logging
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor

from ivr.app.desk import desk
from ivr.config import Config
from ivr.dispatch import Dispatcher
from ivr.handover import Handover
from ivr.legs import Legs
from ivr.shelf import BESIDE_S
from ivr.store import connect
from ivr.telephony.addresses import Addresses
from ivr.telephony.rest import TwilioCarrier

log = logging.getLogger(__name__)

HANDS = 16
"""Threads that ask the carrier."""


def run(config: Config) -> None:
    """Dispatch until SIGTERM; after SIGUSR1 nobody is called back any more.

    Every node may run one: a lease decides which one acts.
    """
    if not config.twilio.caller_id:
        log.error("nobody can be rung or called back; set twilio.caller_id to a number of the account")
    addresses = Addresses(config.public_url())
    carrier = TwilioCarrier(config, addresses.resume)
    legs = Legs(connect(config.redis.url))
    with desk(config, look_s=BESIDE_S) as parts, ThreadPoolExecutor(HANDS, "carrier") as executor:
        dispatcher = Dispatcher(
            owner=f"{socket.gethostname()}/{os.getpid()}",
            queue=parts.queue,
            carrier=carrier,
            hands=Handover(parts.queue, carrier, legs, addresses),
            legs=legs,
            store=parts.store,
            addresses=addresses,
            note=parts.records.note,
            executor=executor,
        )
        signal.signal(signal.SIGUSR1, lambda *_: dispatcher.drain())
        signal.signal(signal.SIGTERM, lambda *_: dispatcher.stop())
        dispatcher.run()
