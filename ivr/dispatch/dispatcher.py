"""Rings people for the offers that the queue makes, and brings callers back when a person has left.

Reads the queue's news and asks the carrier; decides nothing about who gets whom. One dispatcher of an installation
acts, by a lease; another takes over within two seconds and goes on from the last news that was dealt with, so every
step is safe to repeat. What the carrier refuses goes back to the queue with its reason.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime
from typing import Any, Protocol

from ivr.agents.distributor import Distributor
from ivr.agents.shapes import News
from ivr.dialogue.state import from_json
from ivr.dialogue.waiting import aged
from ivr.dispatch import sweep
from ivr.errors import CarrierError, IvrError
from ivr.handover import OUTSIDE, OVER, Handover
from ivr.legs import Legs
from ivr.store import CallStore
from ivr.telephony.addresses import Addresses, Errand

log = logging.getLogger(__name__)

DUTY = "dispatch"
LEASE_MS = 2000
TURN_MS = 200
"""How long news are waited for; between two looks at what time has made due."""
REST_S = 0.5
"""Pause of one who does not act, and after Redis could not be asked."""
RETRIES_S = (0.3, 0.7, 1.5, 3.0, 5.0, 10.0)
"""Pauses before the carrier is asked again for a caller who is left alone in a room: nobody else will."""
CALLBACK_RING_S = 30
SHORTEST_RING_S = 5
"""Twilio's least ``Timeout``."""

Note = Callable[[str, datetime, int, str, dict[str, Any]], None]
"""Keeps a line of the event log: call, wall time, ms on the call's clock, kind, payload."""


class Carrier(sweep.Carrier, Protocol):
    """What is wanted of the carrier (``telephony.rest``). Raises CarrierError."""

    def redirect(self, call_sid: str, url: str = "") -> None: ...
    def place(self, to: str, url: str, status_url: str, *, timeout_s: int, fallback_url: str = "") -> str: ...


class Dispatcher:
    """One process's dispatcher; acts while it holds the lease."""

    def __init__(
        self,
        *,
        owner: str,
        queue: Distributor,
        carrier: Carrier,
        hands: Handover,
        legs: Legs,
        store: CallStore,
        addresses: Addresses,
        note: Note,
        executor: Executor,
    ) -> None:
        """``owner``: this process's name, unique; ``executor``: where the carrier is asked."""
        self._owner = owner
        self._queue = queue
        self._carrier = carrier
        self._hands = hands
        self._legs = legs
        self._store = store
        self._addresses = addresses
        self._note = note
        self._executor = executor
        self._stopping = threading.Event()
        self._is_draining = False
        self._after = ""
        """The last news read; empty while another acts."""
        self._open: deque[tuple[str, Future[None]]] = deque()
        """News whose work is not done yet, oldest first."""
        self._sweep = sweep.Sweep(queue, carrier, hands)
        self._looking: Future[None] | None = None
        self._looked_s = 0.0

    def run(self) -> None:
        """Dispatch until ``stop``."""
        while not self._stopping.is_set():
            try:
                if not self.turn(TURN_MS):
                    self._stopping.wait(REST_S)
            except IvrError as error:
                log.error("dispatching rests: %s", error)
                self._stopping.wait(REST_S)
            except Exception:
                log.exception("dispatching failed in a way nobody foresaw")
                self._stopping.wait(REST_S)

    def stop(self) -> None:
        self._stopping.set()

    def drain(self) -> None:
        """Place no new calls to customers; who waits on the line still reaches a person."""
        self._is_draining = True

    def turn(self, block_ms: int = 0) -> bool:
        """Deal with the news of ``block_ms`` and with what is due; false, and nothing done, where another acts."""
        if not self._queue.lease(DUTY, self._owner, LEASE_MS):
            self._after = ""
            self._open.clear()
            return False
        if not self._after:
            self._after = self._legs.place() or "0"
        if self._queue.has_lost():
            self._rebuild()
        for news in self._queue.news(self._after, block_ms):
            self._after = news.news_id
            self._take(news)
        self._queue.tick()
        self._look_around()
        self._settle()
        return True

    def _settle(self) -> None:
        """Keep the place up to which all is done: whoever takes over goes on from there."""
        while self._open and self._open[0][1].done():
            self._open.popleft()
        place = _before(self._open[0][0]) if self._open else self._after
        self._legs.keep_place(place)

    def _look_around(self) -> None:
        """Now and then, and never twice at a time."""
        is_due = time.monotonic() - self._looked_s >= sweep.EVERY_S
        if is_due and (self._looking is None or self._looking.done()):
            self._looked_s = time.monotonic()
            self._looking = self._executor.submit(self._look)

    def _look(self) -> None:
        try:
            self._sweep.look()
        except IvrError as error:
            log.error("the rooms cannot be looked at: %s", error)
        except Exception:
            log.exception("the look around failed in a way nobody foresaw")

    def _take(self, news: News) -> None:
        """One piece of news: kept, and what it asks for begun. Nothing about it can stop the next one."""
        self._keep(news)
        work = self._work_of(news)
        if work is not None:
            self._open.append((news.news_id, self._executor.submit(self._guarded, work, news)))

    def _work_of(self, news: News) -> Callable[[News], None] | None:
        match news.kind:
            case "offered" if news.fields.get("ticket_kind") != "message":
                return self._ring
            case "dialing":
                return self._dial
            case "refused" | "rescinded":
                return self._silence
            case "departed":
                return self._fetch
            case "ended":
                return self._clear
            case _:
                return None

    def _guarded(self, work: Callable[[News], None], news: News) -> None:
        try:
            work(news)
        except IvrError as error:
            log.error("%s of ticket %s could not be dealt with: %s", news.kind, news.ticket_id, error)
        except Exception:
            log.exception("%s of ticket %s failed in a way nobody foresaw", news.kind, news.ticket_id)

    # work

    def _ring(self, news: News) -> None:
        """A person's telephone is to ring for an offer that stands: once, whoever else reads the same news."""
        errand = Errand(news.offer_id, news.ticket_id, news.agent_id)
        held = self._queue.held(news.ticket_id)
        stands = held is not None and news.offer_id in {
            held.offer_id,
            *(offer.offer_id for offer in held.offers),
        }
        if not stands or not self._legs.intend(f"ring:{news.offer_id}"):
            return
        ring_ms = int(news.fields["expires_ms"]) - news.at_ms
        try:
            leg = self._carrier.place(
                news.fields["endpoint"],
                self._addresses.screen(errand),
                self._addresses.agent_status(errand),
                timeout_s=max(SHORTEST_RING_S, ring_ms // 1000),
                # A key that got no answer: they hear the announcement again, or go where they belong by now.
                fallback_url=self._addresses.screen(errand),
            )
        except CarrierError as error:
            log.error("agent %s could not be rung: %s", news.agent_id, error)
            self._queue.refuse(news.offer_id, "carrier")
            return
        self._legs.placed(news.offer_id, leg)
        if not self._queue.rang(news.offer_id, leg):
            self._hands.drop(leg)

    def _silence(self, news: News) -> None:
        """The offer is over: its telephone rings no more."""
        self._hands.drop(news.fields.get("leg") or self._legs.of(news.offer_id))

    def _fetch(self, news: News) -> None:
        """A person has left: their telephone goes, and a caller who is in their room comes back to us."""
        self._hands.drop(news.fields.get("leg", ""))
        if news.fields.get("target") == OUTSIDE:
            return
        self._end_consult(news.ticket_id)
        for pause_s in (*RETRIES_S, 0.0):
            if not self._is_in_room(news.call_id):
                return
            try:
                self._carrier.redirect(news.call_id)
            except CarrierError as error:
                if error.code in OVER:
                    self._queue.leave_call(news.call_id, "caller_hung_up")
                    return
                log.error("call %s is not fetched from its room: %s", news.call_id, error)
            else:
                return
            if self._stopping.wait(pause_s):
                return

    def _clear(self, news: News) -> None:
        """The call is over: nobody rings for it or waits in its room any more."""
        self._end_consult(news.ticket_id)
        self._hands.drop(news.fields.get("leg", ""))

    def _dial(self, news: News) -> None:
        """A customer is to be called back, once for each try."""
        if self._is_draining:
            self._queue.unanswered(news.ticket_id, "carrier")
            return
        held = self._queue.held(news.ticket_id)
        if held is None or not self._legs.intend(f"dial:{news.ticket_id}:{held.dials}"):
            return
        try:
            call_id = self._carrier.place(
                held.number,
                self._addresses.callback_answer(news.ticket_id),
                self._addresses.callback_status(news.ticket_id),
                timeout_s=CALLBACK_RING_S,
                fallback_url=self._addresses.fallback,
            )
        except CarrierError as error:
            log.error("ticket %s could not be called back: %s", news.ticket_id, error)
            self._queue.unanswered(news.ticket_id, "carrier")
            return
        if not self._queue.dialed(news.ticket_id, call_id):
            self._hands.drop(call_id)

    # how

    def _end_consult(self, ticket_id: str) -> None:
        """Nobody is asked about this caller any more."""
        consult = self._legs.consult(ticket_id)
        if consult is not None:
            self._hands.consult_over(ticket_id, consult.leg)
            self._hands.drop(consult.leg)

    def _is_in_room(self, call_id: str) -> bool:
        """Whether the caller was sent to a person's room; one who was not hears the news on our own line."""
        saved = self._store.load(call_id)
        return saved is not None and from_json(saved.state_json).phase == "bridged"

    def _rebuild(self) -> None:
        """Redis knows of no queue, for it is new or has lost its data: every caller who waits is put back."""
        found = []
        for call_id in self._store.live():
            saved = self._store.load(call_id)
            state = from_json(saved.state_json) if saved is not None else None
            if state is not None and state.phase == "waiting" and state.waiting is not None:
                found.append(aged(state, state.waiting))
        missing = self._queue.rebuild(found)
        if missing:
            log.warning("the queue was lost; %d callers are put back in line", missing)

    def _keep(self, news: News) -> None:
        """Into the event log, as reports will want it."""
        told = {name: value for name, value in news.fields.items() if name != "leg"}
        about = {
            "agent_id": news.agent_id,
            "offer_id": news.offer_id,
            "queue": news.queue,
            "reason": news.reason,
        }
        payload = {"ticket_id": news.ticket_id, **about, **told}
        at = datetime.fromtimestamp(news.at_ms / 1000, UTC)
        kept = {name: value for name, value in payload.items() if value}
        self._note(news.call_id, at, 0, f"queue.{news.kind}", kept)


def _before(news_id: str) -> str:
    """The place in the log just before a line of it."""
    at_ms, _, number = news_id.partition("-")
    return f"{at_ms}-{int(number) - 1}" if int(number) else f"{int(at_ms) - 1}-18446744073709551615"
